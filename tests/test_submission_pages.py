"""The pages of a submission: made where it is graded, and the same as if they were made when it is stored."""

from pathlib import Path

import msgspec
import pytest
from record_examples import class_records, record

from grader.cluster.course_copy import pack
from grader.commands import class_run
from grader.course.catalog import find_course
from grader.records.store import Store
from grader.reports import html
from grader.reports import pages as class_pages
from grader.reports.class_so_far import ClassSoFar
from grader.reports.html import Around, render_report, render_staff_page, with_neighbours
from grader.reports.jinja import course_templates
from grader.reports.pages import write_class_pages
from grader.reports.submission_pages import SubmissionPages, render_pages
from grader.running import grading_process
from grader.running.grading_process import grade_job
from grader.running.jobs import Job, JobOutcome
from grader.sandbox import levels

AROUND = Around("../index.html", "report.html", ("</nav>\n & co", "../a/staff.html"), ("bo", "../b/staff.html"))


@pytest.fixture
def course(tmp_path):
    """A course of one part, with a template of its own."""
    files = {
        "course.toml": 'name = "c"\ntitle = "C"\nchecks = "checks"\n[assignments.a]\ntitle = "A"\n',
        "reference/a/one.py": "def one():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n",
        "fixtures/a/one/part.toml": 'title = "T"\n',
        "fixtures/a/one/expected.json": "{}",
        "checks/a/check_one.py": "from grader import check, expect\n\n@check(points=1)\ndef check_one(submission):\n"
        '    """One."""\n    expect.equal(submission.one(), 1, name="one()")\n',
        "templates/report.html.j2": '{% extends "grader/report.html.j2" %}{% block footer %}<p>Ours</p>{% endblock %}',
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    return tmp_path


def job(course, **fields):
    fields = {"sandbox": levels.choose("auto"), "threads": 1, "seed": 3, "name": "ann"} | fields
    path = str(course / "reference/a/one.py").encode()
    return Job(course=str(course), assignment="a", parts=("one",), path=path, **fields)


def test_the_process_that_grades_makes_the_pages_with_the_templates_of_the_course(course, tmp_path):
    outcome = grade_job(job(course, attempt=3))
    graded = msgspec.structs.replace(outcome.record, attempt=3)
    assert "<p>Ours</p>" in outcome.pages.student
    with course_templates(course / "templates"):
        assert outcome.pages.student == render_report(graded)
    assert grade_job(job(course)).pages is None, "nobody asked for them"


def test_what_cannot_be_made_there_is_made_where_it_is_stored_and_what_is_graded_again_needs_no_pages(
    course, monkeypatch
):
    outcome = grade_job(job(course))
    asked = job(course, attempt=1)
    starved = msgspec.structs.replace(outcome.record, starved=True)
    assert grading_process._pages(asked, starved) is None
    assert grading_process._pages(asked, outcome.record) is not None
    (course / "templates/report.html.j2").write_text("{{ nothing }}")
    assert grading_process._pages(asked, outcome.record) is None


def test_the_pages_that_came_are_written_if_they_are_those_of_the_stored_attempt(tmp_path):
    store, one = Store(tmp_path), record()
    came = JobOutcome(name="x", record=one, pages=SubmissionPages(attempt=1, student="came", staff="for staff"))
    stored = class_run.stored_outcome(came, store)
    page = store.home(one.submission.name) / "report.html"
    assert page.read_text() == "came"
    so_far = ClassSoFar(store, "lab1", [])
    so_far.add(one.submission.name, pages=stored.pages)
    assert page.with_name("staff.html").read_text() == "for staff"
    class_run.stored_outcome(came, store)  # the second attempt, with pages that say it is the first
    assert page.read_text() == render_report(msgspec.structs.replace(one, attempt=2))


def test_pages_for_staff_are_the_same_whether_they_were_made_at_once_or_got_their_neighbours_later(tmp_path):
    store, so_far = Store(tmp_path), None
    stored = [store.append(one) for one in class_records(4)]
    so_far = ClassSoFar(store, "lab1", [], clock=lambda: 0.0)
    for one in stored[:3]:
        so_far.add(one.submission.name, pages=render_pages(one, tmp_path))
    so_far.staff_pages[stored[1].submission.name] = class_pages.MadeOf(7, (), ())  # another attempt counts by now
    pages = [store.home(one.submission.name) / "staff.html" for one in stored]
    pages[1].write_text('<nav class="around"></nav>\n of another attempt')
    write_class_pages(store, "lab1", {}, staff_pages=so_far.staff_pages)
    together = [page.read_text() for page in pages]
    write_class_pages(store, "lab1", {})
    assert together == [page.read_text() for page in pages]
    assert all('rel="next"' in page or 'rel="prev"' in page for page in together)


def test_neighbours_take_the_place_of_others_but_not_in_a_page_that_has_none():
    one = record(notices=('<nav class="around">',))
    assert with_neighbours(render_staff_page(one, Around("i", "r")), AROUND) == render_staff_page(one, AROUND)
    assert with_neighbours(render_staff_page(one, AROUND), AROUND) == render_staff_page(one, AROUND)
    assert with_neighbours(render_report(one), AROUND) == ""


def test_a_machine_of_a_cluster_gets_the_templates_of_the_course(course, monkeypatch):
    monkeypatch.chdir(course)
    (course / "checks/a/templates").mkdir()
    found = find_course()
    before = pack(found, found.parts("a"))
    (course / "templates/report.html.j2").write_text("another")
    assert pack(found, found.parts("a")).sha256 != before.sha256


def test_a_page_is_made_for_a_user_without_a_home(monkeypatch):
    def unknown():
        raise RuntimeError("Could not determine home directory.")

    whole = render_report(record())
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", unknown)
    html._environment.cache_clear()
    assert render_report(record()) == whole
    html._environment.cache_clear()


@pytest.mark.parametrize("there", ["nothing", "a file", "no templates that Python reads"])
def test_a_page_is_made_whatever_is_in_the_cache(there, tmp_path, monkeypatch):
    whole = render_report(record())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    html._environment.cache_clear()
    if there == "a file":
        (tmp_path / "mlgrader").write_text("")
    elif there != "nothing":
        render_report(record())
        for kept in (tmp_path / "mlgrader").rglob("*.cache"):
            kept.write_bytes(kept.read_bytes()[:-100])
        html._environment.cache_clear()
    assert render_report(record()) == whole
    html._environment.cache_clear()
