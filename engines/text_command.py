"""The parts of the command line that are about text: what training says of it, keeping a net, `python -m engines sample`."""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engines import device
from engines.descriptions import MAX_SEED
from engines.experiment import Experiment
from engines.training import Trainer

BAD_INPUT = 2
EXPERIMENT_FILE, NET_FILE = "experiment.json", "net.safetensors"
MAX_LENGTH = 1_000_000


def add(commands: Any, number: Callable[..., Callable[[str], float]]) -> None:
    """Add the command to argparse's `commands`. number: (name, type, low, high) -> a reader of numbers."""
    parser = commands.add_parser("sample", help="let a net that was kept with train --save write; the text itself")
    parser.add_argument("folder", metavar="DIR", help="the folder that train --save made, or its net.safetensors")
    parser.add_argument("--length", type=number("length", int, 0, MAX_LENGTH), default=500, help="characters to write (500)")
    parser.add_argument(
        "--temperature", type=number("temperature", float, 0, 1e9), default=0.8, help="0: always the likeliest; 1: as learned (0.8)"
    )
    parser.add_argument("--top-k", type=number("top-k", int, 0, 100_000), default=0, help="only the K likeliest; 0: all (0)")
    parser.add_argument("--top-p", type=number("top-p", float, 0, 1), default=1.0, help="only the likeliest that sum up to P (1)")
    parser.add_argument("--prime", metavar="TEXT", default="", help="what the net reads first; it is printed too")
    parser.add_argument("--seed", type=number("seed", int, 0, MAX_SEED), default=0, help="seed of the choices (0)")
    parser.set_defaults(run=sample)


def sample(options: argparse.Namespace) -> int:
    """Run it; returns the exit code. The text goes to standard output, problems to standard error."""
    from engines.nets.net_file import NoNet
    from engines.nets.recurrent.text_file import MAX_TEXT_NET_BYTES, from_bytes

    path = Path(options.folder)
    path = path / NET_FILE if path.is_dir() else path
    try:
        with path.open("rb") as file:
            saved = from_bytes(file.read(MAX_TEXT_NET_BYTES + 1))
    except OSError as error:
        return _fail(f"{path}: cannot be read: {error.strerror or 'unknown reason'}")
    except NoNet as error:
        return _fail(f"{path}: {error}")
    device.enable_compilation_cache()
    _write(saved, options)
    return 0


def _write(saved: Any, options: argparse.Namespace) -> None:
    """Print prime and sample piece by piece, as they come."""
    from engines.data.text import cleaned
    from engines.nets.recurrent.live_sample import primed
    from engines.nets.recurrent.sampling import BUCKET, Writer

    alphabet, prime = saved.alphabet, cleaned(options.prime)
    ids, unknown = alphabet.encode(prime)
    if unknown:
        print(f"the net has never read {unknown[:40]!r}: read as unknown or left out", file=sys.stderr)
    writer = Writer(saved.experiment.net, saved.weights, len(alphabet), saved.experiment.data.sequence)
    page, _ = writer.read(writer.fresh(), ids if len(ids) else alphabet.encode(primed(alphabet, "")).ids)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    sys.stdout.write(prime)
    taste = options.temperature, options.top_k, options.top_p, options.seed
    for done in range(0, options.length, BUCKET):
        ids, _, page = writer.write(page, min(BUCKET, options.length - done), *taste, done)
        sys.stdout.write(alphabet.decode(ids))
        sys.stdout.flush()
    sys.stdout.write("\n")


def closing(trainer: Trainer) -> dict[str, Any]:
    """What the last line of `train` says of a text: how far it has come, and the loss on all of its validation part.

    That loss is of the net as it is, in nats and bits; those beside it are of the last row.
    """
    validation = getattr(trainer, "validation", None)
    if validation is None:
        return {}
    nats, right, _ = validation()
    names = ("uniform", "unigram", "bigram", "trigram")
    baselines = dict(zip(names, (round(value, 4) for value in trainer.corpus.baselines), strict=True))  # type: ignore[attr-defined]
    figures = {"validation_nats": round(nats, 5), "validation_bits": round(nats / math.log(2), 5)}
    reached = record(trainer, trainer.epoch)  # type: ignore[attr-defined]
    return (reached or {}) | figures | {"validation_accuracy": round(right, 5), "baseline_nats": baselines}


def keep(trainer: Trainer, folder: str) -> None:
    """Write the experiment and the net into `folder`. Raises OSError, or ValueError where the net is not worth keeping."""
    make_folder(folder)
    _replace(Path(folder) / NET_FILE, net_bytes(trainer))
    _replace(Path(folder) / EXPERIMENT_FILE, (trainer.experiment.to_json() + "\n").encode())


def make_folder(folder: str) -> None:
    """Make the folder for a net, before hours of training need it. Raises ValueError in one sentence where it cannot be written."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(f"{folder}: cannot be written: {error.strerror or 'unknown reason'}") from None


def may_keep(experiment: Experiment) -> str | None:
    """Why a trained net of this kind cannot be kept as a file; None where it can."""
    return "--save keeps nets that read digits or text, and this one reads points" if experiment.data.kind == "points" else None


def net_bytes(trainer: Any) -> bytes:
    """The trainer's net as a file. Raises ValueError where its weights have overflowed."""
    if trainer.experiment.data.kind == "text":
        from engines.nets.recurrent import text_file

        saved = text_file.SavedText(
            trainer.experiment, trainer.weights(), trainer.corpus.alphabet, trainer.epoch, trainer.validation().nats
        )
        return text_file.to_bytes(saved)
    from engines.nets import net_file

    report = trainer.report
    which = "builtin" if trainer.digits.source == "builtin" else "full"
    accuracy = report.metrics.test_accuracy if report else None
    epoch = trainer.state.epoch + trainer.into_epoch / trainer.steps_per_epoch
    return net_file.to_bytes(net_file.SavedNet(trainer.experiment, trainer.weights(), epoch, accuracy, which))


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one go: whoever reads it finds the old one or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return BAD_INPUT


def record(trainer: Any, epoch: float) -> dict[str, Any] | None:
    """How far a text trainer has come, for a line of `train`; None for other trainers, whose epochs are whole."""
    if not hasattr(trainer, "epochs_done"):
        return None
    return {"epoch": round(epoch, 4), "characters": round(epoch * trainer.train_count)}
