"""The class page: every submission, linked and counted, and the figures on top."""

from __future__ import annotations

import msgspec
import pytest
from page_reader import Page, render_index
from record_examples import check, class_records, environment, full_part, named, one_check

from grader.analysis.items import analyse
from grader.analysis.results import SimilarPair
from grader.records.record import PartRecord, Standing, SubmissionRecord, WrittenRecord
from grader.reports.class_rows import class_rows, part_columns
from grader.reports.mixture import mixtures
from grader.reports.overview import class_figures, share

DOT = "\N{MIDDLE DOT}"  # a check that passed
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


def test_who_needs_a_look_comes_first_then_all_by_name_whatever_their_case():
    page = Page(render_index(small_class(), {}))
    names = [th.text for th in page.one("table", "class") and page.all("th") if th.attributes.get("scope") == "row"]
    assert names[:4] == ["eve", "ada", "Bob", "Zoe"]
    assert render_index(small_class(), {}) == render_index(small_class()[::-1], {})


def test_each_row_shows_its_scores_failed_checks_and_standing():
    page = Page(render_index(small_class(), {}))
    cells: dict[str, list[str]] = {}
    for cell in page.all("td"):
        row = cell.ancestors[-1].text.split()
        cells.setdefault(row[0], []).append(cell.text)
    assert cells["ada"] == ["10 / 20", "1", "Final", f"10 {DOT}F", DASH]
    assert cells["Bob"] == ["15 / 35", "2", "Final", "0 FF", "15"]
    assert cells["eve"] == ["0 / 20", "1", "Needs attention", "0 C?", DASH]
    assert cells["Zoe"] == ["20 / 20", "0", "Final", "20", DASH]


def test_names_and_failed_checks_link_to_their_pages_and_only_where_there_is_one():
    page = Page(render_index(small_class(), {"ada": "reports/ada b#1.html", "Bob": "../Bob.html"}))
    table = page.one("table", "class")
    ada, bob = "reports/ada%20b%231.html", "../Bob.html"
    assert [(a.text, a.attributes["href"]) for a in page.all("a") if table in a.ancestors] == [
        *(("ada", ada), ("10", f"{ada}#check-1-2"), ("F", f"{ada}#check-1-2")),
        *(("Bob", bob), ("0", f"{bob}#check-1-1"), ("F", f"{bob}#check-1-1"), ("F", f"{bob}#check-1-2")),
    ]
    assert [a.attributes["title"] for a in page.all("a") if a.text == "F"] == ["c1", "c0", "c1"]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//evil.example/x", "data:text/html,x", "https://evil.example"]
)
def test_a_link_cannot_leave_the_folder(link):
    href = class_rows(small_class()[:1], {"Zoe": link}, analyse([]))[0].link
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


def test_each_mistake_lists_its_students_with_links_to_the_check_they_failed():
    page = Page(render_index(small_class(), {"ada": "ada/staff.html"}))
    mistakes = page.one("ol", "mistakes")
    assert mistakes.text == "2 of 4 p/signMind the sign. Bob, ada"
    assert [a.attributes["href"] for a in page.all("a") if mistakes in a.ancestors] == ["ada/staff.html#check-1-2"]


def test_the_students_of_a_frequent_mistake_are_folded_away():
    wrong = (a_part("failed", mistake="sign", hint="Mind the sign."),)
    page = Page(render_index([named(f"s{at:02}", wrong) for at in range(13)], {}))
    assert page.one("details", "people").text.startswith("13 students s00, s01, ")
    assert not Page(render_index([named(f"s{at:02}", wrong) for at in range(12)], {})).all("details")


def rows_of(page: Page, table: str) -> list[list[str]]:
    """The cells of a table's body, row by row."""
    body = next(e for e in page.all("tbody") if any(table in one.attributes.get("id", "") for one in e.ancestors))
    rows = [row for row in page.all("tr") if body in row.ancestors]
    return [[e.text for e in page.elements if e.tag in ("th", "td") and e.ancestors[-1] is row] for row in rows]


def test_checks_come_hardest_first_and_leave_our_errors_out():
    rows = rows_of(Page(render_index(small_class(), {})), "checks")
    assert rows[0] == ["Check c1. c1", "p", "33%", "1 of 3 (1 grader error)", "33%", DASH, ""]
    assert rows[1] == ["Check c0. c0", "p", "50%", "2 of 4", "50%", DASH, ""]
    assert {row[2] for row in rows[2:]} == {"100%"}


def a_doubtful_class():
    """Of ten students, the worse five pass `c`, nobody passes `ladder`, and two pass `hard`, which has no points."""
    return [
        named(
            f"s{at}",
            (
                PartRecord(
                    name="p",
                    title="P",
                    checks=(
                        check("ladder", 10, "failed", score=float(at)),
                        check("c", 50, "passed" if at < 5 else "failed"),
                        check("easy", 1),
                        check("hard", 0, "passed" if at >= 8 else "failed"),
                    ),
                    seconds=at / 2,
                    memory_mb=100.0 * at,
                ),
            ),
        )
        for at in range(10)
    ]


