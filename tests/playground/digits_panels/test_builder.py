"""The Net tab of the Digits page through AppTest: kinds of net, known nets, and a stack built layer by layer."""

from __future__ import annotations

from functools import partial

import pytest

from engines.activations import ACTIVATIONS
from engines.data.scalings import SCALINGS
from engines.experiment import Experiment, StackLayer, digits_experiment
from engines.live import the_pool
from engines.nets.catalogue import NETS
from engines.nets.layers import LAYERS
from engines.nets.stack import as_stack, rows
from engines.tables import Setting
from playground import digits_panels
from playground.digits_panels import PANELS, Panel, builder, stack_rows
from playground.live import component
from playground.stack_links import write_stack
from tests.engines.live.conftest import eventually
from tests.engines.live.fake import FakeTrainer
from tests.playground.pages.opening import open_page

MODERN, LENET = NETS["lenet5-modern"].net, NETS["lenet5"].net
STACKS = [key for key, entry in NETS.items() if entry.net.kind == "stack"]


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    """The built-in digits, trainers that need no JAX, no panel; no run outlives its test."""
    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    monkeypatch.setenv("PLAYGROUND_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(component, "LiveRun", partial(component.LiveRun, trainer_factory=FakeTrainer))
    monkeypatch.setattr(digits_panels, "panels", lambda: ())
    yield
    the_pool().stop()


def experiment_of(app) -> Experiment:
    return app.session_state["live.run.digits"].experiment


def net_of(app):
    return experiment_of(app).net


def opened(net=MODERN, row=None):
    """The page on a stack, with one of its rows open."""
    made = {"net": write_stack(net.layers), "border": str(net.border), "scaling": net.scaling, "head": net.head}
    app = open_page("digits", **made)
    assert net_of(app).layers == net.layers
    return app if row is None else open_row(app, row)


def open_row(app, row):
    app.session_state["digits.stack_open"] = row
    app.run()
    assert not app.exception
    return app


def keys(app) -> list[str]:
    return [layer.key for layer in net_of(app).layers]


def labels(app) -> list[str]:
    return [e.label.replace("\xa0", " ") for e in app.expander if (e.label or "").startswith("**")]


def said(app) -> str:
    return " ".join(str(e.value) for e in [*app.caption, *app.warning]).replace("\xa0", " ")


# ---- kinds of net


def test_switching_keeps_the_other_net():
    app = open_page("digits", net="64tanh-32tanh")
    dense = net_of(app)
    kind = lambda: app.segmented_control(key="digits.net_kind")  # noqa: E731
    kind().set_value("stack").run()
    assert net_of(app) == MODERN and kind().value == "stack"
    app = open_row(app, 2)
    app.number_input(key="digits.stack2.filters").set_value(20).run()
    changed = net_of(app)
    kind().set_value("dense").run()
    assert net_of(app) == dense and kind().value == "dense"
    kind().set_value("stack").run()
    assert not app.exception
    assert net_of(app) == changed


def test_a_preset_does_not_lose_the_net_that_was_there():
    app = open_page("digits", net="64tanh-32tanh")
    app.selectbox(key="digits.preset").set_value("digits-lenet1").run()
    assert net_of(app) == NETS["lenet1"].net
    app.segmented_control(key="digits.net_kind").set_value("dense").run()
    assert [layer.units for layer in net_of(app).layers] == [64, 32] and not app.exception


def test_from_a_stack_the_usual_dense_net_comes_where_there_was_none():
    app = opened()
    app.segmented_control(key="digits.net_kind").set_value("dense").run()
    assert net_of(app) == digits_experiment().net


def test_totals_stand_beside_those_of_the_dense_net():
    app = open_page("digits", net="64tanh")
    app.segmented_control(key="digits.net_kind").set_value("stack").run()
    assert "**61,706 parameters**, 416,520 multiplications a digit. Your dense net has 50,890 and needs 50,816." in said(app)


def test_each_known_net_can_be_chosen_and_only_the_net_changes():
    app = open_page("digits", rate="0.007")
    for key in [*NETS, "linear"]:
        app.segmented_control(key="digits.net_kind").set_value(NETS[key].net.kind).run()
        app.selectbox(key="digits.known_net").set_value(key).run()
        assert not app.exception
        assert net_of(app) == NETS[key].net and app.selectbox(key="digits.known_net").value == key
        assert experiment_of(app).learning_rate == 0.007
        assert NETS[key].help in said(app)


def test_a_choice_from_the_menu_of_the_other_kind_that_comes_late_changes_nothing():
    app = opened()
    menu = app.selectbox(key="digits.known_net")
    late = next(entry.label for entry in NETS.values() if entry.net.kind == "dense")
    menu.options = [late]
    menu.set_value(late).run()
    assert not app.exception
    assert net_of(app) == MODERN and app.selectbox(key="digits.known_net").value == "lenet5-modern"


@pytest.mark.parametrize("start", ["dense-1000", "lenet1"])
def test_a_known_net_starts_at_its_beginning_and_says_so(start):
    app = open_page("digits")
    run = app.session_state["live.run.digits"]
    run.watch(lambda: None)
    for key in (start, "alexnet-small"):
        trained_a_little(run)
        app.run()
        if net_of(app).kind != NETS[key].net.kind:
            app.segmented_control(key="digits.net_kind").set_value("stack").run()
            eventually(lambda: "the net before is over" in (run.snapshot.run.message or ""))
            trained_a_little(run)
            app.run()
        app.selectbox(key="digits.known_net").set_value(key).run()
        eventually(lambda: run.snapshot.experiment.net == NETS[key].net and run.status == "ready")  # noqa: B023
        assert run.snapshot.run.step == 0 and not len(run.snapshot.curve.table()) and run.snapshot.metrics is None
        eventually(lambda: (run.snapshot.run.message or "").startswith(f"{NETS[key].label}: not trained yet."))  # noqa: B023


def trained_a_little(run):
    eventually(lambda: run.status in ("ready", "paused"))
    before = run.snapshot.run.step
    run.step()
    eventually(lambda: run.snapshot.run.step > before and run.status == "paused")


def test_a_dense_net_can_become_its_own_stack():
    app = open_page("digits", net="64tanh.5-32tanh")
    dense = net_of(app)
    app.segmented_control(key="digits.net_kind").set_value("stack").run()
    app.selectbox(key="digits.known_net").set_value("layer-by-layer").run()
    assert net_of(app) == as_stack(dense)
    widest = digits_experiment(net__layers=[{"units": 1024}] * 5).net
    assert len(builder._as_stack(widest).layers) == 5


# ---- rows


@pytest.mark.parametrize("key", STACKS)
def test_every_row_says_what_comes_out_and_what_it_costs(key):
    net = NETS[key].net
    found, shown = rows(net), labels(opened(net))
    assert len(shown) == len(net.layers) + 2
    side = 28 + 2 * net.border
    assert shown[0].startswith("**Input**") and f"1 × {side} × {side}" in shown[0]
    for row, label in zip(found, shown[1:], strict=True):
        assert f"→ {' × '.join(f'{n:,}' for n in row.shape)}" in label
        assert (f"{row.parameters:,} weights" in label) == bool(row.parameters)
        assert (f"{row.multiplies:,} multiplications" in label) == bool(row.multiplies)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        ({"settings": {"filters": 6, "padding": 2}, "activation": "relu"}, "6 filters, 5 × 5, padding 2, ReLU"),
        ({"settings": {"filters": 16, "connections": 1}}, "16 filters, 5 × 5, LeNet-5's table"),
        ({"key": "pool_max"}, "2 × 2"),
        ({"key": "pool_max", "settings": {"size": 3}}, "3 × 3, stride 2"),
        ({"key": "dense", "settings": {"units": 84}, "activation": "scaled_tanh"}, "84 units, Scaled tanh"),
        ({"key": "dropout", "settings": {"rate": 0.3}}, "rate 0.3"),
        ({"key": "flatten"}, ""),
    ],
)
def test_a_layer_in_a_few_words(layer, text):
    assert stack_rows.layer_text(StackLayer.model_validate(layer)).replace("\xa0", " ") == text


