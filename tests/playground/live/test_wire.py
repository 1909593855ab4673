"""The WebSocket: who may come in, what is sent when, and what is thrown away."""

import asyncio
import json
import threading
import time
import urllib.request

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from playground.live import wire
from playground.live.frames import decode
from tests.engines.live.conftest import eventually

ACK = '{"do":"ack"}'


def header(socket, timeout: float = 20.0) -> dict:
    return decode(socket.recv(timeout))[0]


def until(socket, condition, seconds: float = 30.0) -> dict:
    """The first header that meets `condition`; every frame is acknowledged."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = header(socket)
        socket.send(ACK)
        if condition(said):
            return said
    raise AssertionError("no such frame")


def received(socket, seconds: float) -> int:
    """Frames that arrive within `seconds`, unacknowledged."""
    end, count = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        try:
            socket.recv(left)
            count += 1
        except TimeoutError:
            break
    return count


def test_first_frame_is_complete_then_play_and_pause(dial, run) -> None:
    with dial(run.token) as socket:
        first = until(socket, lambda said: said["run"]["status"] == "ready")
        assert first["id"] >= 1
        socket.send('{"do":"play"}')
        until(socket, lambda said: said["run"]["status"] == "playing" and said["run"]["step"] > 10)
        socket.send('{"do":"rate","value":0.5}')
        changed = until(socket, lambda said: said["revision"] == 2)
        assert changed["experiment"]["learning_rate"] == 0.5
        socket.send('{"do":"pause"}')
        until(socket, lambda said: said["run"]["status"] == "paused")
        assert received(socket, 0.2) == 0


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1.evil.example", "null"])
def test_other_origins_are_refused(dial, run, origin: str) -> None:
    with pytest.raises(InvalidStatus), dial(run.token, origin=origin):
        pass
    assert run.viewers == 0


def test_own_origin_is_welcome(dial, run, server) -> None:
    with dial(run.token, origin=f"http://{server}") as socket:
        assert header(socket)["id"] >= 0


@pytest.mark.parametrize("token", ["x", "A" * 22, "%00"])
def test_unknown_tokens_are_turned_away(dial, token: str) -> None:
    with dial(token) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(3)
    assert closed.value.rcvd.code == wire.NO_SUCH_RUN


def test_twelve_frames_without_an_acknowledgement_and_no_more(dial, run) -> None:
    with dial(run.token) as socket:
        run.play()
        assert received(socket, 0.8) == wire.CREDITS
        for _ in range(3):
            socket.send(ACK)
        assert received(socket, 0.5) == 3
        for _ in range(100):
            socket.send(ACK)
        assert received(socket, 0.6) <= 2 * wire.CREDITS


def test_garbage_is_answered_and_survived(dial, run) -> None:
    with dial(run.token) as socket:
        for text in ("", "a", "{}", '{"do":"fly"}', '{"do":"rate","value":NaN}', "[" * 5000):
            socket.send(text)
        said = until(socket, lambda said: said["run"]["message"])
        assert "did not understand" in said["run"]["message"]
        socket.send('{"do":"set","changes":{"learning_rate":1e9}}')
        until(socket, lambda said: "above the largest" in (said["run"]["message"] or ""))
        assert run.revision == 1


def test_bytes_end_the_connection_quietly(dial, run) -> None:
    with dial(run.token) as socket:
        until(socket, lambda said: said["run"]["status"] == "ready")
        socket.send(b"\x00\x01")
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(3)
    eventually(lambda: run.viewers == 0)


def test_a_flood_is_cut_off(dial, run) -> None:
    with dial(run.token) as socket, pytest.raises(ConnectionClosed):
        for _ in range(20):
            for _ in range(100):
                socket.send('{"do":"look","hover":[1,0]}')
            received(socket, 0.01)
    eventually(lambda: run.viewers == 0)


def test_a_gone_browser_is_noticed_and_its_run_goes(dial, run) -> None:
    with dial(run.token) as socket:
        run.play()
        until(socket, lambda said: said["run"]["status"] == "playing")
        assert run.viewers == 1
    eventually(lambda: run.viewers == 0)
    eventually(lambda: run.closed, 4)
    with dial(run.token) as socket, pytest.raises(ConnectionClosed):
        socket.recv(3)


def test_a_closed_run_closes_its_connections(dial, run) -> None:
    with dial(run.token) as socket:
        until(socket, lambda said: said["run"]["status"] == "ready")
        run.close()
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                socket.recv(3)
    assert closed.value.rcvd.code == wire.NO_SUCH_RUN


def test_two_viewers_of_one_run_both_get_everything(dial, run) -> None:
    with dial(run.token) as one, dial(run.token) as two:
        run.play()
        for socket in (one, two):
            said = until(socket, lambda said: said["run"]["step"] > 20)
            assert said["run"]["status"] == "playing"


def test_frames_flow_at_sixty_a_second(dial, run) -> None:
    with dial(run.token) as socket:
        run.play()
        until(socket, lambda said: said["run"]["step"] > 0)
        began, count = time.monotonic(), 0
        while time.monotonic() - began < 1.0:
            header(socket)
            socket.send(ACK)
            count += 1
        assert 35 <= count <= 66


def test_the_status_route(dial, run, server) -> None:
    with dial(run.token) as socket:
        until(socket, lambda said: said["run"]["status"] == "ready")
        with urllib.request.urlopen(f"http://{server}/livez", timeout=5) as answer:
            said = json.load(answer)
    assert said["open"] == 1
    assert said["runs"] >= 1
    assert said["frames"] >= 1
    assert said["rss_bytes"] > 10_000_000


def test_routes_carry_the_base_path(monkeypatch) -> None:
    monkeypatch.setattr(wire.st, "get_option", lambda name: "/some/where/" if name == "server.baseUrlPath" else None)
    assert [route.path for route in wire.routes()] == ["/some/where/live/{token}", "/some/where/livez"]


def test_the_lifespan_leaves_no_thread_behind(monkeypatch) -> None:
    from engines.live import Pool

    pool = Pool(workers=2)
    monkeypatch.setattr(wire, "the_pool", lambda: pool)
    monkeypatch.setattr(wire, "warm_up", lambda: None)
    before = {thread.name for thread in threading.enumerate() if thread.name.startswith("trainer")}

    async def live_through() -> None:
        async with wire.lifespan(None) as state:
            assert state == {}
            assert pool.encode is not None

    asyncio.run(live_through())
    assert {thread.name for thread in threading.enumerate() if thread.name.startswith("trainer")} == before
