"""`grader rescore`: changed checks judge kept answers, and run the code of students only where these do not do."""

import json
import shutil
from collections import Counter

import msgspec
import pytest
from course_examples import make_course
from gradebook_examples import graded as record_of
from record_examples import check

from grader.cli import main
from grader.commands.new import command as new
from grader.course.version import PartVersion
from grader.grading import stored_answers
from grader.grading.stored_answers import PartAnswers, Questions, from_bytes
from grader.records.record import PartRecord, Standing
from grader.records.rescored import best_of_rescored, rescored, with_earlier_points
from grader.records.store import Store
from grader.reports.mixture import earlier_points, mixtures
from grader.running.jobs import Job
from grader.running.rescore_plan import OTHER_DATA, OTHER_GRADER, changes, graded_records, plan
from grader.worker.wire import Frame

RIGHT = "def double(x):\n    return 2 * x\n"
STUDENTS = {
    "ann": RIGHT,
    "ben": "def double(x):\n    return x * x\n",
    # Another answer each time it runs: whoever ran it again would see that.
    "eve": "import os\n\n\ndef double(x):\n    print('I am eve')\n    return x + int.from_bytes(os.urandom(4))\n",
    "tim": "import os\n\n\ndef double(x):\n    os._exit(3)\n",  # never answers
}
SQUARES = ("expected.doubled", "expected.x * expected.x")


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A course of two parts and a class that was graded: a folder that a test copies."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_COURSE", str(make_course(folder / "course").root))
        new.callback("demo/warm_up")
        new.callback("demo/cool_down")
        for name, code in STUDENTS.items():
            (folder / "class" / name).mkdir(parents=True)
            (folder / "class" / name / "warm_up.py").write_text(code)
            (folder / "class" / name / "cool_down.py").write_text(RIGHT)
        grading = ["grade", "demo", str(folder / "class"), "--out", str(folder / "out"), "--jobs", "1"]
        with pytest.raises(SystemExit):
            main(grading)
    return folder


@pytest.fixture
def course(first, tmp_path, monkeypatch):
    """A copy of the course and of the graded class, in ``tmp_path``."""
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("GRADER_COURSE", str(tmp_path / "course"))
    return tmp_path / "course"


def part_of(record, name):
    return next(part for part in record.parts if part.name == name)


def run_in(record):
    return {part.name: part.run_in for part in record.parts}


def change_check(course, before, after, part="warm_up"):
    path = course / "checks" / "demo" / f"check_{part}.py"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_a_changed_check_judges_kept_answers_and_nothing_else_moves(ended, course, tmp_path):
    out = tmp_path / "out"
    before = {path: path.read_bytes() for path in out.glob("*/attempt-001.*")}
    change_check(course, *SQUARES)
    code, said, err = ended("rescore", out, "--json")
    assert code == 0, err
    assert "changed since it was graded: warm_up: check double" in err
    assert "cool_down" not in err.replace("tim", "")
    assert "tim: run again, because its answers are not kept: warm_up" in err
    assert "judged without running any student's code: 3 of 4" in err
    assert {row["submission"]: (row["before"], row["after"], row["because"]) for row in json.loads(said)} == {
        "ann": (20, 10, "warm_up/double passed → failed"),
        "ben": (10, 20, "warm_up/double failed → passed"),
    }
    assert all(path.read_bytes() == content for path, content in before.items())
    records = {record.submission.name: record for record in Store(out).latest()}
    assert {(record.attempt, record.rescored_from) for record in records.values()} == {(2, 1)}
    assert run_in(records["eve"]) == {"warm_up": 1, "cool_down": 1}
    assert run_in(records["tim"]) == {"warm_up": 0, "cool_down": 1}
    earlier, later = (part_of(one, "warm_up") for one in Store(out).attempts("eve"))
    assert (earlier.output, later.output) == ("I am eve\n", "I am eve\n")
    assert later.checks[0].evidence[0].actual == earlier.checks[0].evidence[0].actual
    assert "Checks have changed since attempt 1" in (out / "ann" / "report.html").read_text()
    assert len({(one.checks_version, one.grader_version, one.seed) for one in records.values()}) == 1

    code, said, err = ended("rescore", out, "--never-lower")
    assert (code, "ann: keeps 20 points of attempt 1 instead of 10" in err) == (0, True)
    assert Counter(path.parent.name for path in out.glob("*/attempt-*.json")) == Counter(
        {"ann": 3, "ben": 2, "eve": 2, "tim": 2}
    )
    assert "so you keep those of attempt 1" in (out / "ann" / "report.html").read_text()
    assert "the present ones give fewer, count in 1 submission (ann)." in (out / "index.html").read_text()
    assert ended("rescore", out, "--never-lower")[1:] == ("", "0 to judge again, 4 up to date\n" + NOBODY)
    err = ended("grade", "demo", tmp_path / "class", "--out", out)[2]
    assert "4 of 4 submissions are already graded and unchanged" in err