def test_one_row_is_open_at_a_time():
    app = opened(row=0)
    assert app.number_input(key="digits.stack0.filters").value == 6
    assert "Each unit looks at 5 × 5 pixels" in said(app)
    app = open_row(app, 2)
    assert not [w for w in app.number_input if w.key == "digits.stack0.filters"]
    assert "Each unit looks at 14 × 14 pixels" in said(app)


@pytest.mark.parametrize("key", LAYERS)
def test_every_setting_of_every_kind_of_layer_has_a_widget_that_sets_it(key):
    kind = LAYERS[key]
    net = digits_experiment(net={"kind": "stack", "layers": [{"key": "conv", "settings": {"filters": 6}}, {"key": key}]}).net
    app = opened(net, row=1)
    for setting in kind.settings:
        name, place = f"digits.stack1.{setting.key}", next(i for i, s in enumerate(kind.settings) if s is setting)
        if stack_rows.is_switch(setting):
            app.number_input(key="digits.stack1.filters").set_value(16).run()
            app.toggle(key=name).set_value(True).run()
            assert net_of(app).layers[1].settings[setting.key] == 1
        else:
            value = setting.low if place else setting.high if not setting.whole else min(setting.high, 7)
            app.number_input(key=name).set_value(value if not setting.whole else int(value)).run()
            assert net_of(app).layers[1].settings[setting.key] == value
        assert not app.exception
    if kind.activated:
        app.selectbox(key="digits.stack1.activation").set_value("tanh").run()
        assert net_of(app).layers[1].activation == "tanh"


