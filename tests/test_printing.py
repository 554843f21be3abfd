"""`--pdf`: pages printed by the Chromium of this machine, and one clear line where there is none."""

import re
import shutil
import zipfile

import pytest
from browser_here import chromium
from exhibit_examples import exhibit_record
from gradebook_examples import graded, make_class, person
from record_examples import record

from grader.commands.printing import pdfs
from grader.records.record import SubmissionRecord
from grader.records.store import Store
from grader.reports.html import render_report

needs_chromium = pytest.mark.skipif(chromium() is None, reason="Chromium is not installed here")


@pytest.fixture
def out(tmp_path):
    """The records of two people."""
    store = Store(tmp_path / "out")
    for name in ("ann", "bo"):
        store.append(record(submission=SubmissionRecord(name=name, sha256=name)))
    return store.folder


@needs_chromium
def test_every_page_is_printed_with_its_pictures_and_for_screen_readers(tmp_path):
    plain, pictured = pdfs([render_report(record()), render_report(exhibit_record())])
    for one in (plain, pictured):
        assert one.startswith(b"%PDF-")
        assert b"/StructTreeRoot" in one
        assert b"/Outlines" in one
        assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12]", one), "A4"
    assert pictured.count(b"/Subtype /Image") >= plain.count(b"/Subtype /Image") + 4


@needs_chromium
def test_a_report_is_printed_beside_each_page(ended, out):
    code, said, _ = ended("report", out, "--pdf")
    assert code == 0, said
    pages = sorted(out.rglob("report.html"))
    assert [path.with_suffix(".pdf").read_bytes()[:5] for path in pages] == [b"%PDF-"] * 2
    assert ended("report", out)[0] == 0
    assert not list(out.rglob("*.pdf")), "they were of older pages"


@needs_chromium
def test_feedback_is_printed_and_holds_no_web_page(ended, tmp_path):
    folder = make_class(tmp_path / "out", graded("Ada", written=()), people=(person("Ada", id="501"),))
    assert ended("feedback", folder, "--to", tmp_path / "to", "--pdf")[0] == 0
    assert [path.name for path in (tmp_path / "to").rglob("*.*")] == ["feedback.pdf"]
    assert ended("feedback", folder, "--to", tmp_path / "to.zip", "--zip", "moodle", "--pdf")[0] == 0
    with zipfile.ZipFile(tmp_path / "to.zip") as archive:
        (name,) = archive.namelist()
        assert name.endswith("/report.pdf")
        assert archive.read(name).startswith(b"%PDF-")


def test_where_there_is_no_chromium_the_error_says_what_to_install(ended, out, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "none"))
    code, _, err = ended("report", out, "--pdf")
    assert code == 2
    assert err.startswith("grader: --pdf needs Chromium or Chrome: install the package `chromium`")
    assert err.count("\n") == 1


def test_formats_are_not_printed(ended, out):
    assert ended("report", out, "--pdf", "--format", "csv")[0] == 2
