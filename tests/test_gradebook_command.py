"""`grader gradebook`: what an instructor types and sees."""

import csv
import io
import json
import shutil
from functools import partial

import pytest
from gradebook_examples import graded, make_class, person

from grader.gradebook.place import VARIABLE


@pytest.fixture
def ended(ended, monkeypatch):
    """`grader gradebook ARGUMENTS`: exit code, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "200")
    return partial(ended, "gradebook")


@pytest.fixture
def out(tmp_path):
    """A graded class: Ada, whose name looks like markup, and the group of Bo and =Cy()."""
    return make_class(
        tmp_path / "out",
        graded("Ada", 10, 5),
        graded("Bo & Cy", 10, 10),
        people=(
            person("Ada [b]", "Ada", id="1", when="2026-11-28T00:30:00+00:00"),
            person("Bo", "Bo & Cy", id="2"),
            person("=Cy()", "Bo & Cy", id="3"),
        ),
    )


def printed(ended, *arguments):
    code, text, err = ended(*arguments)
    assert code == 0, err
    return text


def test_show_has_a_line_for_everybody_with_the_derivation(ended, out):
    text = printed(ended, "show", out)
    assert "Ada [b]" in text
    assert text.count("20 = 20 automatic") == 2
    assert "1 written answer to mark (10 points)." in text


def test_the_same_as_json_and_as_csv_that_no_spreadsheet_runs(ended, out):
    rows = json.loads(printed(ended, "show", out, "--json"))
    assert [(row["key"], row["score"], row["of"], row["awaiting"]) for row in rows] == [
        ("1", 15, 20, 10),
        ("2", 20, 20, 10),
        ("3", 20, 20, 10),
    ]
    found = list(csv.DictReader(io.StringIO(printed(ended, "show", out, "--csv"))))
    assert [row["name"] for row in found] == ["Ada [b]", "Bo", "'=Cy()"]


def test_an_override_shows_the_score_before_and_after_and_is_in_the_history(ended, out):
    text = printed(ended, "override", out, "1", "--check", "part/c1", "--points", 9, "--why", "ours", "--by", "tess")
    assert text == "Ada: 19 = 19 automatic, overridden (before: 15)\n"
    events = json.loads(printed(ended, "history", out, "1", "--json"))
    assert (events[-1]["what"], events[-1]["by"], events[-1]["why"]) == (
        "9 points for check part/c1, in place of the grader's",
        "tess",
        "ours",
    )
    assert printed(ended, "override", out, "1", "--check", "part/c1", "--take-back", "--why", "no").startswith(
        "Ada: 15"
    )


def test_late_is_set_step_by_step_and_an_extension_is_counted(ended, out):
    assert printed(ended, "late", out, "--due", "2026-11-28T00:00+01:00") == (
        "lab1: due 2026-11-27 23:00 UTC; a late day costs 0 % of the maximum score\n"
    )
    text = printed(ended, "late", out, "--percent", 10, "--most", 50, "--grace", 5, "--days", 7)
    assert text == (
        "lab1: due 2026-11-27 23:00 UTC; a late day costs 10 % of the maximum score; at most 50 %; "
        "5 minutes cost nothing; after 7 days work earns nothing\n"
    )
    assert "13 = 15 automatic − 2 late (1 day)" in printed(ended, "show", out)
    assert printed(ended, "extend", out, "1", "--hours", 2) == "Ada [b]: 2 hours more for lab1\n"
    assert "15 = 15 automatic" in printed(ended, "show", out)
    text = printed(ended, "late", out, "--person", "1", "2")
    assert text.splitlines()[0] == "Ada: 11 = 15 automatic − 4 late (2 days)"
    assert "11 = 15 automatic − 4 late (2 days)" in printed(ended, "show", out)
    printed(ended, "late", out, "--person", "1", "times")
    assert "15 = 15 automatic" in printed(ended, "show", out)


def test_a_late_policy_of_the_course_is_that_of_assignments_without_one(ended, out):
    printed(ended, "late", out, "--due", "2026-11-28T00:00+01:00")
    words = "every assignment without a late policy of its own: a late day costs"
    assert printed(ended, "late", out, "--course") == f"{words} 0 % of the maximum score\n"
    assert printed(ended, "late", out, "--course", "--percent", 10).startswith(f"{words} 10 %")
    assert "13 = 15 automatic − 2 late (1 day)" in printed(ended, "show", out)
    printed(ended, "late", out, "--percent", 20)
    printed(ended, "late", out, "--course", "--percent", 50)
    assert "11 = 15 automatic − 4 late (1 day)" in printed(ended, "show", out)


def test_best_shows_and_chooses_which_attempt_counts(ended, out):
    make_class(out, graded("Ada", 0, 0))
    (ada, _) = json.loads(printed(ended, "best", out, "--json"))
    assert (ada["best"], ada["best_attempt"], ada["latest"], ada["latest_attempt"], ada["counts"]) == (
        *(15, 1, 0, 2),
        "latest",
    )
    assert "latest" not in printed(ended, "best", out, "--count", "best").partition("counts")[2]
    assert json.loads(printed(ended, "show", out, "--json"))[0]["score"] == 15


def test_diff_says_who_moved_and_because_of_what(ended, out, tmp_path):
    after = shutil.copytree(out, tmp_path / "after")
    assert ended("diff", out, after)[1:] == ("", "all checks gave everybody the same points in both\n")
    make_class(after, graded("Ada", 10, 10))
    text = printed(ended, "diff", out, after)
    assert "part/c1 failed → passed" in text
    other = make_class(tmp_path / "other", graded("Ada", 1, assignment="lab2"))
    code, _, err = ended("diff", out, other)
    assert code == 2
    assert f"{out} holds records of lab1, and {other} of lab2" in err
    (row,) = json.loads(printed(ended, "diff", out, after, "--json"))
    assert (row["submission"], row["before"], row["after"], row["by"]) == ("Ada", 15, 20, 5)


def test_import_roster_names_people(ended, out, tmp_path):
    roster = tmp_path / "people.csv"
    roster.write_text("id,name,email\n1,Ada Lovelace,ada@x.org\n7,Di,di@x.org\n")
    assert printed(ended, "import-roster", out, roster) == "2 people on the roster, 1 of them new\n"
    assert "Ada Lovelace" in printed(ended, "show", out)


def test_the_total_of_a_course_counts_all_assignments_of_a_gradebook(ended, out, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, f"sqlite:///{tmp_path / 'course.sqlite'}")
    other = make_class(
        tmp_path / "lab2",
        graded("Ada", 8, assignment="lab2", written=()),
        graded("Di", refused="A bomb.", assignment="lab2"),
        people=(person("Ada [b]", "Ada", id="1"), person("Di", id="4")),
    )
    printed(ended, "show", out)
    text = printed(ended, "total", other)
    assert "77.5 = (lab1 75 + lab2 80) / 2" in text
    assert "lab1: 1 written answer to mark (10 points)" in text
    assert "50 = (lab1 100 + lab2 0) / 2" in text
    weighed = json.loads(printed(ended, "total", other, "--weight", "lab1", 3, "--json"))
    assert [row["total"] for row in weighed if row["key"] == "1"] == [76.25]
    rows = json.loads(printed(ended, "total", out, "--drop", 1, "--json"))
    found = {row["key"]: row for row in rows}
    assert (found["1"]["total"], found["1"]["left_out"], found["1"]["lab2_percent"]) == (80, ["lab1"], 80)
    assert found["2"]["to_decide"] == "lab1: 1 written answer to mark (10 points); lab2: nothing handed in"
    assert (found["4"]["total"], found["4"]["lab2_percent"]) == (0, None)
    assert found["4"]["to_decide"] == "lab1: nothing handed in; lab2: not graded"
    code, _, err = ended("total", other, "--weight", "lab3", 1)
    assert code == 2
    assert "no assignment 'lab3'; did you mean" in err
    assert ended("total", other, "--weight", "lab1", -1)[0] == 2
    assert next(csv.DictReader(io.StringIO(printed(ended, "total", out, "--csv"))))["name"] == "'=Cy()"


def test_a_table_is_shown_as_it_is_kept(ended, out):
    printed(ended, "extend", out, "1", "--days", 1, "--why", "ill")
    (row,) = json.loads(printed(ended, "show", out, "--table", "extension", "--json"))
    assert (row["person"], row["assignment"], row["minutes"], row["why"]) == ("Ada [b]", "lab1", 1440, "ill")
    code, _, err = ended("show", out, "--table", "nothing")
    assert code == 2
    assert "there are: apart, assignment, attempt" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("override", "{out}", "1", "--points", "3"), "say why"),
        (("override", "{out}", "1", "--why", "x"), "either --points or --take-back"),
        (("override", "{out}", "1", "--check", "c1", "--points", "3", "--why", "x"), "PART/CHECK"),
        (("override", "{out}", "nobody", "--points", "3", "--why", "x"), "nobody is called nobody"),
        (("override", "{out}", "ada", "--points", "3", "--why", "x"), "nobody is called ada: did you mean Ada [b]?"),
        (("extend", "{out}", "1"), "--days 0 takes it back"),
        (("late", "{out}", "--due", "tomorrow"), "is no time"),
        (("late", "{out}", "--due", "2026-11-27T23:59"), "say the zone"),
        (("late", "{out}", "--percent", "200"), "between 0 and 100"),
        (("late", "{out}", "--course", "--person", "1", "2"), "leave out --course"),
        (("late", "{out}", "--person", "1", "soon"), "no number of days"),
        (("show", "{out}/Ada"), "no records"),
        (("show", "{out}", "--db", "sqlite:////no/such/x.sqlite"), "cannot be opened"),
    ],
)
def test_wrong_usage_is_one_sentence_and_changes_nothing(ended, out, arguments, words):
    before = printed(ended, "show", out, "--json")
    code, _, err = ended(*(one.replace("{out}", str(out)) for one in arguments))
    assert code == 2
    assert words in err
    assert "Traceback" not in err
    assert printed(ended, "show", out, "--json") == before


def test_a_folder_without_records_gets_no_gradebook(ended, tmp_path):
    assert ended("show", tmp_path)[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_record_is_named_and_the_rest_is_shown(ended, out):
    next(out.glob("Bo*/attempt-001.json")).write_text("{")
    code, text, err = ended("show", out)
    assert code == 1
    assert "Ada" in text
    assert "a person must look" in err
