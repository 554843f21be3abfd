"""`grader.course.fingerprint`: words of a solution may change, and nothing that it does."""

import pytest

from grader.course import fingerprint

CODE = '''"""A part."""


def f(n):
    """Take one away."""
    return n - 1
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
