"""What units like best, through AppTest with a real net: whose favourites, what is pale, what is said."""

from __future__ import annotations

import base64
import io
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from engines.data import digits
from engines.nets.favourites import Favourites
from engines.nets.readings import capture
from playground.digits_panels import units
from tests.engines.nets.numpy_stack import forward
from tests.playground.apps import awaited
from tests.playground.digits_panels.conftest import NET


def script():
    import streamlit as st

    from playground import jobs
    from playground.digits_panels.units import draw

    draw(st.session_state["run"])
    jobs.progress()


def opened(run, layer=None):
    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["run"] = run
    if layer is not None:
        app.session_state[units.LAYER] = layer
    app.run()
    assert not app.exception
    return app


def found(app):
    """The panel once its job has ended."""
    app.button(key="digits.units_go").click().run()
    return awaited(app)


def cells(app):
    """(head, names of the pictures, the pictures' ink (28, 28)) a unit."""
    parts = app.get("html")[0].proto.body.split('<div style="font-size:0.9rem')[1:]
    return [
        (
            re.sub("<[^>]+>", "", part.split("</div>")[0].partition(">")[2]),
            re.findall(r'alt="([^"]+)"', part),
            list(map(ink, sources(part))),
        )
        for part in parts
    ]


def sources(text):
    return re.findall(r'src="data:image/png;base64,([^"]+)"', text)


def ink(source):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source))))[..., 3]


@pytest.fixture(scope="module")
def outputs(trained):
    """Every layer's outputs for the test digits, by NumPy."""
    images = digits.load("builtin").test_images
    return [a for _, a in forward(NET, capture(trained).weights, images.reshape(len(images), -1) / 255)]


def test_filters_show_the_part_of_the_digit_that_they_like(trained, outputs):
    images, labels = (getattr(digits.load("builtin"), f"test_{what}") for what in ("images", "labels"))
    app = found(opened(trained))
    assert "Conv 1, after 1 epoch." in [caption.value for caption in app.caption]
    shown = cells(app)
    assert len(shown) == 3
    maps = outputs[0].reshape(1000, 3, -1)
    for unit, (head, names, pictures) in enumerate(shown):
        strongest = maps[:, unit].max(1)
        best = np.argsort(-strongest, kind="stable")[: units.EACH]
        assert head == f"Map {unit + 1} up to {strongest[best[0]]:.3g}"
        assert names == [f"a {labels[i]}, {strongest[i]:.3g}" for i in best]
        top, left = (3 * n for n in divmod(int(maps[best[0], unit].argmax()), 8))
        expected = (images[best[0]] * units.FADED).astype(np.uint8)
        expected[top : top + 7, left : left + 7] = images[best[0], top : top + 7, left : left + 7]
        np.testing.assert_array_equal(pictures[0], expected)


def test_rows_of_units_are_counted_and_answers_are_called_by_their_digit(trained, outputs):
    app = found(opened(trained, 2))
    shown = cells(app)
    assert len(shown) == units.SHOWN and "Dense 1, after 1 epoch; the first 32 of 34 units." in [c.value for c in app.caption]
    assert shown[0][0] == f"Unit 1 up to {outputs[2][:, 0].max():.3g}"
    app.segmented_control[0].set_value(3).run()
    assert "another layer" in app.info[0].value and not app.get("html")
    shown = cells(found(app))
    best = int(outputs[3][:, 7].argmax())
    assert shown[7][0] == f"Answer 7 up to {outputs[3][best, 7]:.3g}"
    np.testing.assert_array_equal(shown[7][2][0], digits.load("builtin").test_images[best])


def test_layers_that_only_pass_on_are_not_offered_and_a_shorter_net_has_its_own(trained):
    app = opened(trained, 9)
    assert app.segmented_control[0].options == ["conv 1", "dense 1", "output"]
    assert app.session_state[units.LAYER] == 0


def test_a_silent_unit_is_told_and_a_net_that_changed_is_not_shown(trained):
    taken = capture(trained)
    silent = Favourites(np.zeros((3, 9), np.int32), np.zeros((3, 9), np.float32), np.zeros((3, 9, 2), np.int32))
    app = opened(trained)
    app.session_state["job.found.digits_units"] = (trained.token, units.Found(taken._replace(step=0), 0, silent))
    app.run()
    assert cells(app)[1][0] == "Map 2 stays at 0 for every digit" and "Conv 1, before training." in [c.value for c in app.caption]
    other = SimpleNamespace(token=trained.token, experiment=taken.experiment.change(net__layers=[{"key": "dense"}]))
    app.session_state["run"] = other
    app.run()
    assert "another net" in app.info[0].value and not app.get("html")
