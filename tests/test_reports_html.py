"""The feedback page: what a student sees, what they do not see, and that nothing they sent comes alive."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from exhibit_examples import exhibit_record
from jinja2 import Environment, StrictUndefined, UndefinedError, nodes
from page_reader import Page, render_index
from record_examples import (
    HIDDEN_SECRET,
    SCORES,
    check,
    class_records,
    environment,
    full_part,
    hidden,
    one_check,
    record,
    score_matrix_part,
    svd_part,
)

import grader.reports.html
from grader.analysis.items import analyse
from grader.analysis.results import MarkerItem, SimilarPair
from grader.records.record import (
    CheckRecord,
    ConfusionEvidence,
    Curve,
    CurvesEvidence,
    Exhibit,
    FoundRecord,
    ImageRow,
    ImagesEvidence,
    ImageStrip,
    MatrixEvidence,
    NotRunRecord,
    PartRecord,
    Reveal,
    StoppedAt,
    SubmissionRecord,
    Verdict,
    Visibility,
    WrittenRecord,
)
from grader.records.verdicts import VERDICTS
from grader.reports.audience import as_seen_by
from grader.reports.class_rows import href
from grader.reports.html import Around, render_report, render_staff_page
from grader.reports.marking import Marking
from grader.reports.text import render_text

TEMPLATES = Path(grader.reports.html.__file__).parent / "templates"

EVIL = (
    '</pre></style></title><script>alert(1)</script><img src=x onerror=alert(2)>"\' onmouseover="alert(3)'
    "<a href='javascript:alert(4)'>x</a>{{ 7 * 7 }}{% raw %}<!-- "
    "\x1b[31mred\x1b]0;t\x07 \u202egnp.exe\u2066\x00\x9b2J"
)
PAGE_TAGS = {
    *("html", "head", "meta", "link", "title", "style", "body", "header", "main", "section", "footer", "div"),
    *(
        "p",
        "h1",
        "h2",
        "h3",
        "b",
        "strong",
        "span",
        "code",
        "mark",
        "pre",
        "a",
        "aside",
        "details",
        "summary",
        "time",
    ),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "ol", "li", "dl", "dt", "dd"),
    *("figure", "figcaption", "svg", "circle", "path", "rect", "ul", "img"),
}
# Of these, only the class page has any.
CLASS_TAGS = {"script", "form", "label", "select", "option", "input", "button", "output"}


def evil_record():
    evidence = MatrixEvidence(name=EVIL, expected=((EVIL, 1.0),), actual=((EVIL, 2.0),), differs=((False, True),))
    bad = CheckRecord(
        name=EVIL,
        title=EVIL,
        points=1,
        verdict=Verdict.crashed,
        message=EVIL,
        detail=EVIL,
        hint=EVIL,
        mistake=EVIL,
        traceback=EVIL,
        evidence=(evidence,),
        stopped_at=StoppedAt(file=EVIL, cell=2, line=2, first=1, lines=(EVIL, EVIL)),
    )
    found, left_out = FoundRecord(EVIL, EVIL + "2", EVIL, 1, 1), NotRunRecord(EVIL, 1, 2, 3, EVIL)
    where = {"found": (found,), "missing": (EVIL,), "not_run": (left_out,)}
    return record(
        assignment=EVIL,
        course_title=EVIL,
        submission=SubmissionRecord(name=EVIL, sha256=EVIL, files=(EVIL,)),
        parts=(PartRecord(name=EVIL, title=EVIL, checks=(bad,), file=EVIL, output=EVIL, figures={EVIL: 1.0}, **where),),
        notices=(EVIL,),
        reasons=(EVIL,),
        checks_version=EVIL,
        started=EVIL,
        device=EVIL,
        profile=EVIL,
        datasets={EVIL: EVIL},
        environment=environment(EVIL),
    )


def evil_exhibits():
    strip = ImageStrip(label=EVIL, count=1, width=2, height=2, jpeg=b"\xff\xd8\xff" + EVIL.encode())
    evidence = (
        CurvesEvidence(name=EVIL, x_label=EVIL, y_label=EVIL, curves=(Curve(name=EVIL, steps=2, values=(1.0, "nan")),)),
        ConfusionEvidence(name=EVIL, classes=(EVIL,), counts=((1,),), outside=(1,)),
        ImagesEvidence(name=EVIL, rows=(ImageRow(label=EVIL, strips=(strip,)),)),
    )
    exhibits = tuple(Exhibit(check=EVIL, visibility=Visibility.visible, evidence=one) for one in evidence)
    part = PartRecord(name=EVIL, title=EVIL, checks=(), exhibits=exhibits)
    return record(parts=(part, part, PartRecord(name="p", title=EVIL, checks=(), exhibits=(exhibits[0],))))


IS_CLASS_PAGE, IS_STAFF_PAGE = "Class overview</p>", '<nav class="around"'


def pages() -> dict[str, str]:
    everyone = [*class_records(4), evil_record()]
    return {
        "student": render_report(record()),
        "instructor": render_report(record(), audience="instructor"),
        "evil": render_report(evil_record()),
        "evil instructor": render_report(evil_record(), audience="instructor"),
        "staff": render_staff_page(record(), Around("../index.html", "report.html", ("ann", "../ann/staff.html"))),
        "evil staff": render_staff_page(evil_record(), Around("../index.html", "report.html", next=(EVIL, href(EVIL)))),
        "index": render_index(
            everyone,
            {EVIL: EVIL, everyone[0].submission.name: "reports/a.html"},
            {EVIL: EVIL},
            [EVIL],
            analysis=analyse(
                everyone,
                [SimilarPair(first=EVIL, second=everyone[0].submission.name, share=1.0)],
                [MarkerItem(question=EVIL, points=3, by=EVIL, marked=1, mean=3, fifths=(0, 0, 0, 0, 1))],
            ),
        ),
        "exhibits": render_report(exhibit_record()),
        "exhibits instructor": render_report(exhibit_record(), audience="instructor"),
        "evil exhibits": render_report(evil_exhibits()),
        "evil title": render_index([], {}, title=EVIL),
        "evil in German": render_report(msgspec.structs.replace(evil_record(), language="de")),
        "evil refused": render_report(record(parts=(), refused=EVIL)),
    }


@pytest.mark.parametrize("html", pages().values(), ids=pages().keys())
class TestEveryPage:
    def test_has_only_our_elements_and_no_handler(self, html):
        page = Page(html)
        tags = {element.tag for element in page.elements}
        assert tags <= PAGE_TAGS | (
            CLASS_TAGS if IS_CLASS_PAGE in html else {"nav"} if IS_STAFF_PAGE in html else set()
        )
        for element in page.elements:
            assert not [key for key in element.attributes if key.startswith("on")]

    def test_has_no_character_that_deceives_the_eye(self, html):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", html)
        assert "[31m" not in html

    def test_refers_to_nothing_outside(self, html):
        page = Page(html)
        for element in page.elements:
            src = element.attributes.get("src")
            assert src is None or re.fullmatch(r"data:image/(jpeg|png);base64,[A-Za-z0-9+/]+=*", src), src
            assert not {"srcset", "action", "data", "poster", "background"} & set(element.attributes)
            href = element.attributes.get("href")
            assert (
                href is None or href.startswith(("#", "data:,")) or re.fullmatch(r"[\w./%~-]+(#check-\d+-\d+)?", href)
            ), href
        style = page.one("style").text
        assert "url(" not in style
        assert "@import" not in style
        policy = next(m for m in page.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy")
        assert (policy.attributes["content"] or "").startswith(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        )

    def test_is_well_structured(self, html):
        page = Page(html)
        assert page.doctype == "doctype html"
        assert page.one("html").attributes["lang"] in {"en", "de"}
        assert page.one("title").text
        levels = [int(element.tag[1]) for element in page.elements if re.fullmatch("h[1-6]", element.tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        tables = page.all("table")
        captioned = [element.ancestors[-1] for element in page.all("caption")]
        assert captioned == tables
        ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
        assert len(ids) == len(set(ids))
        links = [e.attributes["href"] or "" for e in page.all("a")]
        assert {link[1:] for link in links if link.startswith("#")} <= set(ids)


def test_only_our_script_can_run_and_only_on_the_class_page():
    script = (TEMPLATES / "class.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    for html in pages().values():
        page = Page(html)
        policy = next(m for m in page.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy")
        allowed = re.findall(r"script-src ([^;]+)", policy.attributes["content"] or "")
        ours = [script] if IS_CLASS_PAGE in html else []
        assert ["".join(element.pieces) for element in page.all("script")] == ours
        assert allowed == [f"'sha256-{digest}'" for _ in ours]


def test_a_page_for_staff_leads_to_the_class_and_to_its_neighbours():
    around = Around("../index.html", "report.html", ("Ann", "../Ann/staff.html"), ("<b>", "../b-1/staff.html"))
    page = Page(render_staff_page(record(), around))
    nav = page.one("nav")
    assert [(a.text, a.attributes["href"]) for a in page.all("a") if nav in a.ancestors] == [
        ("Class overview", "../index.html"),
        ("← Ann", "../Ann/staff.html"),
        ("<b> →", "../b-1/staff.html"),
        ("as the student sees it", "report.html"),
    ]
    assert page.one("p", "eyebrow").text.startswith("For staff: everything, hidden checks too.")
    alone = Page(render_staff_page(record(), Around("../index.html", "report.html")))
    assert [a.text for a in alone.all("a") if alone.one("nav") in a.ancestors] == [
        "Class overview",
        "as the student sees it",
    ]


@pytest.mark.parametrize("marking", [None, Marking(score=1, max_score=2, derivation="d")])
def test_a_students_page_leads_only_to_places_on_itself(marking):
    page = Page(render_report(record(), marking=marking))
    assert not page.all("nav")
    assert all((a.attributes["href"] or "").startswith("#") for a in page.all("a"))


@pytest.mark.parametrize("field", ["title", "message", "detail", "hint", "traceback"])
def test_markup_in_a_field_is_shown_as_it_is_written(field):
    page = Page(render_report(one_check(check("c", 1, "failed", **{field: "if a<b & b>c: print('<b>\"')"}))))
    assert "if a<b & b>c: print('<b>\"')" in page.one("li", "check").text


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_told_in_words_and_drawn(verdict):
    page = Page(render_report(one_check(check("c", 4, verdict))))
    row = page.one("li", "check")
    if verdict is Verdict.passed:
        assert row.text.replace("passed", "").count(" ") < 8  # one line, nothing to explain
        assert "passed" in row.text
    else:
        assert f"{VERDICTS[verdict].label}. {VERDICTS[verdict].sentence}" in row.text
    assert VERDICTS[verdict].tone in page.one("svg", "icon").classes


def test_verdicts_differ_in_shape_not_only_in_colour():
    def shape(verdict):
        drawn = re.search(r"<svg[^>]*>(.*?)</svg>", render_report(one_check(check("c", 1, verdict))), re.DOTALL)
        return drawn.group(1)

    assert len({shape(verdict) for verdict in Verdict}) == len(Verdict)


def test_a_verdict_is_explained_once_in_a_part_and_again_in_the_next():
    part = svd_part()  # two checks are not written yet
    page = Page(render_report(record(parts=(part, part))))
    text = page.one("main").text
    assert text.count(VERDICTS[Verdict.not_implemented].label) == 4
    assert text.count(VERDICTS[Verdict.not_implemented].sentence) == 2


def test_a_student_does_not_see_inside_hidden_checks_and_an_instructor_does():
    assert HIDDEN_SECRET not in render_report(record())
    assert "74317431" not in render_report(record())
    seen = render_report(record(), audience="instructor")
    assert "74317431" in seen
    assert seen.count(HIDDEN_SECRET) >= 4  # detail, traceback, mistake, evidence


@pytest.mark.parametrize("visibility", [v for v in Visibility if v is not Visibility.visible])
def test_checks_shown_later_are_hidden_until_then(visibility):
    one = hidden("h", 2, "failed", visibility=visibility, message="MESSAGE", hint="HINT", title="TITLE")
    row = Page(render_report(one_check(one))).one("li", "check").text
    assert HIDDEN_SECRET not in row
    assert all(word in row for word in ("TITLE", "Not right yet", "MESSAGE", "HINT", "hidden", "0 / 2"))


def test_a_hidden_check_keeps_only_the_fields_named_for_students():
    seen = as_seen_by("student", one_check(hidden("h", 2, "failed", message="m", hint="h"))).parts[0].checks[0]
    kept = {field for field in seen.__struct_fields__ if getattr(seen, field) not in ("", (), 0.0, None)}
    assert kept == {"name", "title", "points", "visibility", "reveal", "verdict", "message", "hint"}


def test_a_hidden_check_that_reveals_its_name_alone_says_what_came_of_it_and_no_more():
    one = hidden("h", 2, "failed", reveal=Reveal("name"), message="MESSAGE", hint="HINT", title="TITLE")
    page = render_report(one_check(one))
    assert all(word in Page(page).one("li", "check").text for word in ("TITLE", "Not right yet", "0 / 2"))
    assert not any(word in page for word in ("MESSAGE", "HINT", HIDDEN_SECRET))
    assert "MESSAGE" in render_report(one_check(one), audience="instructor")


@pytest.mark.parametrize("verdict", ["not_implemented", "grader_error", "skipped"])
def test_what_tells_nothing_of_the_inputs_is_said_of_every_hidden_check(verdict):
    assert "MESSAGE" in render_report(one_check(hidden("h", 2, verdict, reveal=Reveal("name"), message="MESSAGE")))


def test_a_skipped_check_says_only_what_to_fix_first():
    row = Page(render_report(one_check(check("c", 2, "skipped", message="Skipped: first fix “The shape”")))).one(
        "li", "check"
    )
    assert row.text.count("Skipped") == 1
    assert "Skipped: first fix “The shape”" in row.text
    assert "This check was not run" not in row.text


def test_a_hidden_check_that_reveals_its_values_shows_them_but_no_seed_and_no_time():
    one = hidden("h", 2, "failed", reveal=Reveal.values, detail="DETAIL", seeds=(74317431,), seconds=1.5)
    seen = as_seen_by("student", one_check(one)).parts[0].checks[0]
    assert "DETAIL" in render_report(one_check(one))
    assert (seen.seeds, seen.seconds) == ((), 0.0)


def test_seed_and_times_are_for_instructors():
    given = record(seed=918273645, seconds=125.0)
    assert "918273645" not in render_report(given)
    assert "2 min 5 s" not in render_report(given)
    seen = render_report(given, audience="instructor")
    assert "918273645" in seen
    assert "took 2 min 5 s" in seen
    reduced = as_seen_by("student", given)  # whatever a template shows
    assert (reduced.seed, reduced.seconds, {part.seconds for part in reduced.parts}) == (0, 0.0, {0.0})


def test_output_of_visible_checks_is_folded_away():
    page = Page(render_report(record()))
    output = page.all("pre", "output")[0]
    assert "epoch 200 loss 0.12" in output.text
    assert "details" in [element.tag for element in output.ancestors]
    assert "its beginning and its end were kept" in output.ancestors[-1].text


def test_exactly_the_differing_cells_are_marked():
    page = Page(render_report(one_check(check("c", 1, "failed", evidence=(SCORES,)))))
    marked = page.all("td", "differs")
    assert [cell.text for cell in marked] == ["≠4", "≠nan", "≠5.12346", "-1", "n/a", "+0.123457"]
    assert [caption.text for caption in page.all("caption")[-3:]] == ["expected", "yours", "difference"]
    assert [th.text for th in page.all("th") if th.attributes.get("scope") == "col"][-4:] == [
        "0",
        "1",
        "2",
        "3",
    ]


def test_score_standing_and_overview_agree_with_the_record():
    page = Page(render_report(record()))
    assert page.one("p", "total").text == "36.5 of 78.5 points"
    assert page.one("div", "standing").text.startswith("Final.")
    rows = [row.text for row in page.all("tr") if "parts" in {c for a in row.ancestors for c in a.classes}]
    assert rows[1:] == [
        "Scoring every movie for every user8.5 / 13.5", "Factorising a matrix by gradient descent13 / 30",
        "Truncated SVD0 / 20", "Completing a matrix with gaps15 / 15",
    ]  # fmt: skip
    widths = [
        re.findall(r"[\d.]+%", e.attributes["style"] or "")[0] for e in page.all("span") if "style" in e.attributes
    ]
    assert widths == ["63.0%", "43.3%", "0.0%", "100.0%"]
    assert "9 of 18 checks passed" in page.one("section", "overview").text


FOUND = (
    FoundRecord("stack_rows", "stack_rows", "lab1.ipynb", cell=2, line=1),
    FoundRecord("score_matrix", "scoreMatrix", "lab1.ipynb", cell=3, line=4),
)
LEFT_OUT = (
    NotRunRecord("lab1.ipynb", 1, 12, cell=5, why="it trains a network"),
    NotRunRecord("utils.py", 3, 3),
    NotRunRecord("old.ipynb", 0, 0, why="It is no valid notebook."),
)


def found_record(**fields):
    first = msgspec.structs.replace(score_matrix_part(), found=FOUND, missing=("favourite_movie",), not_run=LEFT_OUT)
    second = PartRecord(name="rate", title="R", checks=(), found=(FoundRecord("rate", "rate", "rate.py", line=9),))
    return record(parts=(first, second), **fields)


def test_two_lines_at_the_top_say_what_was_found_where_and_what_was_not():
    page = Page(render_report(found_record()))
    found, missing = [p.text for p in page.all("p") if "found" in {c for a in p.ancestors for c in a.classes}]
    where = "stack_rows (cell 2), score_matrix (called scoreMatrix, cell 3); in rate.py: rate"
    assert found == f"Found in lab1.ipynb: {where}"
    assert missing == "Not found in any file: favourite_movie"
    text = " ".join(render_text(found_record()).split())
    assert "Found in `lab1.ipynb`: `stack_rows` (cell 2)" in text
    assert "Not found in any file: `favourite_movie`" in text
    assert not Page(render_report(record())).all("div", "found"), "an older record does not say"


def test_the_lines_that_were_not_run_are_told_with_the_reason():
    page = Page(render_report(found_record()))
    told = [li.text for li in page.all("li") if "check" not in li.classes]
    assert told == [
        "lines 1 to 12 of cell 5 of lab1.ipynb: it trains a network",
        "line 3 of utils.py",
        "old.ipynb: It is no valid notebook.",
    ]
    assert "Not run: line 3 of `utils.py`" in render_text(found_record())


def test_why_a_person_must_look_is_told_to_the_instructor():
    looked_at = found_record(reasons=("SECRET-REASON",))
    student, instructor = render_report(looked_at), render_report(looked_at, audience="instructor")
    assert "SECRET-REASON" not in student + render_text(looked_at)
    assert "SECRET-REASON" in instructor
    assert "A person must look: SECRET-REASON" in render_text(looked_at, audience="instructor")
    assert Page(student).one("div", "standing").text.startswith("Needs a look. The grader did not find")
    assert Page(student).one("p", "total").text.endswith("points so far")


def test_a_score_is_not_called_final_while_answers_wait_or_a_check_stopped():
    question = WrittenRecord(name="q", title="Q", question="?", points=10)
    waits = Page(render_report(record(written=(question,)))).one("div", "standing").text
    assert waits.startswith("Automatic part complete: 36.5 / 78.5; 10 points of written answers to be marked.")
    assert "Final" not in waits
    all_ran = Page(render_report(record(parts=(full_part(),)))).one("div", "standing").text
    assert all_ran.startswith("Final. Every check ran to the end, and this score counts.")
    assert "Every check ran" not in Page(render_report(record())).one("div", "standing").text, "one was skipped"


def test_who_was_refused_has_a_page_that_says_why_and_shows_no_score():
    refused = record(parts=(), notices=(), refused="The zip is damaged. Make it again.")
    page = Page(render_report(refused))
    assert page.one("div", "standing").text.startswith("Not graded. The zip is damaged. Make it again.")
    assert "A person looks" in page.one("div", "standing").text
    assert page.one("p", "total").text == "not graded yet"
    assert not page.all("section", "overview")
    assert "0 / 0" not in render_text(refused)


def test_the_page_says_where_to_start_and_how_many_points_depend_on_it():
    page = Page(render_report(record()))
    start = page.one("section", "start")
    link = next(a for a in page.all("a") if start in a.ancestors)
    target = next(e for e in page.elements if e.attributes.get("id") == (link.attributes["href"] or "")[1:])
    assert target.text.startswith("truncated_svd returns U, S and V cut to the rank.")
    assert start.text.endswith("8 of 42 missing points depend on it.")
    ours = render_report(one_check(check("c", 1, "grader_error")))
    assert "Start here" not in ours
    assert "well done" not in ours
    assert "well done" in render_report(record(parts=(full_part(),)))


@pytest.mark.parametrize("reveal", Reveal)
@pytest.mark.parametrize("visibility", Visibility)
def test_what_failed_on_our_side_is_for_instructors(visibility, reveal):
    """A student reads that it is our fault, and nothing of how: an author's typo is none of their business."""
    ours = {"detail": "CourseError: make.py makes no value 'typo'", "traceback": "TYPO in a check"}
    one = one_check(check("c", 5, "grader_error", visibility=visibility, reveal=reveal, message="OUR FAULT", **ours))
    for page in (render_report(one), render_text(one)):
        assert "OUR FAULT" in page
        assert "typo" not in page.lower()
    assert "makes no value" in render_report(one, audience="instructor")
    assert "makes no value" in render_text(one, audience="instructor")