NOBODY = "all checks gave everybody the same points in both\n"


def test_a_check_that_asks_something_new_has_the_code_run_and_keeps_what_that_answers(ended, course, tmp_path):
    out = tmp_path / "out"
    shutil.rmtree(tmp_path / "out" / "eve")
    (out / "ben" / "attempt-001.answers").unlink()
    asked = "submission.double(expected.x), expected.doubled"
    change_check(course, asked, asked.replace("x)", "x + 1)") + " + 2")
    code, said, err = ended("rescore", out, "--csv")
    assert code == 1
    assert "ann: run again, because its answers are not kept: warm_up" in err
    assert "judged without running any student's code: 0 of 2" in err
    assert "what these handed in was not kept, `grader grade` grades it: ben" in err
    assert (said, NOBODY in err) == ("", True)
    ann = Store(out).latest_of("ann")
    assert (ann.score, ann.standing, run_in(ann)) == (20, Standing.final, {"warm_up": 0, "cool_down": 1})
    kept = from_bytes((out / "ann" / "attempt-002.answers").read_bytes())
    assert set(kept.parts) == {"warm_up", "cool_down"}
    assert ended("rescore", out)[0] == 1, "ben is still to be graded"


def test_a_class_that_was_graded_in_two_settings_is_not_mixed(ended, course, tmp_path):
    store = Store(tmp_path / "out")
    store.append(msgspec.structs.replace(store.latest_of("ann"), profile="full"))
    code, _, err = ended("rescore", tmp_path / "out")
    assert code == 2
    assert "was graded in several settings (demo, full, cpu" in err
    assert ended("rescore", tmp_path)[0] == 2


def test_a_practice_run_keeps_no_answers(ended, course, tmp_path):
    assert list(tmp_path.glob("out/ann/*.answers"))
    ended("grade", "demo", tmp_path / "class" / "ann", "--out", tmp_path / "mine", "--part", "warm_up", "--jobs", 1)
    assert list(tmp_path.glob("mine/ann/attempt-001.json"))
    assert not list(tmp_path.glob("mine/ann/*.answers"))


def asked(**fields):
    versions = {"part": PartVersion("v2", {"c0": "s1", "c1": "s2"})}
    job = {"course": "/c", "assignment": "lab1", "parts": ("part",), "path": b"", "name": "", "sandbox": "process"}
    return Job(**job, threads=1, seed=0, checks_version="c2", grader_version="g1", versions=versions, **fields)


def stored(tmp_path, **fields):
    """A store with one record of a class graded by earlier checks, and what is kept of it."""
    store = Store(tmp_path)
    one = record_of("Ada", 10, 5, checks_version="c1", grader_version="g1", seed=7, **fields)
    checks = [msgspec.structs.replace(check, sha256="s1") for check in one.parts[0].checks]
    part = msgspec.structs.replace(one.parts[0], version="v1", checks=tuple(checks))
    record = store.append(msgspec.structs.replace(one, parts=(part,)))
    store.keep_answers(record, b"kept")
    return store


def test_what_has_changed_is_named_and_judged_with_the_seed_of_the_record(tmp_path):
    store = stored(tmp_path)
    records = graded_records(store)
    (one,) = plan(store, records, asked(), {}).to_judge
    assert (one.job.seed, one.job.parts, one.job.kept, one.run_because) == (7, ("part",), b"kept", "")
    assert list(changes(records, asked().versions)) == [("part", ["c1"])]


