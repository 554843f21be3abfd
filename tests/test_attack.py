"""The arena must notice harm: small attacks that succeed on purpose, each in one way."""

import subprocess

import pytest
from record_examples import record

from grader.attack import showing, suite, table
from grader.attack.arena import AttackOutcome, arena
from grader.attack.suite import Attack, Expectation, Known
from grader.course.catalog import find_course
from grader.errors import CourseError
from grader.sandbox import levels
from grader.worker.process_table import descendants

NOTHING = "def score_matrix(Q, K):\n    {before}\n    return None\n"


@pytest.fixture(scope="module")
def ring():
    with arena(find_course(), levels.choose("auto")) as ring:
        yield ring


def attack(tmp_path, code, **expected):
    folder = tmp_path / "X0-made-up"
    folder.mkdir()
    (folder / "score_matrix.py").write_text(code)
    return Attack(folder, Expectation(title="made up", **expected))


def reference():
    return find_course().parts("activity1")[0].reference.read_text()


def test_points_it_should_not_have_are_harm(ring, tmp_path):
    outcome = ring.run(attack(tmp_path, reference(), score=0.0))
    assert outcome.harm == ("it earned 90 points",)
    assert outcome.result == "not stopped"
    assert not outcome.is_expected(ring.level)


def test_the_same_points_are_none_when_it_may_have_them(ring, tmp_path):
    outcome = ring.run(attack(tmp_path, reference(), score=90.0))
    assert (outcome.harm, outcome.surprises) == ((), ())
    assert outcome.is_expected(ring.level)


def test_a_success_that_it_notices_itself_is_harm(ring, tmp_path):
    outcome = ring.run(attack(tmp_path, NOTHING.format(before="print('BREACH read the answers')")))
    assert outcome.harm == ("BREACH read the answers",)


def test_a_secret_that_comes_out_is_harm(ring, tmp_path, monkeypatch):
    monkeypatch.setattr(ring, "_secret", "SENTINEL-made-up")
    outcome = ring.run(attack(tmp_path, NOTHING.format(before="print('SENTINEL-made-up')")))
    assert outcome.harm == ("a secret came out",)


def test_a_secret_is_heard_where_no_record_keeps_what_was_printed(ring, tmp_path, monkeypatch):
    monkeypatch.setattr(ring, "_secret", "SENTINEL-made-up")
    in_hidden_checks = "    if len(Q) != 3:\n        print('SENTINEL-made-up')\n    return Q @ K.T\n"
    code = reference() + f"\n\ndef score_matrix(Q, K):\n{in_hidden_checks}"
    assert ring.run(attack(tmp_path, code, score=90.0)).harm == ("a secret came out",)


def test_words_in_the_report_that_must_not_be_there_are_harm(ring, tmp_path):
    code = NOTHING.format(before="raise ValueError('no-such-words')")
    outcome = ring.run(attack(tmp_path, code, unseen="no-such-words"))
    assert outcome.harm == ("the report shows what it should not",)


@pytest.mark.parametrize(
    ("renderer", "made", "harm"),
    [
        ("render_csv", 'name,score\r\n"=cmd|x",1\r\n', "a spreadsheet would take it for a formula"),
        ("render_csv", '"two\x1b[31m"\r\n', "its control characters stand in a page"),
        ("render_junit", "<testsuites><testsuite></testsuites>", "the XML is broken: mismatched tag"),
        ("render_junit", "<testsuites><testsuite/><testsuite/></testsuites>", "it has added a suite to the XML"),
        ("html.class_page", "<img title=xss-marker>", "its markup stands in a page"),
        ("html.render_report", "<p>SENTINEL-1</p>", "a secret came out"),
    ],
)
def test_harm_in_whatever_is_made_of_a_record_is_seen(monkeypatch, renderer, made, harm):
    assert list(showing.harm_shown(record(), "", secret="SENTINEL-1", unseen="")) == []
    monkeypatch.setattr(f"grader.attack.showing.{renderer}", lambda *_, **__: made)
    (found,) = showing.harm_shown(record(), "", secret="SENTINEL-1", unseen="")
    assert found.startswith(harm)


