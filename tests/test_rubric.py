"""Rubrics in the gradebook: what an item gives is what it gives now, to everybody who has it."""

import pytest
from gradebook_examples import graded, make_class

from grader.errors import UsageError
from grader.gradebook import decisions, rubric
from grader.gradebook.database import Database
from grader.gradebook.decisions import Decision
from grader.gradebook.history import history
from grader.gradebook.place import FILE
from grader.gradebook.said import said_of
from grader.gradebook.scores import scored, scores
from grader.gradebook.tables import Assignment, Comment, Pricing, Submission
from grader.gradebook.take_in import take_in

BY = Decision(by="tess")


@pytest.fixture
def session(tmp_path):
    database = Database(f"sqlite:///{tmp_path / FILE}")
    with database.session() as session:
        yield session
    database.close()


@pytest.fixture
def lab(session, tmp_path):
    return take_in(session, make_class(tmp_path / "out", graded("Ada", 10), graded("Bo", 10))).assignment


def give(session, name, *ids, question="why"):
    submission = session.query(Submission).filter_by(name=name).one()
    items = rubric.items_of(session, session.query(Assignment).one())
    chosen = rubric.chosen(ids, items, question)
    rubric.apply(session, scored(session, submission).attempt, question, chosen, Decision(by="tess"))
    session.flush()
    return submission


def written(session, lab):
    return {one.submission.name: one.final.written for one in scores(session, lab)}


def test_pricing_an_item_anew_prices_everybody_anew(session, lab):
    idea = rubric.add_item(session, lab, "why", "right idea", 4, BY)
    example = rubric.add_item(session, lab, "why", "an example", 1.5, BY)
    give(session, "Ada", idea, example)
    give(session, "Bo", idea)
    assert written(session, lab) == {"Ada": 5.5, "Bo": 4}
    rubric.price(session, idea, "the right idea", 6, BY)
    assert written(session, lab) == {"Ada": 7.5, "Bo": 6}
    assert [one.points for one in session.query(Pricing)] == [4, 1.5, 6], "the earlier price stays in the history"


def test_a_sum_is_at_least_zero_and_at_most_the_points_of_the_question(session, lab):
    much = rubric.add_item(session, lab, "why", "much", 9, BY)
    more = rubric.add_item(session, lab, "why", "more", 9, BY)
    less = rubric.add_item(session, lab, "why", "wrong sign", -20, BY)
    give(session, "Ada", much, more)
    give(session, "Bo", much, less)
    assert written(session, lab) == {"Ada": 10, "Bo": 0}


def test_who_has_only_a_retired_item_is_unmarked_until_it_is_used_again(session, lab):
    idea = rubric.add_item(session, lab, "why", "right idea", 4, BY)
    give(session, "Ada", idea)
    rubric.price(session, idea, "right idea", 4, BY, retired=True)
    (ada, _) = scores(session, lab)
    assert (ada.final.written, ada.final.awaiting) == (0, 10)
    with pytest.raises(UsageError, match="no longer in use"):
        give(session, "Bo", idea)
    rubric.price(session, idea, "right idea", 4, BY)
    assert written(session, lab)["Ada"] == 4


def test_a_new_item_takes_the_first_free_position(session, lab):
    first, *_ = [rubric.add_item(session, lab, "why", words, 1, BY) for words in "abc"]
    rubric.price(session, first, "a", 1, BY, retired=True)
    rubric.add_item(session, lab, "why", "d", 1, BY)
    rubric.add_item(session, lab, "how", "other question", 1, BY)
    found = rubric.by_question(rubric.items_of(session, lab))
    assert [(one.position, one.words) for one in found["why"]] == [(1, "d"), (2, "b"), (3, "c")]
    assert [one.position for one in found["how"]] == [1]


def test_no_items_and_typed_points_take_the_place_of_items(session, lab):
    idea = rubric.add_item(session, lab, "why", "right idea", 4, BY)
    ada = give(session, "Ada", idea)
    decisions.mark(session, scored(session, ada).attempt, "why", 2.5, BY)
    session.flush()
    assert written(session, lab)["Ada"] == 2.5
    rubric.price(session, idea, "right idea", 9, BY)
    assert written(session, lab)["Ada"] == 2.5
    give(session, "Ada")
    assert scored(session, ada).final.awaiting == 10


def test_items_of_another_question_and_senseless_prices_are_refused(session, lab):
    other = rubric.add_item(session, lab, "how", "x", 1, BY)
    with pytest.raises(UsageError, match="no longer in use"):
        give(session, "Ada", other)
    for words, points in (("", 1), ("x", float("nan")), ("x", 1e9)):
        with pytest.raises(UsageError):
            rubric.add_item(session, lab, "why", words, points, BY)


def test_the_student_reads_the_items_they_have_and_no_others(session, lab):
    idea = rubric.add_item(session, lab, "why", "right idea", 4, BY)
    rubric.add_item(session, lab, "why", "not theirs", 1, BY)
    ada = give(session, "Ada", idea)
    said = said_of(session, ada, {"why": 10.0})
    assert (said.marks, said.comments) == ({"why": 4}, {"why": ("right idea (+4)",)})


def test_a_withdrawn_comment_is_not_said_and_stays_in_the_history(session, lab):
    ada = session.query(Submission).filter_by(name="Ada").one()
    decisions.comment(session, ada, "why", Decision(by="tess", why="Wow"))
    decisions.comment(session, ada, "why", Decision(by="tess", why="Good."))
    session.flush()
    decisions.withdraw(session, session.query(Comment).filter_by(why="Wow").one().id, Decision(by="tess"))
    session.flush()
    assert said_of(session, ada, {"why": 10.0}).comments == {"why": ("Good.",)}
    assert [event.what for event in history(session, ada)][1:] == [
        "comment on why",
        "comment on why",
        "comment withdrawn on why",
    ]


def test_the_history_tells_of_new_prices_flags_and_looks(session, lab):
    idea = rubric.add_item(session, lab, "why", "right idea", 4, Decision(by="tess"))
    ada = give(session, "Ada", idea)
    rubric.price(session, idea, "right idea", 6, Decision(by="ulf"))
    decisions.flag(session, ada, "why", True, Decision(by="tess", why="unsure"))
    decisions.look(session, ada.attempts[0], True, Decision(by="ulf"))
    session.flush()
    assert [(event.what, event.by) for event in history(session, ada)][1:] == [
        ("4 points for question why", "tess"),
        ("rubric item “right idea” of question why now gives 6 points", "ulf"),
        ("answer to why flagged for a colleague", "tess"),
        ("attempt 1 looked at", "ulf"),
    ]
