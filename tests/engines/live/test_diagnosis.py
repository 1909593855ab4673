"""Every finding appears when it should, not when it should not, and every remedy gives a valid experiment."""

import numpy as np
import pytest

from engines.experiment import Experiment, digits_experiment
from engines.live.diagnosis import MOST, RULES, Evidence, diagnose
from engines.live.remedies import REMEDIES, usual_rate
from engines.nets.catalogue import NETS
from engines.nets.count import hidden

RELU = Experiment().change(net__layers=[{"units": 4, "activation": "relu"}] * 2)


def layer(name: str, **facts) -> dict:
    return {"name": name, "gradient": 0.1, "units": 4, "dead": 0, "saturated": 0.0, "weights_near_zero": 0.0} | facts


def layers(*first: dict) -> list[dict]:
    return [layer(f"hidden {i + 1}", **facts) for i, facts in enumerate(first)] + [layer("output", units=1)]


def curve(train, test=None, accuracy=0.6, epochs=1.0) -> np.ndarray:
    train = np.asarray(train, np.float32)
    test = train if test is None else np.asarray(test, np.float32)
    flat = np.full(len(train), accuracy)
    return np.stack([np.arange(1, len(train) + 1) * epochs, train, test, flat, flat], 1).astype(np.float32)


FALLING = curve(np.geomspace(0.5, 0.2, 50))
OVERFIT = curve(np.geomspace(0.5, 0.01, 60), np.r_[np.linspace(0.5, 0.2, 30), np.linspace(0.2, 0.4, 30)], 0.9)
CASES = {
    "nan": Evidence(
        experiment=Experiment(learning_rate=10), layers=layers({}, {"gradient": 3e12}), stopped="nan", step=312, epoch=12
    ),
    "diverging": Evidence(experiment=Experiment(), curve=curve([0.5, 0.3, 0.9, 4.0])),
    "no_gradient": Evidence(experiment=Experiment().change(net__layers=[{"units": 3, "activation": "step"}])),
    "one_sided": Evidence(experiment=Experiment().change(net__output="sigmoid")),
    "symmetric": Evidence(experiment=Experiment().change(net__initializer={"key": "zeros"})),
    "dead": Evidence(experiment=RELU, curve=FALLING, layers=layers({"dead": 3}, {})),
    "saturated": Evidence(experiment=Experiment(), curve=FALLING, layers=layers({"saturated": 0.7}, {})),
    "vanishing": Evidence(experiment=Experiment(), curve=FALLING, layers=layers({"gradient": 1e-6}, {})),
    "stuck": Evidence(
        experiment=digits_experiment(net__layers=[{"units": 9, "activation": "sigmoid"}] * 3),
        curve=curve([2.3, 2.3], accuracy=0.11),
        layers=layers({"gradient": 1e-3}, {"gradient": 1e-2}, {"gradient": 0.05}),
        epoch=2,
    ),
    "plateau": Evidence(experiment=Experiment(), curve=curve(np.full(300, 0.5))),
    "overfitting": Evidence(experiment=Experiment(), curve=OVERFIT, epoch=60),
    "early": Evidence(experiment=Experiment(patience=20), curve=FALLING, stopped="early", epoch=50),
    "finished": Evidence(experiment=Experiment(epochs=50), curve=FALLING, stopped="budget", epoch=50),
}


@pytest.mark.parametrize("key", CASES)
def test_found_in_plain_words(key: str) -> None:
    found = {finding.key: finding for finding in diagnose(CASES[key])}
    finding = found[key]
    assert finding.severity in ("info", "warning", "error")
    assert finding.title
    assert finding.text.endswith((".", "?"))
    assert "nan" not in finding.text.lower().split()
    assert finding.plain()["remedies"] == [{"key": k, "label": REMEDIES[k].label} for k in finding.remedies]


def test_every_rule_has_a_case() -> None:
    assert len(CASES) == len(RULES)


@pytest.mark.parametrize("key", CASES)
def test_its_remedies_give_another_valid_experiment(key: str) -> None:
    for finding in diagnose(CASES[key]):
        for remedy in finding.remedies:
            changed = REMEDIES[remedy].change(CASES[key].experiment)
            assert changed != CASES[key].experiment
            assert Experiment.model_validate(changed.model_dump()) == changed


