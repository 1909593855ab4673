"""Runs within the digits there are, and how one differs from another."""

from engines.reproduce import PUBLISHED
from engines.reproduce.parts import NetPart, RivalPart, differing, fitting


def test_runs_on_more_digits_than_there_are_become_one():
    parts = fitting(PUBLISHED["training-size"].parts, 4000)
    nets = [part for part in parts if part.series == "convolutional net"]
    assert [part.train_count for part in nets] == [100, 300, 1000, 3000, 4000] == [part.x for part in nets]
    assert nets[-1].label == "convolutional net, 4,000 digits" and nets[-1].headline
    assert nets[-1].epochs == 30  # the recipe of the first size that takes all there are
    assert [part.headline for part in parts].count(True) == 1 and len(parts) == 15
    assert len(fitting(PUBLISHED["training-size"].parts, 60_000)) == 21


def test_differences_are_told_by_path():
    base = {"a": 1, "b": {"c": 2, "d": [1, 2]}, "e": None}
    assert differing(base, base) == {}
    assert differing({"a": 2, "b": {"c": 2, "d": [1]}, "e": None}, base) == {"a": 2, "b.d": [1]}
    assert differing({"new": {"x": 1}}, base) == {"new": {"x": 1}}


def test_a_run_says_what_it_is():
    rival = RivalPart(label="r", rival="knn", settings={"k": 5}, train_count=300)
    assert rival.how(9, "full", 2) == {"rival": "knn", "settings": {"k": 5}, "train_count": 300}
    net = NetPart(label="n", recipe="mlp-1000", changes={"learning_rate": 0.5}, epochs=4)
    assert net.how(9, "builtin", None)["learning_rate"] == 0.5 and net.how(9, "builtin", None)["epochs"] == 4
    assert net.how(9, "builtin", 2)["epochs"] == 2
