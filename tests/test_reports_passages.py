"""How a written answer is laid out: wrapped lines joined, everything else as the student typed it."""

import pytest

from grader.reports.passages import Passage, passages

LONG = "x" * 60
ROWS = "| a | b |\n|---|---|\n| 1 | 2 |"


@pytest.mark.parametrize(
    ("typed", "laid_out"),
    [
        ("", [("", False)]),
        ("One line.", [("One line.", False)]),
        (f"{LONG}\n{LONG}\nend.", [(f"{LONG} {LONG} end.", False)]),
        (f"Short.\n{LONG}\nend.", [(f"Short.\n{LONG}\nend.", False)]),
        (f"- {LONG}\n- {LONG}", [(f"- {LONG}\n- {LONG}", False)]),
        (f"{LONG}\n1. {LONG}", [(f"{LONG}\n1. {LONG}", False)]),
        (f"{LONG}\n  {LONG}", [(f"{LONG}\n  {LONG}", False)]),
        (f"A.\n\n\n \nB.\n\n{ROWS}", [("A.", False), ("B.", False), (ROWS, True)]),
        ("A.\n\n    x = 1\n    y = 2", [("A.", False), ("    x = 1\n    y = 2", True)]),
        ("```\na\n\nb\n\nc\n```\n\nB.", [("```\na", True), ("b", True), ("c\n```", True), ("B.", False)]),
        ("~~~\na\n~~~\n\nB.", [("~~~\na\n~~~", True), ("B.", False)]),
    ],
)
def test_prose_is_joined_and_columns_are_kept(typed, laid_out):
    assert list(passages(typed)) == [Passage(*one) for one in laid_out]