def test_our_error_makes_the_score_provisional():
    page = Page(render_report(one_check(check("c", 5, "grader_error"))))
    assert page.one("div", "standing").text.startswith("Needs attention.")
    assert page.one("p", "total").text == "0 of 5 points so far"


def test_an_unsandboxed_run_is_not_a_grade():
    page = Page(render_report(record(environment=environment("direct"))))
    assert page.one("div", "standing").text.startswith("Not a grade.")


def test_the_home_command_stands_where_a_visible_check_failed():
    page = Page(render_report(record()))
    commands = [e.text for e in page.all("pre", "command")]
    assert commands == [f"grader check {part}" for part in ("score_matrix", "factorise", "truncated_svd")]
    assert not Page(render_report(one_check(hidden("h", 1, "failed")))).all("pre", "command")


def test_how_it_was_graded_is_told():
    facts = Page(render_report(record())).one("footer").text
    for fact in (
        "cpu, mini",
        "Sandboxnamespaces Versions",
        "mlgrader 0.1.0, numpy 2.1.3, python 3.12.4, torch 2.11.0",
        "9f86d081884c7d65",
        "lab1/factorise.py",
    ):
        assert fact in facts
    told = Page(render_report(record(), audience="instructor")).one("footer").text
    assert "Sandboxnamespaces; its gaps: memory limit of the whole group" in told


