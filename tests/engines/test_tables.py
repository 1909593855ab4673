"""One contract over every table and every entry; a new entry is under it without a new test."""

import json
import string

import pytest

from engines.activations import ACTIVATIONS
from engines.cli import all_tables
from engines.data.distortions import DISTORTIONS
from engines.data.inputs import INPUTS
from engines.data.points import DATASETS
from engines.data.scalings import SCALINGS
from engines.descriptions import Choice
from engines.initializers import INITIALIZERS
from engines.losses import CLASS_LOSSES, LOSSES
from engines.nets.catalogue import NETS
from engines.nets.layers import LAYERS
from engines.nets.sandbox import KERNELS, PATTERNS
from engines.optimizers import OPTIMIZERS
from engines.presets import PRESETS
from engines.regularizers import PENALTIES
from engines.reproduce import PUBLISHED
from engines.rivals import RIVALS
from engines.schedules import SCHEDULES
from engines.surfaces import SURFACES
from engines.tables import Entry, Setting, Table
from engines.trace.examples import EXAMPLES
from engines.trace.operations import RULES
from engines.trace.quizzes import QUIZZES
from engines.trials.axes import AXES

TABLES = [ACTIVATIONS, INPUTS, DATASETS, INITIALIZERS, LOSSES, CLASS_LOSSES, OPTIMIZERS, PENALTIES, SCHEDULES, SURFACES, RULES,
          EXAMPLES, QUIZZES, PRESETS, DISTORTIONS, SCALINGS, LAYERS, RIVALS, PUBLISHED, NETS, KERNELS,
          PATTERNS, AXES]  # fmt: skip
ENTRIES = [pytest.param(table, entry, id=f"{table.name}-{key}") for table in TABLES for key, entry in table.items()]
WITH_FORMULA = {
    "activations",
    "initializers",
    "losses",
    "class_losses",
    "optimizers",
    "penalties",
    "schedules",
    "surfaces",
    "rules",
    "distortions",
    "scalings",
    "layers",
}
URL_SAFE = set(string.ascii_lowercase + string.digits + "_-")


@pytest.mark.parametrize(("table", "entry"), ENTRIES)
def test_an_entry_says_what_it_is(table, entry):
    assert set(entry.key) <= URL_SAFE and entry.key[0].isalpha() and len(entry.key) <= 40
    assert entry.label and entry.label.strip() == entry.label
    assert entry.source
    assert entry.help.endswith((".", "?")) and len(entry.help) < 200
    assert entry.formula or table.name not in WITH_FORMULA


@pytest.mark.parametrize(("table", "entry"), ENTRIES)
def test_settings_accept_their_default_and_bounds_and_nothing_beyond(table, entry):
    for setting in entry.settings:
        assert setting.label and setting.help and setting.low < setting.high
        assert [setting.check(v) for v in (setting.low, setting.default, setting.high)]
        for wrong in (setting.low - 1, setting.high + 1, float("nan"), float("inf")):
            with pytest.raises(ValueError, match=setting.key):
                setting.check(wrong)
        assert not setting.log or setting.high > 0
    if entry.settings:
        assert Choice(key=entry.key).on(table).settings == entry.defaults()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_labels_are_unique_and_positions_follow_the_order(table):
    assert len(set(table.labels().values())) == len(table)
    assert [table.index(key) for key in table] == list(range(len(table)))


def test_a_surrogate_exists():
    assert all(entry.surrogate is None or entry.surrogate in ACTIVATIONS for entry in ACTIVATIONS.values())


def test_outputs_of_costs_exist():
    assert all(entry.output in ACTIVATIONS for entry in LOSSES.values())


def test_all_tables_are_described_as_json():
    described = json.loads(json.dumps(all_tables(), allow_nan=False))
    assert {table.name: [entry["key"] for entry in described[table.name]] for table in TABLES} == {t.name: list(t) for t in TABLES}


def test_a_table_refuses_twins():
    entry = Entry(key="a", label="A", help="h.", source="s")
    with pytest.raises(ValueError, match="unique"):
        Table("twins", [entry, entry])
    with pytest.raises(ValueError, match="unique"):
        Table("twins", [entry, Entry(key="b", label="A", help="h.", source="s")])


def test_a_whole_setting_refuses_a_fraction():
    setting = Setting(key="n", label="N", default=1, low=0, high=5, whole=True)
    with pytest.raises(ValueError, match="whole"):
        setting.check(1.5)
