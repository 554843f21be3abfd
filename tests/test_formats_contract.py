"""The contract of `grader.reports.formats`: what every format of a report must do with any records."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree as ET

import pytest
from page_reader import Page
from record_examples import check, class_records, environment, one_check, record

from grader.records.record import SubmissionRecord
from grader.reports.formats import FORMATS

HOSTILE = [
    "<script>alert(1)</script>",
    "]]></failure><testcase/>",
    "\x00\x0b\x1b[31mred\x9b2J",
    "gpj.\u202etxt",
    "\ufffe",  # and no lone surrogate: JSON holds none, so no record does
    '=HYPERLINK("http://x","a")',
    'a",1,2\r\n"=b',
    "x" * 5000,
    "{{ 7 * 7 }}",
    "",
]
FORBIDDEN = "\x00\x0b\x1b\x9b\u202e\ufffe"  # control and bidirectional characters, which deceive whoever looks
READ = {
    "html": Page,
    "text": str.splitlines,
    "csv": lambda text: list(csv.reader(io.StringIO(text))),
    "junit": ET.fromstring,
    "json": json.loads,
}


def named(name):
    """A record of a submission of this name that says it everywhere."""
    told = check("c", 2, "failed", title="T.", message=name, detail=name, traceback=name, hint=name)
    return one_check(told, submission=SubmissionRecord(name=name, sha256="s"))


@pytest.fixture(params=FORMATS)
def form(request):
    """A format as a function from records to what a reader of that format reads."""
    return lambda records: READ[request.param](FORMATS[request.param](records).decode())


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_records_always_give_the_same_bytes(name):
    records = class_records(3)
    assert FORMATS[name](records) == FORMATS[name](list(records))
    assert isinstance(FORMATS[name](records), bytes)


def test_no_records_are_no_error(form):
    form([])


@pytest.mark.parametrize(
    "fields", [{}, {"partial": True}, {"environment": environment("direct")}, {"parts": ()}], ids=str
)
def test_practice_and_empty_records_are_no_error(form, fields):
    assert form([record(**fields)])
    assert form([record(**fields), record()])


def test_a_fault_of_ours_is_no_error(form):
    assert form([one_check(check("c", 1, "grader_error", message="no such file"))])


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:20])
def test_a_hostile_name_can_be_read_and_makes_nothing_of_its_own(form, name):
    form([named(name)])
    form([named(name), named("ann")])


@pytest.mark.parametrize("kind", [name for name in FORMATS if name != "json"])
def test_nothing_that_deceives_the_eye_gets_through(kind):
    page = FORMATS[kind]([named("".join(HOSTILE)), named("ann")]).decode()
    assert not set(page) & set(FORBIDDEN)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_submission_is_in_it(kind):
    names = [one.submission.name for one in class_records(4)]
    page = FORMATS[kind](class_records(4)).decode()
    assert all(name in page for name in names)


def test_json_has_everything_even_what_no_page_shows():
    (one,) = json.loads(FORMATS["json"]([named("\x1b[31m")]))
    assert one["submission"]["name"] == "\x1b[31m"
    assert one["parts"][0]["checks"][0]["traceback"] == "\x1b[31m"


def test_a_page_of_several_is_the_class_page():
    several, single = (Page(FORMATS["html"](class_records(n)).decode()) for n in (3, 1))
    assert several.one("p", "eyebrow").text == "Class overview"
    assert single.one("p", "eyebrow").text == "Feedback"
