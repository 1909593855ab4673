"""The command line: train a file, run a race, trace a pass, print presets and tables, say what this machine offers.

    python -m engines train FILE.json|-|PRESET [--epochs N] [--seconds S] [--seed N] [--save DIR]
    python -m engines race FILE.json|-|PRESET [--steps N] [--seed N] [--csv]
    python -m engines trace FILE.json|-|NAME [--seed N]
    python -m engines reproduce [NAME] [--seed N] [--data full|builtin] [--save]
    python -m engines sample DIR [--length N] [--temperature T] [--top-k K] [--top-p P] [--prime TEXT] [--seed N]
    python -m engines preset [NAME]
    python -m engines tables
    python -m engines doctor

Everything on standard output is JSON (with --csv, CSV; a sample is text), one object a line where it is a stream; what went
wrong stands on standard error.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from engines import device, text_command
from engines.all_tables import all_tables
from engines.data.sources import DataProblem
from engines.descent.race import MAX_STEPS, MIN_STEPS, Race
from engines.descriptions import MAX_SEED, Description
from engines.experiment import Experiment
from engines.files import MAX_FILE_BYTES, D, WrongKind, load_strict
from engines.problems import with_article
from engines.reproduce import command as reproduce_command
from engines.trace.study import Study, material
from engines.training import Advance, Metrics, Trainer, make_trainer

DEFAULT_EPOCHS = 100
MAX_EPOCHS = 1_000_000
BAD_INPUT, INTERRUPTED = 2, 130
_CHUNK_SECONDS = 0.2
_COMMANDS: dict[type[Description], str] = {Experiment: "train", Race: "race", Study: "trace"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 2 for bad input, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read us has left; Python would complain once more when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engines", description="Train, race and trace without a screen.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    train = commands.add_parser("train", help="train an experiment; one JSON object an epoch, for text several")
    train.add_argument("file", metavar="FILE|PRESET", help="an experiment as JSON, or a preset; - reads standard input")
    train.add_argument(
        "--epochs", type=_number("epochs", int, 1, MAX_EPOCHS), help=f"epochs to train (the file's, else {DEFAULT_EPOCHS})"
    )
    train.add_argument("--seconds", type=_number("seconds", float, 0.001, 1e6), help="stop after so many seconds of training")
    train.add_argument("--seed", type=_number("seed", int, 0, MAX_SEED), help="seed of the weights, instead of the file's")
    train.add_argument("--save", metavar="DIR", help="keep the trained net there: experiment.json and net.safetensors")
    train.set_defaults(run=_train)
    race = commands.add_parser("race", help="let optimizers race on a surface; one JSON object a runner")
    race.add_argument("file", metavar="FILE|PRESET", help="a race as JSON, or the name of a preset; - reads standard input")
    race.add_argument("--steps", type=_number("steps", int, MIN_STEPS, MAX_STEPS), help="steps of the race, instead of the file's")
    race.add_argument("--seed", type=_number("seed", int, 0, MAX_SEED), help="seed of the noise, instead of the file's")
    race.add_argument("--csv", action="store_true", help="print the paths as CSV instead: one row a runner, start and step")
    race.set_defaults(run=_race)
    trace = commands.add_parser("trace", help="one forward and backward pass, rule by rule; one JSON object an operation")
    trace.add_argument(
        "file", metavar="FILE|NAME", help="a study as JSON, or a name such as worked-example; - reads standard input"
    )
    trace.add_argument("--seed", type=_number("seed", int, 0, MAX_SEED), help="seed of the weights, instead of the file's")
    trace.set_defaults(run=_trace)
    reproduce_command.add(commands, _number)
    text_command.add(commands, _number)
    preset = commands.add_parser("preset", help="list the presets, or print one as JSON")
    preset.add_argument("name", nargs="?", metavar="NAME")
    preset.set_defaults(run=_preset)
    commands.add_parser("tables", help="every table of choices as JSON").set_defaults(run=_tables)
    commands.add_parser("doctor", help="device, memory, versions and data sources as JSON").set_defaults(run=_doctor)
    return parser


def _number(name: str, kind: Callable[[str], float], low: float, high: float) -> Callable[[str], float]:
    """A reader for argparse: a number of `kind` within [low, high]."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            whole = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"{name} must be {whole} from {low:,} to {high:,}, not {text[:40]!r}")
        return value

    return read


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return BAD_INPUT


