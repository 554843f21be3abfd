"""How fast the gradebook answers. Run with `make bench`; the bound is 0.2 s a query.

1,000 people, ten assignments, five attempts each. `GRADER_BENCH_PEOPLE=20 make bench` only tries the benchmarks.
"""

import gc
import os

import pytest
from gradebook_examples import graded, make_class, person

from grader.gradebook import decisions, listing, people
from grader.gradebook.course_total import course_totals
from grader.gradebook.database import Database
from grader.gradebook.decisions import Decision
from grader.gradebook.final_score import LatePolicy
from grader.gradebook.history import history
from grader.gradebook.markers import markers
from grader.gradebook.scores import best_and_latest, scored, scores
from grader.gradebook.similar import alike
from grader.gradebook.tables import Attempt, Member, Person, Submission
from grader.gradebook.take_in import take_in

PEOPLE = int(os.environ.get("GRADER_BENCH_PEOPLE", "1000"))
ASSIGNMENTS, ATTEMPTS, CHECKS = 10, 5, 40
QUESTIONS = (("why", 10.0), ("how", 5.0))


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """The database, and the folder of the first assignment's records; every answer is marked twice, by two people."""
    folder = tmp_path_factory.mktemp("class")
    names = [f"student {at:04}" for at in range(PEOPLE)]
    records = [graded(name, *(at % 11 for at in range(CHECKS)), written=QUESTIONS) for name in names]
    out = make_class(folder / "out", *records, people=[person(name, id=f"id-{name}") for name in names])
    database = Database(f"sqlite:///{folder / 'gradebook.sqlite'}")
    with database.session() as session:
        first = take_in(session, out).assignment
        decisions.set_policy(session, None, LatePolicy(percent_a_day=10), 2, Decision(by="tess"))
        session.flush()
        for at in range(1, ASSIGNMENTS):
            _copy(session, first, at)
        for submission in session.query(Submission):
            _add_attempts(session, submission)
    gc.collect()
    gc.freeze()  # a command does not have what made this gradebook, so it does not look through it either
    yield database, out
    gc.unfreeze()
    database.close()


def _copy(session, first, at):
    """Add another assignment with the submissions and the first attempts of the first one."""
    assignment = type(first)(name=f"lab{at + 1}", title=f"Lab {at + 1}")
    session.add(assignment)
    session.flush()
    for one in session.query(Submission).filter_by(assignment_id=first.id).all():
        session.add(
            Submission(
                assignment_id=assignment.id,
                name=one.name,
                members=[Member(person_id=member.person_id) for member in one.members],
                attempts=[_attempt(one.attempts[0], 1)],
            )
        )
    session.flush()


def _attempt(like, number):
    kept = ("record_sha256", "started", "standing", "counts", "score", "max_score", "checks", "questions")
    place = like.place.replace("001", f"{number:03}")
    return Attempt(number=number, place=place, **{name: getattr(like, name) for name in kept})


def _add_attempts(session, submission):
    first = submission.attempts[0]
    submission.attempts.extend(_attempt(first, number) for number in range(2, ATTEMPTS + 1))
    for by in ("tess", "ulf"):
        for question, points in QUESTIONS:
            decisions.mark(session, first, question, points / 2, Decision(by=by))


def first_of(session):
    return session.query(Submission).order_by(Submission.id).first().assignment


def of_somebody(session):
    return people.submission_of(session, first_of(session).id, f"id-student {PEOPLE // 2:04}")


QUERIES = {
    "show": lambda session: scores(session, first_of(session)),
    "show one person": lambda session: scored(session, of_somebody(session)),
    "history": lambda session: history(session, of_somebody(session)),
    "best": lambda session: list(best_and_latest(session, first_of(session))),
    "markers": lambda session: markers(session, first_of(session)),
    "nearly identical": lambda session: alike(session, of_somebody(session)) or [None],
    "find a person": lambda session: people.named_person(session, f"STUDENT {PEOPLE // 2:04}"),
    "table of people": lambda session: listing.rows_of(session, "person"),
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_about_one_assignment(benchmark, gradebook, query):
    database, _ = gradebook

    def ask():
        with database.session() as session:
            return QUERIES[query](session)

    assert benchmark.pedantic(ask, rounds=5, warmup_rounds=1)


def test_the_total_of_everybody_over_ten_assignments(benchmark, gradebook):
    """Ten queries of the kind `show`."""
    database, _ = gradebook

    def ask():
        with database.session() as session:
            return [one.total.per_cent for one in course_totals(session)]

    assert len(benchmark.pedantic(ask, rounds=3)) == PEOPLE


def test_what_every_command_begins_with_taking_in_nothing_new(benchmark, gradebook):
    database, out = gradebook

    def ask():
        with database.session() as session:
            return take_in(session, out).attempts

    assert benchmark.pedantic(ask, rounds=3) == 0


def test_a_gradebook_has_all_of_them(gradebook):
    database, _ = gradebook
    with database.session() as session:
        assert session.query(Person).count() == PEOPLE
        assert session.query(Attempt).count() == PEOPLE * ASSIGNMENTS * ATTEMPTS
