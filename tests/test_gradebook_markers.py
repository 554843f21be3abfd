"""How consistently several people mark: their means and histograms, from the marks that count."""

import json

import pytest
from gradebook_examples import graded, make_class

from grader.analysis.results import MarkerItem
from grader.gradebook import decisions, rubric
from grader.gradebook.database import Database
from grader.gradebook.decisions import Decision
from grader.gradebook.markers import markers
from grader.gradebook.place import FILE
from grader.gradebook.scores import scores
from grader.gradebook.take_in import take_in


@pytest.fixture
def folder(tmp_path):
    """Six people with one written question of 10 points; tess and kim marked, and one mark was taken back."""
    folder = make_class(tmp_path / "out", *(graded(f"s{at}", 10) for at in range(6)))
    database = Database(f"sqlite:///{folder / FILE}")
    with database.session() as session:
        assignment = take_in(session, folder).assignment
        attempts = [one.attempt for one in scores(session, assignment)]
        item = rubric.add_item(session, assignment, "why", "Right", 10, Decision(by="tess"))
        session.flush()
        for attempt, points in zip(attempts[:3], (0.0, 3.0, 10.0), strict=True):
            decisions.mark(session, attempt, "why", points, Decision(by="tess"))
        rubric.apply(session, attempts[1], "why", [rubric.items_of(session, assignment)[item]], Decision(by="tess"))
        for attempt, points in zip(attempts[3:], (2.0, 4.0, None), strict=True):
            decisions.mark(session, attempt, "why", points, Decision(by="kim"))
    database.close()
    return folder


def test_only_the_marks_that_count_are_compared_as_their_items_give_now(folder):
    database = Database(f"sqlite:///{folder / FILE}")
    with database.session() as session:
        assignment = take_in(session, folder).assignment
        assert markers(session, assignment) == [
            MarkerItem(question="why", points=10.0, by="kim", marked=2, mean=3.0, fifths=(0, 1, 1, 0, 0)),
            MarkerItem(question="why", points=10.0, by="tess", marked=3, mean=20 / 3, fifths=(1, 0, 0, 0, 2)),
        ]
    database.close()


def test_the_command_prints_a_line_for_each_question_and_person(folder, ended):
    code, told, _ = ended("gradebook", "markers", folder, "--json")
    assert code == 0
    assert json.loads(told)[0] == {
        "question": "why",
        "of": 10.0,
        "by": "kim",
        "marked": 2,
        "mean": 3.0,
        "0-20%": 0,
        "20-40%": 1,
        "40-60%": 1,
        "60-80%": 0,
        "80-100%": 0,
    }
    (empty := folder.parent / "empty").mkdir()
    make_class(empty, graded("ann", 10))
    assert ended("gradebook", "markers", empty)[::2] == (0, "nobody has marked anything\n")
