"""`written.answers`: whatever students make of answers.md, their words are found and the template's are not theirs."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake.discover import find_class
from grader.intake.submission import take_in
from grader.records.record import UnplacedRecord, WrittenRecord
from grader.written.answers import LONGEST_ANSWER, LONGEST_TEXT, collect
from grader.written.questions import PLACEHOLDER, QuestionSheet

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = """
[[question]]
name = "svd_vs_gradient"
title = "Gradient descent and the SVD"
points = 8
text = '''
How do the two losses compare, and how do they differ over several runs?

Explain what you see.
'''
[[question]]
name = "completed_matrix"
title = "What the completed matrix tells you"
points = 7
text = "What do the hidden cells tell you?"
"""
ONE = QUESTIONS.partition('[[question]]\nname = "completed')[0]


def sheet_of(folder, text=QUESTIONS):
    sheet = QuestionSheet(folder, "lab1")
    sheet.source.parent.mkdir(parents=True, exist_ok=True)
    sheet.source.write_text(text)
    return sheet


@pytest.fixture
def sheet(tmp_path):
    return sheet_of(tmp_path)


@pytest.fixture
def found(sheet):
    """The answers in some files, in the order of the questions."""

    def answers(files):
        return [written.answer for written in collected(sheet, files).written]

    return answers


def collected(sheet, files):
    return collect({path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}, sheet)


def notebook(*cells):
    table = [{"cell_type": kind, "metadata": {}, "source": text} for kind, text in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": table})


def test_answers_in_the_template_are_found_with_all_there_is_to_know_of_the_question(sheet):
    text = sheet.template_text().replace(PLACEHOLDER, "The SVD is the best.\n\n* Always.", 1)
    first, second = collected(sheet, {"work/answers.md": text, "factorise.py": "x = 1"}).written
    assert first == WrittenRecord(
        name="svd_vs_gradient",
        title="Gradient descent and the SVD",
        question="How do the two losses compare, and how do they differ over several runs?\n\nExplain what you see.",
        points=8,
        answer="The SVD is the best.\n\n* Always.",
        source="work/answers.md",
    )
    assert (second.name, second.points, second.answer, second.source) == ("completed_matrix", 7, "", "")


def test_without_answers_every_question_is_there_with_none(sheet):
    nothing = collected(sheet, {"factorise.py": "x = 1", "README.md": "# Q1\nNot an answer."})
    assert [(w.name, w.answer) for w in nothing.written] == [("svd_vs_gradient", ""), ("completed_matrix", "")]
    assert nothing.notices == ()
    assert collected(sheet, {"answers.md": sheet.template_text()}) == nothing
    assert collected(sheet, {"answers.md": ""}) == nothing


def test_an_assignment_without_questions_has_no_answers(tmp_path):
    assert collected(QuestionSheet(tmp_path, "lab1"), {"answers.md": "# Q1\nMine.", "a.ipynb": "{"}).written == ()


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "## svd_vs_gradient",
            "# SVD_vs_Gradient:",
            "###### svd vs gradient",
            "## `svd_vs_gradient`",
            "##svd_vs_gradient",
        ),
        *(
            "## Gradient descent and the SVD",
            "# 1. gradient descent and the svd",
            "## Gradient decent and SVD (8 points)",
        ),
        *("## svd_vs_gradient: my view", "## svd_vs_gradiant: Gradient descent and the SVD", "## **svd_vs_gradient**"),
        *(
            "# 1",
            "# 1.",
            "## 1)",
            "# Q1",
            "## q1: SGD against SVD",
            "# Question 1",
            "#### QUESTION 1 - losses",
            "# Answer 1:",
        ),
        *(
            "svd_vs_gradient\n===",
            "Question 1\n---",
            "**Q1**",
            "__svd_vs_gradient__:",
            "**Gradient descent and the SVD**",
        ),
        "## Q2: Gradient descent and the SVD",  # the words count more than the number
    ],
)
def test_a_heading_is_read_leniently(found, heading):
    assert found({"answers.md": f"Ada Lovelace\n\n{heading}\nMine.\n\n## completed_matrix\n\nYours."}) == [
        "Mine.",
        "Yours.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        *(
            "# 1. Loading the data",
            "# Results",
            "## Q3",
            "## Q0",
            "# 2.5 times",
            "## Answer 1 because of",
            "# svd_vs_gradient: " + "long" * 50,
        ),
        *(
            "```python\n# Q1\n```",
            "    # Q1",
            "> # Q1",
            "- # Q1",
            "svd_vs_gradient",
            "Q1 is hard",
            "text **Q1**",
            "####### Q1",
        ),
        "~~~\n## svd_vs_gradient\n~~~",
    ],
)
def test_what_is_no_heading_of_a_question_is_part_of_an_answer(found, line):
    text = f"# completed_matrix\nBefore.\n\n{line}\n\nAfter."
    assert found({"answers.md": text}) == ["", f"Before.\n\n{line}\n\nAfter."]


def test_other_headings_and_rulers_stay_in_an_answer(found):
    text = "## svd_vs_gradient\nOne.\n---\n# Why\n\n\n\n\nTwo.\n## Q2\nThree.\n---\n"
    assert found({"answers.md": text}) == ["One.\n---\n# Why\n\nTwo.", "Three.\n---"]


def test_the_question_and_the_placeholder_are_not_the_students_words(found):
    text = (
        "# Q1\n> How do the two losses compare, and\n> how do they differ\n>\n> over several runs?\nThey do.\n"
        "*your answer here*\n> Explain: they end higher.\n\n"
        "# Q2\nWhat do the hidden cells tell you?\n\n**Your answer here.**\n"
    )
    assert found({"answers.md": text}) == ["They do.\n> Explain: they end higher.", ""]


def test_a_question_pasted_without_quotation_marks_is_not_an_answer(found):
    asked = "How do the two losses compare, and how do they differ over several runs? Explain what you see."
    assert found({"answers.md": f"# Q1\n{asked}\n# Q2\nI {asked}"}) == ["", f"I {asked}"]


@pytest.mark.parametrize("empty", ["", "---", "\n\n***\n", "> \n", "..."])
def test_an_answer_without_a_word_is_none(found, empty):
    assert found({"answers.md": f"# Q1\n{empty}\n# Q2\nSomething."}) == ["", "Something."]


def test_two_headings_of_one_question_make_one_answer(found):
    assert found({"answers.md": "# Q1\nOne.\n# Q2\nTwo.\n# Q1\nThree."}) == ["One.\n\nThree.", "Two."]


def test_text_without_headings_answers_the_only_question(tmp_path, sheet):
    only = sheet_of(tmp_path / "one", ONE)
    text = only.template_text().replace(PLACEHOLDER, "Mine.").replace("## svd_vs", "svd_vs")
    assert [w.answer for w in collected(only, {"answers.md": text}).written] == ["Mine."]
    assert [w.answer for w in collected(only, {"answers.md": "Just this."}).written] == ["Just this."]
    two = collected(sheet, {"answers.md": "Just this."})
    assert [w.answer for w in two.written] == ["", ""]
    (notice,) = two.notices
    assert notice.startswith("answers.md has text, but below no question's heading.")
    assert "“## svd_vs_gradient”, “## completed_matrix”" in notice


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
    ],
)
def test_any_editors_encoding_and_line_ends_will_do(found, encode):
    assert found({"answers.md": encode("# Q1\nGröße ½\nzwei\n# Q2\nja")}) == ["Größe ½\nzwei", "ja"]


def test_the_first_answer_stands_answers_md_before_its_likes_before_notebooks(sheet):
    heading = "# Q1\n"
    files = {
        "a/answers.md": heading + "deep",
        "lab1_answers.md": heading + "like",
        "Answers (1).TXT": heading + "copy",
        "a.ipynb": notebook(("markdown", heading + "notebook")),
        "notes.md": heading + "notes",
    }
    order = []
    while (first := collected(sheet, files).written[0]).answer:
        order.append(first.answer)
        del files[first.source]
    assert order == ["deep", "copy", "like", "notebook"]
    assert list(files) == ["notes.md"]


def test_a_template_left_alone_does_not_hide_the_answers_of_a_notebook(sheet):
    files = {"answers.md": sheet.template_text(), "lab1.ipynb": notebook(("markdown", "# Q1\nMine."))}
    first, second = collected(sheet, files).written
    assert (first.answer, first.source, second.answer) == ("Mine.", "lab1.ipynb", "")
    files["answers.md"] = "# Q2\nHere."
    assert [w.source for w in collected(sheet, files).written] == ["lab1.ipynb", "answers.md"]


def test_a_notebook_answers_in_the_cell_of_the_heading_and_in_those_below(found):
    cells = [
        ("markdown", "# Lab 1\n\n## Question 1: losses\nOne."),
        ("code", "# Q2\nprint('nothing')"),
        ("markdown", "### More\n\nTwo."),
        ("markdown", "## completed_matrix"),
        ("markdown", "Three."),
        ("raw", "raw"),
        ("markdown", "## 3. Training\n\nFour."),
    ]
    assert found({"lab1.ipynb": notebook(*cells)}) == ["One.\n\n### More\n\nTwo.", "Three.\n\nraw"]


def test_only_a_heading_of_hashes_ends_an_answer_in_a_notebook(found):
    for heading in ("**Q1**", "## Q1"):
        text = f"{heading}\n\n**Why**\n\nOne.\n---\nTwo.\n\n## Next\nThree."
        assert found({"a.ipynb": notebook(("markdown", text))}) == ["**Why**\n\nOne.\n---\nTwo.", ""]


def test_an_unclosed_fence_ends_with_its_cell(found):
    assert found({"a.ipynb": notebook(("markdown", "# Q1\n```\nopen"), ("markdown", "# Q2\nTwo."))}) == [
        "```\nopen",
        "Two.",
    ]


def test_text_of_a_notebook_below_no_heading_is_not_an_answer_but_a_person_sees_it(tmp_path):
    only = sheet_of(tmp_path, ONE)
    nothing = collected(only, {"a.ipynb": notebook(("markdown", "# Setup\nPlain text."))})
    assert [w.answer for w in nothing.written] == [""]
    assert nothing.unplaced == (UnplacedRecord(source="a.ipynb", text="# Setup\nPlain text."),)
    (notice,) = nothing.notices
    assert notice.startswith("a.ipynb has text, but below no question's heading. The person who marks sees it.")


def test_a_broken_notebook_is_a_notice_and_the_next_file_is_read(sheet):
    files = {"a.ipynb": b"\xff{", "b.ipynb": notebook(("markdown", "# Q1\nMine."))}
    result = collected(sheet, files)
    assert result.written[0].answer == "Mine."
    (notice,) = result.notices
    assert notice.startswith("a.ipynb cannot be read as a notebook")


def test_a_long_answer_is_cut_and_says_so(sheet):
    whole, cut = "x" * LONGEST_ANSWER, "y" * (LONGEST_ANSWER + 1)
    result = collected(sheet, {"answers.md": f"# Q1\n{whole}\n# Q2\n{cut}"})
    assert [(w.answer, w.truncated) for w in result.written] == [(whole, False), ("y" * LONGEST_ANSWER, True)]
    (notice,) = result.notices
    assert "“What the completed matrix tells you” has more than 20,000 characters" in notice


def test_no_more_is_read_than_there_is_room_for(sheet):
    cells = [("markdown", "x" * (LONGEST_TEXT // 2))] * 3 + [("markdown", "# Q1\nToo late.")]
    late = notebook(("markdown", "# Q1\nLater."))
    result = collected(sheet, {"a.ipynb": notebook(*cells)} | {f"{at}.ipynb": late for at in "bcd"})
    assert result.written[0].answer == ""
    assert [notice for notice in result.notices if "too long" in notice] == [result.notices[0]]
    assert result.notices[0].startswith("a.ipynb is too long")


def test_notices_about_notebooks_stay_few(sheet):
    assert len(collected(sheet, {f"{at}.ipynb": b"?" for at in range(200)}).notices) == 20


# Of the sample class: whose answers are not all there, and who wrote them in a notebook.
UNANSWERED = {
    "activity1": {"dmitri_volkov": 1, "elif_yilmaz": 1},
    "lab1": {"dmitri_volkov": 3, "elif_yilmaz": 3, "hiro_tanaka": 1, "olga_petrova": 1},
}
IN_A_NOTEBOOK = {"activity1": {"jonas_keller"}, "lab1": {"kavya_nair"}}


@pytest.mark.parametrize("assignment", UNANSWERED)
def test_the_answers_of_the_sample_class_are_found(assignment):
    sheet = QuestionSheet(ROOT, assignment)
    given_lines = {line for line in sheet.template_text().splitlines() if line}
    found = {}
    for one in find_class([ROOT / "tests/submissions" / assignment]).submissions:
        submission = take_in(one.path)
        found[submission.name] = collect(submission.files, sheet)
        for written in found[submission.name].written:
            assert not given_lines & set(written.answer.splitlines())
    missing = {name: sum(not w.answer for w in result.written) for name, result in found.items()}
    assert {name: count for name, count in missing.items() if count} == UNANSWERED[assignment]
    assert {name for name, r in found.items() if r.written[0].source.endswith(".ipynb")} == IN_A_NOTEBOOK[assignment]
    assert not any(result.notices for result in found.values())


@given(st.text(alphabet=st.sampled_from("#Q12.*_-=>`~ |\n\r\tsvd:[]()<!\0é"), max_size=300), st.booleans())
@settings(deadline=None)
def test_nothing_that_students_type_is_an_error(tmp_path_factory, text, in_notebook):
    sheet = sheet_of(tmp_path_factory.getbasetemp() / "any")
    files = {"a.ipynb": notebook(("markdown", text))} if in_notebook else {"answers.md": text}
    result = collected(sheet, files)
    assert [w.name for w in result.written] == ["svd_vs_gradient", "completed_matrix"]
    for written in result.written:
        assert bool(written.answer) == bool(written.source)
        typed = text.replace("\r\n", "\n").replace("\r", "\n")
        assert all(line.strip() in typed for line in written.answer.split("\n"))


@given(st.binary(max_size=100))
@settings(deadline=None)
def test_no_bytes_are_an_error(tmp_path_factory, content):
    sheet = sheet_of(tmp_path_factory.getbasetemp() / "any")
    collect({"answers.md": content, "b.ipynb": content}, sheet)
