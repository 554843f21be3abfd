"""The class page: every submission, linked and counted, and the figures on top."""

from __future__ import annotations

import msgspec
import pytest
from page_reader import Page
from record_examples import check, class_records, environment, full_part, named, one_check

from grader.records.record import PartRecord, Standing, SubmissionRecord, WrittenRecord
from grader.reports.html import render_index
from grader.reports.mixture import mixtures
from grader.reports.overview import class_figures, index_rows, part_columns, share

DASH = "\N{EN DASH}"  # a part that was not graded


def a_part(*verdicts: str, name: str = "p", **fields: str) -> PartRecord:
    checks = tuple(
        check(f"c{at}", 10, verdict, **(fields if verdict == "failed" else {})) for at, verdict in enumerate(verdicts)
    )
    return PartRecord(name=name, title=name.upper(), checks=checks)


def small_class():
    return [
        named("Zoe", (a_part("passed", "passed"),)),
        named("ada", (a_part("passed", "failed", mistake="sign", hint="Mind the sign."),)),
        named("Bob", (a_part("failed", "failed", mistake="sign", hint="Mind the sign."), full_part())),
        named("eve", (a_part("crashed", "grader_error"),)),
    ]


def test_submissions_are_sorted_by_name_whatever_their_case():
    page = Page(render_index(small_class(), {}))
    names = [th.text for th in page.one("table", "class") and page.all("th") if th.attributes.get("scope") == "row"]
    assert names[:4] == ["ada", "Bob", "eve", "Zoe"]
    assert render_index(small_class(), {}) == render_index(small_class()[::-1], {})


def test_each_row_shows_its_scores_failed_checks_and_standing():
    page = Page(render_index(small_class(), {}))
    cells: dict[str, list[str]] = {}
    for cell in page.all("td"):
        row = cell.ancestors[-1].text.split()
        cells.setdefault(row[0], []).append(cell.text)
    assert cells["ada"] == ["10 / 20", "1", "Final", "10", DASH]
    assert cells["Bob"] == ["15 / 35", "2", "Final", "0", "15"]
    assert cells["eve"] == ["0 / 20", "1", "Needs attention", "0", DASH]
    assert cells["Zoe"] == ["20 / 20", "0", "Final", "20", DASH]


def test_names_link_to_their_reports_and_only_where_there_is_one():
    page = Page(render_index(small_class(), {"ada": "reports/ada b#1.html", "Bob": "../Bob.html"}))
    assert {a.text: a.attributes["href"] for a in page.all("a")} == {
        "ada": "reports/ada%20b%231.html",
        "Bob": "../Bob.html",
    }


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//evil.example/x", "data:text/html,x", "https://evil.example"]
)
def test_a_link_cannot_leave_the_folder(link):
    href = index_rows(small_class()[:1], {"Zoe": link})[0].link
    assert ":" not in href
    assert not href.startswith("/")


def test_figures_of_the_class():
    figures = class_figures(small_class())
    assert figures.submissions == 4
    assert figures.median == pytest.approx((0.5 + 15 / 35) / 2)
    assert figures.bins == (1, 0, 0, 0, 1, 1, 0, 0, 0, 1)
    told = {Standing.final: 3, Standing.needs_attention: 1}
    assert figures.standings == dict.fromkeys(Standing, 0) | told


def test_the_page_tells_count_median_attention_and_spread():
    page = Page(render_index([*small_class(), named("bomb", (), refused="Too big.")], {}))
    hero = page.one("header", "hero").text
    assert "4 graded" in hero
    assert "1 needs attention" in hero
    assert "1 refused" in hero
    assert "46.4 % median score" in hero
    assert [span.text for span in page.all("span", "count")] == ["1", "", "", "", "1", "1", "", "", "", "1"]


def test_a_mistake_counts_once_for_a_submission_however_many_checks_it_fails():
    (figure,) = class_figures(small_class()).mistakes
    assert (figure.part, figure.name, figure.submissions, figure.hint) == ("p", "sign", 2, "Mind the sign.")
    assert "2 of 4" in Page(render_index(small_class(), {})).one("ol", "mistakes").text


def test_frequent_mistakes_come_first():
    rare = a_part("failed", mistake="a_rare", hint="r")
    often = a_part("failed", mistake="often", hint="o")
    figures = class_figures([named("1", (rare,)), named("2", (often,)), named("3", (often,))])
    assert [mistake.name for mistake in figures.mistakes] == ["often", "a_rare"]


def test_pass_rates_come_hardest_first_and_leave_our_errors_out():
    figures = class_figures(small_class()).checks
    assert [(f.part, f.title, f.passed, f.judged, f.ours) for f in figures[:2]] == [
        ("p", "Check c1.", 1, 3, 1),
        ("p", "Check c0.", 2, 4, 0),
    ]
    assert all(f.rate == 1 for f in figures[2:])
    assert "1 grader error" in Page(render_index(small_class(), {})).one("table", "rates").text


