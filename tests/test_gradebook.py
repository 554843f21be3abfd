"""The gradebook's database: what is taken in, what people decide, and the scores that follow; SQLite and PostgreSQL."""

import json
import os
from datetime import UTC, datetime

import pytest
from gradebook_examples import graded, make_class, own_schema, person, postgresql
from sqlalchemy import MetaData, create_engine, event, inspect, select, text

from grader.analysis.items import analyse
from grader.analysis.results import SimilarPair, to_json
from grader.errors import UsageError
from grader.gradebook import decisions, listing, people
from grader.gradebook.database import Database, migrate
from grader.gradebook.decisions import Decision
from grader.gradebook.difference import differences
from grader.gradebook.final_score import LatePolicy
from grader.gradebook.history import history
from grader.gradebook.place import FILE, VARIABLE, url_of
from grader.gradebook.policies import policy_of
from grader.gradebook.scores import best_and_latest, scored, scores
from grader.gradebook.similar import alike
from grader.gradebook.tables import Assignment, Attempt, Mark, Table
from grader.gradebook.take_in import take_in
from grader.intake.roster import read_roster
from grader.records.store import Store

WHY = Decision(by="tess", why="typo of ours")
SERVER = os.environ.get(VARIABLE)


@pytest.fixture(scope="session")
def server():
    """The URL of a PostgreSQL database: that of GRADER_DB, or of a server started from Debian's packages."""
    if SERVER:
        yield SERVER
        return
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / FILE}"
        return
    server = request.getfixturevalue("server")
    if server is None:
        pytest.skip("PostgreSQL's server is not installed here")
    with own_schema(server) as own:
        yield own


@pytest.fixture
def session(url):
    database = Database(url)
    with database.session() as session:
        yield session
    database.close()


@pytest.fixture
def lab(session, tmp_path):
    """The assignment lab1 with Ada (two attempts) and the group of Bo and Cy; Di handed in nothing."""
    folder = make_class(
        tmp_path / "out",
        graded("Ada", 10, 0),
        graded("Ada", 10, 5),
        graded("Bo & Cy", 10, 10),
        people=(
            person("Ada", id="1", email="ada@x.org", when="2026-11-28T00:30:00+00:00"),
            person("Bo", "Bo & Cy", id="2"),
            person("Cy", "Bo & Cy", id="3", late=True),
            person("Di", "", id="4"),
        ),
    )
    return take_in(session, folder).assignment


def of(session, lab, name="Ada"):
    return people.submission_of(session, lab.id, name)


def final(session, lab, name="Ada"):
    return scored(session, of(session, lab, name)).final


def test_what_is_taken_in_twice_is_there_once(session, tmp_path, lab):
    assert take_in(session, tmp_path / "out").attempts == 0
    make_class(tmp_path / "out", graded("Ada", 10, 10))
    assert take_in(session, tmp_path / "out").attempts == 1
    assert [one.number for one in of(session, lab).attempts] == [1, 2, 3]
    assert final(session, lab).automatic == 20


def test_the_latest_attempt_counts_or_the_best_but_none_that_is_refused_or_practice(session, tmp_path, lab):
    make_class(tmp_path / "out", graded("Ada", 2, 0), graded("Ada", refused="A bomb."), graded("Ada", 10, partial=True))
    take_in(session, tmp_path / "out")
    assert final(session, lab).automatic == 2
    lab.best_counts = True
    session.flush()
    assert final(session, lab).automatic == 15
    assert [(name, best.number, latest.number) for name, best, latest in best_and_latest(session, lab)] == [
        ("Ada", 2, 3),
        ("Bo & Cy", 1, 1),
    ]


def test_who_only_has_refused_attempts_has_no_score_and_is_shown(session, tmp_path):
    taken = take_in(session, make_class(tmp_path / "out", graded("Eve", refused="A bomb.")))
    (eve,) = scores(session, taken.assignment)
    assert not eve.attempt.counts
    assert eve.final.max_score == 0


def test_a_record_that_cannot_be_read_is_named_and_the_rest_taken_in(session, tmp_path):
    folder = make_class(tmp_path / "out", graded("Ada", 10), graded("Bo", 10))
    (folder / "Bo" / "attempt-001.json").write_text("{")
    taken = take_in(session, folder)
    assert taken.attempts == 1
    assert "Bo/attempt-001.json" in taken.unreadable[0]


def test_records_of_two_folders_are_not_mixed(session, tmp_path, lab):
    other = make_class(tmp_path / "other", graded("Ada", 3))
    (other / "Ada").rename(other / "Ada again")
    with pytest.raises(UsageError, match="from other records"):
        take_in(session, other)


