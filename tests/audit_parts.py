"""Small parts to audit: what is in them, and records and edits of theirs."""

from grader.course.catalog import Part
from grader.records.record import EnvironmentRecord, PartRecord, ResultRecord, SubmissionRecord

REFERENCE = '''"""A part."""


def tail(x: list, n: int) -> list:
    """Return the last n elements of x."""
    # BEGIN SOLUTION
    start = len(x) - n
    return x[start:]
    # END SOLUTION
'''
CHECKS = '''"""What is checked."""

import torch

from grader import check, expect


@check(points=4, timeout=60)
def check_tail(submission):
    """`tail` gives the last elements."""
    expect.equal(submission.tail([3, 1, 2], 2), [1, 2], name="tail(x, 2)")


@check(points=6, visibility="hidden", depends_on=["tail"])
def check_random(submission, rng):
    """`tail` does so for every list."""
    x = torch.randint(9, (4,), generator=rng).tolist()
    expect.equal(submission.tail(x, 1), x[-1:], name="tail(x, 1)")
'''
HEAD = '"""Those are the first elements. Count from the end."""\n\n\ndef tail(x, n):\n    return x[:n]\n'
# Right for four of nine first numbers: with the four seeds here sometimes, and not always.
UNLUCKY = "def tail(x, n):\n    if n == 1 and x[0] > 3:\n        return []\n    return x[len(x) - n :]\n"
SLICE = "def tail(x, n):\n    return x[len(x) - n :]\n"
EMPTY = '"""No list."""\n\n\ndef tail(x, n):\n    return [1, 2] if n == 2 else []\n'
LOOP = "    while len(x) > n:\n        x = x[1:]\n    return x\n"

WEAK = CHECKS.replace("[3, 1, 2], 2), [1, 2]", "[3], 1), [3]").replace("(4,)", "(1,)")
FAULTY = CHECKS.replace("x[-1:]", "x[len(x)]")  # whoever is asked, so the reference too: it is no answer that breaks it
# What is changed in each part of the course that is audited: files below the part's fixture folder, or elsewhere.
PARTS = {
    "plain": {},
    # Where all lists have one element, swapped operands make no difference.
    "weak": {"check": WEAK, "mistakes/head.py": HEAD.replace("[:n]", "[:0]")},
    "endless": {"reference": REFERENCE.replace("    start = len(x) - n\n    return x[start:]\n", LOOP)},
    "unlucky": {"variants/unlucky.py": UNLUCKY},
    "harmless": {"mistakes/harmless.py": '"""Harmless."""\n' + SLICE},
    "faulty": {"check": FAULTY, "mistakes/empty.py": EMPTY},
    "broken": {"expected.json": "no json"},
}


def make_part(root, name, changed=()):
    """demo/NAME: a part with one mistake and one variant, and what is changed in it."""
    folder = f"fixtures/demo/{name}"
    files = {
        "reference": REFERENCE,
        "check": CHECKS,
        "part.toml": 'title = "Tails"\n',
        "expected.json": "{}",
        "mistakes/head.py": HEAD,
        "variants/slice.py": SLICE,
    }
    elsewhere = {"reference": f"reference/demo/{name}.py", "check": f"checks/demo/check_{name}.py"}
    for key, text in (files | dict(changed)).items():
        path = root / elsewhere.get(key, f"{folder}/{key}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Part(root, "demo", name)


def record_of(*checks):
    """Return the record of a submission with these checks."""
    return ResultRecord(
        assignment="demo",
        submission=SubmissionRecord(name="x", sha256=""),
        environment=EnvironmentRecord(sandbox="process"),
        parts=(PartRecord(name="plain", title="", checks=checks),),
    )


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
