"""Files of LMSs, filled in: what comes out is taken in by an importer written after the LMS's own."""

import base64
import csv
import io
import json
from functools import partial

import pytest
from gradebook_examples import graded, make_class, person
from lms_importers import (
    blackboard_import,
    canvas_import,
    classroom_report,
    gradescope_import,
    junit_cases,
    moodle_import,
)
from record_examples import HIDDEN_SECRET, check, hidden

from grader.errors import UsageError
from grader.exports import blackboard, canvas, classroom, gradescope, moodle, table
from grader.exports.grades import Grade
from grader.records.record import PartRecord, Visibility

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (12345),Lab 2 (12346),Lab 10 (777),Current Score
,,,,,Manual Posting,,,
    Points Possible,,,,,30,20,10,(read only)
"Lovelace, Ada",71,s1,ada,COMP-A,,17,5,80
"Ek, Bo",72,s2,bo,COMP-A,12.5,3,,50
"Nobody, Nina",73,s3,nina,COMP-A,9,,,
"Student, Test",74,,,COMP-A,,,,
"""
COURSE = {
    "assignments": {"Lab 1 (12345)", "Lab 2 (12346)", "Lab 10 (777)"},
    "students": {"71": "71", "72": "72", "73": "73", "74": "74", "ada": "71", "s2": "72"},
}
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 501,Ada Lovelace,ada@x.org,Submitted,,30.00,Yes,"Friday, 27 November",-,\r\n'
    'Participant 502,Bo Ek,bo@x.org,Submitted,4,30.00,Yes,"Friday, 27 November","Saturday, 28 November",kept\r\n'
    "Participant 503,Cy,cy@x.org,No submission,7,30.00,Yes,-,-,\r\n"
    "Participant 504,Di,di@x.org,Submitted,,30.00,No,-,-,\r\n"
)
TIMES = {"Participant 501": "-", "Participant 502": "Saturday, 28 November", "Participant 503": "-"}


BLACKBOARD = (
    '"Last Name","First Name","Username","Student ID","Last Access","Availability",'
    '"Lab 1 [Total Pts: 30 Score] |526963","Lab 2 [Total Pts: 20 Score] |526964",'
    '"Total [Total Pts: up to 50 Score] |526940"\n'
    '"Lovelace","Ada","ada","s1","2026-11-27 20:00:00","Yes","","17.00","17.00"\n'
    '"Ek","Bo","bo","s2","2026-11-27 20:00:00","Yes","12.50","3.00","15.50"\n'
    '"Nobody","=Nina","nina","s3","","Yes","9.00","",""\n'
)
BLACKBOARD_COURSE = {"526963": {"ada", "bo", "nina"}, "526964": {"ada", "bo", "nina"}}


def grade(name, score, *ids, most=30.0, email=""):
    return Grade(name=name, score=score, max_score=most, ids=ids, email=email)


GRADES = [grade("Ada Lovelace", 22.125, "71"), grade("Bo Ek", 8.0, "bo"), grade("Nina Nobody", None, "73")]


def test_canvas_takes_in_the_scores_of_who_has_one_and_nothing_else():
    filled = canvas.fill(CANVAS.encode(), "g.csv", "Lab 1", GRADES)
    assert canvas_import(filled.content, COURSE) == {"71": 22.12, "72": 8.0}
    assert filled.grades == 2
    assert filled.remarks == ("not in the file, because they have no final score: Nobody, Nina; Student, Test",)
    assert b"Lab 2" not in filled.content


def test_filled_twice_it_is_the_same_file():
    once = canvas.fill(CANVAS.encode(), "g.csv", "12345", GRADES)
    assert canvas.fill(once.content, "g.csv", "Lab 1 (12345)", GRADES).content == once.content
    worksheet = moodle.fill(MOODLE.encode(), "w.csv", GRADES)
    assert moodle.fill(worksheet.content, "w.csv", GRADES).content == worksheet.content


@pytest.mark.parametrize(("bom", "delimiter", "end"), [("\ufeff", ";", "\r\n"), ("", ",", "\n")])
def test_the_file_keeps_its_mark_delimiter_and_line_ends(bom, delimiter, end):
    rows = list(csv.reader(io.StringIO(CANVAS)))
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    content = canvas.fill((bom + text.getvalue()).encode(), "g.csv", "Lab 1", GRADES).content.decode()
    assert content.startswith(f'{bom}"Student"{delimiter}"ID"')
    assert content.count(end) == 5


def test_the_column_is_chosen_by_title_id_or_header_and_never_guessed():
    assert b"Lab 10" in canvas.fill(CANVAS.encode(), "g.csv", "777", GRADES, scale=True).content
    with pytest.raises(UsageError, match=r"3 columns of g.csv are called 'lab'.*Lab 1 .*Lab 2"):
        canvas.fill(CANVAS.encode(), "g.csv", "lab", GRADES)
    with pytest.raises(UsageError, match=r"no column of g.csv is 'Lab 3'"):
        canvas.fill(CANVAS.encode(), "g.csv", "Lab 3", GRADES)


def test_another_maximum_is_refused_or_scaled():
    with pytest.raises(UsageError, match=r"Canvas: Lab 2 .12346. is worth 20 points there, and 30 here: give --scale"):
        canvas.fill(CANVAS.encode(), "g.csv", "Lab 2", GRADES)
    filled = canvas.fill(CANVAS.encode(), "g.csv", "Lab 2", GRADES, scale=True)
    assert canvas_import(filled.content, COURSE) == {"71": 14.75, "72": 5.33}


def test_a_column_that_canvas_does_not_let_change_is_refused():
    locked = CANVAS.replace(",30,20,", ",(read only),20,")
    with pytest.raises(UsageError, match="read only"):
        canvas.fill(locked.encode(), "g.csv", "Lab 1", GRADES)


@pytest.mark.parametrize("content", [b"", b"name,score\nAda,3\n", b"\xff\xfe1", b"Student,ID\n"])
def test_what_is_no_export_of_canvas_is_a_usage_error(content):
    with pytest.raises(UsageError):
        canvas.fill(content, "g.csv", "Lab 1", GRADES)


def test_two_people_of_one_name_are_told_apart_by_id_or_left_out():
    twins = [grade("Ada Lovelace", 1.0, "9"), grade("Ada Lovelace", 2.0, "8")]
    filled = canvas.fill(CANVAS.encode(), "g.csv", "Lab 1", [*twins, grade("Bo Ek", 8.0)])
    assert canvas_import(filled.content, COURSE) == {"72": 8.0}
    filled = canvas.fill(CANVAS.encode(), "g.csv", "Lab 1", [*twins, grade("Ada Lovelace", 3.0, "71")])
    assert canvas_import(filled.content, COURSE) == {"71": 3.0}


def test_moodle_takes_in_the_worksheet_and_keeps_everything_else():
    grades = [grade("Ada Lovelace", 22.125, "501"), grade("x", 8.0, email="BO@x.org"), grade("Di", 3.0, "504")]
    filled = moodle.fill(MOODLE.encode(), "w.csv", grades)
    assert moodle_import(filled.content, TIMES | {"Participant 504": "-"}) == {
        "Participant 501": 22.12,
        "Participant 502": 8.0,
        "Participant 503": 7.0,
    }
    assert filled.grades == 2
    assert set(filled.remarks) == {
        "left as they are, because they have no final score: Cy",
        "Moodle does not let these be changed: Di",
    }
    before, after = (list(csv.DictReader(io.StringIO(text))) for text in (MOODLE, filled.content.decode()))
    for row in (*before, *after):
        del row["Grade"]
    assert before == after


def test_moodle_refuses_another_maximum_and_other_files():
    with pytest.raises(UsageError, match="Moodle's maximum grade is 30, and Ada can get 40: give --scale"):
        moodle.fill(MOODLE.encode(), "w.csv", [grade("Ada", 4.0, "501", most=40.0)])
    scaled = moodle.fill(MOODLE.encode(), "w.csv", [grade("Ada", 4.0, "501", most=40.0)], scale=True)
    assert moodle_import(scaled.content, TIMES | {"Participant 504": "-"})["Participant 501"] == 3.0
    with pytest.raises(UsageError, match="no column 'Identifier'"):
        moodle.fill(CANVAS.encode(), "w.csv", GRADES)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_blackboard_takes_in_the_scores_of_who_has_one_and_nothing_else(encoding):
    text = BLACKBOARD if encoding == "utf-8-sig" else BLACKBOARD.replace('","', '"\t"')
    grades = [grade("x", 22.125, "ada"), grade("Bo Ek", 8.0), grade("Nina Nobody", None, "nina")]
    filled = blackboard.fill(text.encode(encoding), "gc.csv", "Lab 1", grades)
    assert blackboard_import(filled.content, BLACKBOARD_COURSE) == {"526963": {"ada": 22.12, "bo": 8.0}}
    assert filled.remarks == ("not in the file, because they have no final score: Nobody, =Nina",)
    again = blackboard.fill(filled.content, "gc.csv", "526963", grades)
    assert again.content == filled.content


def test_blackboard_refuses_other_files_columns_that_it_computes_and_another_maximum():
    with pytest.raises(UsageError, match="no column 'Last Name'"):
        blackboard.fill(CANVAS.encode(), "gc.csv", "Lab 1", GRADES)
    with pytest.raises(UsageError, match=r"no column of gc.csv is 'Total'.*Lab 1 .*Lab 2"):
        blackboard.fill(BLACKBOARD.encode(), "gc.csv", "Total", GRADES)
    with pytest.raises(UsageError, match="Blackboard: Lab 2 is worth 20 points there, and 30 here: give --scale"):
        blackboard.fill(BLACKBOARD.encode(), "gc.csv", "Lab 2", GRADES)
    scaled = blackboard.fill(BLACKBOARD.encode(), "gc.csv", "Lab 2", GRADES, scale=True)
    assert blackboard_import(scaled.content, BLACKBOARD_COURSE) == {"526964": {"ada": 14.75, "bo": 5.33}}


def test_a_page_has_a_name_that_moodle_can_read():
    name = moodle.feedback_name("Ada Lovelace", "501", ".html")
    assert name == "Ada Lovelace_501_assignsubmission_file_/report.html"
    assert name.partition("/")[0].split("_", 5)[1].isdecimal()
    for wrong in (("A_B", "501"), ("Ada", "x")):
        with pytest.raises(UsageError):
            moodle.feedback_name(*wrong, ".html")


def record_with_secrets():
    checks = (check("a", 4), check("b", 3, "failed", message="Wrong.", detail="at [0]"), hidden("h", 3, "failed"))
    return graded("Ada", parts=(PartRecord(name="p", title="Part", file="p.py", checks=checks),))


def test_gradescope_gets_a_test_for_each_check_and_nothing_from_inside_hidden_ones():
    content = gradescope.results(record_with_secrets())
    found = json.loads(content)
    assert (found["score"], [test["score"] for test in found["tests"]]) == (4, [4, 0, 0])
    assert found["tests"][1]["output"] == "<p>Wrong.</p><pre>at [0]</pre>"
    assert {test["visibility"] for test in found["tests"]} == {"visible"}
    assert HIDDEN_SECRET not in content.decode()


def test_gradescope_takes_in_what_comes_out():
    total, shown = gradescope_import(gradescope.results(record_with_secrets()))
    assert total == 4
    assert [name for name, _ in shown] == ["Part: Check a.", "Part: Check b.", "Part: Check h."]


@pytest.mark.parametrize("fault", ["grader_error", "refused"])
def test_a_fault_of_ours_is_no_zero_at_gradescope(fault):
    broken = graded("Ada", parts=(PartRecord(name="p", title="P", checks=(check("a", 4, "grader_error"),)),))
    found = json.loads(gradescope.results(broken if fault == "grader_error" else graded("Ada", refused="A bomb.")))
    assert "score" not in found
    assert not [test for test in found["tests"] if "score" in test]
    assert found["output"]


def test_gradescope_gets_what_was_judged_before_a_fault_of_ours_without_points():
    checks = (check("a", 4), check("b", 4, "grader_error"))
    found = json.loads(gradescope.results(graded("Ada", parts=(PartRecord(name="p", title="P", checks=checks),))))
    assert [test["status"] for test in found["tests"]] == ["passed", "failed"]
    assert found.keys().isdisjoint({"score", "leaderboard"})
    assert "not your fault" in found["output"]
    assert "score" not in json.loads(gradescope.not_graded("The disk is full."))


def test_nothing_a_student_wrote_is_markup_on_gradescope():
    bad = "</pre><img src=x onerror=alert(1)>"
    checks = (check("a", 4, "failed", message=bad, detail=bad, hint=bad, traceback=bad),)
    parts = (PartRecord(name="p", title="P", checks=checks, output=bad),)
    found = json.loads(gradescope.results(graded("Ada", parts=parts, notices=(bad,))))
    for text in (found["output"], found["tests"][0]["output"]):
        assert "&lt;img" in text
        assert "<img" not in text


def test_an_instructor_chooses_how_gradescope_shows_hidden_checks_and_whether_there_is_a_leaderboard():
    later = check("c", 1, visibility=Visibility.after_published)
    parts = (PartRecord(name="p", title="P", checks=(check("a", 4), hidden("b", 2, "failed"), later)),)
    shown = gradescope.Shown(hidden=Visibility.after_due_date, leaderboard=True)
    found = json.loads(gradescope.results(graded("Ada", parts=parts), shown))
    assert [test["visibility"] for test in found["tests"]] == ["visible", "after_due_date", "after_published"]
    assert found["leaderboard"] == [{"name": "Score", "value": 5}]


def test_classroom_gets_base64_of_a_result():
    content = base64.b64decode(classroom.result(record_with_secrets()))
    found = json.loads(content)
    assert (found["version"], found["status"], found["max_score"]) == (1, "fail", 10)
    assert [test["status"] for test in found["tests"]] == ["pass", "fail", "fail"]
    assert HIDDEN_SECRET not in content.decode()


def test_the_reporter_of_classroom_counts_passed_tests():
    assert classroom_report({"GRADER_RESULTS": classroom.result(record_with_secrets()).decode()}) == {
        "totalPoints": pytest.approx(10 / 3),
        "maxPoints": 10,
    }


TABLE = table.columns_of(
    [
        table.Row(
            dict.fromkeys(table.ABOUT) | {"name": "=Ada", "score": 4.5, "attempt": 2, "days_late": 0},
            {"score": {"a": 4.0, "b": 0.5}, "rate": {"seen": 1.25}},
        ),
        table.Row(dict.fromkeys(table.ABOUT) | {"name": "Bo\ud800"}, {}),
    ]
)


def test_a_spreadsheet_reads_the_table_as_it_was_written_and_runs_nothing_of_it():
    content = table.as_csv(TABLE)
    assert content == table.as_csv(TABLE)
    assert content.startswith(b"\xef\xbb\xbf")
    ada, bo = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert [*ada][len(table.ABOUT) :] == ["part score", "score/a", "score/b", "rate", "rate/seen"]
    assert (ada["name"], bo["name"]) == ("'=Ada", "Bo\N{REPLACEMENT CHARACTER}")
    for column in TABLE:
        if column.kind != "text":
            read = [float(row[column.name]) if row[column.name] else None for row in (ada, bo)]
            assert read == list(column.cells)


def test_parquet_keeps_every_cell_and_the_types_of_the_columns():
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs mlgrader[parquet]")
    content = table.as_parquet(TABLE)
    assert content == table.as_parquet(TABLE)
    read = parquet.read_table(io.BytesIO(content))
    kinds = {"text": "string", "number": "double", "whole": "int64"}
    assert {field.name: str(field.type) for field in read.schema} == {one.name: kinds[one.kind] for one in TABLE}
    assert read.column("name").to_pylist() == ["=Ada", "Bo?"], "no program takes a cell of Parquet for a formula"
    for column in TABLE:
        if column.name != "name":
            assert read.column(column.name).to_pylist() == list(column.cells)


@pytest.fixture
def out(tmp_path):
    """A graded class: Ada with an answer to mark, Bo without, Cy refused."""
    return make_class(
        tmp_path / "out",
        graded("Ada", 10, 5, 7),
        graded("Bo", 10, 10, 10, written=()),
        graded("Cy", refused="A bomb."),
        people=(person("Ada Lovelace", "Ada", id="71"), person("Bo Ek", "Bo", id="72"), person("Cy", id="73")),
    )


@pytest.fixture
def ended(ended):
    """`grader export ARGUMENTS`: exit code, stdout, stderr."""
    return partial(ended, "export")


def test_the_command_exports_final_scores_only_and_says_who_is_left_out(ended, out, tmp_path):
    (tmp_path / "g.csv").write_text(CANVAS)
    to = tmp_path / "filled.csv"
    code, said, err = ended("canvas", out, tmp_path / "g.csv", "--column", "Lab 1", "--to", to)
    assert (code, said) == (0, f"1 grade in {to}\n")
    assert "Lovelace, Ada" in err
    assert canvas_import(to.read_bytes(), COURSE) == {"72": 30.0}
    code, said, err = ended("canvas", out, tmp_path / "g.csv", "--column", "Lab 1", "--to", to, "--so-far")
    assert code == 2
    assert "give --scale" in err  # her answer is worth 10 more points


def test_the_command_prints_one_submission(ended, out):
    code, said, _ = ended("gradescope", out, "Ada")
    assert (code, json.loads(said)["score"]) == (0, 22)
    code, _, err = ended("classroom", out, "Eve")
    assert code == 2
    assert "no record of Eve" in err
    assert "did you mean Ada?" in ended("classroom", out, "ad")[2]


def test_where_there_is_nothing_to_export_the_error_says_what_to_do(ended, out, tmp_path):
    header, _, worth, ada, *_ = CANVAS.splitlines()
    (tmp_path / "g.csv").write_text(f"{header}\n{worth}\n{ada}")
    to = tmp_path / "filled"
    code, _, err = ended("canvas", out, tmp_path / "g.csv", "--column", "Lab 1", "--to", to)
    assert code == 2
    assert "not in the file, because they have no final score: Lovelace, Ada" in err
    assert "--so-far takes scores that may still change" in err
    (empty := tmp_path / "empty").mkdir()
    code, _, err = ended("junit", empty, "--to", to)
    assert code == 2
    assert "run `grader grade" in err
    assert not to.exists()


def test_the_command_writes_a_row_for_each_person_with_parts_and_checks(ended, out, tmp_path):
    assert ended("csv", out, "--to", tmp_path / "lab1.csv")[:2] == (0, f"3 people in {tmp_path / 'lab1.csv'}\n")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "lab1.csv").read_text(encoding="utf-8-sig"))))
    told = [(row["name"], row["id"], row["score"], row["part"], row["part/c1"], row["to_decide"]) for row in rows]
    assert told == [
        ("Ada Lovelace", "71", "22.0", "22.0", "5.0", "1 written answer to mark (10 points)."),
        ("Bo Ek", "72", "30.0", "30.0", "10.0", ""),
        ("Cy", "73", "", "", "", "look at the record"),
    ]
    assert ended("junit", out, "--to", tmp_path / "lab1.xml")[0] == 0
    assert junit_cases((tmp_path / "lab1.xml").read_bytes()) == {"Ada": 3, "Bo": 3, "Cy": 1}


def test_the_command_fills_in_a_download_of_blackboard(ended, out, tmp_path):
    (tmp_path / "gc.csv").write_text(BLACKBOARD)
    to = tmp_path / "filled.csv"
    code, said, err = ended("blackboard", out, tmp_path / "gc.csv", "--to", to, "--column", "Lab 1")
    assert (code, said) == (0, f"1 grade in {to}\n")
    assert "Lovelace, Ada" in err
    assert blackboard_import(to.read_bytes(), BLACKBOARD_COURSE) == {"526963": {"bo": 30.0}}