def test_a_folder_without_records_is_a_usage_error(session, tmp_path):
    with pytest.raises(UsageError, match="no records"):
        take_in(session, tmp_path)


def test_a_group_has_one_score_for_everybody(session, lab):
    assert of(session, lab, "3").name == of(session, lab, "bo").name == "Bo & Cy"
    with pytest.raises(UsageError, match="handed in nothing"):
        of(session, lab, "Di")
    with pytest.raises(UsageError, match="did you mean Ada"):
        of(session, lab, "Adda")


def test_marks_and_overrides_count_and_the_earlier_ones_stay(session, lab):
    attempt = scored(session, of(session, lab)).attempt
    for points in (4.0, 7.0):
        decisions.mark(session, attempt, "why", points, WHY)
    decisions.override(session, attempt, ("part", "c1"), 9.0, WHY)
    session.flush()
    assert final(session, lab).derivation == "26 = 19 automatic, overridden + 7 written"
    decisions.override(session, attempt, ("part", "c1"), None, WHY)
    decisions.mark(session, attempt, "why", None, WHY)
    session.flush()
    assert final(session, lab).derivation == "15 = 15 automatic"
    assert [row["points"] for row in listing.rows_of(session, "mark")] == [4, 7, None]


@pytest.mark.parametrize("points", [-1.0, 10.5, float("nan")])
def test_points_out_of_range_are_refused(session, lab, points):
    attempt = scored(session, of(session, lab)).attempt
    with pytest.raises(UsageError, match="between 0 and 10"):
        decisions.mark(session, attempt, "why", points, WHY)
    with pytest.raises(UsageError, match="between 0 and 10"):
        decisions.override(session, attempt, ("part", "c0"), points, WHY)


def test_unknown_questions_and_checks_are_named_with_those_there_are(session, lab):
    attempt = scored(session, of(session, lab)).attempt
    with pytest.raises(UsageError, match="there are: why"):
        decisions.mark(session, attempt, "how", 1.0, WHY)
    with pytest.raises(UsageError, match="no check 'rank9' in part 'part'; there are: c0, c1"):
        decisions.override(session, attempt, ("part", "rank9"), 1.0, WHY)
    with pytest.raises(UsageError, match=r"there is no part 'path'; did you mean 'part'\?"):
        decisions.override(session, attempt, ("path", "c1"), 1.0, WHY)
    with pytest.raises(UsageError, match="say why"):
        decisions.override(session, attempt, ("part", "c1"), 1.0, Decision())


def test_an_override_stays_when_a_later_attempt_counts(session, tmp_path, lab):
    decisions.override(session, scored(session, of(session, lab)).attempt, ("", ""), 20.0, WHY)
    make_class(tmp_path / "out", graded("Ada", 0, 0))
    take_in(session, tmp_path / "out")
    assert final(session, lab).automatic == 20


def test_an_override_of_a_check_that_a_later_attempt_lacks_changes_nothing(session, tmp_path, lab):
    decisions.override(session, scored(session, of(session, lab)).attempt, ("part", "c1"), 9.0, WHY)
    make_class(tmp_path / "out", graded("Ada", 4))
    take_in(session, tmp_path / "out")
    found = final(session, lab)
    assert (found.automatic, found.derivation) == (4, "4 = 4 automatic")


def test_late_work_costs_what_the_policy_says_and_an_extension_helps(session, lab):
    lab.due = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
    decisions.set_policy(session, None, LatePolicy(percent_a_day=50.0), 1, WHY)
    decisions.set_policy(session, lab, LatePolicy(percent_a_day=10.0, grace_minutes=15), 0, WHY)
    session.flush()
    assert policy_of(session, lab) == (LatePolicy(percent_a_day=10.0, grace_minutes=15), 0)
    assert final(session, lab).derivation == "13 = 15 automatic − 2 late (1 day)"
    ada = people.named_person(session, "ada@x.org")
    decisions.extend(session, ada, lab, 60, WHY)
    session.flush()
    assert final(session, lab).late == 0
    decisions.extend(session, ada, lab, 0, WHY)
    session.flush()
    assert final(session, lab).late == 2


def test_who_the_lms_calls_late_waits_for_a_person_if_that_costs_points(session, lab):
    assert final(session, lab, "Cy").days_late == 0
    decisions.set_policy(session, lab, LatePolicy(percent_a_day=10.0), 0, WHY)
    session.flush()
    assert "not known by how much" in final(session, lab, "Cy").open
    decisions.set_days_late(session, of(session, lab, "Cy"), 2, WHY)
    session.flush()
    assert final(session, lab, "Cy").derivation == "16 = 20 automatic − 4 late (2 days)"


