"""The notebook of an assignment, handed in as the only file, is graded part by part, the answers included."""

import json

import pytest

from grader.course import notebook_template
from grader.grading.grade import GradeOptions, grade
from grader.intake.submission import take_in
from grader.records.record import Verdict
from grader.written.questions import PLACEHOLDER, QuestionSheet


def handed_in(folder, text, beside=()):
    """A submission that holds this notebook, and the files ``beside`` it as they were given."""
    folder.mkdir()
    (folder / "my work.ipynb").write_text(text, encoding="utf-8")
    for path in beside:
        (folder / path.name).write_bytes(path.read_bytes())
    return take_in(folder)


def filled(course, assignment, monkeypatch):
    """The notebook's cells with the reference's code instead of the stubs, and an answer to each question."""
    with monkeypatch.context() as patch:
        patch.setattr(notebook_template, "stub_of", lambda source: source)
        text = notebook_template.notebook_template(course, assignment, QuestionSheet(course.root, assignment).asked())
    cells = {cell["id"] for cell in json.loads(text)["cells"]}
    assert {
        cell["id"] for cell in json.loads(course.notebook(assignment).read_text(encoding="utf-8"))["cells"]
    } <= cells
    return text.replace(PLACEHOLDER, "Because the rows of **V** say so.")


@pytest.mark.parametrize("assignment", ["activity1", "lab2", "lab1"])
def test_a_filled_notebook_earns_full_marks_and_its_answers_are_there(course, slot, tmp_path, monkeypatch, assignment):
    submission = handed_in(tmp_path / "ada", filled(course, assignment, monkeypatch))
    record = grade(submission, course.parts(assignment), slot, GradeOptions(seed=1))
    lost = [
        (check.name, check.verdict, check.message)
        for part in record.parts
        for check in part.checks
        if check.score < check.points
    ]
    assert (lost, record.score) == ([], record.max_score)
    assert {written.answer for written in record.written} == {"Because the rows of **V** say so."}
    for part, known in zip(record.parts, course.parts(assignment), strict=True):
        assert {(found.entry_point, found.file) for found in part.found} == {
            (entry.name, "my work.ipynb") for entry in known.entry_points
        }
        assert part.missing == ()
    assert (record.unplaced, record.reasons) == ((), ())


def test_a_notebook_left_as_it_was_given_earns_nothing_and_is_called_unwritten(course, slot, tmp_path):
    given = course.notebook("activity1").read_text(encoding="utf-8")
    record = grade(handed_in(tmp_path / "bo", given), course.parts("activity1"), slot, GradeOptions(seed=1))
    assert record.score == 0
    assert {check.verdict for part in record.parts for check in part.checks} == {Verdict.not_implemented}
    assert [written.answer for written in record.written] == [""]


def test_of_all_the_templates_a_student_fills_in_only_the_notebook(course, slot, tmp_path, monkeypatch):
    """They got the folder, worked in the notebook, and handed the folder in with the other files untouched."""
    (part,) = course.parts("activity1")
    text = filled(course, "activity1", monkeypatch)
    given = (part.template, QuestionSheet(course.root, "activity1").template)
    record = grade(handed_in(tmp_path / "cy", text, given), [part], slot, GradeOptions(seed=1))
    assert record.score == record.max_score
    assert [written.source for written in record.written] == ["my work.ipynb"]


def test_of_all_the_templates_a_student_fills_in_only_the_python_file(course, slot, tmp_path):
    (part,) = course.parts("activity1")
    given = course.notebook("activity1").read_text(encoding="utf-8")
    record = grade(handed_in(tmp_path / "di", given, [part.reference]), [part], slot, GradeOptions(seed=1))
    assert record.score == record.max_score
    assert {found.file for found in record.parts[0].found} == {"score_matrix.py"}
    assert (record.written[0].answer, record.unplaced, record.notices) == ("", (), ())


def test_a_notebook_that_was_worked_in_is_graded_by_its_functions(course, slot, tmp_path, monkeypatch):
    """With magics, outputs, a cell that failed, trials that do not run here, and a second version of a function."""
    notebook = json.loads(filled(course, "activity1", monkeypatch))
    trials = ["!pip install torch", "%matplotlib inline\nfrom google.colab import drive\ndrive.mount('/content/drive')"]
    trials += ["score_matrix(torch.ones(2, 2), torch.ones(3, 3))", "def stack_rows(vectors):\n    return None", "x ="]
    worked = [
        {
            "cell_type": "code",
            "metadata": {"id": str(at)},
            "execution_count": at,
            "source": source,
            "outputs": [{"x": 1}],
        }
        for at, source in enumerate(trials)
    ]
    notebook["cells"] = [worked[0], worked[1], worked[3], *notebook["cells"], worked[2], worked[4]]
    submission = handed_in(tmp_path / "ed", json.dumps(notebook))
    record = grade(submission, course.parts("activity1"), slot, GradeOptions(seed=1))
    assert (record.score, record.written[0].answer) == (record.max_score, "Because the rows of **V** say so.")
