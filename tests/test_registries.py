"""Every verdict and every kind of evidence is known wherever one is shown: the tables are walked, row by row."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from exhibit_examples import exhibit_record
from page_reader import Page, render_index
from record_examples import check, hidden, one_check, record

import grader.reports.html
from grader.audit.kept import CheckResult
from grader.audit.page import cell_of
from grader.records.evidence import ExhibitEvidence
from grader.records.record import PartRecord, Standing
from grader.records.verdicts import VERDICTS, Verdict, VerdictKind
from grader.reports.evidence_kinds import KINDS
from grader.reports.formats import FORMATS
from grader.reports.html import render_report
from grader.reports.text import render_text

TEMPLATES = Path(grader.reports.html.__file__).parent / "templates"
CSS = (TEMPLATES / "style.css").read_text()


def test_every_verdict_has_one_row():
    assert set(VERDICTS) == set(Verdict)
    letters = [kind.letter for kind in VERDICTS.values() if kind.letter]
    assert len(letters) == len(set(letters)) == len(Verdict) - 1
    assert not VERDICTS[Verdict.passed].letter, "it stands where marks are lost"


def drawing_of(verdict):
    """What is inside the icon of a check with this verdict."""
    return re.search(r'<svg class="icon.*?>(.*?)</svg>', render_report(one_check(check("c", 2, verdict))))[1]


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_told_and_drawn(verdict):
    one = one_check(check("c", 2, verdict))
    page, kind = Page(render_report(one)), VERDICTS[verdict]
    assert kind.tone in page.one("svg", "icon").classes
    assert re.search(rf"^\.{kind.tone} \{{ --tone: ", CSS, re.MULTILINE), "the style sheet colours it"
    drawn = re.search(r'<svg class="icon.*?>(.*?)</svg>', render_report(one))[1]
    others = [
        re.search(r'<svg class="icon.*?>(.*?)</svg>', render_report(one_check(check("c", 2, v))))[1] for v in Verdict
    ]
    assert drawn
    assert others.count(drawn) == 1, "it can be told from the others without colour"
    assert kind.label.lower() in render_text(one)
    assert render_index([one], {})


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_counted_where_its_row_says(verdict):
    kind, one = VERDICTS[verdict], one_check(check("c", 2, verdict))
    suite = ET.fromstring(FORMATS["junit"]([one])).find("testsuite")
    assert [node.tag for node in suite.findall("testcase/*") if node.tag != "properties"] == [kind.junit] * bool(
        kind.junit
    )
    assert one.parts[0].checks[0].took_marks == (kind.at_fault == "student") == verdict.is_for_the_student
    assert (one.standing is Standing.needs_attention) == (kind.at_fault == "us")
    start = [link for link in Page(render_report(one)).all("a") if link.attributes["href"] == "#check-1-1"]
    assert bool(start) == (kind.at_fault == "student")
    lost = CheckResult(name="c", title="C", verdict=verdict, lost=True)
    assert cell_of("other", lost).letter == kind.letter


@pytest.mark.parametrize("verdict", Verdict)
def test_a_hidden_check_says_no_more_than_the_row_of_its_verdict_allows(verdict):
    one = hidden("h", 2, verdict, message="MESSAGE-OF-IT", reveal="name")
    page = render_report(record(parts=(PartRecord(name="p", title="P", checks=(one,)),)))
    told = not VERDICTS[verdict].may_tell_inputs
    assert ("MESSAGE-OF-IT" in page) == told


def test_a_verdict_is_careful_unless_its_row_says_otherwise():
    assert VerdictKind("student", "L", "S.").may_tell_inputs


def test_every_kind_of_evidence_has_one_row_and_its_drawings():
    assert {kind.evidence for kind in KINDS.values()} == set(typing.get_args(ExhibitEvidence))
    assert all(kind.evidence.__struct_config__.tag == name for name, kind in KINDS.items())
    drawings = {path.name.partition(".")[0] for path in (TEMPLATES / "drawings").iterdir()}
    assert drawings == {*KINDS, "matrix"}
    together = {path.name.partition(".")[0] for path in (TEMPLATES / "together").iterdir()}
    assert together == {name for name, kind in KINDS.items() if kind.together}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_of_evidence_is_told_and_drawn_alone_and_beside_others(name):
    kind = KINDS[name]
    found = [exhibit for part in exhibit_record().parts for exhibit in part.exhibits if exhibit.visibility == "visible"]
    one = next(exhibit for exhibit in found if isinstance(exhibit.evidence, kind.evidence))
    parts = [PartRecord(name=f"p{n}", title=f"P{n}", checks=(check("c", 1),), exhibits=(one,)) for n in (1, 2)]
    alone, both = (record(parts=tuple(parts[:n]), notices=()) for n in (1, 2))
    assert len(Page(render_report(alone)).all("figure", "evidence")) == 1
    assert len(Page(render_report(both)).all("section", "compare")) == 1
    assert kind.describe(one.evidence)[:40] in render_text(alone)
