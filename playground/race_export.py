"""A race as a program of its own: a script or a notebook that needs only JAX, optax and NumPy.

The text lies in `templates/race.txt`, in blocks; what the race does not use is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from engines.data.sources import DataProblem
from engines.descent.race import Race, Runner
from engines.optimizers import OPTIMIZERS
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES, Surface
from playground.programs import code_of, filler, joined, literal, notebook
from playground.source_text import standalone

_fill = filler("race")


def to_script(race: Race) -> str:
    """A Python program that repeats the race and prints where every runner ends.

    Where the race cannot be run (a formula with a fault, a slice that is gone) the program says just that.
    """
    from engines.descent.terrain import terrain_of

    try:
        terrain = terrain_of(race)
    except (ValueError, DataProblem) as problem:
        return f"# %%\nraise SystemExit({str(problem)!r})\n"
    return joined(_blocks(race, terrain))


def to_notebook(race: Race) -> str:
    """The script as a Jupyter notebook (nbformat 4.5): JSON text."""
    return notebook(to_script(race))


def _blocks(race: Race, terrain: Any) -> Iterator[str]:
    """The program, block by block."""
    glance = race.glance if terrain.glance else 0
    random = bool(race.noise or glance)
    yield _start(race, terrain, random)
    yield _surface(terrain, glance)
    yield _slope(terrain)
    if glance:
        yield _fill("glance", glance=glance)
    yield _runners(race, random)
    yield _fill(
        "race",
        exact="exact, " if random else "",
        exact_item=", exact" if random else "",
        noise=_random_numbers(race.noise, glance),
        gradient=_gradient(race.noise, glance),
        # where there is a minimum to reach, whoever is thrown off has not left but crashed
        counts="left_map(path) >= 0" + (" and step < 0" if any(p.kind == "minimum" for p in terrain.stationary) else ""),
    )


def _start(race: Race, terrain: Any, random: bool) -> str:
    measured = any(value.ndim for value in terrain.params.values())
    typing = ["from collections.abc import Mapping", "from typing import Any", ""] if measured else []
    imports = ["import jax", "import jax.numpy as jnp", "import numpy as np", "import optax"]
    constants = [f"SEED = {race.seed}"] * random + [f"NOISE = {literal(race.noise)}  # standard deviation"] * bool(race.noise)
    return _fill(
        "start",
        title=SURFACES[race.surface.key].label,
        same="surface, runners, starts and random numbers" if random else "surface, runners and starts",
        imports="\n".join([*typing, *imports]),
        steps=race.steps,
        starts=_places(race.starts),
        constants="".join(f"{line}\n" for line in constants),
    )


def _places(places: Sequence[tuple[float, float]]) -> str:
    """What np.array takes for float32 points, four a line where there are many."""
    texts = [f"[{literal(x)}, {literal(y)}]" for x, y in places]
    if len(texts) <= 4:
        return f"[{', '.join(texts)}], np.float32"
    lines = [f"        {', '.join(texts[i : i + 4])}," for i in range(0, len(texts), 4)]
    return "\n".join(["", "    [", *lines, "    ],", "    np.float32,", ""])


def _surface(terrain: Any, glance: int) -> str:
    entry = _entry(terrain)
    told = {"label": entry.label, "help": "The formula you typed." if entry.typed else entry.help}
    tables = {name: value for name, value in terrain.params.items() if value.ndim and (glance or name != "example")}
    if not tables:
        return _fill("surface", **told, code=terrain.code)
    source = standalone(terrain.glance if glance else terrain.height)
    return _fill(
        "surface_measured",
        **told,
        source=re.sub(r"\bheight\(", "surface(", source),
        measured="\n".join(f'    "{name}": {_array(value)},' for name, value in tables.items()),
    )


def _entry(terrain: Any) -> Surface:
    """The entry of the table that a terrain comes from; keys of terrains begin with it, those of slices with 'slice'."""
    key = terrain.key.partition(":")[0]
    return SURFACES[key] if key in SURFACES else next(entry for entry in SURFACES.values() if entry.sliced)


def _array(values: Any) -> str:
    """A float32 or int32 array, exactly, as code: on one line where it is short."""
    texts = [f"{number:.9g}" for number in values.ravel().tolist()]
    rest = f"], jnp.{values.dtype}" + (f").reshape{values.shape}" if values.ndim > 1 else ")")
    if len(", ".join(texts)) < 100:
        return f"jnp.array([{', '.join(texts)}{rest}"
    lines = [f"        {', '.join(texts[i : i + 12])}," for i in range(0, len(texts), 12)]
    return "\n".join(["jnp.array([", *lines, f"    {rest}"])


def _slope(terrain: Any) -> str:
    from engines.descent.program import world_of

    world, shown = (f"({', '.join(map(literal, edges))})" for edges in (world_of(terrain.domain), terrain.domain))
    return _fill("slope", world=world, map=shown)


# ---- runners


def _runners(race: Race, random: bool) -> str:
    lines = "\n".join(_runner(number, runner, random) for number, runner in enumerate(race.runners, 1))
    rates = [_rate(number, runner) for number, runner in enumerate(race.runners, 1) if runner.schedule.key != "constant"]
    return _fill(
        "runners",
        exact_note="; the last word says whether it sees the exact gradient" if random else "",
        helpers="".join([_RAMP] * ("ramp(" in lines) + rates),
        runners=lines,
    )


def _runner(number: int, runner: Runner, random: bool) -> str:
    entry = OPTIMIZERS[runner.optimizer.key]
    rate = literal(runner.learning_rate) if runner.schedule.key == "constant" else f"rate_{number}"
    code = re.sub(r"\blearning_rate\b", rate, code_of(OPTIMIZERS, runner.optimizer))
    return f'    ("{number} {entry.label}", {code}{f", {entry.full_batch}" if random else ""}),'


def _rate(number: int, runner: Runner) -> str:
    """The scheduled rate of a runner; what schedules call an epoch is a step here."""
    factor, help = code_of(SCHEDULES, runner.schedule), SCHEDULES[runner.schedule.key].help
    code = f"return {literal(runner.learning_rate)} * ({factor})".replace("epoch", "step")
    return f'def rate_{number}(step):\n    """{help.replace("epoch", "step")}"""\n    {code}\n\n\n'


_RAMP = '''def ramp(start, full, steps):
    """Momentum that rises from `start` and is `full` after so many steps (0: at once)."""
    return lambda step: start + (full - start) * (jnp.minimum(step / steps, 1.0) if steps else 1.0)


'''


# ---- randomness


def _random_numbers(noise: float, glance: int) -> str:
    """The lines of `run` that draw what all runners from one start meet."""
    lines = ["    key = jax.random.fold_in(jax.random.key(SEED), start)"] * bool(noise or glance)
    lines += ["    noise = NOISE * jax.random.normal(key, (STEPS, 2))"] * bool(noise)
    return "".join(f"{line}\n" for line in lines)


def _gradient(noise: float, glance: int) -> str:
    seen = "short_slope(place, jax.random.fold_in(key, t))" if glance else "slope(place)"
    seen += " + noise[t]" if noise else ""
    return f"slope(place) if exact else {seen}" if noise or glance else seen
