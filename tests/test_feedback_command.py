"""`grader feedback`: exactly what students may have, with what people gave and said."""

import csv
import io
import shutil
import zipfile
from itertools import chain

import pytest
from gradebook_examples import graded, make_class, person
from lms_importers import canvas_feedback_import
from page_reader import Page
from record_examples import HIDDEN_SECRET, check, hidden
from sample_class import NUMBER, numbers

from grader.records.record import PartRecord, Visibility
from grader.records.store import Store

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
    with zipfile.ZipFile(tmp_path / "moodle.zip") as archive:
        assert "Ada_501_assignsubmission_file_/report.html" in archive.namelist()
    with zipfile.ZipFile(tmp_path / "folders.zip") as archive:
        assert set(archive.namelist()) == {f"{name}/feedback.html" for name in ("Ada 501", "Bo 502", "Cy 503")}
    first = (tmp_path / "folders.zip").read_bytes()
    ended("feedback", out, "--to", tmp_path / "again.ZIP", "--zip", "folders", "--unfinished")
    assert (tmp_path / "again.ZIP").read_bytes() == first


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


LATER = "LATER-2207"  # in what checks show that become visible later


@pytest.fixture
def due(tmp_path):
    """A student whose failed checks become visible at three different times, each with values of its own."""
    moments = {"after_due_date": "DUE", "after_published": "PUBLISHED", "hidden": "NEVER"}
    checks = [
        check(name, 4, "failed", visibility=Visibility(name), message="Wrong.", detail=f"{LATER}-{word}", seeds=(7,))
        for name, word in moments.items()
    ]
    parts = (PartRecord(name="p", title="Part", file="p.py", checks=tuple(checks)),)
    return make_class(tmp_path / "due", graded("Ada", parts=parts, written=()), people=(person("Ada", id="501"),))


@pytest.mark.parametrize(
    ("moment", "shown"),
    [("before-due", set()), ("after-due", {"DUE"}), ("published", {"DUE", "PUBLISHED"})],
)
def test_what_becomes_visible_later_is_shown_then_and_hidden_checks_never(ended, due, tmp_path, moment, shown):
    assert ended("feedback", due, "--to", tmp_path / "to", "--visibility", moment)[0] == 0
    page = pages_of(tmp_path / "to")["Ada 501"]
    assert {word for word in ("DUE", "PUBLISHED", "NEVER") if f"{LATER}-{word}" in page} == shown


def test_anonymous_pages_name_nobody_and_the_key_says_who_is_who(ended, out, tmp_path):
    to, key = tmp_path / "to", tmp_path / "key.csv"
    assert ended("feedback", out, "--to", to, "--unfinished", "--anonymous", key)[0] == 0
    rows = list(csv.DictReader(io.StringIO(key.read_text(encoding="utf-8-sig"))))
    assert [(row["name"], row["id"]) for row in rows] == [("Ada", "501"), ("Bo", "502"), ("Cy", "503")]
    assert set(pages_of(to)) == {row["code"] for row in rows}
    for content in pages_of(to).values():
        assert not {"Ada", "Bo", "Cy"} & set(Page(content).elements[0].text.split())
    assert ended("feedback", out, "--to", tmp_path / "again", "--unfinished", "--anonymous", key)[0] == 0
    assert pages_of(tmp_path / "again") == pages_of(to)


def test_names_are_not_left_among_pages_without_them_and_an_lms_needs_them(ended, out, tmp_path):
    for arguments in (("--anonymous", tmp_path / "to" / "key.csv"), ("--anonymous", tmp_path / "k", "--zip", "moodle")):
        assert ended("feedback", out, "--to", tmp_path / "to", "--unfinished", *arguments)[0] == 2
        assert not (tmp_path / "to").exists()


def test_canvas_takes_in_the_zip_by_the_names_of_its_own_download(ended, tmp_path):
    people = (
        person("Ada", id="71", uploaded="lovelaceada_LATE_71_900_"),
        person("Bo", id="72", uploaded="ekbo_72_901_"),
    )
    folder = make_class(tmp_path / "out", graded("Ada", 10, written=()), graded("Bo", 5, written=()), people=people)
    assert ended("feedback", folder, "--to", tmp_path / "c.zip", "--zip", "canvas")[0] == 0
    taken, ignored = canvas_feedback_import((tmp_path / "c.zip").read_bytes(), {"71": {"900"}, "72": {"901"}})
    assert (set(taken), ignored) == ({"71", "72"}, [])
    assert "10 of 10" in " ".join(Page(taken["71"].decode()).elements[0].text.split())


def test_who_canvas_would_not_find_is_named(ended, tmp_path):
    people = (person("Ada", id="71"), person("Bo", id="72", uploaded="ekbo_72_901_"))
    folder = make_class(tmp_path / "out", graded("Ada", 10, written=()), graded("Bo", 5, written=()), people=people)
    code, told, err = ended("feedback", folder, "--to", tmp_path / "c.zip", "--zip", "canvas")
    assert (code, told) == (1, f"1 page in {tmp_path / 'c.zip'}\n")
    assert "left out: Canvas cannot tell that a page is Ada's" in err
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        assert archive.namelist() == ["ekbo_72_901_feedback.html"]


def test_a_zip_that_would_be_empty_is_not_made(ended, tmp_path):
    folder = make_class(tmp_path / "out", graded("Ada", 10, written=()), people=(person("Ada", id="ada"),))
    code, _, err = ended("feedback", folder, "--to", tmp_path / "m.zip", "--zip", "moodle")
    assert code == 2
    assert "left out: Ada has no participant id of Moodle ('ada')" in err
    assert "moodle would know nobody's page" in err
    assert not (tmp_path / "m.zip").exists()


def test_no_expected_value_of_any_hidden_check_is_on_any_page(ended, tmp_path):
    students = ("chiara_russo", "jonas_keller", "mei_chen", "nils_berg")
    for name in students:
        shutil.copytree(f"tests/submissions/activity1/{name}", tmp_path / "class" / name)
    out = tmp_path / "out"
    assert ended("grade", "activity1", tmp_path / "class", "--out", out, "--jobs", 1)[0] == 0
    records = list(Store(out).latest())
    checks = [check for record in records for part in record.parts for check in part.checks]
    hidden_checks = [check for check in checks if check.visibility is Visibility.hidden]
    secrets = numbers(hidden_checks) - numbers(check for check in checks if check not in hidden_checks)
    assert secrets, "hidden checks of this class fail, with the expected values in their records"
    seeds = {str(seed) for record in records for seed in (record.seed, *chain(*(check.seeds for check in checks)))}
    for moment in ("before-due", "published"):
        to = tmp_path / moment
        assert ended("feedback", out, "--to", to, "--unfinished", "--visibility", moment)[0] == 0
        assert len(pages_of(to)) == len(students)
        for page in pages_of(to).values():
            assert not (secrets | seeds) & set(NUMBER.findall(page))