def test_checks_that_may_be_wrong_are_told_at_a_glance_and_come_first():
    page = Page(render_index(a_doubtful_class(), {}))
    rows = rows_of(page, "checks")
    assert rows[0][2:] == ["0%", "0 of 10", "45%", "\N{MINUS SIGN}0.87", "none pass, negative"]
    assert rows[1][2:] == ["50%", "5 of 10", "50%", "\N{MINUS SIGN}0.87", "negative"]
    assert rows[2][2:] == ["20%", "2 of 10", "100%", DASH, ""]
    assert rows[3][2:] == ["100%", "10 of 10", "100%", DASH, "all pass"]
    told = page.one("div", "first").text
    assert told.startswith("Checks that may be wrong p/ladder none pass, negative p/c negative Most")
    assert [row.attributes.get("class") for row in page.all("tr") if row.attributes.get("id")] == [
        "bad",
        "bad",
        None,
        None,
    ]


def test_a_class_without_a_doubtful_check_is_told_the_hardest():
    told = Page(render_index(small_class(), {})).one("div", "first").text
    assert "None stands out. The hardest: 33% pass p/c1 50% pass p/c0 Most" in told
    assert "2 of 4: p/sign" in told
    assert told.endswith("None were found.")


def test_times_of_each_part():
    page = Page(render_index(a_doubtful_class(), {}))
    assert rows_of(page, "parts") == [["P", "0%", "50%", DASH, "2.2 s", "4.5 s", "s9", "450 MB", "900 MB", "s9"]]


def test_checks_that_always_agree_are_one_group():
    verdicts = ["passed"] * 6 + ["failed"] * 7
    page = Page(render_index([named(f"s{at:02}", (a_part(*[v] * 3),)) for at, v in enumerate(verdicts)], {}))
    assert page.one("ul", "pairs").text == "p/c0, p/c1, p/c2"


def test_near_identical_submissions_are_linked_and_listed():
    pair = SimilarPair(first="ada", second="Zoe", share=0.93)
    page = Page(render_index(small_class(), {"Zoe": "Zoe/staff.html"}, analysis=analyse(small_class(), [pair])))
    assert page.one("ul", "pairs").text == "93%: ada and Zoe"
    assert [a.attributes["href"] for a in page.all("a") if page.one("ul", "pairs") in a.ancestors] == ["Zoe/staff.html"]
    assert "1 pair" in page.one("div", "first").text


def test_each_row_says_what_it_can_be_filtered_by():
    page = Page(render_index(small_class(), {}))
    table = page.one("table", "class")
    rows = {
        row.text.split()[0]: [row.attributes.get(f"data-{name}") for name in ("standing", "failed", "made")]
        for row in page.all("tr")
        if table in row.ancestors and row.attributes
    }
    assert rows == {
        "eve": ["needs_attention", "0", None],
        "ada": ["final", "1", "0"],
        "Bob": ["final", "0 1", "0"],
        "Zoe": ["final", None, None],
    }
    form = page.one("form")
    assert "hidden" in form.attributes
    options = [(e.ancestors[-1].attributes["name"], e.attributes["value"], e.text) for e in page.all("option")]
    assert [one for one in options if one[1]] == [
        *(("standing", "final", "Final"), ("standing", "needs_attention", "Needs attention")),
        *(("failed", str(at), f"p/c{at}") for at in range(2)),
        *(("failed", str(at + 2), f"complete/c{at}") for at in range(3)),
        ("made", "0", "p/sign"),
    ]


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


@pytest.mark.parametrize(("count", "folded"), [(5, 0), (6, 1), (30, 25)])
def test_of_many_who_need_a_look_five_are_shown_and_the_others_folded_away(count, folded):
    page = Page(render_index([named(f"s{at:02}", (a_part("passed"),), reasons=("look",)) for at in range(count)], {}))
    told = page.all("details", "more")
    assert [one.text.split(" s")[0] for one in told] == ([f"{folded} more"] if folded else [])
    assert sum(any(one in told for one in e.ancestors) for e in page.all("dt")) == folded
    assert len(page.all("dt")) == count


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
    assert page.one("span", "state").text == "Answers to mark"


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


def test_the_page_of_a_thousand_students_stays_below_two_megabytes():
    # Forty checks in five parts, of which each student fails ten, with names as an LMS writes them.
    records = [
        named(
            f"lovelace-ada-maria_{at:05}",
            tuple(a_part(*["passed", "passed", "failed", "passed"] * 2, name=f"part_{part}") for part in range(5)),
        )
        for at in range(1000)
    ]
    page = render_index(records, {one.submission.name: f"{one.submission.name}/staff.html" for one in records})
    assert page.count("#check-") == 1000 * (5 + 10)
    assert len(page.encode()) < 2_000_000
