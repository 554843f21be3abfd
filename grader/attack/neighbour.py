"""A small course with an assignment of several parts, and an honest student's work for it.

Between the parts of a submission a slot changes workers, so what an attack left behind may show in one part and not in
another. No assignment of a real course is as quick to grade.
"""

from __future__ import annotations

from pathlib import Path

from grader.course.catalog import Course, Part
from grader.intake.submission import Submission

_ASSIGNMENT = "neighbour"
_PARTS = ("one", "two")
_REFERENCE = '''"""Write and add."""

import os
import torch


def add(x):
    with open("words.txt", "x") as file:
        file.write("of this part alone")
    os.remove("words.txt")
    return torch.ones(3) + x
'''
_CHECKS = '''from grader import check, expect
import torch


@check(points=1)
def check_seen(submission):
    """It adds 1."""
    expect.close(submission.add(torch.arange(3.0)), torch.arange(1.0, 4.0), name="the sum")


@check(points=1, visibility="hidden")
def check_hidden(submission, rng):
    """It adds 1 to any numbers."""
    x = torch.randn(3, generator=rng)
    expect.close(submission.add(x), x + 1, name="the sum")
'''


def assignment_of_parts(folder: Path) -> tuple[list[Part], Submission]:
    """Write the course below ``folder`` and return its parts, and a submission that has all points."""
    files = {"course.toml": 'name = "neighbour"\ntitle = "Neighbour"\nchecks = "checks"\n'}
    for part in _PARTS:
        files |= {
            f"reference/{_ASSIGNMENT}/{part}.py": _REFERENCE,
            f"checks/{_ASSIGNMENT}/check_{part}.py": _CHECKS,
            f"fixtures/{_ASSIGNMENT}/{part}/part.toml": f'title = "{part}"\n',
            f"fixtures/{_ASSIGNMENT}/{part}/expected.json": "{}",
        }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    handed_in = {f"{part}.py": _REFERENCE.encode() for part in _PARTS}
    parts = Course(folder).parts(_ASSIGNMENT)
    return parts, Submission(name="honest", files=handed_in, sha256="", source=folder)