@pytest.mark.parametrize("key", REMEDIES)
@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(),
        RELU,
        digits_experiment(),
        *(digits_experiment(net=entry.net) for entry in NETS.values()),
        digits_experiment(net={"kind": "stack"}),
        digits_experiment(net={"kind": "stack", "layers": [{"key": "norm"}] * 16}),
        Experiment(learning_rate=1e-6),
        Experiment(learning_rate=100, epochs=1_000_000, seed=2**31 - 1),
        Experiment().change(data__source="plane"),
        Experiment().change(net__layers=[]),
    ],
)
def test_remedies_fit_every_experiment(key: str, experiment: Experiment) -> None:
    changed = REMEDIES[key].change(experiment)
    assert Experiment.model_validate(changed.model_dump()) == changed
    assert REMEDIES[key].label
    assert REMEDIES[key].helps(experiment) == (changed != experiment)


def test_the_overflow_names_step_layer_and_reason() -> None:
    (finding,) = diagnose(CASES["nan"])
    for part in ("312", "hidden 2", "3e+12", "learning rate"):
        assert part in finding.text
    assert finding.remedies == ("rate_usual", "clip")
    squares = Experiment().change(net__layers=[{"units": 3, "activation": "quadratic"}])
    (finding,) = diagnose(Evidence(experiment=squares, stopped="nan"))
    assert "quadratic" in finding.text
    assert "tanh" in finding.remedies
    assert REMEDIES["tanh"].change(squares).net.layers[0].activation == "tanh"


def test_nothing_is_wrong_with_a_run_that_learns() -> None:
    assert diagnose(Evidence(experiment=Experiment(), curve=FALLING, layers=layers({}, {}))) == ()
    assert diagnose(Evidence(experiment=Experiment())) == ()
    solved = curve(np.full(300, 0.001), accuracy=1.0)
    assert diagnose(Evidence(experiment=RELU, curve=solved, layers=layers({"dead": 4, "saturated": 1.0}, {}))) == ()


def test_worst_first_and_not_too_many() -> None:
    many = Evidence(
        experiment=RELU.change(net__initializer={"key": "zeros"}),
        curve=curve(np.r_[np.full(300, 0.2), 5.0]),
        layers=layers({"dead": 4, "gradient": 1e-9}, {"dead": 4}),
    )
    found = diagnose(many)
    assert len(found) == MOST
    assert found[0].severity == "error"


def test_remedies_that_change_nothing_are_not_offered() -> None:
    (finding,) = [
        f for f in diagnose(Evidence(experiment=Experiment(penalty={"key": "l2"}), curve=OVERFIT)) if f.key == "overfitting"
    ]
    assert "l2" not in finding.remedies
    clipped = Experiment(clip_norm=1.0, learning_rate=1e-6)
    assert diagnose(Evidence(experiment=clipped, stopped="nan"))[0].remedies == ()


def test_a_net_that_guesses_digits_without_a_fading_gradient_is_told_about_its_rate() -> None:
    evidence = Evidence(
        experiment=digits_experiment(learning_rate=1e-6), curve=curve([2.3], accuracy=0.1), layers=layers({}), epoch=1
    )
    found = {finding.key: finding for finding in diagnose(evidence)}
    assert "rate_up" in found["stuck"].remedies and "relu" not in found["stuck"].remedies


def test_curves_with_holes_and_digits() -> None:
    holes = curve(np.where(np.arange(300) % 3 == 0, np.nan, 0.5))
    assert "plateau" in {f.key for f in diagnose(Evidence(experiment=Experiment(), curve=holes))}
    diagnose(Evidence(experiment=digits_experiment(), curve=OVERFIT, layers=layers({"dead": 4})))


# ---- stacks

LENET = digits_experiment(net=NETS["lenet5"].net)
NORMED = digits_experiment(net=NETS["cnn-modern"].net)