def test_every_activation_can_be_chosen():
    app = opened(row=0)
    menu = app.selectbox(key="digits.stack0.activation")
    assert menu.options == [entry.label for entry in ACTIVATIONS.values()]
    for key in ("step", "linear", "gelu"):
        app.selectbox(key="digits.stack0.activation").set_value(key).run()
        assert not app.exception and net_of(app).layers[0].activation == key


def test_input_and_output_have_rows_too():
    app = opened(row=-1)
    app.number_input(key="digits.net__border").set_value(0).run()
    for key in SCALINGS:
        app.selectbox(key="digits.net__scaling").set_value(key).run()
        assert net_of(app).scaling == key
    assert net_of(app).border == 0 and "1 × 28 × 28" in labels(app)[0]
    app = open_row(app, 6)
    app.selectbox(key="digits.net__head").set_value("rbf").run()
    assert net_of(app).head == "rbf"
    app.button(key="digits.rbf_cost").click().run()
    assert experiment_of(app).cost == "map_criterion" and not app.exception
    assert not [b for b in app.button if b.key == "digits.rbf_cost"]


# ---- what a visitor builds


def test_a_stack_is_built_from_nothing():
    app = opened(digits_experiment(net={"kind": "stack"}).net, row=-1)
    for place, label in enumerate(["Convolution", "Max pooling", "Flatten", "Dense", "Dropout"]):
        app.menu_button(key=f"digits.stack{place}.add").click(label).run()
        assert not app.exception
    assert keys(app) == ["conv", "pool_max", "flatten", "dense", "dropout"]
    assert net_of(app).layers[0].activation == "relu" and app.session_state["digits.stack_open"] == 4