def test_parts_are_the_union_in_the_order_of_the_fullest_record():
    records = [
        named("a", (a_part("passed", name="two"),)),
        named("b", tuple(a_part("passed", name=n) for n in ("one", "two"))),
    ]
    assert [part.name for part in part_columns(records)] == ["one", "two"]


def test_who_needs_a_look_comes_first_with_the_reasons():
    two = ("nothing of p was found", "a.ipynb could not be read")
    records = [*small_class(), named("Yan", (a_part("passed"),), reasons=two), named("bob", (), refused="Broken zip.")]
    page = Page(render_index(records, {"Yan": "Yan/report.html"}, {"kim": "The disk is full."}))
    assert page.one("main").text.startswith("Needs a look")
    told = [element.text for element in page.all() if element.tag in ("dt", "dd")]
    assert told == [
        *("bob Not graded", "Broken zip."),
        *("eve Needs attention", "The grader failed in p/c1: run the same command to grade it again."),
        *("kim Needs attention", "The disk is full."),
        *("Yan Needs a look", *two),
    ]
    assert "1 needs a look" in page.one("header", "hero").text
    assert next(a for a in page.all("a") if a.text == "Yan").attributes["href"] == "Yan/report.html"


def test_a_refused_submission_has_a_row_without_a_score_and_counts_in_no_figure():
    page = Page(render_index([named("ada", (full_part(),)), named("bob", (), refused="Broken zip.")], {}))
    (row,) = [row.text for row in page.all("tr") if row.text.startswith("bob")]
    assert row == f"bob {DASH}{DASH}Not graded {DASH}"
    assert page.one("p", "total").text == "100 % median score"
    assert "1 graded · 1 refused" in page.one("header", "hero").text


def test_who_handed_in_nothing_is_listed():
    page = Page(render_index(small_class(), {}, absent=["Ida Ro", "Max Li"]))
    assert "Handed in nothing Ida Ro, Max Li" in page.one("main").text
    assert "2 handed in nothing" in page.one("header", "hero").text


def test_scores_that_cannot_be_compared_are_told_before_all_else():
    parts = (full_part(),)
    old, new = ({"checks_version": digit * 64} for digit in "ab")
    page = Page(render_index([named("ada", parts, **old), named("bob", parts, **new), named("cy", parts, **new)], {}))
    told = page.one("section", "notices").text
    assert "2 versions of the checks: bbbbbbbb in 2 submissions (bob, cy); aaaaaaaa in 1 submission (ada)" in told
    assert page.one("main").text.startswith(told)
    assert "cannot all be compared" not in render_index([named("bob", parts, **new), named("cy", parts, **new)], {})


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("2 assignments", {"assignment": "lab2"}),
        ("2 versions of the grader", {"grader_version": "c"}),
        ("2 profiles and devices", {"profile": "full"}),
        ("2 sets of data", {"datasets": {"movielens": "1.0"}}),
    ],
)
def test_whatever_a_score_depends_on_is_compared(words, fields):
    ada, other = named("ada", (full_part(),)), named("bob", (full_part(),), **fields)
    assert words in " ".join(mixtures([ada, other]))
    assert mixtures([ada, msgspec.structs.replace(other, refused="Broken.")]) == ()
    assert mixtures([ada, msgspec.structs.replace(other, partial=True)]) == ()


def test_an_automatic_score_is_not_final_while_answers_wait():
    question = WrittenRecord(name="q", title="Q", question="?", points=5)
    page = Page(render_index([named("ada", (full_part(),), written=(question,))], {}))
    assert page.one("span", "state").text == "Automatic part complete"


def test_an_empty_class_is_a_page_too():
    page = Page(render_index([], {}))
    assert "No submissions were graded." in page.one("main").text


def test_practice_runs_are_counted_apart():
    page = Page(render_index([one_check(check("c", 1), environment=environment("direct"))], {}))
    assert "1 not a grade" in page.one("header", "hero").text


def test_the_title_can_be_chosen_and_names_the_assignment_otherwise():
    assert Page(render_index(small_class(), {}, title="Spring")).one("h1").text == "Spring"
    assert Page(render_index(small_class(), {})).one("h1").text == "lab1 · class overview"


def test_shares_stay_between_nothing_and_all():
    assert [share(1, 0), share(-1, 4), share(9, 4), share(1, 4)] == [0, 0, 1, 0.25]


def test_attempts_after_the_first_are_told_apart():
    parts = (a_part("passed"),)
    again = one_check(parts[0].checks[0], submission=SubmissionRecord(name="ada", sha256="1"), attempt=3)
    page = Page(render_index([again, named("ada", parts)], {}))
    assert [th.text for th in page.all("th") if th.attributes.get("scope") == "row"][:2] == [
        "ada",
        "ada attempt 3",
    ]


def test_a_whole_class_renders_the_same_every_time():
    assert render_index(class_records(), {}) == render_index(class_records(), {})
