"""The final score: a pure function of attempt, marks, overrides and late policy, with its derivation."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.gradebook.course_total import CourseTotal, Result, course_total
from grader.gradebook.final_score import Earned, LatePolicy, final_score

DUE = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
FIVE = LatePolicy(percent_a_day=5.0)


def earned(**fields):
    usual = {"checks": 65.0, "max_checks": 78.0, "questions": {"why": 12.0}, "marks": {"why": 12.0}}
    return Earned(**(usual | fields))


def test_the_derivation_says_how_the_score_came_about():
    found = final_score(earned(days_late=1, policy=FIVE))
    assert found.derivation == "72.5 = 65 automatic + 12 written − 4.5 late (1 day)"
    assert (found.score, found.max_score, found.automatic, found.written, found.late) == (72.5, 90, 65, 12, 4.5)
    assert found.open == ""


def test_in_time_and_without_written_questions_only_the_checks_are_named():
    found = final_score(earned(questions={}, marks={}))
    assert (found.derivation, found.max_score) == ("65 = 65 automatic", 78)


def test_an_answer_that_nobody_marked_counts_neither_as_points_nor_as_maximum():
    found = final_score(earned(marks={}))
    assert (found.score, found.max_score, found.awaiting) == (65, 78, 12)
    assert found.open == "1 written answer to mark (12 points)."
    assert final_score(earned(questions={"why": 12.0, "how": 3.0}, marks={})).open.startswith("2 written answers")


def test_a_mark_of_a_question_that_is_gone_does_not_count():
    assert final_score(earned(marks={"old": 5.0, "why": 1.0})).written == 1


def test_an_override_replaces_the_points_of_a_check_or_of_all():
    one = final_score(earned(overrides={("p", "b"): 5.0}))
    assert (one.automatic, one.derivation) == (70, "82 = 70 automatic, overridden + 12 written")
    assert final_score(earned(whole=50.0, overrides={("p", "b"): 5.0})).automatic == 50


@pytest.mark.parametrize(
    ("minutes", "days"),
    [(-60, 0), (0, 0), (10, 0), (11, 1), (24 * 60, 1), (24 * 60 + 1, 2), (3 * 24 * 60, 3)],
)
def test_a_started_day_counts_and_the_grace_period_costs_nothing(minutes, days):
    assert LatePolicy(grace_minutes=10).days_late(DUE + timedelta(minutes=minutes), DUE) == days


def test_the_cost_of_being_late_has_a_cap_and_never_exceeds_the_score():
    assert final_score(earned(days_late=9, policy=LatePolicy(percent_a_day=5, most_percent=20))).late == 18
    poor = earned(checks=1.0, marks={"why": 0.0})
    assert final_score(poor._replace(days_late=9, policy=FIVE)).score == 0


def test_work_that_is_no_longer_accepted_earns_nothing_and_says_why():
    found = final_score(earned(days_late=4, policy=LatePolicy(percent_a_day=5, days_accepted=3)))
    assert found.score == 0
    assert found.derivation == "0 = 65 automatic + 12 written − 77: 4 days late, and only 3 days are accepted"


def test_late_by_an_unknown_time_costs_nothing_until_a_person_decides():
    found = final_score(earned(days_late=None, policy=FIVE))
    assert (found.late, found.open) == (0, "Late, and it is not known by how much.")


LABS = (Result("lab1", 1, 0.5), Result("lab2", 2, 0.8), Result("lab3", 1, 1.0))


@pytest.mark.parametrize(
    ("dropped", "per_cent", "left_out", "derivation"),
    [
        (0, 77.5, (), "77.5 = (lab1 50 + 2 × lab2 80 + lab3 100) / 4"),
        (1, 86.67, ("lab1",), "86.67 = (2 × lab2 80 + lab3 100) / 3; without lab1 50"),
        (5, 100, ("lab1", "lab2"), "100 = lab3 100; without lab1 50, lab2 80"),
    ],
)
def test_the_total_of_a_course_weighs_and_leaves_out_the_worst_but_never_all(dropped, per_cent, left_out, derivation):
    assert course_total(LABS, dropped) == CourseTotal(per_cent, left_out, derivation)


def test_what_weighs_nothing_is_not_in_the_total():
    assert course_total([Result("lab1", 0, 0.5), Result("lab2", 2, 0.8)], 1).derivation == "80 = lab2 80"
    assert course_total([Result("lab1", 0, 0.5)], 1) == CourseTotal(None, (), "nothing counts yet")