def test_another_verdict_than_expected_is_a_surprise(ring, tmp_path):
    outcome = ring.run(attack(tmp_path, NOTHING.format(before="raise ValueError"), verdicts=("failed", "skipped")))
    assert outcome.harm == ()
    assert outcome.surprises[0].startswith("verdicts are crashed")
    assert not outcome.is_expected(ring.level)


def test_other_words_than_expected_are_a_surprise(ring, tmp_path):
    outcome = ring.run(attack(tmp_path, NOTHING.format(before="pass"), message="ran out of luck"))
    assert outcome.surprises[0].startswith("the report says something else")


def test_what_should_be_refused_and_is_not_is_harm(ring, tmp_path):
    outcome = ring.run(attack(tmp_path, NOTHING.format(before="pass"), refused="too large"))
    assert outcome.harm == ("it is not refused",)


def test_a_next_student_who_gets_another_score_is_harm(ring, tmp_path, monkeypatch):
    monkeypatch.setattr(ring, "_honest_score", 12.0)
    outcome = ring.run(attack(tmp_path, NOTHING.format(before="pass")))
    assert outcome.harm == ("the next student gets another score",)


def test_the_next_student_has_several_parts_and_a_worker_for_each_and_for_hidden_checks(ring, monkeypatch):
    made = []
    worker = ring._slot._slot.worker
    monkeypatch.setattr(ring._slot._slot, "worker", lambda limits: made.append(limits) or worker(limits))
    record = ring._grade_honest()
    assert [part.score for part in record.parts] == [90.0, 1.0]
    assert record.score == ring._honest_score == 91.0
    assert len(made) == 3


@pytest.mark.parametrize(("seconds", "harm"), [(60, ("it left a process behind",)), (1, ())])
def test_a_process_that_stays_is_harm_one_on_its_way_out_is_none(ring, tmp_path, monkeypatch, seconds, harm):
    monkeypatch.setattr("grader.attack.arena._MOMENT", 3.0)
    with subprocess.Popen(["sleep", str(seconds)]) as left:
        monkeypatch.setattr(
            "grader.attack.arena.descendants",
            lambda pid: [*descendants(pid), *([left.pid] if left.poll() is None else [])],
        )
        assert ring.run(attack(tmp_path, reference(), score=90.0)).harm == harm
        left.kill()


def test_a_process_beside_the_slot_is_no_harm(ring, tmp_path, monkeypatch):
    """The first process of a pool has all others of the pool below it, and their slots."""
    monkeypatch.setattr("grader.attack.arena._MOMENT", 1.0)
    with subprocess.Popen(["sleep", "60"]) as beside:
        assert ring.run(attack(tmp_path, reference(), score=90.0)).harm == ()
        beside.kill()


def test_harm_is_expected_only_at_the_levels_that_are_known_to_let_it_through(tmp_path):
    made = attack(tmp_path, "", allowed={"process": Known(harm="filled the disk", why="no quota")})
    assert AttackOutcome(made, harm=("it filled the disk",)).is_expected("process")
    assert not AttackOutcome(made, harm=("it filled the disk",)).is_expected("bubblewrap")
    assert not AttackOutcome(made, harm=("it filled the disk", "it earned 90 points")).is_expected("process")


def test_a_folder_without_attacks_is_an_error(tmp_path):
    (tmp_path / "reference").mkdir()
    course = type(find_course())(tmp_path)
    with pytest.raises(CourseError, match="no hostile submissions"):
        suite.attacks(course)


def test_the_table_says_what_is_let_through_where_and_why(tmp_path):
    made = [
        Attack(
            tmp_path / "D1-a",
            Expectation(title="One | of two", allowed={"process": Known(harm="disk", why="no <quota>")}),
        ),
        Attack(tmp_path / "D1-b", Expectation(title="Two")),
        Attack(tmp_path / "X2-c", Expectation(title="Three", how="detected")),
    ]
    assert table.markdown(made).splitlines()[2:] == [
        r"| D1 | One \| of two<br>Two | stopped | stopped | **1 of 2 not stopped** (One \| of two: no \<quota\>) |",
        "| X2 | Three | detected | detected | detected |",
    ]


def test_the_table_in_docs_is_that_of_the_attacks():
    course = find_course()
    written = (course.root / "docs/attacks.md").read_text()
    assert table.markdown(suite.attacks(course)) in written, "run: grader doctor --table docs/attacks.md"
