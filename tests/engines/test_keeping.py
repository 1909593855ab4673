"""What is kept in memory: found by token, bounded in number and bytes."""

from types import SimpleNamespace

import pytest

from engines.keeping import Store


def sized(nbytes):
    return SimpleNamespace(nbytes=nbytes)


def test_it_is_found_by_its_token_only():
    store, made = Store(64, 2**20), sized(10)
    token = store.keep(made)
    assert store.find(token) is made
    assert store.find("") is None and store.find(token + "x") is None
    assert len(token) <= 40 and token.replace("-", "").replace("_", "").isalnum()


def test_those_not_asked_for_longest_go_when_there_are_too_many():
    store = Store(3, 2**20)
    first, second, third = (store.keep(sized(1)) for _ in range(3))
    store.find(first)
    store.keep(sized(1))
    assert len(store) == 3
    assert store.find(second) is None
    assert store.find(first) is not None and store.find(third) is not None


def test_memory_is_bounded_but_the_newest_stays():
    store = Store(64, 100)
    small = store.keep(sized(60))
    larger = store.keep(sized(80))
    assert store.find(small) is None and store.nbytes == 80
    huge = store.keep(sized(1000))
    assert store.find(larger) is None and store.find(huge) is not None
    assert store.nbytes == pytest.approx(1000)
