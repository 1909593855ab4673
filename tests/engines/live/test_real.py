"""The whole of it with the real trainer of the Network page."""

import sys

import numpy as np
import pytest

from engines.experiment import Experiment
from engines.live import LiveRun, Pool
from engines.live.warm import compiles, ready_trainer
from tests.engines.live.conftest import eventually


@pytest.fixture(scope="module")
def trained():
    """One pool and one paused run for the module: it has trained for more than 100 epochs."""
    pool = Pool(workers=2)
    run = LiveRun(Experiment(), pool=pool, speed="10")
    run.watch(lambda: None)
    eventually(lambda: run.status == "ready", 120)
    run.play()
    eventually(lambda: run.snapshot.run.epoch > 100, 20)
    pause(run)
    yield run
    pool.stop()


def pause(run: LiveRun) -> None:
    run.pause()
    eventually(lambda: run.status == "paused")


def test_creating_a_run_does_not_import_jax() -> None:
    import subprocess

    code = "import sys\nfrom engines.experiment import Experiment\nfrom engines.live import LiveRun, Pool\n"
    code += "pool = Pool()\npool.start = lambda: None\nLiveRun(Experiment(), pool=pool)\nassert 'jax' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr


def test_a_snapshot_is_complete(trained) -> None:
    shown = trained.snapshot
    assert shown.sections["surface"].shape == (100, 100)
    assert shown.sections["units"].shape == (8, 25, 25)
    assert shown.sections["theta"].shape == (4 * 2 + 4 + 2 * 4 + 2 + 2 + 1,)
    assert shown.data.points.shape == (400, 3)
    assert (shown.data.train, shown.data.test) == (200, 200)
    assert [layer["name"] for layer in shown.layers] == ["hidden 1", "hidden 2", "output"]
    assert 0 < shown.metrics.train_loss < 0.2
    assert shown.curve.table()[-1, 0] == int(shown.run.epoch)


def test_continuing_unchanged_repeats_the_run_to_the_bit(trained) -> None:
    old = trained.snapshot.curve.table().copy()
    trained.seek(trained.snapshot.recording.count // 2)
    eventually(lambda: trained.snapshot.recording.position is not None)
    middle = trained.snapshot.run.epoch
    assert 0 < middle < old[-1, 0]
    trained.continue_from_here()
    eventually(lambda: trained.status == "playing" and trained.snapshot.run.epoch > old[-1, 0])
    pause(trained)
    new = trained.snapshot.curve.table()
    np.testing.assert_array_equal(new[: len(old)], old)
    np.testing.assert_array_equal(trained.snapshot.overlay.table(), old)


def test_reset_repeats_the_run(trained) -> None:
    old = trained.snapshot.curve.table()[:30].copy()
    trained.reset()
    eventually(lambda: trained.status == "ready")
    trained.play()
    eventually(lambda: trained.snapshot.run.epoch > 31)
    pause(trained)
    np.testing.assert_array_equal(trained.snapshot.curve.table()[:30], old)


def test_turning_knobs_compiles_nothing(trained) -> None:
    trained.play()
    eventually(lambda: trained.status == "playing")
    trained.look((1, 0), (1, 0, 1))
    eventually(lambda: {"focus", "warp"} <= set(trained.snapshot.sections))
    before = compiles()
    for changes in (
        {"learning_rate": 0.1},
        {"net.layers.0.activation": "relu"},
        {"optimizer": {"key": "adam"}, "learning_rate": 0.01},
        {"net.layers": [{"units": 8}, {"units": 3}, {"units": 2}]},
        {"data.source": "spiral", "batch_size": 20},
        {"penalty": {"key": "l2"}, "cost": "cross_entropy"},
    ):
        trained.change(changes)
        eventually(lambda: trained.snapshot.revision == trained.revision)
        step = trained.snapshot.run.step
        eventually(lambda step=step: trained.snapshot.run.step > step + 20)
    assert compiles() == before
    assert trained.snapshot.data.version >= 2
    assert (np.diff(trained.snapshot.curve.table()[:, 0]) > 0).all()
    pause(trained)


def test_overflow_is_explained_and_mended(trained) -> None:
    trained.apply(
        Experiment(learning_rate=50, optimizer={"key": "sgd"}).change(
            net__layers=[{"units": 4, "activation": "quadratic"}] * 2, net__output="linear"
        )
    )
    trained.reset()
    trained.play()
    eventually(lambda: trained.status == "stopped", 10)
    assert trained.snapshot.diagnosis[0].key == "nan"
    for key in ("tanh", "rate_down", "rate_down", "rate_down"):
        trained.remedy(key)
    eventually(lambda: trained.status == "playing" and trained.snapshot.run.epoch > 5, 10)
    pause(trained)


def test_one_trainer_is_as_good_as_another() -> None:
    assert ready_trainer(Experiment()).steps_per_epoch == 20
