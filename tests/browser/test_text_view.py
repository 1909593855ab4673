"""What the Shakespeare view says in numbers and words, without a page or a server around it."""

from __future__ import annotations

import pytest

from playground.live.component import ASSETS
from tests.browser.waiting import visitor

NAMES = (ASSETS / "ORDER").read_text("utf-8").split()
PARTS = NAMES[: NAMES.index("session.js")]
CURVE = "{ rows: 3, array: new Float32Array([0, NaN, 4, 0, 0, 0.1, 3, 2.5, 0, 0, 1, 2, 33, 0, 0]) }"


@pytest.fixture(scope="module")
def tab(chrome):
    """A page with nothing but the scripts of the view."""
    context = visitor(chrome)
    page = context.new_page()
    page.add_script_tag(content="\n".join((ASSETS / name).read_text("utf-8") for name in PARTS))
    yield page
    context.close()


@pytest.mark.parametrize(("epoch", "loss"), [(0, 4), (0.05, 4), (0.1, 2.5), (0.99, 2.5), (1, 33), (7, 33)])
def test_a_sample_has_the_loss_that_was_measured_before_it(tab, epoch, loss):
    assert tab.evaluate(f"lossAt({{ curve: {CURVE} }}, {epoch})") == loss


def test_before_the_first_row_there_is_no_loss(tab):
    assert tab.evaluate("lossAt({ curve: { rows: 0, array: new Float32Array(5) } }, 0)") is None


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("null", "Press Play."),
        (1.5, "4.5 equally likely"),
        (4.3, "blindly, too."),
        (4.5, "worse than blind"),
        (2213, "worse than blind"),
    ],
)
def test_the_headline_says_how_unsure_the_net_is(tab, loss, said):
    assert said in tab.evaluate(f"Headline.prototype.compared({loss}, 2.38, 4.11)")


@pytest.mark.parametrize(
    ("places", "moved"),
    [([10, 100, 150, 180], [10, 100, 150, 180]), ([50, 52, 90, 95], [50, 62, 90, 102]), ([10, 195, 199, 200], [10, 176, 188, 200])],
)
def test_names_of_lines_stand_apart_and_within_the_chart(tab, places, moved):
    assert tab.evaluate(f"apart({places}, 12, 10, 200)") == moved


@pytest.mark.parametrize(("opened", "said"), [(True, "as saved"), (False, "untrained")])
def test_the_first_sample_of_an_opened_net_is_not_called_untrained(tab, opened, said):
    card = f"""() => {{
      const made = () => ({{ textContent: "" }});
      const card = {{ when: made(), loss: made(), words: made(), root: document.createElement("b") }};
      const store = {{ facts: {{ opened: {str(opened).lower()} }}, curve: {{ rows: 0 }} }};
      Timeline.prototype.fill.call({{ samples: {{ pinned: null }} }}, card, {{ step: 0, epoch: 0, text: "x" }}, store);
      return card.when.textContent;
    }}"""
    assert tab.evaluate(card) == said


@pytest.mark.parametrize(("letters", "blank"), [("ab", 7), ("abcdefgh", 1), ("abcdefghi", 0)])
def test_a_small_alphabet_has_no_nameless_bars(tab, letters, blank):
    shown = f"""() => {{
      const panel = new TypePanel({{ send() {{}}, wake() {{}} }}, new Wishes({{ send() {{}}, wake() {{}} }}));
      panel.show({{ array: Float32Array.from("{letters}", () => 1 / {len(letters)}) }}, charactersOf("{letters}"), null);
      return panel.root.querySelectorAll(".bar.blank").length;
    }}"""
    assert tab.evaluate(shown) == blank


def test_a_field_shows_the_number_that_is_taken(tab):
    typed = """() => {
      const wishes = new Wishes({ send() {}, wake() {} });
      const row = new WishRow({ wake() {} }, wishes);
      const input = row.fields.top_k;
      document.body.append(row.root);
      input.focus();
      input.value = "1.5";
      row.typed("top_k", input);
      return [wishes.now.top_k, input.value];
    }"""
    assert tab.evaluate(typed) == [2, "2"]


@pytest.mark.parametrize(
    ("loss", "said"), [("1.5", "1.50"), ("163.456", "163.46"), ("2213", "2210"), ("120267565170688", "1.20e14"), ("NaN", "–")]
)
def test_a_loss_that_has_blown_up_is_told_in_the_width_that_there_is(tab, loss, said):
    assert tab.evaluate(f"twoDigits({loss})") == said


def test_a_long_loss_does_not_run_into_the_words_beside_it(tab):
    style = (ASSETS / "text.css").read_text("utf-8")
    places = """(style) => {
      const sheet = el("style", { text: style });
      const headline = new Headline({ wakeLater() {} });
      headline.root.style.width = "350px";
      headline.now.style.fontFamily = "monospace";
      document.body.append(sheet, headline.root);
      setText(headline.now, twoDigits(120267565170688));
      const found = [headline.now.firstChild, headline.words].map((node) => {
        const range = document.createRange();
        range.selectNode(node);
        return range.getBoundingClientRect();
      });
      sheet.remove();
      headline.root.remove();
      return [found[0].right, found[1].left];
    }"""
    number_ends, words_begin = tab.evaluate(places, style)
    assert number_ends <= words_begin
