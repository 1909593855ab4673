"""Frames by polling, between the server's half and the browser's, without a page around them."""

from __future__ import annotations

import pytest

from engines.experiment import Experiment
from engines.live import LiveRun, Pool
from playground.live.component import ASSETS
from playground.live.polling import Poll
from tests.browser.waiting import eventually, visitor
from tests.engines.live.fake import FakeTrainer

PARTS = ("palette.js", "dom.js", "decode.js", "transport.js")
BEGIN = """
  window.commands = [];
  const ignored = () => {};
  window.transport = new Transport({ wake: ignored, changed: ignored, refused: ignored, gone: ignored });
  transport.polling = true;
  transport.open("token");
  transport.sendCommands = (some) => commands.push(...some);
"""
TAKE = """async ([frames, after]) => {
  transport.receiveBatch(frames, after);
  await transport.tail;
  return transport.take(0, false).map(({ header }) => [header.id, header.experiment !== undefined]);
}"""


@pytest.fixture
def tab(chrome):
    """A page with nothing but a transport that polls."""
    context = visitor(chrome)
    page = context.new_page()
    page.add_script_tag(content="\n".join((ASSETS / name).read_text("utf-8") for name in PARTS) + BEGIN)
    yield page
    context.close()


@pytest.fixture
def run():
    """A run that is ready and has nothing new to show until it is asked to."""
    pool = Pool(workers=1)
    made = LiveRun(Experiment(), trainer_factory=FakeTrainer, pool=pool)
    yield made
    pool.stop()


def batch(poll: Poll) -> tuple[list[str], int]:
    """What the page is sent next."""
    after = poll.sent
    return poll.frames(), after


def step(run: LiveRun) -> None:
    """One step, and the picture of it."""
    before = run.snapshot.id
    run.step()
    eventually(lambda: run.snapshot.id > before and run.status == "paused")


@pytest.mark.parametrize("missed", [0, 1])
def test_what_a_busy_page_passed_over_is_asked_for_and_sent_again(tab, run, missed):
    poll = Poll(run)
    eventually(lambda: run.status == "ready")
    for number in range(missed + 1):
        step(run)
        held = batch(poll)
        assert held[0]
        if number < missed:
            assert tab.evaluate(TAKE, held)[0][1]
    newest = poll.sent
    assert tab.evaluate(TAKE, batch(poll)) == []
    tab.wait_for_function("() => commands.length === 1 && commands[0].do === 'again'")
    step(run)
    assert tab.evaluate(TAKE, batch(poll)) == [], "what builds on the missing part is of no use"
    poll.start_over()
    (again,) = tab.evaluate(TAKE, batch(poll))
    assert again[0] > newest and again[1]
    step(run)
    assert all(not whole for _, whole in tab.evaluate(TAKE, batch(poll)))
    assert tab.evaluate("() => commands.length") == 1


def test_a_batch_that_is_shown_twice_counts_once(tab, run):
    poll = Poll(run)
    eventually(lambda: run.status == "ready")
    step(run)
    held = batch(poll)
    assert tab.evaluate(TAKE, held)
    assert tab.evaluate(TAKE, held) == []
    assert tab.evaluate("() => commands.length") == 0


def test_frames_do_not_pile_up_in_a_tab_that_draws_nothing(tab):
    """In the background minutes of them would fill the memory, and be played late. None is left out: each is new only."""
    piled = """async () => {
      const seen = [];
      transport.early = (frames) => seen.push(...frames.map(({ header }) => header.id));
      for (let id = 0; id < 500; id++) {
        const head = new TextEncoder().encode(JSON.stringify({ id }));
        const buffer = new Uint8Array(4 + head.length);
        new DataView(buffer.buffer).setUint32(0, head.length, true);
        buffer.set(head, 4);
        transport.receive(buffer.buffer, transport.generation);
      }
      await transport.tail;
      const waiting = transport.inbox.map(({ header }) => header.id);
      return [waiting.length, [...seen, ...waiting].every((id, i) => id === i) && seen.length + waiting.length];
    }"""
    waiting, all_of_them = tab.evaluate(piled)
    assert waiting <= 180 and all_of_them == 500
