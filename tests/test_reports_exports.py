"""scores.csv and JUnit XML: right for honest records, harmless for hostile ones."""

import csv
import io
from xml.etree import ElementTree as ET

import pytest
from record_examples import check, one_check, record

from grader.records.record import SubmissionRecord
from grader.reports.junit import render_junit
from grader.reports.spreadsheet import guarded, render_csv


def rows(*records):
    return list(csv.DictReader(io.StringIO(render_csv(records))))


def test_a_line_for_each_submission_with_its_points_as_numbers():
    (row,) = rows(record())
    assert (row["score"], row["max_score"], row["attempt"]) == ("36.5", "78.5", "2")
    assert row["sha256"] == record().submission.sha256
    assert ",36.5,78.5," in render_csv([record()])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_name_is_a_formula(start):
    name = f'{start}HYPERLINK("http://x","a")'
    (row,) = rows(record(submission=SubmissionRecord(name=name, sha256="s")))
    assert row["name"].startswith("'")
    assert row["name"].endswith('HYPERLINK("http://x","a")')


def test_an_honest_name_stays_as_it_is_and_a_broken_one_stays_on_its_line():
    assert guarded("Zoë O'Connor-李") == "Zoë O'Connor-李"
    hostile = 'a",1,2\r\n"=b\x1b[31m\u202e'
    (row,) = rows(record(submission=SubmissionRecord(name=hostile, sha256="s")))
    assert row["name"] == 'a",1,2 "=b'


def test_cases_and_counts_of_a_record():
    root = ET.fromstring(render_junit([record()]))
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    assert int(suite.get("tests")) == len(cases) == sum(len(part.checks) for part in record().parts)
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) > 0
    assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped")) > 0
    scores = [float(node.get("value")) for node in suite.findall("testcase/properties/property[@name='score']")]
    assert sum(scores) == record().score
    assert {case.get("classname").split(".")[0] for case in cases} == {record().assignment}


def test_hostile_words_make_no_markup_and_no_forbidden_character():
    words = "]]></failure><testcase name='x'/>\x00\x0b\x1b[31m\ud800\ufffe&<"
    one = check("c", 1, "failed", message=words, detail=words, traceback=words)
    text = render_junit([one_check(one, submission=SubmissionRecord(name=words, sha256="s"))])
    root = ET.fromstring(text)
    assert len(root.findall(".//testcase")) == 1
    assert not any(character in text for character in "\x00\x0b\x1b\ufffe")
    assert root.find(".//failure").get("message").startswith("]]></failure>")
