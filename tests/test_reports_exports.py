"""scores.csv and JUnit XML: right for honest records, harmless for hostile ones."""

import csv
import io
from xml.etree import ElementTree as ET

import pytest
from record_examples import check, one_check, record

from grader.records.record import PartRecord, SubmissionRecord, WrittenRecord
from grader.reports.formats import FORMATS
from grader.reports.junit import render_junit
from grader.reports.spreadsheet import HEADER, guarded, render_csv


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


def test_there_is_a_column_for_every_part_and_check():
    other = record(parts=(PartRecord(name="rate", title="Rate", checks=(check("seen", 2.5),)),))
    first, second = rows(other, record())
    names = list(first)
    assert names[len(HEADER) :][:3] == ["score_matrix", "score_matrix/stack", "score_matrix/shape"]
    assert names[-2:] == ["rate", "rate/seen"]
    assert (first["rate"], first["rate/seen"], first["score_matrix"]) == ("2.5", "2.5", "")
    assert (second["score_matrix"], second["score_matrix/values"], second["rate"]) == ("8.5", "0.0", "")


def test_who_was_refused_has_a_row_a_reason_and_no_score():
    (row,) = rows(record(parts=(), refused="=1+1 is no zip."))
    assert (row["score"], row["max_score"], row["standing"]) == ("", "", "refused")
    assert row["reason"] == "'=1+1 is no zip.", "no reason is a formula"


def test_the_standing_and_its_reasons_are_told():
    question = WrittenRecord(name="q", title="Q", question="?", points=5)
    told = [
        (row["standing"], row["reason"], float(row["awaiting_marking"]))
        for row in rows(
            record(),
            record(written=(question,)),
            record(reasons=("one", "two")),
            one_check(check("c", 1, "grader_error")),
        )
    ]
    failed = "The grader failed in part/c: run the same command to grade it again."
    assert told == [
        ("final", "", 0),
        ("automatic_part_complete", "", 5),
        ("needs_a_look", "one · two", 0),
        ("needs_attention", failed, 0),
    ]


def test_excel_on_windows_sees_that_it_is_utf_8():
    assert FORMATS["csv"]([record()]).startswith(b'\xef\xbb\xbf"name"')


def test_a_refused_submission_is_an_error_in_a_suite_of_its_own():
    suite = ET.fromstring(render_junit([record(parts=(), refused="The zip is damaged.")])).find("testsuite")
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    assert suite.find("testcase/error").get("message") == "The zip is damaged."


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