def facts(experiment: Experiment, **of: dict) -> list[dict]:
    """Statistics of every layer that has weights, as the trainer gives them."""
    names = [item.name for item in hidden(experiment.net)]
    return [layer(name, **of.get(name.replace(" ", ""), {})) for name in names] + [layer("output", units=10)]


def test_statistics_of_a_stack_belong_to_its_layers_with_weights() -> None:
    pairs = list(Evidence(experiment=NORMED, layers=facts(NORMED)).hidden())
    assert [(found["name"], key) for found, key in pairs][:2] == [("conv 1", "linear"), ("norm 1", "relu")]
    assert len(pairs) == 8
    without_output = facts(LENET)[:-1]  # the radial basis output has no weights
    assert [key for _, key in Evidence(experiment=LENET, layers=without_output).hidden()] == ["scaled_tanh"] * 6


def test_dead_and_saturated_layers_of_a_stack_are_found_by_name() -> None:
    dead = diagnose(Evidence(experiment=NORMED, curve=FALLING, layers=facts(NORMED, norm2={"dead": 3})))
    assert "In norm 2, 3 of 4 units" in next(finding for finding in dead if finding.key == "dead").text
    flat = diagnose(Evidence(experiment=LENET, curve=FALLING, layers=facts(LENET, conv2={"saturated": 0.8})))
    (finding,) = [finding for finding in flat if finding.key == "saturated"]
    assert "In conv 2, 80 %" in finding.text and "relu" in finding.remedies
    assert REMEDIES["relu"].change(LENET).net.layers[0].activation == "relu"


def test_a_step_in_a_stack_is_named() -> None:
    stepped = LENET.change(net__layers__4__activation="step")
    (finding,) = [finding for finding in diagnose(Evidence(experiment=stepped)) if finding.key == "no_gradient"]
    assert finding.text.startswith("Conv 3 uses a step")
    assert REMEDIES["surrogate"].change(stepped).net.layers[4].activation == "step_surrogate"


@pytest.mark.parametrize(
    ("layers", "found"), [([{"key": "conv"}], True), ([{"key": "norm"}, {"key": "pool_max"}, {"key": "subsample"}], False)]
)
def test_equal_first_weights_matter_where_some_are_drawn(layers, found) -> None:
    experiment = digits_experiment(net={"kind": "stack", "layers": layers, "initializer": {"key": "zeros"}})
    assert ("symmetric" in {finding.key for finding in diagnose(Evidence(experiment=experiment))}) == found


def test_dropout_of_a_stack_is_a_layer_of_its_own() -> None:
    rates = lambda e: [layer.settings["rate"] for layer in e.net.layers if layer.key == "dropout"]  # noqa: E731
    dropout = REMEDIES["dropout"]
    assert rates(dropout.change(LENET)) == [0.2] and dropout.change(LENET).net.layers[-1].key == "dropout"
    assert rates(dropout.change(NORMED)) == [0.3]
    off = NORMED.change(net__layers=[{"key": "dropout", "settings": {"rate": 0}}, {"key": "dropout", "settings": {"rate": 0.6}}])
    assert rates(dropout.change(off)) == [0.2, 0.6]
    assert not dropout.helps(digits_experiment(net={"kind": "stack"}))
    assert not dropout.helps(digits_experiment(net={"kind": "stack", "layers": [{"key": "norm"}] * 16}))


def test_digits_can_be_distorted_against_overfitting() -> None:
    found = {f.key: f for f in diagnose(Evidence(experiment=LENET, curve=OVERFIT, epoch=60))}
    assert "distort" in found["overfitting"].remedies and "dropout" in found["overfitting"].remedies
    changed = REMEDIES["distort"].change(LENET)
    assert changed.data.distortions == {"shift": 2.0} and not REMEDIES["distort"].helps(changed)
    assert not REMEDIES["distort"].helps(Experiment())


def test_stacks_have_the_rates_of_wide_nets() -> None:
    for key in ("adam", "sgd", "rmsprop"):
        assert usual_rate(LENET.change(optimizer={"key": key})) == usual_rate(digits_experiment(optimizer={"key": key}))
    assert REMEDIES["adam"].change(LENET.change(optimizer={"key": "sgd"})).learning_rate == 0.001
