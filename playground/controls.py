"""Widgets that edit an Experiment or a Race: one a field, drawn from the tables.

The run holds the newest description. Before each script run every widget is given the value that stands there, so links, presets,
remedies, edits on the diagram and the widgets themselves always agree; a widget's callback changes the run at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st
from pydantic import ValidationError

from engines.descriptions import Choice, describe_error
from engines.tables import Setting, Table
from playground.page import notices


class Editor:
    """Draws and reads the controls of one page's run.

    run: the session's LiveRun, or a Held. `prefix` keeps widget keys of pages apart. units: what settings are counted in
    here where that is not what their table says, such as {"epochs": "steps"}.
    Paths are names of fields and places in lists: 'net__layers', 'runners__2__learning_rate'.
    """

    def __init__(self, run: Any, prefix: str, units: Mapping[str, str] | None = None) -> None:
        self.run = run
        self.prefix = prefix
        self.units = units or {}

    @property
    def experiment(self) -> Any:
        """The experiment or race as it stands now."""
        return self.run.experiment

    def change(self, **changes: Any) -> None:
        """Change fields ('net__layers'); what does not fit is told and changes nothing."""
        try:
            changed = self.experiment.change(**changes)
        except ValueError as error:
            self.refuse(*(describe_error(error) if isinstance(error, ValidationError) else [str(error)]))
            return
        self.run.apply(changed)

    def refuse(self, *told: str) -> None:
        """Have `refusals` say why a change was not made."""
        st.session_state[f"{self.prefix}.refused"] = list(told)

    def refusals(self) -> None:
        """Say what the last change was refused for, if it was and nobody has said so yet: whoever stands nearest does."""
        place = notices()
        for problem in st.session_state.pop(f"{self.prefix}.refused", []):
            said = problem.removeprefix("net: ")
            place.warning(f"Not changed. {said[:1].upper()}{said[1:].rstrip('.')}.", icon=":material/block:")

    def tabs(self, drawn: Mapping[str, Callable[[Editor], None]]) -> None:
        """Tabs of controls. Only the open one is drawn: every widget on the page costs time at every change of any of them."""
        opened = st.tabs(list(drawn), key=f"{self.prefix}_tabs", on_change="rerun")
        for tab, draw in zip(opened, drawn.values(), strict=True):
            if tab.open:
                with tab:
                    told = st.container()
                    draw(self)
                    with told:
                        self.refusals()

    # ---- widgets

    def bind(self, path: str) -> dict[str, Any]:
        """Key and callback of a widget that edits `path`; its state is set to the value that stands there."""
        key = f"{self.prefix}.{path}"
        st.session_state[key] = self._value(path)

        def changed() -> None:
            chosen = st.session_state[key]
            if chosen is not None:
                self.change(**{path: chosen})

        return {"key": key, "on_change": changed}

    def _value(self, path: str) -> Any:
        value: Any = self.experiment
        for part in path.split("__"):
            if isinstance(value, tuple):
                value = value[int(part)]
            else:
                value = value[part] if isinstance(value, Mapping) else getattr(value, part)
        return value

    def _worded(self, text: str) -> str:
        """A table's text with this page's units in it."""
        for usual, here in self.units.items():
            text = text.replace(usual, here).replace(usual.capitalize(), here.capitalize())
        return text

    def choose(self, path: str, label: str, table: Table, keys: Sequence[str] | None = None, **options: Any) -> None:
        """A menu over the keys of a table (or some of them)."""
        keys = list(keys if keys is not None else table)
        value = self._value(path)
        st.selectbox(
            label,
            keys if value in keys else [value, *keys],
            format_func=lambda key: table[key].label if key in table else key,
            help=table[value].help if value in table else None,
            **self.bind(path),
            **options,
        )

    def number(
        self, path: str, label: str, low: float, high: float, step: float, help: str = "", format: str | None = None
    ) -> None:
        """A slider over an even range."""
        value = self._value(path)
        whole = isinstance(value, int)
        cast = int if whole else float
        st.slider(label, cast(low), cast(high), step=cast(step), help=help or None, format=format, **self.bind(path))

    def pick(self, path: str, label: str, values: Sequence[float], help: str = "", zero: str = "Off") -> None:
        """A slider over a list of values, for ranges that span powers of ten; the present value is always among them."""
        value = self._value(path)
        options = sorted({*values, value})
        st.select_slider(
            label, options, format_func=lambda v: zero if v == 0 and zero else f"{v:.3g}", help=help or None, **self.bind(path)
        )

    def entry(self, path: str, label: str, table: Table, on_switch: Callable[[str], dict[str, Any]] | None = None) -> None:
        """A menu over a table whose entries have settings, and those settings below it."""
        choice: Choice = self._value(path)
        key = f"{self.prefix}.{path}.key"
        st.session_state[key] = choice.key

        def switched() -> None:
            chosen = st.session_state[key]
            self.change(**{path: Choice(key=chosen)}, **(on_switch(chosen) if on_switch else {}))

        st.selectbox(
            label, list(table), format_func=lambda k: table[k].label, help=table[choice.key].help, key=key, on_change=switched
        )
        self.settings(path, table)

    def settings(self, path: str, table: Table) -> None:
        """The settings alone of the table's entry that is chosen at `path`."""
        choice: Choice = self._value(path)
        for setting in table[choice.key].settings:
            self._setting(path, setting, choice.settings[setting.key])

    def _setting(self, path: str, setting: Setting, value: float) -> None:
        label = f"{setting.label} ({self._worded(setting.unit)})" if setting.unit else setting.label
        told = self._worded(setting.help) or None
        bound = self.bind(f"{path}__settings__{setting.key}")
        if setting.log:
            options = sorted({*powers(setting.low, setting.high), value})
            st.select_slider(label, options, format_func=lambda v: f"{v:.3g}", help=told, **bound)
        else:
            step, shown = (1.0, "%.0f") if setting.whole else (0.01, "%.4g")
            st.number_input(label, float(setting.low), float(setting.high), step=step, format=shown, help=told, **bound)


def powers(low: float, high: float) -> list[float]:
    """1, 2, 5 times the powers of ten within [low, high], and both ends; 0 stands for a low end of 0."""
    first = math.floor(math.log10(low)) if low > 0 else math.floor(math.log10(high)) - 6
    steps = [digit * 10.0**power for power in range(first, math.ceil(math.log10(high)) + 1) for digit in (1, 2, 5)]
    return sorted({float(f"{v:.3g}") for v in steps if low <= v <= high} | {low, high})