# ---- train


def _train(options: argparse.Namespace) -> int:
    try:
        experiment = _named(options.file, options.file, Experiment)
    except ValueError as error:
        return _fail(str(error))
    refused = text_command.may_keep(experiment) if options.save else None
    if refused:
        return _fail(refused)
    # with a time limit alone, time decides
    epochs = options.epochs or experiment.epochs or (MAX_EPOCHS if options.seconds else DEFAULT_EPOCHS)
    experiment = experiment.change(epochs=epochs, seed=experiment.seed if options.seed is None else options.seed)
    device.enable_compilation_cache()
    try:
        trainer = make_trainer(experiment)
        if options.save:
            text_command.make_folder(options.save)
    except (ValueError, DataProblem) as error:
        return _fail(str(error))
    code = _stream(trainer, options.seconds or math.inf)
    return _keep(trainer, options.save, code) if options.save else code


def _keep(trainer: Trainer, folder: str, code: int) -> int:
    """Keep the net; returns the exit code, `code` where all went well."""
    try:
        text_command.keep(trainer, folder)
    except (ValueError, OSError) as error:
        return _fail(f"not kept: {error}")
    return code


def _load(name: str, wanted: type[D]) -> D:
    """The description in a file, in which everything must fit. Raises ValueError in one sentence that begins with the file."""
    shown = "standard input" if name == "-" else name
    try:
        return load_strict(_read(name), wanted)
    except OSError as error:
        raise ValueError(f"{shown}: cannot be read: {error.strerror or 'unknown reason'}") from None
    except WrongKind as error:
        command = _COMMANDS[type(error.found)]
        raise ValueError(f"{shown}: {error}; run it with: python -m engines {command}") from None
    except ValueError as error:
        raise ValueError(f"{shown}: {error}") from None


def _read(name: str) -> bytes:
    """At most one byte more than a file may have, so that a file without end is refused too."""
    if name == "-":
        return sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def _stream(trainer: Trainer, seconds: float) -> int:
    """Train to the end and print as it goes; an interrupt still prints the last line."""
    clock, last, stopped = _Clock(seconds), None, None
    try:
        for advance in _chunks(trainer, clock):
            for row in advance.rows:
                last = _record(trainer, row, clock)
                _print(last)
            stopped = advance.stopped or "seconds"
    except KeyboardInterrupt:
        stopped = "interrupted"
    last = last or _record(trainer, _present(trainer), clock)
    figures = {"seconds": clock.trained(), "compile_seconds": round(clock.compiling, 3), "steps": trainer.step, "stopped": stopped}
    _print(last | figures | text_command.closing(trainer) | {"done": True})
    return INTERRUPTED if stopped == "interrupted" else 0


class _Clock:
    """Seconds of training; the first call of the trainer, which compiles, is kept apart and is not limited."""

    def __init__(self, limit: float) -> None:
        self.limit, self.compiling = limit, 0.0
        self.start = time.perf_counter()

    def compiled(self) -> None:
        self.compiling = time.perf_counter() - self.start
        self.start = time.perf_counter()

    def trained(self) -> float:
        return round(time.perf_counter() - self.start, 4)

    def left(self) -> float:
        return self.limit - (time.perf_counter() - self.start)


def _chunks(trainer: Trainer, clock: _Clock) -> Iterator[Advance]:
    """Pieces of training of about a fifth of a second; ends when the trainer stops or time is up."""
    # the first step of a text is no step but an evaluation
    getattr(trainer, "prepare_training", lambda: None)()
    advance = trainer.advance(1)
    clock.compiled()
    yield advance
    steps = 1
    while advance.stopped is None and clock.left() > 0:
        begin = time.perf_counter()
        advance = trainer.advance(steps)
        took = max(time.perf_counter() - begin, 1e-6)
        yield advance
        if advance.steps:  # none while an epoch is being evaluated
            steps = max(1, min(steps * 4, int(min(_CHUNK_SECONDS, max(clock.left(), 0)) * advance.steps / took)))


def _present(trainer: Trainer) -> Sequence[float]:
    """The row of a run that ended before its first epoch did: measured now where the trainer can."""
    measure = getattr(trainer, "figures", None)
    return measure() if measure else [trainer.step / trainer.steps_per_epoch, *[math.nan] * 4]


