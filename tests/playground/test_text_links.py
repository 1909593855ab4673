"""Links to texts: short, exact there and back on every page; a text of one's own stays at home, and that is said."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engines.experiment import Experiment, RecurrentNet, TextData, digits_experiment, text_experiment
from engines.initializers import INITIALIZERS
from engines.nets.recurrent.cells import CELLS
from engines.optimizers import OPTIMIZERS
from engines.presets import PRESETS
from playground.formats import page_of_link
from playground.links import from_query, to_query, to_text
from playground.text_links import TEXT_KEYS, is_text, without_own_text
from tests.strategies import choices, numbers

DEFAULT = text_experiment()
PAGES = [DEFAULT, Experiment(), digits_experiment()]


@some.composite
def text_experiments(draw):
    data = TextData(
        source=draw(some.sampled_from(["auto", "sonnets", "shakespeare"])),
        validation=draw(numbers(0.02, 0.5)),
        sequence=draw(some.integers(8, 256)),
        carry=draw(some.booleans()),
    )
    net = RecurrentNet(
        cell=draw(some.sampled_from(list(CELLS))),
        layers=draw(some.integers(1, 3)),
        units=draw(some.integers(16, 512)),
        embedding=draw(some.sampled_from([0, 4, 7, 256])),
        dropout=draw(numbers(0, 0.9)),
        initializer=draw(choices(INITIALIZERS)),
    )
    changes = {
        "optimizer": draw(choices(OPTIMIZERS)).model_dump(),
        "clip_value": draw(numbers(0, 1000)),
        "clip_norm": draw(numbers(0, 1000)),
        "learning_rate": draw(numbers(1e-6, 100)),
        "batch_size": draw(some.integers(1, 4096)),
        "seed": draw(some.integers(0, 2**31 - 1)),
    }
    return text_experiment(**changes).model_copy(update={"data": data, "net": net})


def test_a_link_is_readable_and_holds_only_what_differs():
    experiment = DEFAULT.change(
        data__source="sonnets",
        data__sequence=50,
        data__carry=False,
        net__cell="gru",
        net__layers=2,
        net__embedding=0,
        clip_value=0.1,
    )
    assert to_text(experiment, DEFAULT) == "v=1&text=sonnets&seq=50&carry=no&cell=gru&layers=2&emb=0&clipval=0.1"
    assert to_query(DEFAULT, DEFAULT) == {}


@settings(max_examples=120, deadline=None, derandomize=True)
@given(text_experiments(), some.sampled_from(PAGES))
def test_every_experiment_comes_back_exactly(experiment, default):
    query = to_query(experiment, default)
    text = parse_qs(to_text(experiment, default), strict_parsing=bool(query))
    assert {k: v[0] for k, v in text.items()} == query
    assert from_query(query, default) == (experiment, [])
    assert "embed" not in "".join(name[:5] for name in query)  # Streamlit takes such keys for itself


@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.page == "shakespeare"])
@pytest.mark.parametrize("default", PAGES, ids=["shakespeare", "network", "digits"])
def test_presets_travel_and_are_known_on_every_page(key, default):
    experiment = PRESETS[key].experiment
    query = to_query(experiment, default)
    assert from_query(query, default) == (experiment, []) and page_of_link(query, default) == "shakespeare"


def test_an_own_text_stays_at_home():
    experiment = DEFAULT.change(data__source="own", data__own="verse " * 99, data__name="mine.txt", net__units=64)
    query = to_query(experiment, DEFAULT)
    assert query == {"v": "1", "text": "own", "units": "64"}
    found, problems = from_query(query, DEFAULT)
    assert found == DEFAULT.change(net__units=64) and problems == [without_own_text()]
    assert "does not carry a text of your own" in problems[0]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"text": "hamlet"}, "data: 'hamlet'"),
        ({"seq": "4"}, "sequence length"),
        ({"seq": "many"}, "sequence length"),
        ({"carry": "perhaps"}, "carried state"),
        ({"held": "0.9"}, "validation"),
        ({"cell": "qrnn"}, "cell"),
        ({"units": "99999"}, "units"),
        ({"layers": "4"}, "layers"),
        ({"emb": "2"}, "embedding"),
        ({"drop": "0.95"}, "dropout"),
        ({"clipval": "-1"}, "clipping by value"),
        ({"cell": "x" * 600}, "cell"),
    ],
)
def test_what_does_not_fit_is_named_and_the_rest_is_kept(query, named):
    found, problems = from_query({"rate": "0.02"} | query, DEFAULT)
    assert len(problems) == 1 and named in problems[0]
    assert found == DEFAULT.change(learning_rate=0.02)


def test_every_key_is_there_once_and_tells_the_page():
    names = [key.name for key in TEXT_KEYS]
    assert len(set(names)) == len(names)
    for name in names:
        assert is_text({name: "1"}) and page_of_link({name: "1"}, Experiment()) == "shakespeare"
