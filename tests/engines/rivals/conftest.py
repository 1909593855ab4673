"""A few hundred real digits, to learn from and to be tested on."""

import pytest

from engines.data import digits


@pytest.fixture(scope="session")
def few():
    found = digits.load("builtin")
    return found._replace(
        train_images=found.train_images[:300],
        train_labels=found.train_labels[:300],
        test_images=found.test_images[:200],
        test_labels=found.test_labels[:200],
    )
