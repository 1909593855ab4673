"""Work and memory of text nets: by hand, and never more than there is."""

from __future__ import annotations

import pytest

from engines.experiment import RecurrentNet
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.sizes import MOST_BYTES, batch_that_fits, flops_per_character


def test_work_by_hand():
    assert flops_per_character(RecurrentNet(units=128), 65) == 2 * (128 * 512 + 128 * 65)
    assert flops_per_character(RecurrentNet(cell="gru", units=16, layers=2, embedding=8), 30) == 2 * (
        8 * 48 + 16 * 48 + 2 * 16 * 48 + 16 * 30
    )


@pytest.mark.parametrize("cell", CELLS)
def test_a_larger_net_leaves_room_for_fewer_streams(cell):
    small, large = (RecurrentNet(cell=cell, units=units, layers=layers) for units, layers in ((128, 1), (512, 3)))
    assert batch_that_fits(small, 65, 64) > batch_that_fits(large, 65, 64) > 20
    assert batch_that_fits(large, 65, 64) >= 2 * batch_that_fits(large, 65, 256) >= 2
    assert batch_that_fits(large, 65, 256) * 256 * 4 * 3 * 512 * 4 < MOST_BYTES
