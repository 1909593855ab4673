"""From plain data of any origin to a Race: whatever fits is kept, the rest is replaced and named.

Only the smallest field that is wrong is replaced: the rate of one runner, one of its settings.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from engines.descent.race import MAX_RUNNERS, Race, Runner, default_runners, moved
from engines.mending import Mender
from engines.optimizers import OPTIMIZERS
from engines.problems import Path, Problem, listed, sentence, short
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES


def repair_race(raw: Any, default: Race) -> tuple[Race, list[str]]:
    """The race that `raw` (plain data) describes; a field that is missing or does not fit takes the default's value.

    Returns it with one sentence a replaced field, at most twelve and a count of the rest. Never raises: the worst input
    gives `default` and a sentence. On another surface than the default's, that surface's own start and rates are the default.
    """
    race, problems = find_race_problems(raw, default)
    return race, listed(problems)


def find_race_problems(raw: Any, default: Race) -> tuple[Race, list[Problem]]:
    """As `repair_race`, with the problems as they are: path, text, remedy."""
    work = _Repair()
    raw = work.opened(raw)
    if raw is None:
        return default, work.problems
    try:
        return work.race(raw, default), work.problems
    except ValidationError as error:
        work.note(work.whole, sentence(error.errors()[0]), "using the default")
        return default, work.problems


class _Repair(Mender):
    whole = ("race",)

    def race(self, raw: dict[str, Any], default: Race) -> Race:
        self.unknown(raw, Race, ())
        self.version(raw)
        if raw.get("kind", "race") != "race":
            self.note(("kind",), f"{short(raw['kind'])} is not 'race'", "reading what fits")
        surface = self.choice(raw.get("surface"), SURFACES, default.surface, ("surface",))
        base = moved(default, surface.key)
        runners = self.runners(raw["runners"], base) if "runners" in raw else base.runners
        names = [name for name in Race.model_fields if name not in ("kind", "version", "surface", "runners")]
        return Race(surface=surface, runners=runners, **{n: self.scalar(Race, n, raw, getattr(base, n), ()) for n in names})

    def runners(self, raw: Any, base: Race) -> tuple[Runner, ...]:
        if not isinstance(raw, list):
            self.note(("runners",), f"{short(raw)} should be a list of runners", "using the usual ones")
            return base.runners
        if len(raw) > MAX_RUNNERS:
            self.note(("runners",), f"there are more than {MAX_RUNNERS}", f"using the first {MAX_RUNNERS}")
        kept = tuple(runner for i, item in enumerate(raw[:MAX_RUNNERS]) if (runner := self.runner(item, base, i)))
        if not kept:
            self.note(("runners",), "there has to be at least one", "using the usual ones")
        return kept or base.runners

    def runner(self, raw: Any, base: Race, index: int) -> Runner | None:
        path: Path = ("runners", index)
        if not isinstance(raw, dict):
            self.note(path, f"{short(raw)} should be an object with named fields", "this runner is left out")
            return None
        self.unknown(raw, Runner, path)
        optimizer = self.choice(raw.get("optimizer"), OPTIMIZERS, Runner().optimizer, (*path, "optimizer"))
        usual = default_runners(base.surface.key, [optimizer.key])[0]
        return Runner(
            optimizer=optimizer,
            learning_rate=self.scalar(Runner, "learning_rate", raw, usual.learning_rate, path),
            schedule=self.choice(raw.get("schedule"), SCHEDULES, usual.schedule, (*path, "schedule")),
        )
