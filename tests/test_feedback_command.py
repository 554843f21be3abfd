"""`grader feedback`: exactly what students may have, with what people gave and said."""

import zipfile

import pytest
from gradebook_examples import graded, make_class, person
from page_reader import Page
from record_examples import HIDDEN_SECRET, check, hidden

from grader.records.record import PartRecord

ATTACK = "<script>alert(1)</script>"


@pytest.fixture
def out(tmp_path):
    """A graded class: Ada has an answer to mark, the group of Bo and Cy has none; a hidden check failed each."""
    checks = (check("a", 4), check("b", 3, "failed", message="Wrong."), hidden("h", 3, "failed"))
    parts = (PartRecord(name="p", title="Part", file="p.py", checks=checks),)
    return make_class(
        tmp_path / "out",
        graded("Ada", parts=parts, seed=7431_7431),
        graded("Bo & Cy", parts=parts, written=(), seed=7431_7431),
        people=(person("Ada", id="501"), person("Bo", "Bo & Cy", id="502"), person("Cy", "Bo & Cy", id="503")),
    )


def pages_of(folder):
    return {path.parent.name: path.read_text() for path in folder.rglob("*.html")}


def test_who_is_not_marked_yet_is_left_out_and_named(ended, out, tmp_path):
    code, said, err = ended("feedback", out, "--to", tmp_path / "to")
    assert (code, said) == (1, f"2 pages in {tmp_path / 'to'}\n")
    assert "left out: Ada: 1 written answer to mark" in err
    assert set(pages_of(tmp_path / "to")) == {"Bo 502", "Cy 503"}
    assert ended("feedback", out, "--to", tmp_path / "all", "--unfinished")[0] == 0
    assert "Not decided yet: 1 written answer" in pages_of(tmp_path / "all")["Ada 501"]
    assert "Not final yet." in pages_of(tmp_path / "all")["Ada 501"]


def test_the_page_shows_the_final_score_marks_comments_and_overrides(ended, out, tmp_path):
    assert ended("gradebook", "mark", out, "501", "why", "--points", 6.5, "--why", f"Good. {ATTACK}")[1] == (
        "Ada: 10.5 = 4 automatic + 6.5 written.\n"
    )
    ended("gradebook", "comment", out, "501", "Well structured!")
    ended("gradebook", "override", out, "501", "--check", "p/b", "--points", 2, "--why", "nearly")
    assert ended("feedback", out, "--to", tmp_path / "to")[0] == 0
    text = pages_of(tmp_path / "to")["Ada 501"]
    words = Page(text).elements[0].text
    assert "12.5 of 20 points" in words
    assert "12.5 = 6 automatic, overridden + 6.5 written" in words
    assert "6.5 / 10" in words
    assert "Good." in words
    assert "Well structured!" in words
    assert "A person gave 2 points for the check b of p: nearly" in words
    assert "Final. Everything is graded and marked" in words
    for before_marking in ("awaiting marking", "to be marked", "No answer yet"):
        assert before_marking not in words
    assert ATTACK not in text


def test_nothing_but_pages_and_nothing_from_inside_hidden_checks(ended, out, tmp_path):
    ended("feedback", out, "--to", tmp_path / "to", "--unfinished")
    files = [path for path in (tmp_path / "to").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"feedback.html"}
    content = "".join(path.read_text() for path in files)
    assert HIDDEN_SECRET not in content
    assert "74317431" not in content


def test_zips_for_moodle_and_for_any_other(ended, out, tmp_path):
    for form in ("moodle", "folders"):
        ended("feedback", out, "--to", tmp_path / form, "--zip", form, "--unfinished")
    with zipfile.ZipFile(tmp_path / "moodle") as archive:
        assert "Ada_501_assignsubmission_file_/report.html" in archive.namelist()
    with zipfile.ZipFile(tmp_path / "folders") as archive:
        assert set(archive.namelist()) == {f"{name}/feedback.html" for name in ("Ada 501", "Bo 502", "Cy 503")}
    first = (tmp_path / "folders").read_bytes()
    ended("feedback", out, "--to", tmp_path / "again", "--zip", "folders", "--unfinished")
    assert (tmp_path / "again").read_bytes() == first


def test_no_old_page_stays_in_the_new_folder(ended, out, tmp_path):
    ended("feedback", out, "--to", tmp_path / "to", "--unfinished")
    code, _, err = ended("feedback", out, "--to", tmp_path / "to", "--unfinished")
    assert code == 2
    assert "exists already" in err


def test_a_refused_submission_is_told_what_to_do_and_has_no_score(ended, tmp_path):
    folder = make_class(tmp_path / "out", graded("Eve", refused="It is a bomb."))
    ended("gradebook", "comment", folder, "Eve", "Come and see me.")
    assert ended("feedback", folder, "--to", tmp_path / "to")[0] == 0
    words = Page(pages_of(tmp_path / "to")["Eve"]).elements[0].text
    assert "not graded yet" in words
    assert "It is a bomb." in words
    assert "Come and see me." in words


def test_a_mark_and_a_comment_are_refused_where_they_make_no_sense(ended, out):
    for arguments, words in (
        (("mark", out, "501", "how", "--points", 1), "there are: why"),
        (("mark", out, "501", "why"), "either --points or --take-back"),
        (("comment", out, "501", " "), "empty"),
    ):
        code, _, err = ended("gradebook", *arguments)
        assert code == 2
        assert words in err