@pytest.mark.parametrize(
    "policy", [LatePolicy(percent_a_day=-1), LatePolicy(most_percent=101), LatePolicy(grace_minutes=-1)]
)
def test_a_policy_that_makes_no_sense_is_refused(session, lab, policy):
    with pytest.raises(UsageError):
        decisions.set_policy(session, lab, policy, 0, WHY)


def test_the_history_tells_everything_in_order(session, lab):
    submission = of(session, lab)
    attempt = scored(session, submission).attempt
    decisions.mark(session, attempt, "why", 7.0, WHY)
    decisions.override(session, attempt, ("part", "c1"), 9.0, WHY)
    decisions.comment(session, submission, "why", Decision("tess", "Nice.", WHY.at))
    decisions.set_days_late(session, submission, None, WHY)
    decisions.extend(session, people.named_person(session, "Ada"), lab, 90, WHY)
    session.flush()
    assert [(event.what, event.by, event.why) for event in history(session, submission)] == [
        ("attempt 1: 10 of 20 (final)", "the grader", ""),
        ("attempt 2: 15 of 20 (final)", "the grader", ""),
        ("7 points for question why", "tess", "typo of ours"),
        ("9 points for check part/c1, in place of the grader's", "tess", "typo of ours"),
        ("comment on why", "tess", "Nice."),
        ("as late as the times say", "tess", "typo of ours"),
        ("1.5 hours more", "tess", "typo of ours"),
    ]


def test_a_roster_names_people_and_brings_their_other_ids(session, lab, tmp_path):
    roster = tmp_path / "people.csv"
    roster.write_text('Student,ID,SIS Login ID,Section\n"Lovelace, Ada",1,ada1,A\n"New, Person",9,new1,B\n')
    assert people.import_roster(session, read_roster(roster)) == 1
    assert people.import_roster(session, read_roster(roster)) == 0
    ada = people.named_person(session, "ada1")
    assert (ada.name, ada.key, ada.section) == ("Ada Lovelace", "1", "A")
    assert of(session, lab, "ada1").name == "Ada"


@pytest.mark.parametrize("table", listing.TABLES)
def test_every_table_can_be_listed(session, lab, table):
    attempt = scored(session, of(session, lab)).attempt
    decisions.mark(session, attempt, "why", 7.0, WHY)
    session.flush()
    rows = listing.rows_of(session, table)
    assert json.loads(json.dumps(rows)) == json.loads(json.dumps(rows))
    if table == "mark":
        assert rows[0]["submission"] == "Ada"
        assert not any(key.endswith("_id") for key in rows[0])


def test_nearly_identical_submissions_are_those_of_the_class_page_and_follow_it(session, tmp_path, lab):
    def say(*pairs):
        found = [SimilarPair(first=first, second=second, share=share) for first, second, share in pairs]
        (tmp_path / "out" / "analysis.json").write_bytes(to_json(analyse((), found)))
        take_in(session, tmp_path / "out")
        return [(row["first"], row["second"], row["similarity"]) for row in listing.rows_of(session, "similar_pair")]

    make_class(tmp_path / "out", graded("Eve", 10))
    take_in(session, tmp_path / "out")
    assert say(("Ada", "Eve", 0.9), ("Ada", "Bo & Cy", 1.0), ("Ada", "left the course", 0.8)) == [
        ("Ada", "Eve", 0.9),
        ("Ada", "Bo & Cy", 1.0),
    ]
    assert [(one.submission.name, one.share) for one in alike(session, of(session, lab))] == [
        ("Bo & Cy", 1.0),
        ("Eve", 0.9),
    ]
    assert [one.submission.name for one in alike(session, of(session, lab, "Eve"))] == ["Ada"]
    assert say(("Ada", "Eve", 0.95)) == [("Ada", "Eve", 0.95)]
    (tmp_path / "out" / "analysis.json").write_text("{")
    take_in(session, tmp_path / "out")
    assert [one.share for one in alike(session, of(session, lab))] == [0.95], "a damaged file takes nothing away"


def test_what_fails_leaves_nothing_behind(url, tmp_path):
    database = Database(url)
    folder = make_class(tmp_path / "out", graded("Ada", 10))

    def fail_after_taking_in():
        with database.session() as session:
            take_in(session, folder)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_taking_in()
    with database.session() as session:
        assert session.scalars(select(Attempt)).all() == []
    database.close()


