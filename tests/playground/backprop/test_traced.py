"""A pass is computed once, whoever asks, and names are in words."""

import pytest

from engines.trace.passes import trace
from engines.trace.study import Study, material
from playground.backprop.names import kind_of, name_of, weight_name
from playground.backprop.traced import checked, traced


def test_the_same_study_is_traced_once_wherever_one_stands_in_it():
    one = traced(Study())
    assert traced(Study(step=5)) is one
    assert traced(Study(learning_rate=0.1)) is not one
    assert one.trace.total == pytest.approx(0.298371109, abs=5e-10)
    assert one.total_after == pytest.approx(0.291027774, abs=5e-10)


def test_a_check_is_made_once():
    of = traced(Study())
    found = checked(of, 2, 0, 0)
    assert checked(of, 2, 0, 0) is found
    assert found.rules == pytest.approx(0.082167041, abs=5e-10)
    assert max(found.autodiff_error, found.difference_error) < 1e-7


def test_a_net_that_is_gone_is_told():
    with pytest.raises(ValueError, match="no longer"):
        traced(Study(examples="brought", brought="gone"))


def test_every_symbol_of_a_pass_has_a_name_and_a_kind():
    study = Study(train_biases=True)
    net, x, t = material(study)
    symbols = trace(net, x, t).values
    assert len({name_of(symbol) for symbol in symbols}) == len(symbols)
    assert [symbol for symbol in symbols if name_of(symbol) == symbol] == ["eta"]
    assert {kind_of(symbol) for symbol in symbols} == {"signal", "weight", "gradient", "cost", "target"}
    assert name_of("W2'") == "weights of layer 2 after the update"


def test_a_weight_in_words():
    net = material(Study())[0]
    assert weight_name(net, 1, 1, 0) == "the weight from input 2 to unit 1 (layer 1)"
    assert weight_name(net, 2, 0, 1) == "the weight from unit 1 to output 2 (layer 2)"
    assert weight_name(net, 2, None, 1) == "the bias of output 2 (layer 2)"
