"""The pages of a class while it is graded: true from the first result on, however the run ends."""

import csv
import io

import msgspec
from record_examples import check, environment

from grader.records.class_file import ClassFile, ClassPerson, write_class_file
from grader.records.record import PartRecord, ResultRecord, SubmissionRecord
from grader.records.store import Store
from grader.reports.class_so_far import ClassSoFar
from grader.reports.pages import write_class_pages


class Clock:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self):
        return self.now


def graded(store, name, **fields):
    record = ResultRecord(
        assignment="lab1",
        submission=SubmissionRecord(name=name, sha256=""),
        environment=environment(),
        parts=(PartRecord(name="svd", title="SVD", checks=(check("c", 2),)),),
    )
    return store.append(msgspec.structs.replace(record, **fields))


def rows(folder):
    text = (folder / "scores.csv").read_text(encoding="utf-8-sig")
    return {row["name"]: (row["score"], row["standing"], row["reason"]) for row in csv.DictReader(io.StringIO(text))}


def test_the_pages_exist_from_the_first_result_on_and_say_who_is_outstanding(tmp_path):
    store = Store(tmp_path)
    pages = ClassSoFar(store, "lab1", ["ann", "=bob", "cy"])
    assert not (tmp_path / "index.html").exists()
    graded(store, "ann")
    pages.add("ann")
    page = (tmp_path / "index.html").read_text()
    assert 'h2>2 of 3 submissions are <a href="#outstanding">still to be graded</a>' in page
    assert "=bob, cy</details>" in page
    assert 'href="ann/staff.html"' in page
    assert (tmp_path / "ann" / "staff.html").is_file()
    assert rows(tmp_path) == {
        "ann": ("2.0", "final", ""),
        "'=bob": ("", "outstanding", ""),
        "cy": ("", "outstanding", ""),
    }
    graded(store, "=bob")
    pages.add("=bob")
    pages.add("cy", "The disk was full.")
    pages.write()
    page = (tmp_path / "index.html").read_text()
    assert "still to be graded" not in page
    assert "The disk was full." in page
    assert list(rows(tmp_path)) == ["'=bob", "ann"]


def test_the_class_page_leads_to_no_page_for_staff_that_is_not_there(tmp_path):
    store, staff = Store(tmp_path), {name: tmp_path / name / "staff.html" for name in ("ann", "bob", "cy")}
    pages = ClassSoFar(store, "lab1", staff, Clock())
    for name in ("ann", "bob"):
        graded(store, name)
        pages.add(name)
    graded(store, "cy")
    for name, path in staff.items():
        assert (f'href="{name}/staff.html"' in (tmp_path / "index.html").read_text()) <= path.is_file()
    pages.add("cy")
    pages.write()
    assert all(path.is_file() for path in staff.values())


def test_who_is_graded_again_keeps_the_score_until_then(tmp_path):
    store = Store(tmp_path)
    for name in ("ann", "bob"):
        graded(store, name)
    pages = ClassSoFar(store, "lab1", ["ann", "bob"])
    graded(store, "bob", parts=())
    pages.add("bob")
    assert rows(tmp_path) == {"ann": ("2.0", "final", "It is still to be graded again."), "bob": ("0", "final", "")}
    assert "1 of 2 submissions is" in (tmp_path / "index.html").read_text()


def test_the_pages_are_written_as_often_as_costs_a_twentieth_of_the_time(tmp_path, monkeypatch):
    clock, written = Clock(), []

    def write(store, title, records, faults, waiting):
        clock.now += 2
        written.append(len(waiting))

    monkeypatch.setattr("grader.reports.class_so_far.write_overview", write)
    store = Store(tmp_path)
    pages = ClassSoFar(store, "lab1", [f"s{n}" for n in range(100)], clock)
    for n in range(50):
        graded(store, f"s{n}")
        pages.add(f"s{n}")
        clock.now += 1
    assert written == [99, 59], "at 0 s; then 40 s after it was done, at 42 s"
    pages.write()
    pages.write()
    assert written == [99, 59, 50], "at the end what is missing, once"


def test_after_a_killed_run_the_class_file_tells_who_is_outstanding(tmp_path):
    """`grader report` knows only the folder."""
    store = Store(tmp_path)
    graded(store, "ann")
    people = [ClassPerson(name=name.title(), submission=name) for name in ("ann", "bob", "cy")]
    content = ClassFile(assignment="lab1", layout="plain", people=(*people, ClassPerson(name="Ida Ro")))
    write_class_file(tmp_path, content)
    write_class_pages(store, "lab1", {"cy": "The disk was full."})
    page = (tmp_path / "index.html").read_text()
    assert "1 of 2 submissions is" in page
    assert "bob</details>" in page
    assert "Ida Ro" in page
    assert rows(tmp_path)["bob"][1] == "outstanding"
