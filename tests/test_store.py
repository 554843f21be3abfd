"""`grader.records.store`: attempts are added and never overwritten, whatever a student is called."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from record_examples import score_matrix_part

from grader.errors import UsageError
from grader.gradebook import place
from grader.records.class_file import CLASS_FILE, ClassFile, ClassPerson, write_class_file
from grader.records.record import (
    CheckRecord,
    EnvironmentRecord,
    PartRecord,
    ResultRecord,
    Standing,
    SubmissionRecord,
    Verdict,
    from_json,
    to_json,
)
from grader.records.store import RESERVED, RUN_FILE, Store, refuse_other_records
from grader.reports.pages import page_of, write_class_pages, write_report_page
from grader.similarity import kept

# As the first version that was ever stored wrote it.
FIRST_VERSION = (Path(__file__).parent / "goldens" / "record-version-1.json").read_bytes()


def record(name="ann", seed=0):
    return ResultRecord(
        assignment="lab1",
        submission=SubmissionRecord(name=name, sha256=""),
        environment=EnvironmentRecord(sandbox="process"),
        seed=seed,
    )


def test_marking_again_adds_an_attempt_and_leaves_the_first_alone(tmp_path):
    store = Store(tmp_path / "out")
    first = store.append(record(seed=1))
    path = store.path_of(first)
    before = path.read_bytes()
    second = store.append(record(seed=2))
    other = store.path_of(second)
    assert (first.attempt, second.attempt) == (1, 2)
    assert (path.name, other.name) == ("attempt-001.json", "attempt-002.json")
    assert path.read_bytes() == before == to_json(first)
    assert from_json(other.read_bytes()) == second
    assert [latest.seed for latest in store.latest()] == [2]


def test_numbers_go_on_after_the_highest_even_past_999_and_over_gaps(tmp_path):
    store = Store(tmp_path)
    home = store.home("ann")
    home.mkdir()
    for number in ("007", "999"):
        (home / f"attempt-{number}.json").write_bytes(to_json(record()))
    assert [store.append(record(seed=s)).attempt for s in (1, 2)] == [1000, 1001]
    assert [latest.seed for latest in store.latest()] == [2]  # by number: as text, 999 comes after 1001


def test_the_last_attempts_come_by_name_and_other_files_do_not_matter(tmp_path):
    store = Store(tmp_path)
    for name in ("bob", "ann", "cy"):
        store.append(record(name))
    (tmp_path / "index.html").write_text("<html>")
    (tmp_path / "empty").mkdir()
    (store.home("ann") / "report.html").write_text("<html>")
    (store.home("ann") / "attempt-001.json.bak").write_text("{")
    assert [latest.submission.name for latest in store.latest()] == ["ann", "bob", "cy"]


def append_some(folder: str, start: int) -> list[int]:
    store = Store(Path(folder))
    return [store.append(record(seed=start + i)).attempt for i in range(20)]


def test_several_processes_may_append_at_once(tmp_path):
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        numbers = [n for made in pool.map(append_some, [str(tmp_path)] * 4, [0, 100, 200, 300]) for n in made]
    home = Store(tmp_path).home("ann")
    assert sorted(numbers) == list(range(1, 81))
    files = sorted(home.iterdir())
    assert [path.name for path in files] == [f"attempt-{n:03d}.json" for n in range(1, 81)], "no drafts stay behind"
    seeds = {from_json(path.read_bytes()).seed for path in files}
    assert seeds == {start + i for start in (0, 100, 200, 300) for i in range(20)}


HOSTILE = [
    "..",
    ".",
    "",
    "/etc/passwd",
    "../../up",
    "a/b",
    "a\\b",
    "a\0b",
    "a\nb",
    "-rf",
    "~",
    "CON",
    "x" * 400,
    "x" * 401,
    "é" * 200,
    "🎓" * 100,
    *sorted(RESERVED),
    "a<b>&\"'",
    "\udcff",
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_becomes_a_harmless_folder(tmp_path, name):
    home = Store(tmp_path).home(name)
    assert home.parent == tmp_path
    assert home.name not in {"", ".", "..", *RESERVED}
    assert not set(home.name) & set("/\\\0\n<>&\"'$`")
    assert not home.name.startswith(".")
    home.mkdir()
    (home / "attempt-001.json").write_bytes(b"")


def test_what_the_gradebook_and_a_run_keep_in_the_folder_is_reserved():
    """A student of this name would make a folder where the file belongs, or find a file where the folder belongs."""
    of_the_gradebook = {f"{place.FILE}{ending}" for ending in ("", "-wal", "-shm", "-journal")}
    of_a_run = {CLASS_FILE, kept.FILE, RUN_FILE, "index.html", "scores.csv", "analysis.json"}
    assert of_the_gradebook | of_a_run == RESERVED


def test_a_name_without_surprises_stays_as_it_is(tmp_path):
    for name in ("ann", "Doe, Jane (2)", "müller_3", "a.b@c+d=e"):
        assert Store(tmp_path).home(name).name == name


names = st.text(st.sampled_from("ab./_ -é"), max_size=6) | st.text(max_size=200)


@given(names, names)
@example("a/b", "a_b")
@example("a.", "a")
@example("x" * 400, "x" * 401)
@settings(database=None, deadline=None)
def test_two_names_never_share_a_folder(one, other):
    store = Store(Path("/store"))
    assert (store.home(one) == store.home(other)) == (one == other)


def test_nobody_can_take_the_folder_that_another_name_was_given(tmp_path):
    store = Store(tmp_path)
    given = store.home("ann!").name
    assert given != "ann!"
    assert store.home(given) != store.home("ann!")


def test_records_of_names_that_look_alike_are_kept_apart(tmp_path):
    store = Store(tmp_path)
    for name in ("a/b", "a_b", "a:b"):
        assert store.append(record(name)).attempt == 1
    assert sorted(latest.submission.name for latest in store.latest()) == ["a/b", "a:b", "a_b"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"assignment": 3}', b"\xff"])
def test_a_file_that_is_no_record_is_named_and_the_others_are_kept(tmp_path, damage):
    store = Store(tmp_path)
    bob, path = store.append(record("bob")), store.path_of(store.append(record()))
    path.write_bytes(damage)
    assert list(store.latest()) == [bob]
    (one,) = store.unreadable()
    assert (one.place, one.attempt) == ("ann/attempt-001.json", 1)
    assert f"{path} cannot be read as a record: " in one.why
    assert store.unreadable_of("ann") == [one]
    assert store.unreadable_of("bob") == store.unreadable_of("nobody") == list(store.attempts("ann")) == []
    page = write_class_pages(store, "lab1", {})
    assert "ann/attempt-001.json" in page.read_text()
    assert "bob" in (tmp_path / "scores.csv").read_text(encoding="utf-8-sig")


def test_an_earlier_attempt_counts_where_the_last_cannot_be_read_and_a_person_looks(tmp_path):
    store = Store(tmp_path)
    for seed in (1, 2, 3):
        path = store.path_of(store.append(record(seed=seed)))
        if seed != 2:
            path.write_bytes(b"{")
    (counts,) = store.latest()
    assert (counts.attempt, counts.standing) == (2, Standing.needs_a_look)
    (reason,) = counts.reasons
    assert reason.startswith("Attempt 3 cannot be read, so attempt 2 counts. ")
    store.append(record(seed=4))
    (counts,) = store.latest()
    assert (counts.attempt, counts.reasons) == (4, ())
    assert [one.attempt for one in store.unreadable()] == [1, 3]


@pytest.mark.parametrize(
    ("was", "edited", "words"),
    [
        (b'"score": 60', b'"score": 1e300', "<= 1000000.0"),
        (b'"score": 60', b'"score": -1', ">= 0.0"),
        (b'"score": 60', b'"score": 61', "`favourite` has 61 of 60 points"),
        (b'"format_version": 1', b'"format_version": 99', "format_version"),
    ],
)
def test_a_record_that_was_edited_into_nonsense_or_is_of_a_later_version_is_not_misread(tmp_path, was, edited, words):
    (tmp_path / "ann").mkdir()
    assert FIRST_VERSION.count(was) == 1
    (tmp_path / "ann" / "attempt-001.json").write_bytes(FIRST_VERSION.replace(was, edited))
    (one,) = Store(tmp_path).unreadable()
    assert words in one.why


def test_a_record_of_the_first_version_is_read(tmp_path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "attempt-001.json").write_bytes(FIRST_VERSION)
    store = Store(tmp_path)
    (old,) = store.latest()
    assert (old.score, old.max_score, old.seed, old.standing) == (60, 90, 5, Standing.final)
    assert [check.verdict for check in old.parts[0].checks] == [Verdict.failed, Verdict.passed]
    write_report_page(store, old)
    assert "Transpose K." in (tmp_path / "ann" / "report.html").read_text(encoding="utf-8")


def practice(**fields):
    return msgspec.structs.replace(record(), **fields)


DIRECT = EnvironmentRecord(sandbox="direct")
OURS = PartRecord(name="p", title="", checks=(CheckRecord(name="c", title="", points=1),))


@pytest.mark.parametrize("fields", [{"partial": True}, {"environment": DIRECT}, {"partial": True, "parts": (OURS,)}])
def test_practice_never_takes_the_place_of_a_grade(tmp_path, fields):
    store = Store(tmp_path)
    first = store.append(practice(seed=1, **fields))
    assert [latest.seed for latest in store.latest()] == [1], "there is nothing else"
    assert page_of(store, first).name == "report.html"
    grade = store.append(record(seed=2))
    again = store.append(practice(seed=3, **fields))
    assert [latest.seed for latest in store.latest()] == [2]
    assert page_of(store, grade).name == "report.html"
    assert page_of(store, again) == store.path_of(again).with_suffix(".html")
    newer = store.append(msgspec.structs.replace(record(seed=4), parts=(OURS,)))
    assert [latest.seed for latest in store.latest()] == [4], "of grades the last counts, also one to look at"
    assert page_of(store, newer).name == "report.html"


def test_the_class_page_and_the_report_stay_those_of_the_grade(tmp_path):
    store = Store(tmp_path)
    for fields in ({"parts": (score_matrix_part(),)}, {"parts": (), "partial": True}):
        write_report_page(store, store.append(practice(**fields)))
    page = write_class_pages(store, "lab1", {})
    assert score_matrix_part().title in page.read_text()
    assert score_matrix_part().title in (tmp_path / "ann" / "report.html").read_text()
    assert "does not count" in (tmp_path / "ann" / "attempt-002.html").read_text()


def refused(seed=0):
    return msgspec.structs.replace(record(seed=seed), refused="The zip is damaged.")


def test_a_later_attempt_that_was_refused_takes_no_grade_away_and_is_told(tmp_path):
    store = Store(tmp_path)
    first = store.append(refused(seed=1))
    assert [latest.refused for latest in store.latest()] == ["The zip is damaged."], "there is nothing else"
    assert page_of(store, first).name == "report.html"
    grade = store.append(record(seed=2))
    assert list(store.latest()) == [grade], "an earlier refusal is over"
    later = store.append(refused(seed=3))
    (counts,) = store.latest()
    assert (counts.attempt, counts.seed, counts.refused) == (2, 2, "")
    assert counts.reasons == ("Attempt 3 was refused, so attempt 2 counts. The zip is damaged.",)
    assert "The zip is damaged." in counts.notices[-1]
    assert page_of(store, later) == store.path_of(later).with_suffix(".html")
    store.append(practice(seed=4, partial=True))
    assert [latest.seed for latest in store.latest()] == [2]
    newest = store.append(record(seed=5))
    assert list(store.latest()) == [newest]


def test_who_handed_in_nothing_is_on_the_class_page(tmp_path):
    store = Store(tmp_path)
    store.append(record("ann"))
    names = {"ann": "ann", "Ida Roth": "", "Max Li": ""}
    people = tuple(ClassPerson(name=name, submission=submission) for name, submission in names.items())
    write_class_file(tmp_path, ClassFile(assignment="lab1", layout="canvas", people=people))
    page = write_class_pages(store, "lab1", {}).read_text()
    assert "Ida Roth, Max Li</p>" in page
    store.append(record("Max Li"))  # earlier, or from another download
    assert "Max Li</p>" not in write_class_pages(store, "lab1", {}).read_text()


def test_records_of_another_assignment_are_not_joined(tmp_path):
    store = Store(tmp_path / "out")
    refuse_other_records(store, "lab2")  # there are none yet
    store.append(record())
    refuse_other_records(store, "lab1")
    with pytest.raises(UsageError, match=r"holds records of lab1: choose another --out for lab2"):
        refuse_other_records(store, "lab2")
