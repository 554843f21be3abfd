"""`grading.given_files`: a notebook nobody worked in is told from one that somebody did."""

import json

import pytest

from grader.course.catalog import Course
from grader.grading.given_files import untouched_notebooks
from grader.grading.grade import GradeOptions, grade
from grader.intake.submission import take_in
from grader.records.record import Standing
from grader.written.questions import PLACEHOLDER, QuestionSheet


@pytest.fixture(scope="module")
def given_notebook(course):
    return course.notebook("activity1").read_text(encoding="utf-8")


def resaved(text):
    """As Jupyter saves it after it was run: with outputs, other metadata, and an empty cell at the end."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        cell["metadata"] = {"scrolled": True}
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 3, "outputs": [{"output_type": "stream", "text": "x"}]}
    notebook["cells"].append(
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": ""}
    )
    return json.dumps(notebook)


@pytest.mark.parametrize(
    ("change", "untouched"),
    [
        (lambda text: text, True),
        (resaved, True),
        (lambda text: text.replace(PLACEHOLDER, "Mine."), True),
        (lambda text: text.replace('raise NotImplementedError(\\"', 'return NotImplementedError(\\"', 1), False),
        (lambda text: text[:-5], False),
        (lambda _: '{"nbformat": 4, "cells": []}', False),
    ],
)
def test_a_notebook_is_untouched_as_long_as_its_code_is(course, given_notebook, change, untouched):
    found = untouched_notebooks({"mine.ipynb": change(given_notebook).encode(), "a.py": b"x"}, course, "activity1")
    assert found == ({"mine.ipynb"} if untouched else set())


def test_without_a_template_no_notebook_is_one(tmp_path):
    assert untouched_notebooks({"a.ipynb": b"{"}, Course(tmp_path), "lab1") == set()


def test_the_whole_template_handed_in_untouched_is_final(course, slot, tmp_path, given_notebook):
    (part,) = course.parts("activity1")
    for path in (part.template, QuestionSheet(course.root, "activity1").template):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "activity1.ipynb").write_text(given_notebook, encoding="utf-8")
    record = grade(take_in(tmp_path), [part], slot, GradeOptions())
    assert (record.score, record.standing, record.reasons, record.unplaced) == (0, Standing.final, (), ())
