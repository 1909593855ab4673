"""Which programs stay in the memory: the last ones, and however many nets there are, those in use."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import wait

from engines.experiment import StackNet
from engines.live.warm import compiles, prepare_jax
from engines.nets import inside_pass, programs, stack_spec
from engines.nets.compiling import KEPT, Compiled, kept
from engines.nets.programs import Spec
from engines.nets.recurrent import sampling, steps
from engines.nets.recurrent.net import Form
from engines.nets.recurrent.steps import TextSpec
from engines.training import Inside, Look, Writing, make_trainer
from tests.engines.live.conftest import eventually
from tests.engines.nets.recurrent.plays import small
from tests.engines.nets.test_stack_trainer import NORMED, experiment


class Program:
    """Something that can be held."""

    def __init__(self, *key):
        self.key = key


def test_the_last_ones_are_kept_and_those_in_use():
    made = []

    def make(*key):
        made.append(key)
        return Program(*key)

    program = kept(make, most=2)
    held = program("held", 1)
    for number in range(3):
        assert program(number).key == (number,)
    gc.collect()
    assert program("held", 1) is held
    assert program(2).key == (2,) and len(made) == 4
    assert program(0).key == (0,) and len(made) == 5
    program.cache_clear()
    assert program("held", 1) is not held


def test_what_has_left_the_memory_has_to_be_compiled_again():
    known, program = Compiled(), Program()
    assert not known.knows(program, (3,))
    known.note(program, (3,))
    assert known.knows(program, (3,)) and not known.knows(program, (4,)) and not known.knows(Program(), (3,))
    known.forget(program, (3,))
    known.forget(Program(), (3,))
    assert not known.knows(program, (3,))
    known.note(program, (3,))
    del program
    gc.collect()
    assert not known._shapes


def crowd():
    """As many other nets as the memory has room for, and one more; nothing is compiled before it is used."""
    for n in range(2 * KEPT + 1):
        programs.programs(Spec((784, 100 + n, 10), ("relu",), "softmax_cross_entropy", "sgd", 32, 128))
        net = StackNet(layers=[{"key": "dense", "settings": {"units": 100 + n}}])
        stack_spec.settle_program(stack_spec.shaping(net))
        inside_pass.programs_of(net, "softmax_cross_entropy")
        form = Form("rnn", 1, 100 + n, 0, 30)
        steps.chunk_program(TextSpec(form, "sgd", 2, 8))
        steps.evaluate_program(form, 2, 8)
        sampling.programs(form, 1)


def compiled_in_a_crowd(trainer, look):
    """Programs compiled for a moved slider, a step and a picture of a net that was in use before the others came."""
    prepare_jax()
    trainer.prepare()
    wait([study] if (study := getattr(trainer, "_study", None)) else [])
    for _ in range(6):
        trainer.advance(1)
        trainer.probe(look)
    crowd()
    gc.collect()
    before = compiles()
    trainer.apply(trainer.experiment.change(learning_rate=trainer.experiment.learning_rate / 2))
    for _ in range(6):
        trainer.advance(1)
        trainer.probe(look._replace(writing=Writing(seed=1)))
    assert trainer.prepared
    return compiles() - before


def test_a_digits_net_in_use_is_not_compiled_anew_because_others_are():
    assert compiled_in_a_crowd(make_trainer(experiment(NORMED)), Look(inside=Inside(maps=("saliency", "occlusion")))) == 0


def test_a_text_net_in_use_is_not_compiled_anew_because_others_are():
    assert compiled_in_a_crowd(make_trainer(small()), Look()) == 0


def test_a_net_whose_programs_have_left_the_memory_says_that_it_has_to_be_compiled():
    for described in (experiment(NORMED, batch_size=30), small(batch_size=3)):
        trainer = make_trainer(described)
        trainer.prepare()
        assert make_trainer(described).prepared
        parts = [weakref.ref(trainer), weakref.ref(getattr(trainer, "_programs", None) or trainer._chunk)]
        del trainer
        for gone in parts:  # a thread may hold either for a moment
            eventually(lambda gone=gone: gc.collect() >= 0 and gone() is None)
            crowd()
        assert not make_trainer(described).prepared
