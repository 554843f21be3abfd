"""``grader new``: the four paths of a part, ready to be filled in."""

from __future__ import annotations

import re
from pathlib import Path

import click

from grader.course.catalog import Part, find_course
from grader.course.stubs import stub_of
from grader.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]*")

_REFERENCE = '''"""What this part is about, in one line.

What it does, and what it leaves out.
"""

import torch
from torch import Tensor


def double(x: Tensor) -> Tensor:
    """Return twice x.

    Args:
        x: shape (n,), floating point.

    Returns:
        A tensor of shape (n,) in the dtype of x. x stays as it was.
    """
    # BEGIN SOLUTION
    return 2 * x  # (n,)
    # END SOLUTION
'''
_CHECKS = '''"""{identity}: what is checked here."""

from grader import check, expect


@check(points=10)
def check_double(submission, expected):
    """`double` gives twice its argument."""
    expect.close(submission.double(expected.x), expected.doubled, name="double(x)")
'''
_FACTS = """title = "What this part is called"
order = 1
"""
_MAKE = '''"""Fixture data: made from the reference by `grader fixtures {identity}`."""

import torch


def make(reference):
    x = torch.tensor([1.0, 2.0, 3.0])
    return {{"x": x, "doubled": reference.double(x)}}


def witness(reference):
    x = torch.tensor([0.5, -4.0])
    assert torch.equal(reference.double(x), x + x)
'''
_MISTAKE = '''"""Your result is the square of x, not its double. Try both on x = 3 by hand."""


def double(x):
    return x**2
'''


@click.command("new")
@click.argument("identity", metavar="ASSIGNMENT/PART")
def command(identity: str) -> None:
    """Scaffold the four paths of a new part; nothing that is there is touched.

    \b
    Examples:
      grader new lab1/warm_up && grader verify lab1/warm_up
    """  # noqa: D301
    assignment, _, name = identity.partition("/")
    if not (_NAME.fullmatch(assignment) and _NAME.fullmatch(name)):
        raise UsageError(f"{identity!r} is not ASSIGNMENT/PART in small letters, digits and underscores")
    part = Part(find_course().root, assignment, name)
    if part.fixture_folder.exists():
        raise UsageError(f"{part.fixture_folder.relative_to(part.course)} is there already")
    for path, text in _files(part).items():
        if path.exists():
            click.echo(f"kept     {path.relative_to(part.course)}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        click.echo(f"written  {path.relative_to(part.course)}")
    from grader.course import fixture_data

    fixture_data.write(part, fixture_data.make(part))
    steps = ", ".join(f"`grader {step} {identity}`" for step in ("stubs", "fixtures", "verify"))
    click.echo(f"next: write the reference, the checks and the mistakes, then {steps}")


def _files(part: Part) -> dict[Path, str]:
    return {
        part.reference: _REFERENCE,
        part.template: stub_of(_REFERENCE),
        part.check_file: _CHECKS.format(identity=part.identity),
        part.fixture_folder / "part.toml": _FACTS,
        part.fixture_folder / "make.py": _MAKE.format(identity=part.identity),
        part.fixture_folder / "mistakes" / "squared.py": _MISTAKE,
    }
