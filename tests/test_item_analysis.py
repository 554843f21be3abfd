"""`grader item-analysis`, and what a class leaves beside its page: analysis.json and the pages for staff."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest
from page_reader import Page
from record_examples import check, named

from grader.analysis.results import AgreeingPair
from grader.gradebook.place import FILE, VARIABLE
from grader.records.record import PartRecord, WrittenRecord
from grader.records.store import Store
from grader.reports.item_words import agreeing_groups, percentage, signed
from grader.reports.pages import write_class_pages
from grader.similarity import kept
from grader.similarity.kept import ClassPrints, KeptPrints, prints_of

WRITTEN = (WrittenRecord(name="why", title="Why it works", question="Why?", points=6.0),)
MARKUP = "[red]=Eve[/red]"  # rich would take it for markup, a spreadsheet for no formula


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def one_of(at: int):
    """Student ``at`` of 13: the better ones fail `c`, whose title is a formula; `a` and `b` agree; `MARKUP` is one."""
    wrong = {"mistake": "sign", "hint": "Mind the sign."} if at >= 6 else {}
    checks = (
        check("ladder", 20, "failed", score=float(at)),
        check("c", 3, "failed" if at >= 6 else "passed", title="=SUM(A1)", **wrong),
        check("a", 0, "passed" if at % 2 else "failed"),
        check("b", 0, "passed" if at % 2 else "failed"),
        check("easy", 1),
    )
    one = PartRecord(name="p", title="P", checks=checks, seconds=at, memory_mb=20.0 * at)
    return named(MARKUP if at == 7 else f"s{at:02}", (one,))


@pytest.fixture
def out(tmp_path) -> Path:
    """A graded class of 13, of whom two handed in the same code, and one an archive that is refused."""
    store = Store(tmp_path / "out")
    for at in range(13):
        store.append(one_of(at))
    store.append(named("zed", (), refused="Broken."))
    prints = {name: KeptPrints(sha256="", prints=prints_of(range(50))) for name in ("s03", MARKUP, "zed")}
    kept.write(store.folder, ClassPrints(submissions=prints))
    return store.folder


# Who passes c has 2.5 points of the ladder on average, the others 9, and the standard deviation is sqrt(14). So the
# discrimination of c is (2.5 - 9) / sqrt(14) * sqrt(6 * 7) / 13 = -0.866.
def test_the_tables_fit_80_columns_and_tell_everything(ended, out):
    code, said, err = ended("item-analysis", out)
    assert (code, err) == (0, "")
    lines = said.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "13 submissions, 1 refused (left out)"
    rows = [line.split() for line in lines]
    assert ["p/c", "13", "46%", "46%", "\N{MINUS SIGN}0.87", "negative"] in rows
    assert ["p/easy", "13", "100%", "100%", "\N{EN DASH}", "all", "pass"] in rows
    assert ["p", "13", "0%", "35%", "\N{EN DASH}", "6.0", "s", "12", "s", "s12", "240", "MB"] in rows
    assert "p/ladder: Nobody passes it." in " ".join(said.split())
    assert "p/a, p/b" in lines
    assert f"  7  p/sign: {MARKUP}, s06, s08, s09, s10, s11, s12" in lines
    assert f"100%  {MARKUP} and s03" in lines


def test_the_same_as_json_which_is_also_beside_the_class_page(ended, out):
    write_class_pages(Store(out), "lab1", {})
    code, said, _ = ended("item-analysis", out, "--json")
    assert code == 0
    told = json.loads(said)
    assert told == json.loads((out / "analysis.json").read_bytes())
    assert (told["submissions"], told["left_out"]) == (13, {"refused": 1})
    assert [one["flags"] for one in told["checks"]] == [
        *(["nobody_passes", "negative_discrimination"], ["negative_discrimination"], [], [], ["everybody_passes"]),
    ]
    assert told["near_identical"] == [{"first": MARKUP, "second": "s03", "share": 1.0}]
    assert {one["submission"] for one in told["mistakes"][0]["made_by"]} >= {MARKUP, "s12"}


def test_who_marked_what_is_in_the_terminal_on_the_class_page_and_in_the_json(ended, out):
    assert json.loads(ended("item-analysis", out, "--json")[1])["markers"] == []
    assert not (out / FILE).exists(), "looking at the figures makes no gradebook"
    for who, by, points in (("s01", "tess", 6), ("s02", "ulf", 1.5)):
        Store(out).append(named(who, one_of(1).parts, written=WRITTEN))
        assert ended("gradebook", "mark", out, who, "why", "--points", points, "--by", by)[0] == 0
    tess = {"question": "why", "points": 6, "by": "tess", "marked": 1, "mean": 6, "fifths": [0, 0, 0, 0, 1]}
    assert json.loads(ended("item-analysis", out, "--json")[1])["markers"][0] == tess
    said = ended("item-analysis", out)[1]
    rows = [line.split() for line in said.splitlines()]
    assert ["why", "ulf", "1", "1.50", "6", "0", "1", "0", "0", "0"] in rows
    assert max(map(len, said.splitlines())) <= 80
    assert ended("report", out)[0] == 0
    assert json.loads((out / "analysis.json").read_bytes())["markers"][0] == tess
    page = Page((out / "index.html").read_text())
    assert "written answers (6 points each): 2 marked, not counted here" in page.one("p", "who").text
    table = next(one for one in page.all("table") if "Marked by" in one.text)
    assert [cell.text for cell in page.all("td") if table in cell.ancestors] == [
        *("tess", "1", "6 / 6", "0", "0", "0", "0", "1"),
        *("ulf", "1", "1.5 / 6", "0", "1", "0", "0", "0"),
    ]


def test_without_a_gradebook_no_database_is_imported(tmp_path):
    """That would take a tenth of a second of every class."""
    look = "import sys, pathlib; from grader.commands.desk_work import by_people"
    look += "; print(by_people(pathlib.Path(sys.argv[1]), 'a').looked, 'sqlalchemy' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    command = [sys.executable, "-c", look, str(tmp_path)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["{}", "False"]


def test_a_gradebook_that_cannot_be_opened_is_told_and_the_class_page_is_made(ended, out):
    (out / FILE).write_text("no database")
    code, _, err = ended("report", out)
    assert code == 0
    assert "the class page does not show what people marked and looked at: the gradebook" in err
    assert ended("item-analysis", out)[0] == 2


def test_the_same_as_csv_that_no_spreadsheet_runs(ended, out):
    code, said, _ = ended("item-analysis", out, "--csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(said.removeprefix("\ufeff"))))
    assert [row["check"] for row in rows] == ["ladder", "c", "a", "b", "easy"]
    c = rows[1]
    assert (c["part"], c["title"], c["points"], c["judged"], c["passed"]) == ("p", "'=SUM(A1)", "3.0", "13", "6")
    assert (c["pass_rate"], c["discrimination"], c["flags"]) == ("0.4615", "-0.866", "negative_discrimination")
    assert rows[4]["discrimination"] == ""


def test_wrong_usage_and_damaged_records(ended, out, tmp_path):
    code, _, err = ended("item-analysis", tmp_path / "nothing")
    assert code == 2
    assert f"there are no records below {tmp_path / 'nothing'}: run `grader grade" in err
    assert ended("item-analysis", out, "--json", "--csv")[0] == 2
    (out / "s03" / "attempt-001.json").write_text("{")
    code, said, err = ended("item-analysis", out)
    assert code == 1, "a person must look"
    assert "cannot be read as a record" in err
    assert "12 submissions" in said


def test_figures_of_two_versions_are_not_mixed_unsaid(ended, out):
    Store(out).append(msgspec.structs.replace(one_of(1), checks_version="new"))
    code, _, err = ended("item-analysis", out)
    assert code == 0
    assert "These scores come from 2 versions of the checks" in err
    assert "new in 1 submission (s01)" in err


def test_of_many_pairs_the_most_similar_are_printed(ended, out):
    prints = {f"s{at:02}": KeptPrints(sha256="", prints=prints_of(range(50))) for at in range(7)}
    kept.write(out, ClassPrints(submissions=prints))
    said = ended("item-analysis", out)[1]
    assert said.count("100%  s") == 20
    assert said.endswith("and 1 more: see --json\n")


def test_a_check_with_few_submissions_says_why_it_has_no_discrimination(ended, tmp_path):
    store = Store(tmp_path / "out")
    store.append(one_of(1))
    said = ended("item-analysis", tmp_path / "out")[1]
    assert "A discrimination needs 10 submissions with code of their own that the check judged." in " ".join(
        said.split()
    )


def hrefs(page: Page) -> dict[str, str | None]:
    nav = page.one("nav")
    return {a.attributes.get("rel") or a.text: a.attributes["href"] for a in page.all("a") if nav in a.ancestors}


def test_pages_for_staff_follow_the_class_page(out):
    store = Store(out)
    write_class_pages(store, "lab1", {})
    page = Page((out / "index.html").read_text())
    table = page.one("table", "class")
    people = [th for th in page.all("th") if th.attributes.get("scope") == "row" and table in th.ancestors]
    links = [a.attributes["href"] for a in page.all("a") if a.ancestors[-1] in people]
    assert links[0] == "zed/staff.html", "who needs a look comes first"
    # Following "next" from the first page comes past all of them, and "prev" leads back.
    seen, href = [], f"x/../{links[0]}"
    while href:
        seen.append(href.rpartition("../")[2])
        here = hrefs(Page((out / unquote(seen[-1])).read_text()))
        assert here["Class overview"] == "../index.html"
        assert here["as the student sees it"] == "report.html"
        assert here.get("prev") == (f"../{seen[-2]}" if len(seen) > 1 else None)
        href = here.get("next")
    assert seen == links
    assert len(seen) == 14


def test_a_cell_leads_to_its_check_on_the_page_for_staff(out):
    write_class_pages(Store(out), "lab1", {})
    page = Page((out / "index.html").read_text())
    link = next(a.attributes["href"] for a in page.all("a") if a.attributes.get("title") == "c")
    path, _, anchor = link.partition("#")
    (row,) = [e for e in Page((out / unquote(path)).read_text()).all("li", "check") if e.attributes["id"] == anchor]
    assert "=SUM(A1)" in row.text


def test_students_pages_know_nothing_of_the_class(ended, out, tmp_path):
    ended("report", out)
    to = tmp_path / "to"
    assert ended("feedback", out, "--to", to)[0] == 0
    pages = [*out.glob("*/report.html"), *to.rglob("*.html")]
    assert len(pages) == 14 + 14
    names = {record.submission.name for record in Store(out).latest()}
    for path in pages:
        text = path.read_text()
        own = next(name for name in names if Page(text).one("p", "who").text == name)
        assert not [name for name in names - {own} if name in text]
        for word in ("staff.html", "index.html", "<nav", "<script", "discrimination", "identical", "analysis"):
            assert word not in text.partition("</style>")[2], word


def test_numbers_in_words():
    dash, minus = "\N{EN DASH}", "\N{MINUS SIGN}"
    assert [percentage(one) for one in (None, 0.0, 0.001, 0.5, 0.999, 1.0)] == [dash, "0%", "1%", "50%", "99%", "100%"]
    assert [signed(one) for one in (None, -0.254, 0.3)] == [dash, f"{minus}0.25", "0.30"]


def test_agreeing_pairs_become_groups():
    def pairs(*names):
        return [AgreeingPair(first=a, second=b, judged=20, passed=9) for a, b in names]

    assert agreeing_groups(pairs("ab", "ac", "bc", "de")) == [("a", "b", "c"), ("d", "e")]
    assert agreeing_groups([]) == []
