"""The lines around the place where a student's code stopped, whatever the worker says that place is."""

import json

import pytest

from grader.grading.student_lines import StudentLines
from grader.records.record import StoppedAt

FILE = "import torch\n\n\ndef f(A):\n    rows = A.shape[0]\n\n    return A[rows]\n\n\n\nX = 1\n"
CELLS = [
    {"cell_type": "markdown", "source": ["# One\n"]},
    {"cell_type": "code", "source": ["def f(A):\n", "    return A[5]\n"]},
]
FILES = {
    "lab/a.py": FILE.encode(),
    "windows.py": b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode(),
    "old.py": "# für\ndef f(A):\n    raise ValueError\n".encode("cp1252"),
    "lab.ipynb": json.dumps({"nbformat": 4, "cells": CELLS}).encode(),
    "broken.ipynb": b"{",
    "long.py": b"x = " + b"1" * 5000,
}


def around(*frames):
    lines = "".join(f'  File "{place}, in f\n    code\n' for place in frames)
    return StudentLines(FILES).around(f"Traceback (most recent call last):\n{lines}IndexError: \n")


@pytest.mark.parametrize("file", ["lab/a.py", "windows.py"])
def test_a_few_lines_on_either_side_without_empty_ones_at_the_ends(file):
    lines = ("def f(A):", "    rows = A.shape[0]", "", "    return A[rows]")
    assert around(f'{file}", line 7') == StoppedAt(file=file, line=7, first=4, lines=lines)


def test_the_innermost_place_in_the_students_own_files_counts():
    found = around('lab/a.py", line 4', 'lab/a.py", line 11', 'lab1_given.py", line 3')
    assert (found.line, found.lines[-1]) == (11, "X = 1")


def test_a_cell_of_a_notebook():
    found = around('lab.ipynb, cell 2", line 2')
    assert found == StoppedAt(file="lab.ipynb", cell=2, line=2, first=1, lines=("def f(A):", "    return A[5]"))


def test_a_mistake_in_the_syntax_has_a_place_too():
    assert StudentLines(FILES).around('  File "lab/a.py", line 11\n    X = 1\nSyntaxError: no').line == 11


@pytest.mark.parametrize(
    "place",
    [
        *('lab/a.py", line 0', 'lab/a.py", line 13', 'lab/a.py, cell 1", line 1', '../../etc/passwd", line 1'),
        *('lab.ipynb", line 1', 'lab.ipynb, cell 3", line 1', 'lab.ipynb, cell 2", line 9', 'broken.ipynb", line 1'),
        f'lab/a.py", line {"9" * 5000}',
    ],
)
def test_a_place_that_is_in_none_of_their_files_shows_nothing(place):
    assert around(place) is None


def test_a_long_line_is_cut_and_any_encoding_is_shown():
    assert len(around('long.py", line 1').lines[0]) == 200
    assert around('old.py", line 3').lines == ("# für", "def f(A):", "    raise ValueError")


def test_no_traceback_has_no_place():
    assert StudentLines(FILES).around("") is None