def _record(trainer: Trainer, row: Sequence[float], clock: _Clock) -> dict[str, Any]:
    """A row of the curve as the line that is printed; seven digits are all that float32 holds."""
    metrics = Metrics(*(float(f"{value:.7g}") for value in row))
    whole = {"epoch": math.floor(metrics.epoch), "examples": round(metrics.epoch * _train_count(trainer))}
    counts = text_command.record(trainer, metrics.epoch) or whole
    return counts | {"seconds": clock.trained()} | {k: v for k, v in metrics._asdict().items() if k != "epoch"}


def _train_count(trainer: Any) -> int:
    """Training examples of an epoch: dense trainers say it, tiny ones hold them."""
    return trainer.train_count if hasattr(trainer, "train_count") else len(trainer.train.t)


def _print(record: dict[str, Any]) -> None:
    """One line of strict JSON: what is not a finite number becomes null."""
    plain = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in record.items()}
    print(json.dumps(plain, allow_nan=False), flush=True)


# ---- race


def _race(options: argparse.Namespace) -> int:
    from engines.descent.paths import run_race
    from engines.descent.score import score
    from engines.descent.table import results, write_csv
    from engines.descent.terrain import terrain_of

    given = {name: getattr(options, name) for name in ("steps", "seed") if getattr(options, name) is not None}
    device.enable_compilation_cache()
    begin = time.perf_counter()
    try:
        race = _named_race(options.file).change(**given)
        terrain = terrain_of(race)
    except (ValueError, DataProblem) as error:
        return _fail(str(error))
    paths = run_race(race, terrain)
    scores = score(race, terrain, paths)
    if options.csv:
        write_csv(race, paths, scores, sys.stdout)
        return 0
    for row in results(race, paths, scores):
        _print(row)
    counts = {"surface": race.surface.key, "runners": len(race.runners), "starts": len(race.starts), "steps": race.steps}
    _print(counts | {"seconds": round(time.perf_counter() - begin, 4), "done": True})
    return 0


def _named_race(name: str) -> Race:
    """The race of a preset, or in a file. Raises ValueError in one sentence."""
    return _named(name, name, Race)


def _named(name: str, key: str, wanted: type[D]) -> D:
    """The description of the preset with this key, or in the file `name`. Raises ValueError in one sentence."""
    from engines.presets import PRESETS

    if key not in PRESETS:
        return _load(name, wanted)
    found = PRESETS[key].experiment
    if not isinstance(found, wanted):
        command = _COMMANDS[type(found)]
        how = f"python -m engines preset {key} | python -m engines {command} -"
        raise ValueError(
            f"preset {key} is {with_article(found.noun)} for the {found.page.capitalize()} page; {command} it with: {how}"
        )
    return found


# ---- trace


def _trace(options: argparse.Namespace) -> int:
    import numpy as np

    from engines.trace.lines import records
    from engines.trace.passes import trace

    try:
        study = _named_study(options.file)
        if options.seed is not None:
            study = study.change(seed=options.seed)
        net, x, t = material(study)
    except ValueError as error:
        return _fail(str(error))
    for record in records(trace(net, x, t, study.learning_rate, np.float64)):
        _print(record)
    return 0


def _named_study(name: str) -> Study:
    """The study of a preset, also by the last part of its key ('worked-example', 'worked_example'), or in a file.

    Raises ValueError in one sentence.
    """
    from engines.presets import PRESETS
    from engines.trace.presets import PREFIX

    short = PREFIX + name.replace("_", "-")
    return _named(name, short if short in PRESETS else name, Study)


# ---- the others


def _preset(options: argparse.Namespace) -> int:
    from engines.presets import PRESETS

    if options.name is None:
        for entry in PRESETS.values():
            _print({"key": entry.key, "page": entry.page, "label": entry.label, "help": entry.help})
        return 0
    if options.name not in PRESETS:
        return _fail(f"there is no preset called {options.name[:40]!r}; there are {', '.join(PRESETS)}")
    print(PRESETS[options.name].experiment.to_json())
    return 0


def _tables(options: argparse.Namespace) -> int:
    print(json.dumps(all_tables(), indent=1, ensure_ascii=False))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from engines.doctor import examine

    print(json.dumps(examine(), indent=1))
    return 0
