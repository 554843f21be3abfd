"""Pages in Debian's Chromium: for everybody, on paper, and by links that lead into what is folded."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from exhibit_examples import exhibit_record
from page_reader import render_index
from playwright.sync_api import expect
from record_examples import check, class_records, record

from grader.analysis.items import analyse
from grader.analysis.results import MarkerItem
from grader.records.record import PartRecord, StoppedAt, UnplacedRecord, WrittenRecord
from grader.reports.html import Around, render_report, render_staff_page
from grader.reports.marking import Marking

WIDTHS = (1280, 800)
AROUND = Around("../index.html", "report.html", ("ann", "../ann/staff.html"), ("bo", "../bo/staff.html"))


def full_record():
    """A record with whatever a page can show: things to fix, folded checks, lines, answers, words of people."""
    answers = tuple(
        WrittenRecord(name=name, title=title, question="Why?", points=5, answer="Because.\n\n1 2\n3 4", source="a.md")
        for name, title in (("why", "Why it works"), ("how", "How it works"), ("when", "When it works"))
    )
    stopped = StoppedAt("a.py", 2, 1, ("def f(A):", "    return A[5]"))
    part = PartRecord(
        name="p",
        title="A part",
        output="printed",
        checks=(
            check("a", 3, "crashed", traceback="T" * 300, stopped_at=stopped, detail="no"),
            check("b", 2, "skipped", waits_for="a"),
            check("c", 1, "crashed", stopped_at=stopped, detail="no, too"),
            check("d", 4),
        ),
    )
    unplaced = tuple(UnplacedRecord(source=name, text="Perhaps.") for name in ("notes.md", "more.md"))
    return record(parts=(*record().parts, part), written=answers, unplaced=unplaced, reasons=("It is odd.",))


def pages():
    marking = Marking(
        score=5, max_score=9, derivation="5 = 3 + 2", marks={"why": 2}, comments={"why": ("Good.",), "": ("Hello.",)}
    )
    people = class_records(12)
    marked = [
        MarkerItem(question="why", points=5, by=by, marked=sum(fifths), mean=mean, fifths=fifths)
        for by, mean, fifths in (("tess", 3.4, (0, 1, 4, 9, 2)), ("ulf", 1.9, (3, 8, 4, 1, 0)))
    ]
    return {
        "student": render_report(full_record()),
        "feedback": render_report(full_record(), marking=marking),
        "staff": render_staff_page(full_record(), AROUND),
        "exhibits": render_report(exhibit_record()),
        "class": render_index(
            people,
            {one.submission.name: f"{one.submission.name}/staff.html" for one in people},
            analysis=analyse(people, markers=marked),
        ),
    }


@pytest.fixture
def opened(browser, tmp_path):
    """Write a page, open it, and return it."""
    made = []

    def opened(html, width=1280, anchor=""):
        path: Path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        # Our pages let no script run; the tests' own must look at them.
        page = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
        made.append(page)
        page.goto(path.as_uri() + anchor)
        return page

    yield opened
    for page in made:
        page.close()


# What these two have, one of the others has, too.
LIKE_OTHERS = [pytest.param(name, marks=pytest.mark.slow) for name in ("feedback", "staff")]


@pytest.mark.parametrize("name", ["student", "exhibits", "class", *LIKE_OTHERS])
def test_everybody_can_use_every_page(opened, name):
    axe, html = Axe(), pages()[name]
    for width in WIDTHS:
        page = opened(html, width)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = axe.run(page)
            assert found.violations_count == 0, f"{width} {scheme}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{width}: too wide"


def test_a_link_to_a_folded_check_unfolds_it(opened):
    anchor = "#check-5-2"
    page = opened(render_report(full_record()))
    expect(page.locator(anchor)).not_to_be_visible()
    page = opened(render_report(full_record()), anchor=anchor)
    expect(page.locator(anchor)).to_be_visible()


def test_on_paper_everything_is_unfolded_and_pictures_are_there(opened):
    page = opened(pages()["exhibits"])
    page.emulate_media(media="print")
    for place in page.locator("details > :not(summary)").all():
        expect(place).to_be_visible()
    # A browser prints no backgrounds unless it is told to, so no picture may be one.
    assert page.locator("img").count() >= 4
    backgrounds = "[...document.querySelectorAll('*')].map(e => getComputedStyle(e).backgroundImage)"
    assert not [one for one in page.evaluate(backgrounds) if re.search("url", one)]
