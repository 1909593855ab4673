"""The entries named under 'How it works': what is in use, each once."""

from engines.descent.race import Race, Runner, race_on
from engines.experiment import Experiment, digits_experiment
from engines.nets.catalogue import NETS
from playground.explain import in_use
from playground.words import words


def test_a_race_names_its_surface_its_optimizers_and_schedules():
    race = race_on(
        "beale", runners=(Runner(), Runner(learning_rate=0.5, schedule={"key": "cosine"}), Runner(optimizer={"key": "lion"}))
    )
    assert [entry.key for entry in in_use(race)] == ["beale", "adam", "lion", "cosine"]


def test_an_experiment_names_its_parts():
    assert [entry.key for entry in in_use(Experiment())] == ["tanh", "half_squared", "sgd"]


def test_an_experiment_on_a_stack_names_its_layers_and_distortions():
    experiment = digits_experiment(net=NETS["lenet1"].net, data__distortions={"shift": 1})
    keys = ["lenet", "conv", "subsample", "scaled_tanh", "softmax_cross_entropy", "adam", "shift"]
    assert [entry.key for entry in in_use(experiment)] == keys
    assert "linear" not in [entry.key for entry in in_use(digits_experiment(net=NETS["cnn-modern"].net))]


def test_the_texts_of_the_descent_page_are_complete():
    assert list(words(Race().page)) == ["intro", "Try", "What you see", "How it works"]