def test_migrations_lead_to_the_tables_as_they_are_declared(url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = Database(url)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    database.close()


_SOME = {
    "checks": [["part", "c0", 2.0, 4.0]],
    "score": 2.0,
    "questions": {"question": 5.0},
    "days_accepted": 9,
    "days": 0,
    "part": "",
    "check_name": "gone",
    "second_id": 1,
}


def test_a_gradebook_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it(url):
    engine = create_engine(url)
    migrate(engine, "0001")
    first = MetaData()
    first.reflect(engine)
    with engine.begin() as connection:
        before = {}
        for table in first.sorted_tables:
            if table.name != "alembic_version":
                before[table.name] = {column.name: _some(column) for column in table.columns}
                connection.execute(table.insert().values(before[table.name]))
    engine.dispose()
    database = Database(url)
    with database.session() as session:
        for name, row in before.items():
            (after,) = session.execute(select(Table.metadata.tables[name])).mappings()
            kept = {key: _plain(after[key]) for key in row}
            assert kept == {key: _plain(value) for key, value in row.items()}, name
        (one,) = scores(session, session.scalars(select(Assignment)).one())
        assert one.final.derivation == "3 = 2 automatic + 1 written"
    database.close()
    assert {"person", "attempt", "mark", "override", "policy", "similar_pair"} <= before.keys()


def _some(column):
    """A value for a column of the first version; rows of other tables have the id 1."""
    if column.name in _SOME:
        return _SOME[column.name]
    made = {int: 1, float: 1.0, bool: True, str: column.name, datetime: datetime(2026, 11, 28)}  # noqa: DTZ001
    return made[column.type.python_type]


def _plain(value):
    """A value as it is in the database: JSON as text or as a value, times without their zone."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        return json.loads(value)
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def test_a_gradebook_of_a_later_version_is_refused(url):
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(UsageError, match="later version"):
        Database(url)


def test_where_the_gradebook_is(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert url_of(tmp_path) == f"sqlite:///{tmp_path}/gradebook.sqlite"
    monkeypatch.setenv(VARIABLE, "postgresql://there")
    assert url_of(tmp_path) == "postgresql://there"
    assert url_of(tmp_path, "sqlite://") == "sqlite://"


@pytest.mark.parametrize("wrong", ["no url", "nodb://x", "sqlite:////no/such/folder/x.sqlite"])
def test_a_gradebook_that_cannot_be_opened_is_a_usage_error(wrong):
    with pytest.raises(UsageError, match="cannot be opened"):
        Database(wrong)


def test_a_damaged_gradebook_is_a_usage_error(tmp_path):
    (tmp_path / FILE).write_text("no database, but long enough to be looked at")
    with pytest.raises(UsageError, match=r"cannot be opened: file is not a database"):
        Database(f"sqlite:///{tmp_path / FILE}")


def test_sqlite_writes_ahead_and_syncs(tmp_path):
    database = Database(f"sqlite:///{tmp_path / FILE}")
    with database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()
    assert inspect(database.engine).has_table(Mark.__tablename__)


def test_a_difference_says_who_moved_by_how_much_and_because_of_which_check(tmp_path):
    before = make_class(tmp_path / "a", graded("Ada", 10, 5), graded("Bo", 10, 10), graded("Cy", 4, 4))
    after = make_class(tmp_path / "b", graded("Ada", 10, 10), graded("Bo", 10, 10), graded("Di", 1, 1))
    moved = list(differences(Store(before).latest(), Store(after).latest()))
    assert [(one.submission, one.before, one.after, one.by) for one in moved] == [
        ("Cy", 8, None, -8),
        ("Ada", 15, 20, 5),
        ("Di", None, 2, 2),
    ]
    assert [tuple(check) for check in moved[1].checks] == [("part", "c1", 5, 10, "failed → passed")]


def test_a_class_is_taken_in_with_as_many_queries_as_a_single_person(tmp_path, session):
    """It took thousands of queries for a thousand people, each time a command or the desk was opened."""
    asked = []
    event.listen(session, "do_orm_execute", asked.append)
    counts = []
    for size in (2, 12):
        records = [graded(f"s{at}", 10, assignment=f"class of {size}") for at in range(size)]
        folder = make_class(tmp_path / str(size), *records)
        for _ in range(2):  # the second time there is nothing new
            session.expunge_all()
            asked.clear()
            take_in(session, folder)
            counts.append(len(asked))
    assert counts[2:] == counts[:2]
