"""What is shown of a digit inside a net: codes, sections, facts; what is worked out anew while it trains, and what is kept."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from engines.data.digits import Digits
from engines.data.drawn import Moves, moved
from engines.experiment import StackNet, digits_experiment
from engines.live.warm import compiles, prepare_jax
from engines.nets import inside, inside_pass, stack
from engines.nets.inside import coded, inside_sections, looked, picture_of
from engines.nets.inside_unit import explained
from engines.nets.layers.arrays import C3_MAPS
from engines.training import Inside, Look, make_trainer
from tests.engines.nets import numpy_stack
from tests.engines.nets.inside_case import NETS, case_of, layer
from tests.engines.nets.test_stack_trainer import NORMED, experiment


@pytest.fixture(params=NETS)
def case(request):
    return case_of(request.param)


def test_only_the_first_channels_maps_and_units_are_shown():
    """Everything has more of them than are sent."""
    conv = layer("conv", filters=40, size=5, stride=4)
    net = StackNet(layers=[conv, layer("conv", filters=2, size=3), layer("dense", units=600)])
    weights, picture = stack.initial_weights(net, 0), np.full((28, 28), 99, np.uint8)
    seen = inside_pass.passed(net, "softmax_cross_entropy", weights, picture, 0)
    shown, facts = explained(net, weights, seen, (1, 1, 2, 3))
    assert shown["unit_window"].shape == shown["unit_kernel"].shape == (8, 3, 3)
    assert (facts["channels"], len(facts["parts"])) == (list(range(8)), 40)
    np.testing.assert_array_equal(shown["unit_window"], seen.a[0][:8, 2:5, 3:6])
    np.testing.assert_array_equal(shown["unit_kernel"][5], weights[1][0][:, 1].reshape(3, 3, 40)[:, :, 5])
    sections, facts = looked(net, "softmax_cross_entropy", weights, picture, 0, Inside())
    assert sections["inside_0"].shape == (32, 6, 6) and sections["inside_2"].shape == (1, 1, 512)
    assert sections["filters_0"].shape == (32, 1, 5, 5) and sections["filters_1"].shape == (2, 8, 3, 3)
    assert [one["of"] for one in facts["inside"]["layers"]] == [40, 2, 600, 10]


def test_missing_connections_are_told():
    case = case_of("sparse")
    _, facts = looked(case.net, case.cost, case.weights, case.picture, None, Inside(weights="d"))
    assert facts["inside"]["layers"][2]["linked"] == [list(maps) for maps in C3_MAPS]
    assert facts["inside"]["layers"][0]["linked"] is None


FLOATS = some.floats(-(2.0**100), 2.0**100, width=32)


@settings(deadline=None, max_examples=60)
@given(arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=4, max_side=5), elements=FLOATS))
def test_codes_are_within_half_a_step(maps):
    codes, sizes = coded(maps)
    shape = (-1, *(1,) * (maps.ndim - 1))
    assert codes.dtype == np.uint8 and codes.min(initial=1) >= 1 and sizes.shape == maps.shape[:1]
    np.testing.assert_array_equal(sizes, np.abs(maps).max(tuple(range(1, maps.ndim))))
    back = (codes.astype(float) - 128) / 127 * sizes.reshape(shape)
    assert (np.abs(back - maps) <= sizes.reshape(shape).astype(float) * (0.5 / 127 + 1e-6) + 1e-38).all()


def test_what_is_no_number_is_shown_as_nothing():
    codes, sizes = coded(np.array([[1.0, np.nan], [np.inf, 1.0], [0.0, 0.0], [-2.0, 1.0]], np.float32))
    np.testing.assert_array_equal(codes, [[128, 128], [128, 128], [128, 128], [1, 192]])
    np.testing.assert_array_equal(sizes, [0, 0, 0, 2])


@pytest.mark.parametrize("values", ["a", "z", "d"])
def test_maps_are_coded_layer_by_layer(case, values):
    sections, facts = looked(case.net, case.cost, case.weights, case.picture, case.truth, Inside(values=values))
    listed = [one["index"] for one in facts["inside"]["layers"]]
    assert listed == [row.index for row in case.rows if row.key != "dropout"]
    for index in [*listed, -1]:
        name = "in" if index < 0 else str(index)
        true = (case.seen.dx if values == "d" else case.seen.x) if index < 0 else getattr(case.seen, values)[index]
        codes, sizes = sections[f"inside_{name}"], sections[f"scales_{name}"]
        true = true if true.ndim == 3 else true[None, None]
        assert codes.shape == true.shape and sizes.dtype == np.float32
        back = (codes.astype(float) - 128) / 127 * sizes[:, None, None]
        np.testing.assert_allclose(back, true, atol=float(np.abs(true).max()) / 250)
    assert np.array_equal(sections["looked"], case.picture)
    np.testing.assert_allclose(sections["looked_bars"], case.seen.probabilities)


def test_filters_are_coded(case):
    for weights in ("w", "d"):
        sections, facts = looked(case.net, case.cost, case.weights, case.picture, case.truth, Inside(weights=weights))
        for row in (row for row in case.rows if row.key == "conv"):
            true = case.seen.kernels[row.index] if weights == "d" else case.weights[row.weights][0]
            size = row.window.size
            codes, sizes = sections[f"filters_{row.index}"], sections[f"filter_scales_{row.index}"]
            said = next(one for one in facts["inside"]["layers"] if one["index"] == row.index)
            assert said["filters"] == list(codes.shape) == [row.shape[0], row.shape_in[0], size, size]
            back = (codes.astype(float) - 128) / 127 * sizes[:, None, None, None]
            for k, c, i, j in ((0, 0, 0, 0), (2, row.shape_in[0] - 1, 1, 2)):
                expected = true[(i * size + j) * row.shape_in[0] + c, k]
                np.testing.assert_allclose(back[k, c, i, j], expected, atol=sizes[k] / 250)


def test_facts_are_plain_and_right(case):
    inside_of = Inside(unit=(0, 1, 2, 3), maps=("saliency", "occlusion"))
    sections, facts = looked(case.net, case.cost, case.weights, case.picture, case.truth, inside_of)
    said = json.loads(json.dumps(facts))["inside"]
    assert (said["truth"], said["answer"], said["source"]) == (case.truth, case.seen.answer, "test")
    assert said["net"] == sum(row.parameters for row in case.rows)
    for one in said["layers"]:
        row = case.rows[one["index"]]
        assert one["shape"] == list(row.shape) and one["of"] == row.shape[0]
        assert one["window"] == (None if row.window is None else list(row.window))
        np.testing.assert_allclose(one["a"], [case.seen.a[row.index].min(), case.seen.a[row.index].max()])
    assert said["unit"]["label"] == "conv 1"
    assert sections["saliency"].shape == (28, 28) and sections["saliency_scale"].shape == (1,)
    assert sections["occlusion"].dtype == np.float32
    assert {array.dtype.char for array in sections.values()} <= {"B", "f"}


def test_a_unit_that_does_not_exist_is_not_shown():
    case = case_of("mixed")
    sections, facts = looked(case.net, case.cost, case.weights, case.picture, 1, Inside(unit=(0, 99, 0, 0)))
    assert facts["inside"]["unit"] is None and "unit_window" not in sections


def test_weights_that_overflowed_are_shown_without_an_error():
    case = case_of("mixed")
    broken = [(w * np.float32(np.inf), b * np.float32(np.nan)) for w, b in case.weights]
    for row in case.rows:
        sections, facts = looked(case.net, case.cost, broken, case.picture, 1, Inside(unit=(row.index, 0, 0, 0)))
        assert facts["inside"]["unit"]["layer"] == row.index and (sections["inside_0"] == 128).all()


# ---- with a trainer


class Trainer:
    """What `inside_sections` asks of one."""

    def __init__(self, experiment):
        rng = np.random.default_rng(0)
        self.experiment = experiment
        images, labels = rng.integers(0, 256, (5, 28, 28), np.uint8), np.array([3, 1, 4, 1, 5], np.uint8)
        self.digits = Digits(images, labels, images, labels, "builtin", "")
        self.weights = tuple(stack.initial_weights(stack.as_stack(experiment.net), 0))

    def settled(self, exact=True):
        return self.weights


@pytest.fixture(scope="module")
def dense():
    layers = [{"units": 9, "activation": "tanh", "dropout": 0.5}, {"units": 8, "activation": "relu"}]
    return digits_experiment(net__layers=layers)


def test_dense_nets_are_looked_at_as_stacks(dense):
    trainer = Trainer(dense)
    seen = inside_sections(trainer, Look(inside=Inside(digit=2)))
    facts = seen.facts["inside"]
    assert (facts["digit"], facts["truth"]) == (2, 4)
    assert [one["label"] for one in facts["layers"]] == ["dense 1", "dense 2", "output"]
    found = numpy_stack.forward(stack.as_stack(dense.net), trainer.weights, trainer.digits.test_images[2].reshape(1, -1) / 255)
    assert facts["answer"] == found[-1][1].argmax()
    assert set(seen.sections) >= {f"inside_{one['index']}" for one in facts["layers"]}
    assert inside_sections(trainer, Look()) == ({}, {}, None)


def test_training_compiles_nothing_and_a_resting_net_is_passed_once(dense, monkeypatch):
    prepare_jax()
    trainer, calls = Trainer(dense), []
    look = Look(inside=Inside(unit=(0, 1, 0, 0), maps=("saliency", "occlusion")))
    inside_sections(trainer, look)
    real = inside_pass.passed
    monkeypatch.setattr(inside_pass, "passed", lambda *given: calls.append(1) or real(*given))
    before = compiles()
    for _ in range(3):
        trainer.weights = tuple((w * 2, b) for w, b in trainer.weights)
        inside_sections(trainer, look)
    assert (len(calls), compiles()) == (3, before)
    inside_sections(trainer, look._replace(inside=look.inside._replace(unit=(2, 1, 0, 0), values="d")))
    assert len(calls) == 3
    inside_sections(trainer, look._replace(inside=look.inside._replace(digit=1)))
    trainer.experiment = dense.change(net__layers=[{"units": 9, "activation": "tanh", "dropout": 0.1}, *dense.net.layers[1:]])
    inside_sections(trainer, look)
    assert (len(calls), compiles()) == (5, before)


def test_occlusion_is_made_seldom_while_it_trains_and_again_when_it_rests(dense, monkeypatch):
    trainer, made, now = Trainer(dense), [], [100.0]

    def occlusion(*given):
        made.append(given)
        now[0] += 0.05
        return np.full((14, 14), len(made), np.float32)

    monkeypatch.setattr(inside_pass, "occlusion", occlusion)
    monkeypatch.setattr(inside.time, "monotonic", lambda: now[0])
    look = Look(inside=Inside(maps=("occlusion",)))

    def shown():
        seen = inside_sections(trainer, look)
        return seen.sections["occlusion"][0, 0], seen.again_s

    assert shown() == (1, None)
    for _ in range(3):
        trainer.weights = tuple((w * 2, b) for w, b in trainer.weights)
        now[0] += 0.1
        number, again_s = shown()
        assert number == 1 and 0 < again_s < 0.5
    now[0] += 0.5
    assert shown() == (2, None) and shown() == (2, None)
    look = Look(inside=Inside(digit=3, maps=("occlusion",)))
    number, again_s = shown()
    assert number == 2 and again_s > 0
    now[0] += again_s
    assert shown() == (3, None)


def test_which_picture_is_looked_at(dense):
    digits = Trainer(dense).digits
    picture, truth = picture_of(Inside(digit=2), digits)
    assert truth == 4 and np.array_equal(picture, digits.test_images[2])
    assert picture_of(Inside(digit=400), digits)[1] == 5
    moves = Moves(shift_x=3, rotation=20, noise=0.1)
    picture, truth = picture_of(Inside(digit=2, moves=moves), digits)
    assert truth == 4 and np.array_equal(picture, moved(digits.test_images[2], moves))
    drawing = np.full((28, 28), 7, np.uint8)
    picture, truth = picture_of(Inside(digit=2, picture=drawing), digits)
    assert truth is None and np.array_equal(picture, drawing)
    facts = inside_sections(Trainer(dense), Look(inside=Inside(picture=drawing))).facts["inside"]
    assert (facts["source"], facts["digit"], facts["truth"]) == ("drawn", None, None)


def test_a_trainer_shows_its_own_net():
    trainer = make_trainer(experiment(NORMED))
    look = Look(inside=Inside(digit=4, unit=(0, 1, 2, 3)))
    digit = trainer.digits.test_images[4]
    for value in (None, 2.5):
        if value is not None:
            trainer.set_weight(0, 3, 1, value)
        probe = trainer.probe(look)
        settled = [tuple(map(np.asarray, pair)) for pair in trainer.settled(exact=False)]
        found = numpy_stack.forward(trainer.experiment.net, settled, digit.reshape(1, -1) / 255, "folded")
        shares = np.exp(found[-1][1][0] - found[-1][1][0].max())
        np.testing.assert_allclose(probe.sections["looked_bars"], shares / shares.sum(), atol=1e-5)
        np.testing.assert_allclose(probe.facts["inside"]["unit"]["sum"], found[0][0][0, 1, 2, 3], rtol=1e-4, atol=1e-5)
        assert probe.facts["inside"]["truth"] == trainer.digits.test_labels[4]
    assert "looked" not in trainer.probe(Look()).sections and not trainer.probe(Look()).facts
