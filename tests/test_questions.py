"""`grader.written.questions`: the sheet of an assignment, and the file that students answer in."""

import pytest

from grader.course.notebook_template import notebook_template
from grader.errors import CourseError
from grader.written.answers import collect
from grader.written.questions import PLACEHOLDER, Question, QuestionSheet, RubricLine

WHY = '[[question]]\nname = "why"\ntitle = "Why it works"\npoints = 2.5\ntext = """\nSay why.\n\n  In words.\n"""\n'
HOW = '[[question]]\nname = "how_2"\ntitle = "How: `fit`"\npoints = 3\npart = "warm_up"\ntext = "Say how."\n'


@pytest.fixture
def sheet(tmp_path):
    def write(text):
        sheet = QuestionSheet(tmp_path, "lab9")
        sheet.source.parent.mkdir(parents=True, exist_ok=True)
        sheet.source.write_text(text)
        return sheet

    return write


def test_questions_come_in_the_order_they_are_written(sheet):
    why, how = sheet(WHY + HOW).questions
    assert why == Question(name="why", title="Why it works", points=2.5, text="Say why.\n\n  In words.\n")
    assert (how.name, how.part, how.points) == ("how_2", "warm_up", 3)


def test_an_assignment_without_the_file_has_no_questions(tmp_path):
    assert QuestionSheet(tmp_path, "lab9").questions == ()


def test_the_template_has_heading_quotation_and_placeholder_for_each(sheet):
    whole = sheet(WHY + HOW)
    text = whole.template_text()
    assert text.startswith("# lab9: written answers\n")
    _, first, second = text.split("\n## ")
    assert first == f"why: Why it works (2.5 points)\n\n> Say why.\n>\n>   In words.\n\n{PLACEHOLDER}\n"
    assert second == f"how_2: How: `fit` (3 points)\n\n> Say how.\n\n{PLACEHOLDER}\n"


def test_a_template_is_current_until_a_question_changes(sheet):
    before = sheet(WHY)
    assert not before.is_current()
    before.template.parent.mkdir(parents=True)
    before.template.write_text(before.template_text())
    assert before.is_current()
    assert not sheet(WHY.replace("Say why", "Tell why")).is_current()


def test_model_answer_and_rubric_reach_nothing_that_students_get(sheet, demo):
    for_staff = 'model_answer = "SECRET-1"\n[[question.rubric]]\nwords = "SECRET-2"\npoints = -0.5\n'
    whole = sheet(WHY + for_staff + HOW)
    (why, _) = whole.questions
    assert (why.model_answer, why.rubric) == ("SECRET-1", (RubricLine(words="SECRET-2", points=-0.5),))
    assert sheet(WHY + HOW).template_text() == whole.template_text()
    notebook = notebook_template(demo, "demo", whole.asked())
    collected = collect({"answers.md": b"## why\n\nBecause.\n"}, whole)
    assert collected.written[0].answer == "Because."
    for given in (whole.template_text(), notebook, repr(collected)):
        assert "SECRET" not in given


def test_no_file_for_students_has_a_line_of_a_model_answer_or_rubric(course):
    handed_out = [path.read_text() for path in (course.root / "student_template").rglob("*.*") if path.is_file()]
    assert handed_out
    lines = []
    for assignment in course.assignments:
        for question in QuestionSheet(course.root, assignment).questions:
            lines += [line for line in question.model_answer.splitlines() if len(line) > 20]
            lines += [line.words for line in question.rubric]
    assert lines
    assert not [line for line in lines for text in handed_out if line in text]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name = "why"', 'name = "Why not"', "name"),
        ('name = "why"\n', "", "name"),
        ("points = 2.5", "points = 0", "points"),
        ("points = 2.5", "points = -1", "points"),
        ('title = "Why it works"', 'title = ""', "title"),
        ('title = "Why it works"', 'title = "Why\\nit works"', "title"),
        ("points = 2.5", "marks = 2.5", "marks"),
        ("points = 2.5", 'points = 2.5\nrubric = [{words = "", points = 1}]', "words"),
        ("points = 2.5", 'points = 2.5\nrubric = [{words = "x"}]', "points"),
        ("[[question]]", "[[questions]]", "questions"),
        ("points = 2.5", "points =", "Invalid value"),
        ("Say why.\n\n  In words.", "", "text"),
        ('name = "why"', 'name = "how_2"', "two questions are called 'how_2'"),
    ],
)
def test_a_broken_sheet_says_where_and_what(sheet, old, new, says):
    assert old in WHY
    with pytest.raises(CourseError, match=rf"lab9/questions\.toml: .*{says}"):
        _ = sheet(WHY.replace(old, new) + HOW).questions