@pytest.mark.parametrize(
    ("now", "data", "why"),
    [({"grader_version": "g2"}, {}, OTHER_GRADER), ({}, {"movielens": "1.1"}, OTHER_DATA)],
)
def test_another_grader_or_other_data_have_all_of_it_run(tmp_path, now, data, why):
    store = stored(tmp_path)
    (one,) = plan(store, graded_records(store), msgspec.structs.replace(asked(), **now), data).to_judge
    assert (one.run_because, one.job.run_again) == (why, True)


def test_what_is_up_to_date_or_not_kept_is_not_judged(tmp_path):
    store = stored(tmp_path)
    (tmp_path / "Ada" / "attempt-001.answers").unlink()
    records = graded_records(store)
    assert [one.submission.name for one in plan(store, records, asked(), {}).not_kept] == ["Ada"]
    current = msgspec.structs.replace(asked(), checks_version="c1")
    assert plan(store, records, current, {}).current == tuple(records)


def test_answers_of_other_files_or_another_seed_are_not_taken(tmp_path):
    store = stored(tmp_path)
    record = store.latest_of("Ada")
    assert store.answers(store.append(record)) == b"kept"
    assert store.answers(store.append(msgspec.structs.replace(record, seed=8))) == b""


def test_the_best_of_what_was_judged_again_is_kept_but_never_points_out_of_another_maximum():
    first = record_of("Ada", 10, 8)
    second = msgspec.structs.replace(record_of("Ada", 10, 5), attempt=2, rescored_from=1)
    third = msgspec.structs.replace(record_of("Ada", 10, 6), attempt=3, rescored_from=2, checks_version="c3")
    assert best_of_rescored([first, second, third], third) is first
    kept = with_earlier_points(third, msgspec.structs.replace(first, checks_version="c1"))
    assert (kept.score, kept.kept_from, kept.points_by, kept.checks_version) == (18, 1, "c1", "c3")
    assert mixtures([kept, third]) == ()
    assert earlier_points([kept, third]) == (
        "Points that earlier checks gave, since the present ones give fewer, count in 1 submission (Ada)."
    )
    other = msgspec.structs.replace(third, parts=(PartRecord(name="part", title="P", checks=(check("c0", 5),)),))
    assert best_of_rescored([first, second, other], other) is other


def test_a_part_that_did_not_change_stays_as_it_is():
    judged = (check("c", 4, seconds=2.5),)
    parts = [PartRecord(name=name, title=name, checks=judged, memory_mb=30.0) for name in ("a", "b", "gone")]
    base = record_of("Ada", parts=tuple(parts), reasons=("look",), notices=("note",))
    failed = PartRecord(name="b", title="b", checks=(check("c", 4, "failed", seconds=0.0),))
    record = rescored(base, record_of("Ada", parts=(failed,)), (), ["a", "b"])
    assert [(part.name, part.score, part.run_in, part.checks[0].seconds, part.memory_mb) for part in record.parts] == [
        ("a", 4, 1, 2.5, 30.0),
        ("b", 0, 1, 2.5, 30.0),
    ]
    assert (record.reasons, record.notices, record.rescored_from) == (("look",), ("note",), 1)


def test_a_question_is_known_by_its_check_what_was_asked_before_and_its_arguments():
    def names(check, *requests):
        questions = Questions("lab1/part")
        questions.begin(check)
        return [questions.name({"do": "call", "args": args}, [blob]) for args, blob in requests]

    one, two, three = names("c", (1, b"x"), (2, b"x"), (2, b"x"))
    assert names("c", (1, b"x"), (2, b"x")) == [one, two]
    assert len({one, two, three, *names("d", (1, b"x")), *names("c", (1, b"y")), *names("c", (2, b"x"))}) == 6
    load, before = {"do": "load"}, Questions("lab1/part")
    before.begin("c")
    assert before.name(load, ()) == Questions("lab1/part").name(load, ())
    assert before.name({"do": "call", "args": 1}, [b"x"]) == one, "loading is no part of what a check asked"


def test_answers_that_are_too_large_together_are_not_kept(monkeypatch):
    monkeypatch.setattr(stored_answers, "_MOST_BYTES", 1000)
    answers = PartAnswers()
    answers.add("a", Frame({"ok": 1}, b"x" * 100), "")
    assert answers.replies["a"].frame() == Frame({"ok": 1}, bytearray(b"x" * 100))
    answers.add("b", Frame({"ok": 1}, b"x" * 1000), "")
    assert (answers.replies, answers.is_too_large) == ({}, True)
