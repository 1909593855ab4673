"""The sandbox's tab, through AppTest."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from playground.digits_panels.sandbox import own_kernel, size_latex


def script() -> None:
    from types import SimpleNamespace

    from engines.experiment import digits_experiment
    from playground.digits_panels.sandbox import draw

    draw(SimpleNamespace(experiment=digits_experiment(data__source="builtin")))


def opened(**chosen) -> AppTest:
    app = AppTest.from_function(script, default_timeout=30)
    for name, value in chosen.items():
        app.session_state[f"digits.sandbox.{name}"] = value
    app.run()
    assert not app.exception
    return app


def rule(app: AppTest) -> str:
    return app.latex[0].value.strip("$\n").removesuffix(r" \end{aligned}")


def test_the_size_of_the_map_follows_every_choice():
    app = opened()
    assert rule(app).endswith("= 6")
    app.slider(key="digits.sandbox.side").set_value(12).run()
    app.number_input(key="digits.sandbox.padding").set_value(2).run()
    app.number_input(key="digits.sandbox.stride").set_value(3).run()
    assert rule(app).endswith(r"\frac{12 + 2 \cdot 2 - 3}{3} \right\rfloor + 1 = 5")


def test_a_digit_and_own_numbers():
    app = opened(input="digit", kernel="own", size=5, number=7)
    assert rule(app).endswith("= 4")
    assert app.number_input(key="digits.sandbox.number").value == 7


@pytest.mark.parametrize("source", ["box 8 0", "dot 8 0"])
def test_what_was_painted_stays_with_its_input(source):
    app = opened(painted=(source, np.ones((8, 8))))
    assert bool(app.button) == (source == "box 8 0")
    if app.button:
        app.button[0].click().run()
        assert "digits.sandbox.painted" not in app.session_state


def test_the_rule_has_its_numbers_in_it():
    assert r"\left\lfloor \frac{28 + 2 \cdot 2 - 5}{2} \right\rfloor + 1 = 14 \end" in size_latex(28, 5, 2, 2)
    with pytest.raises(ValueError, match="does not fit"):
        size_latex(5, 7, 0, 1)


def test_numbers_of_ones_own_are_bounded():
    found = own_kernel(np.array([[1, None], [float("nan"), 1e9]], object))
    assert found.tolist() == [[1, 0], [0, 99]]
