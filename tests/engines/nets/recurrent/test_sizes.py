"""Work and memory of text nets: by hand, and never more than there is."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from engines.experiment import RecurrentNet, TextData, text_experiment
from engines.nets.recurrent.cells import CELLS
from engines.nets.recurrent.sizes import MOST_BYTES, batch_that_fits, flops_per_character
from engines.nets.recurrent.steps import Sums, chunk_program
from engines.nets.recurrent.trainer import TextTrainer


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


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="counted in the programs that a CPU is given")
@pytest.mark.parametrize("cell", CELLS)
def test_the_room_that_is_reckoned_with_is_what_the_compiled_step_takes(cell):
    """Between as much and 1.6 times as much: less would overflow, more makes batches smaller than they need be."""
    streams = 16
    net = RecurrentNet(cell=cell, units=64, layers=2, dropout=0.2)
    trainer = TextTrainer(text_experiment(net=net, data=TextData(source="sonnets", sequence=64), batch_size=streams))
    s, sums, none = trainer.state, Sums(*map(np.float32, (0, 0, 0))), np.int32(0)
    arguments = (s.weights, s.memory, s.carried, sums, trainer._train, trainer._rates, trainer._moment(), none)
    taken = chunk_program(trainer.spec).lower(*arguments).compile().memory_analysis().temp_size_in_bytes
    reckoned = streams * MOST_BYTES / batch_that_fits(net, len(trainer.corpus.alphabet), 64)
    assert taken < reckoned < 1.6 * taken
