"""A small part, which makes the honest neighbour's assignment one of several parts.

Between the parts of a submission, and before its hidden checks, a slot changes workers: what an attack left behind may
show in one of them only. No part of a real course is as quick to grade.
"""

from __future__ import annotations

from pathlib import Path

from grader.course.catalog import Course, Part

_PART = "small"
_FILES = {
    "course.toml": 'name = "neighbour"\ntitle = "Neighbour"\nchecks = "checks"\n',
    f"fixtures/neighbour/{_PART}/part.toml": 'title = "Small"\n',
    f"fixtures/neighbour/{_PART}/expected.json": "{}",
    f"reference/neighbour/{_PART}.py": '''"""Write and add."""

import os

import torch


def add(x):
    with open("words.txt", "x") as file:
        file.write("of this part alone")
    os.remove("words.txt")
    return torch.ones(3) + x
''',
    f"checks/neighbour/check_{_PART}.py": '''import torch

from grader import check, expect


@check(points=1)
def check_add(submission):
    """It adds 1."""
    expect.close(submission.add(torch.arange(3.0)), torch.arange(1.0, 4.0), name="the sum")
''',
}


def small_part(folder: Path) -> Part:
    """Write a course of one part below ``folder`` and return the part."""
    for path, text in _FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (part,) = Course(folder).parts("neighbour")
    return part