def test_the_data_are_told_and_which_part_was_graded_in_another_setting_than_was_asked_for():
    def facts(**fields):
        return Page(render_report(record(**fields))).one("footer").text

    assert "Device and profilecpu, mini Sandbox" in facts()
    parts = tuple(
        msgspec.structs.replace(full_part(), name=name, device=device, profile=profile)
        for name, device, profile in (
            ("a", "cuda", "full"),
            ("b", "cpu", "mini"),
            ("c", "cpu", "full"),
            ("d", "cpu", "mini"),
        )
    )
    origins = {"movielens": "ml-latest-small", "cifar10": "drawn"}
    told = facts(parts=parts, device="cuda", profile="full", datasets=origins)
    assert "Device and profilecuda, full (b, d: cpu, mini; c: cpu, full) Data" in told
    assert "Datamovielens (ml-latest-small), cifar10 (drawn) Sandbox" in told


def test_thousands_of_file_names_do_not_swell_the_page():
    files = tuple(f"file{at:05}.py" for at in range(5000))
    html = render_report(record(submission=SubmissionRecord(name="n", sha256="s", files=files)))
    assert html.count(".py</code>") < 110
    assert "and 4900 more" in html


def test_the_same_record_gives_the_same_bytes():
    assert render_report(record()) == render_report(record())
    assert render_report(record()).encode("utf-8")