def test_layers_move_double_and_go():
    app = opened(row=0)
    app.button(key="digits.stack0.down").click().run()
    assert keys(app)[:3] == ["pool_max", "conv", "conv"] and app.session_state["digits.stack_open"] == 1
    app.button(key="digits.stack1.up").click().run()
    app.button(key="digits.stack0.copy").click().run()
    assert keys(app)[:3] == ["conv", "conv", "pool_max"] and app.session_state["digits.stack_open"] == 1
    app.button(key="digits.stack1.remove").click().run()
    assert net_of(app) == MODERN and app.session_state["digits.stack_open"] is None


def test_what_cannot_be_done_is_off_and_says_why():
    app = opened(row=3)
    down = app.button(key="digits.stack3.down")
    assert down.disabled and "a row of 120 numbers reaches it" in down.help
    app = open_row(app, 4)
    menu = app.menu_button(key="digits.stack5.add")
    assert "Convolution" not in menu.options and "Dense" in menu.options
    assert "Convolution does not fit here: it slides over maps, but a row of 120 numbers reaches it" in said(app)
    app = open_row(app, 2)
    assert not app.toggle(key="digits.stack2.connections").disabled


def test_an_impossible_number_is_refused_and_nothing_is_lost():
    app = opened(row=1)
    size = app.number_input(key="digits.stack1.size")
    assert "Fits here" not in size.help
    app.number_input(key="digits.stack1.stride").set_value(8).run()
    assert not app.exception
    assert "Not changed. Layer 3, conv 2: its window of 5 x 5 does not fit into maps of 4 x 4" in said(app)
    assert net_of(app) == MODERN and app.number_input(key="digits.stack1.stride").value == 2
    assert "Fits here: 1 to 5." in app.number_input(key="digits.stack1.stride").help


def test_a_head_that_does_not_fit_is_explained_before():
    app = opened(digits_experiment(net={"kind": "stack"}).net, row=0)
    assert "Ten drawn digits cannot stand here: the radial basis output compares 84 values" in said(app)
    app.selectbox(key="digits.net__head").set_value("rbf").run()
    assert "Not changed. The radial basis output" in said(app) and net_of(app).head == "dense"


def test_lenet5_s_table_only_where_its_maps_are():
    app = opened(LENET, row=2)
    assert app.toggle(key="digits.stack2.connections").value is True
    app = open_row(app, 0)
    table = app.toggle(key="digits.stack0.connections")
    assert table.disabled and "only be off" in table.help


@pytest.mark.parametrize(
    ("fits", "text"),
    [
        (None, ""),
        ([1, 2, 3], "Fits here: 1 to 3."),
        ([1, 2], "Fits here: 1, 2."),
        ([1, 3, 4], "Fits here: 1, 3, 4."),
        ([1, 2, 3, 4, 5], ""),
    ],
)
def test_what_fits_in_words(fits, text):
    setting = Setting(key="size", label="Window", default=1, low=1, high=5, whole=True)
    assert stack_rows.fits_text(fits, setting) == text


# ---- panels


def test_only_the_open_panel_is_imported_and_drawn(monkeypatch):
    drawn = []

    class Module:
        def __init__(self, key):
            self.draw = lambda run: drawn.append((key, run.experiment.net.kind))

    monkeypatch.setattr(digits_panels, "panels", lambda: (Panel("one", "One"), Panel("two", "Two"), Panel("three", "Three")))
    monkeypatch.setattr(digits_panels, "import_module", lambda name: Module(name.rpartition(".")[2]))
    app = open_page("digits")
    assert {key for key, _ in drawn} == {"one"} and not app.exception
    drawn.clear()
    app.session_state["digits_panels"] = "Two"
    app.run()
    assert drawn == [("two", "dense")] and {"One", "Two", "Three"} <= {tab.label for tab in app.tabs}


def test_panels_have_titles_of_their_own():
    assert len({panel.title for panel in PANELS}) == len({panel.key for panel in PANELS}) == len(PANELS)
    assert set(digits_panels.panels()) <= set(PANELS)
