"""Each race of the presets is run and shows what it says."""

import numpy as np
import pytest

from engines.descent.paths import run_race
from engines.descent.race import Race
from engines.descent.score import score
from engines.descent.terrain import terrain_of
from engines.presets import PRESETS

RACES = {key: preset.experiment for key, preset in PRESETS.items() if preset.page == "descent"}


def _run(key, **changes):
    """Paths, and the scores by optimizer key where every optimizer runs once, else in order."""
    race = RACES[key].change(**changes)
    terrain = terrain_of(race)
    paths = run_race(race, terrain)
    scores = score(race, terrain, paths)
    keys = [runner.optimizer.key for runner in race.runners]
    return paths, dict(zip(keys, scores, strict=True)) if len(set(keys)) == len(scores) else scores


@pytest.mark.parametrize("key", RACES)
def test_a_preset_is_a_valid_race_and_runs(key):
    race = RACES[key]
    assert Race.model_validate_json(race.to_json()) == race
    paths, _ = _run(key)
    assert np.isfinite(paths.position).all()


def test_the_named_ones_are_there():
    named = "saddle valley beale two-weights zigzag too-big schedule noise ring plateau"
    assert {f"descent-{name}" for name in named.split()} <= set(RACES)


def test_leaving_a_saddle():
    _, scores = _run("descent-saddle")
    left = {key: s.reached for key, s in scores.items()}
    assert left.pop("sgd") is None and all(step is not None and step < 100 for step in left.values())
    assert 150 < scores["sgd"].left_saddle < 200
    _, ridge = _run("descent-saddle", start=(-1.5, 0))
    assert all(s.status in ("saddle", "going") and s.left_saddle is None for s in ridge.values())


def test_a_long_valley():
    paths, scores = _run("descent-valley")
    near = paths.saddle_distance[[r.optimizer.key for r in RACES["descent-valley"].runners].index("sgd")]
    assert (near < 0.36).sum() > 50 and scores["sgd"].left_saddle > 60
    for key in ("rmsprop", "adam", "adagrad"):
        assert scores[key].left_saddle is None and scores[key].reached < 170
    _, fast = _run("descent-valley", runners__0__learning_rate=0.21)
    assert fast["sgd"].status != "goal"


def test_beale():
    _, scores = _run("descent-beale")
    assert all(s.status == "goal" for s in scores.values())
    assert scores["momentum"].overshoot > 1 > 5 * scores["adagrad"].overshoot
    _, fast = _run("descent-beale", runners__1__learning_rate=0.01)
    assert fast["momentum"].status == "thrown"


def test_the_mountain_of_two_weights():
    paths, scores = _run("descent-two-weights")
    assert all(s.status == "goal" for s in scores.values())
    assert {float(np.sign(x)) for x in paths.position[:, -1, 0]} == {-1.0, 1.0}
    paths, scores = _run("descent-two-weights", start=(0, 0), glance=5)
    assert all(s.status == "saddle" for s in scores.values()) and not paths.position.any()


def test_zigzag():
    paths, (bouncing, calm, momentum) = _run("descent-zigzag")
    turns = (np.diff(np.sign(paths.position[:2, :40, 1])) != 0).sum(1)
    assert turns[0] == 39 and turns[1] == 0
    assert calm.status == "going" and 3 * momentum.reached < bouncing.reached


def test_too_big_a_step():
    _, scores = _run("descent-too-big")
    assert [s.status for s in scores] == ["goal", "goal", "thrown"]
    paths, _ = _run("descent-too-big", runners__2__learning_rate=0.201)
    assert abs(paths.position[2, -1, 1]) > 2 * abs(paths.position[2, 0, 1])


def test_momentum_that_rises():
    _, (usual, full, rising) = _run("descent-schedule")
    assert rising.status == "goal" and usual.status == full.status == "going" and usual.reached is full.reached is None
    assert 5 * rising.path_length < full.path_length
    _, (usual, full, rising) = _run("descent-schedule", steps=300)
    assert rising.reached < full.reached < usual.reached and "moved on" in rising.words


def test_nesterov():
    for changes in ({}, {"runners__0__learning_rate": 0.3, "runners__1__learning_rate": 0.3}):
        _, scores = _run("descent-nesterov", **changes)
        if not changes:
            assert 2 * scores["nesterov"].reached < scores["momentum"].reached
            assert 2 * scores["nesterov"].path_length < scores["momentum"].path_length
        else:
            assert scores["momentum"].status == "goal" and scores["nesterov"].status == "thrown"


def test_noise_on_the_saddle():
    for seed in range(3):
        _, scores = _run("descent-noise", seed=seed)
        assert scores.pop("gradient_descent").path_length == 0
        assert all(s.left_saddle is not None for key, s in scores.items() if key != "sgd")
        assert scores["sgd"].path_length > 0
    paths, still = _run("descent-noise", noise=0)
    assert all(s.status == "saddle" for s in still.values()) and not paths.position.any()


def test_sixteen_starts():
    paths, scores = _run("descent-ring")
    assert len(scores) == 16 and all(s.status == "goal" for s in scores)
    assert len({tuple(end) for end in paths.position[:, -1].round(1).tolist()}) == 4


def test_the_plateau():
    _, scores = _run("descent-plateau")
    assert scores["rmsprop"].reached < 100 and scores["sgd"].reached is None
    _, faster = _run("descent-plateau", runners__0__learning_rate=0.5)
    assert faster["sgd"].reached > 2 * scores["rmsprop"].reached


def test_a_short_glance():
    _, scores = _run("descent-glance")
    full, short = scores["gradient_descent"], scores["sgd"]
    assert full.status == short.status == "goal" and short.reached < 2 * full.reached
    assert short.path_length > 1.5 * full.path_length


def test_your_own_mountain():
    _, scores = _run("descent-formula")
    assert scores["momentum"].status == "goal" and scores["sgd"].status == scores["adam"].status == "side_valley"
