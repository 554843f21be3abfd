"""`grading.first_steps` where a training is given its start: nobody draws one, and known solutions are asked once."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from grader.course.first_steps import FirstSteps
from grader.grading.first_steps import KnownSteps, Trace

START = torch.tensor([1.0, -2.0, 3.0])
REFERENCE = Path("reference.py")


def training(slope):
    """A training that multiplies what it is given at every step."""
    return lambda W, steps, lr: W * (1 + slope * lr) ** steps


def drawn_again(W, steps, lr):
    return training(-1.0)(torch.rand(len(W)), steps, lr)


SOLUTIONS = {
    REFERENCE: training(-1.0),
    Path("up.py"): training(1.0),
    Path("twice.py"): training(-2.0),
    Path("again.py"): drawn_again,
}


def state(submission, steps, lr):
    return [submission.fit(START, steps, lr)]


@pytest.fixture
def asked():
    """How often each solution was asked."""
    return Counter()


@pytest.fixture
def known(asked):
    def ask(solution):
        def answer(seed, draws, name, args, kwargs):
            asked[solution] += 1
            torch.manual_seed(seed)
            return SOLUTIONS[solution](*args, **kwargs)

        return answer

    mistakes = tuple(path for path in SOLUTIONS if path != REFERENCE)
    part = SimpleNamespace(reference=REFERENCE, mistakes=mistakes, identity="a/given")
    watched = FirstSteps("fit", ("fit",), state, 0.1, 0)
    return KnownSteps(part, watched, ask, {}, seed=5)


def trace(slope):
    places = tuple((training(slope)(START, steps, 0.1).double(),) for steps in range(3))
    return Trace((START.double(),), places)


@pytest.mark.parametrize(("slope", "name"), [(1.0, "up"), (-2.0, "twice"), (-3.0, None), (-1.0, None)])
def test_a_mistake_is_named_from_the_given_start(known, slope, name):
    seen = known.compared(trace(slope))
    assert [path.stem for path in seen.explaining] == ([name] if name else [])
    if slope != -1.0:
        assert {path.stem for path in seen.others} == {"up", "twice", "again"} - {name}


def test_a_mistake_is_asked_for_its_places_only_and_once_in_a_class(known, asked):
    known.compared(trace(1.0))
    assert {path: count for path, count in asked.items() if path != REFERENCE} == {
        path: 3 for path in SOLUTIONS if path != REFERENCE
    }
    before = asked.total()
    known.compared(trace(-2.0))
    assert asked.total() == before