def test_a_name_the_templates_misspell_is_an_error():
    template_environment: Environment = grader.reports.html._environment()
    assert template_environment.undefined is StrictUndefined
    assert template_environment.autoescape is True
    with pytest.raises(UndefinedError):
        template_environment.from_string("{{ recrod }}").render()
    with pytest.raises(UndefinedError):
        template_environment.from_string("{{ record.scroe }}").render(record=record())


def test_no_template_switches_escaping_off():
    template_environment = grader.reports.html._environment()
    sources = sorted(TEMPLATES.glob("*.j2"))
    assert len(sources) >= 4
    for source in sources:
        tree = template_environment.parse(source.read_text(encoding="utf-8"))
        filters = {node.name for node in tree.find_all(nodes.Filter)}
        assert not filters & {"safe", "forceescape", "xmlattr", "urlize", "tojson"}, source.name
        assert not list(tree.find_all((nodes.ScopedEvalContextModifier, nodes.EvalContextModifier))), source.name
        assert "Markup" not in source.read_text(encoding="utf-8")


def _palettes() -> dict[str, dict[str, str]]:
    css = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", block)) for block in blocks]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(
    ("paper", "inks"),
    [
        ("paper", "ink quiet link good work ours"),
        ("wash", "ink quiet"),
        ("advice", "ink"),
        ("good-soft", "good"),
        ("work-soft", "ink work"),
        ("ours-soft", "ink quiet ours"),
    ],
)
def test_colours_keep_the_contrast_that_reading_needs(scheme, paper, inks):
    colours = _palettes()[scheme]
    for ink in inks.split():
        bright, dim = sorted((_luminance(colours[ink]), _luminance(colours[paper])), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, ink  # WCAG AA for body text


def test_the_page_is_headed_by_the_assignments_title_or_by_its_name():
    plain = record(parts=(full_part(),))
    assert Page(render_report(plain)).one("h1").text == plain.assignment
    titled = msgspec.structs.replace(plain, assignment_title="Lab 1: <factors>")
    assert Page(render_report(titled)).one("h1").text == "Lab 1: <factors>"


def test_figures_have_titles_in_words_and_those_of_hidden_gates_are_hidden():
    figures = {"cost_left": 0.25, "frozen_accuracy": 0.5, "secret_gap": 0.125}
    titles = {"cost_left": "What is left of the cost", "secret_gap": "A hidden gap"}
    one = PartRecord(
        name="p", title="P", checks=(), figures=figures, hidden_figures=("secret_gap",), figure_titles=titles
    )
    shown = record(parts=(one,))
    terms = {term.text for term in Page(render_report(shown)).all("dt")}
    assert {"What is left of the cost", "frozen accuracy"} < terms
    assert not {"cost left", "secret gap", "A hidden gap"} & terms
    seen = Page(render_report(shown, audience="instructor")).all("dt")
    assert "A hidden gap" in [term.text for term in seen]
    assert "A hidden gap" not in str(as_seen_by("student", shown))
