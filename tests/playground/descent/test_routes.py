"""The routes: who may ask, about which grounds, and what is answered."""

import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette

from engines.descent.ground import ground
from engines.descent.race import Race, race_on
from playground.descent import raced as module
from playground.descent import routes
from playground.descent.raced import ground_of, raced
from playground.race_links import to_query
from tests.engines.live.conftest import eventually
from tests.playground.descent.decoding import preview_of


@dataclass
class Answer:
    status: int
    content: bytes

    def json(self):
        return json.loads(self.content)


class Client:
    """Asks the server, with these headers."""

    def __init__(self, host):
        self.host = host

    def get(self, path, query, headers=None):
        request = urllib.request.Request(f"http://{self.host}{path}?{urlencode(query)}", headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read())


@pytest.fixture(scope="module")
def client():
    config = uvicorn.Config(Starlette(routes=routes.routes()), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started)
    yield Client(f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    server.should_exit = True
    thread.join()


def ask(client, what, race, x=1.0, y=0.5, headers=None):
    return client.get(f"/descent/{what}", to_query(race, Race()) | {"ui_x": str(x), "ui_y": str(y)}, headers)


def test_the_ground_is_what_the_engine_says(client):
    race = Race(steps=30)
    raced(race)
    answer = ask(client, "ground", race, 1.0, 0.5)
    found = ground(ground_of(race)[0], 1.0, 0.5)
    assert answer.status == 200
    said = answer.json()
    assert said["height"] == pytest.approx(0.75) and said["gradient"] == pytest.approx([2.0, -1.0])
    assert said["eigenvalues"] == pytest.approx([2.0, -2.0]) and said["largest_stable_rate"] == pytest.approx(1.0)
    assert said["words"] == [found.words(runner.learning_rate) for runner in race.runners]


def test_a_preview_is_the_race_from_there(client):
    race = Race(steps=30)
    raced(race)
    answer = ask(client, "preview", race, -0.5, 0.25)
    assert answer.status == 200
    header, found = preview_of(answer.content)
    exact = raced(race.change(start=(-0.5, 0.25)))
    np.testing.assert_array_equal(found["position"], exact.paths.position)
    assert len(header["paths"]) == len(race.runners)


@pytest.mark.parametrize("what", ["ground", "preview"])
def test_a_ground_that_nobody_raced_on_is_not_compiled(client, what):
    module.forget()
    race = race_on("formula", formula="x^2 + 3 y^2", steps=30)
    answer = ask(client, what, race)
    assert answer.status == 409
    assert "no race has been run" in answer.json()["error"]


def test_a_preview_that_would_compile_is_refused(client):
    race = Race(steps=30)
    raced(race)
    assert ask(client, "preview", race.change(ring=32)).status == 409


def test_a_race_that_is_too_long_to_drag_is_refused(client):
    race = Race(steps=2000, ring=8)
    raced(Race(steps=10))
    answer = ask(client, "preview", race)
    assert answer.status == 409 and "too long" in answer.json()["error"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"ui_x": "1"},
        {"ui_x": "nan", "ui_y": "0"},
        {"ui_x": "1e9", "ui_y": "0"},
        {"ui_x": "1", "ui_y": "0", "surface": "moon"},
        {"ui_x": "1", "ui_y": "0", "hat": "blue"},
        {"ui_x": "x" * 10_000, "ui_y": "0"},
    ],
)
def test_what_is_no_link_is_refused_in_a_sentence(client, query):
    raced(Race(steps=30))
    answer = client.get("/descent/ground", query)
    assert answer.status == 422
    assert answer.json()["error"]


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}])
def test_other_origins_are_refused(client, headers):
    raced(Race(steps=30))
    assert ask(client, "ground", Race(steps=30), headers=headers).status == 403


@pytest.mark.parametrize("headers", [{"origin": "http://{host}"}, {"sec-fetch-site": "same-origin"}, {}])
def test_the_own_page_is_welcome(client, headers):
    raced(Race(steps=30))
    headers = {name: value.format(host=client.host) for name, value in headers.items()}
    assert ask(client, "ground", Race(steps=30), headers=headers).status == 200


def test_a_busy_server_says_so(client, monkeypatch):
    raced(Race(steps=30))
    monkeypatch.setattr(routes, "MOST_WAITING", 0)
    assert ask(client, "ground", Race(steps=30)).status == 503


def test_what_goes_wrong_inside_stays_inside(client, monkeypatch):
    raced(Race(steps=30))
    monkeypatch.setattr(routes, "ground", lambda *_: 1 / 0)
    answer = ask(client, "ground", Race(steps=30))
    assert answer.status == 500 and b"division" not in answer.content


def test_routes_carry_the_base_path(monkeypatch):
    monkeypatch.setattr(routes.st, "get_option", lambda name: "/some/where/" if name == "server.baseUrlPath" else None)
    assert [route.path for route in routes.routes()] == ["/some/where/descent/ground", "/some/where/descent/preview"]
