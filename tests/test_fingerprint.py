"""`grader.course.fingerprint`: what was measured holds until something changes that it depends on, and no longer."""

import pytest

from grader.course import fingerprint

CODE = '''"""A part."""


def f(n):
    """Take one away."""
    return n - 1
'''

METRICS = '''"""Checks of a part."""

from grader import check, expect
from math import log

SCALE = 2.0  # of the loss
LABELS = ("a", "b")


def scaled(value):
    return SCALE * value


def shown(value):
    return LABELS[value]


def loss(submission, rng):
    """Gate: the loss."""
    return scaled(submission.f(2))


def surprise(submission, rng):
    """Gate: the surprise."""
    return log(submission.f(2))


@check(points=3, depends_on=["shapes"])
def check_loss(submission):
    """The loss is small."""
    assert loss(submission, None) < shown(1)
'''


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("A part.", "The part.\n\nIt is short.\n", True),
        ("Take one away.", "Give one.", True),
        ("\n\n\n", "\n", True),
        ("    return", "    # less\n    return", True),
        ("n - 1", "n - 2", False),
        ("def f", "import os\ndef f", False),
    ],
)
def test_code_is_what_it_does(before, after, same):
    assert before in CODE
    assert (fingerprint.of_code(CODE) == fingerprint.of_code(CODE.replace(before, after))) is same


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("points=3", "points=4", True),
        ("The loss is small.", "Your loss is small enough.", True),
        ("Gate: the loss.", "Gate: what is left.\n\n    And more.\n    ", True),
        ("< shown", "< 2 * shown", True),  # of the check: its gate is compared by value
        ("LABELS[value]", "LABELS[-value]", True),  # no metric calls it
        ('("a", "b")', '("a", "b", "c")', True),
        ("log(submission", "1 + log(submission", True),  # of another gate
        ("import log", "import log2 as log", True),
        ("f(2)", "f(3)", False),
        ("def loss(submission, rng)", "def loss(submission)", False),
        ("SCALE * value", "value", False),  # of what the metric calls
        ("SCALE = 2.0", "SCALE = 3.0", False),
        ("def scaled", "@twice\ndef scaled", False),
        ("\nLABELS =", "\nfor name in list(globals()):\n    globals()[name] = None\nLABELS =", False),
    ],
)
def test_metrics_are_what_they_lead_to(tmp_path, before, after, same):
    assert before in METRICS
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    first.write_text(METRICS)
    second.write_text(METRICS.replace(before, after))
    assert (fingerprint.of_metrics(first, ["loss"]) == fingerprint.of_metrics(second, ["loss"])) is same


def test_the_metrics_of_several_gates_are_all_that_any_leads_to(tmp_path):
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    first.write_text(METRICS)
    second.write_text(METRICS.replace("import log", "import log2 as log"))
    gates = ["loss", "surprise"]
    assert fingerprint.of_metrics(first, gates) != fingerprint.of_metrics(second, gates)
    assert fingerprint.of_metrics(first, gates) == fingerprint.of_metrics(first, gates[::-1])
