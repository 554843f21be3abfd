"""What there is to fix: checks that fail for one reason are told once, and the one worth most comes first."""

import msgspec
import pytest
from page_reader import Page
from record_examples import check, hidden, record

from grader.records.record import PartRecord, StoppedAt, Visibility
from grader.reports.audience import as_seen_by
from grader.reports.causes import causes_of, following, worth_most
from grader.reports.html import render_report

LINES = ("def f(A):", "    return A[5]")
HERE, THERE = StoppedAt("a.py", 8, 7, LINES), StoppedAt("a.py", 9, 8, LINES)


def part(*checks, name="p"):
    return PartRecord(name=name, title=f"Part {name}", checks=checks)


def grouped(*checks):
    """Each cause as the names of its first check, of those that wait, and of those that are alike."""
    return [
        (one.first.check.name, [w.check.name for w in one.waiting], [a.check.name for a in one.alike])
        for one in causes_of(1, part(*checks))
    ]


def test_checks_that_wait_belong_to_the_one_that_failed_however_long_the_chain():
    found = grouped(
        check("a", 1, "failed"),
        check("b", 2, "skipped", waits_for="a"),
        check("c", 3),
        check("d", 4, "skipped", waits_for="a"),
        check("e", 1, "failed"),
        check("f", 1, "skipped", message="This machine has no GPU."),
    )
    assert found == [("a", ["b", "d"], []), ("e", [], []), ("f", [], [])]


@pytest.mark.parametrize("verdict", ["not_implemented", "missing"])
def test_one_absent_function_is_one_thing_to_write(verdict):
    one, other = {"message": "`f` is not there."}, {"message": "`g` is not there."}
    found = grouped(
        check("a", 1, verdict, **one), check("b", 1, verdict, **other), hidden("c", 1, verdict, **one, waits_for="a")
    )
    assert found == [("a", [], ["c"]), ("b", [], [])]


def test_code_that_stops_at_one_line_is_one_thing_to_fix_and_what_waits_for_any_of_it_waits_for_it():
    said = {"message": "`f` raised IndexError."}
    found = grouped(
        check("a", 1, "crashed", **said, stopped_at=HERE),
        check("b", 1, "crashed", **said, stopped_at=THERE),
        check("c", 1, "crashed", message="`g` raised IndexError.", stopped_at=HERE),
        check("d", 1, "skipped", waits_for="c"),
        check("e", 1, "timed_out", stopped_at=HERE),
    )
    assert found == [("a", ["d"], ["c"]), ("b", [], []), ("e", [], [])]


def test_one_hint_is_told_once():
    one = {"hint": "You return the product.", "mistake": "product"}
    record_ = record(parts=(part(check("a", 1, "failed", **one), hidden("b", 1, "failed", **one)),), notices=())
    for audience in ("student", "instructor"):
        page = render_report(record_, audience=audience)
        assert page.count("You return the product.") == 1
        assert "1 more check (1 point) goes wrong in the same way" in " ".join(Page(page).one("main").text.split())


def test_the_same_words_about_wrong_values_are_not_the_same_cause():
    assert len(grouped(*(check(name, 1, "failed", message="It has wrong values.") for name in "ab"))) == 2


def test_where_a_hidden_check_stopped_groups_nothing_for_a_student():
    whole = part(
        check("a", 1, "crashed", message="`f` raised IndexError.", stopped_at=HERE),
        hidden("b", 1, "crashed", message="`g` raised IndexError.", stopped_at=HERE),
    )
    seen = as_seen_by("student", record(parts=(whole,))).parts[0]
    assert seen.checks[1].stopped_at is None
    assert [len(causes_of(1, one)) for one in (whole, seen)] == [1, 2]


def test_to_start_with_is_the_visible_cause_that_most_points_depend_on():
    first = part(check("a", 2, "failed"), check("b", 9, "skipped", waits_for="a"), hidden("h", 50, "failed"))
    second = part(check("c", 10, "failed", score=1.0), check("d", 40, "grader_error"), name="q")
    found = [causes_of(at, one) for at, one in enumerate((first, second), 1)]
    assert worth_most(found).first.check.name == "a"
    assert worth_most(found).lost == 11
    only_hidden = [causes_of(1, part(hidden("h", 5, "failed"), check("a", 1)))]
    assert worth_most(only_hidden).first.check.name == "h"
    assert worth_most([causes_of(1, part(check("a", 1), check("e", 1, "grader_error")))]) is None


def test_each_thing_to_fix_leads_to_the_next_over_all_parts():
    parts = (part(check("a", 1, "failed"), check("b", 1, "grader_error")), part(), part(hidden("c", 1, "crashed")))
    found = [causes_of(at, one) for at, one in enumerate(parts, 1)]
    assert {anchor: place.anchor for anchor, place in following(found).items()} == {"check-1-1": "check-3-1"}
    page = Page(render_report(record(parts=parts)))
    link = page.one("p", "next")
    assert link.text == "Next to fix: Check c. ↓"
    assert [a.attributes["href"] for a in page.all("a") if link in a.ancestors] == ["#check-3-1"]


def test_passed_checks_and_those_that_wait_are_folded_and_nothing_is_lost():
    whole = part(check("a", 1, "failed"), check("b", 2, "skipped", waits_for="a", message="Skipped: …"), check("c", 3))
    page = Page(render_report(record(parts=(whole,), notices=())))
    rows = {li.attributes["id"]: li for li in page.all("li", "check")}
    assert list(rows) == ["check-1-1", "check-1-2", "check-1-3"]
    folded = [key for key, li in rows.items() if "details" in [element.tag for element in li.ancestors]]
    assert folded == ["check-1-2", "check-1-3"]
    assert [one.text for one in page.all("summary")] == [
        "1 more check (2 points) waits for this one",
        "1 check passed (3 points)",
    ]
    assert "1 of 3 checks passed. All others come down to 1 thing to fix." in page.one("section", "overview").text


def test_the_lines_where_it_stopped_are_shown_and_marked():
    one = check("a", 1, "crashed", traceback='File "a.py", line 8', stopped_at=HERE)
    page = Page(render_report(record(parts=(part(one),))))
    assert page.one("figure", "lines").text == "It stopped in line 8 of a.py 7 def f(A): 8 return A[5]"
    assert page.one("mark").text == "8 return A[5]"
    in_cell = msgspec.structs.replace(one, stopped_at=msgspec.structs.replace(HERE, cell=3))
    assert "line 8 of cell 3 of a.py" in render_report(record(parts=(part(in_cell),))).replace("<code>", "")


def test_a_stub_is_named_and_not_shown():
    one = check("a", 1, "not_implemented", traceback='File "a.py", line 8', stopped_at=HERE)
    row = Page(render_report(record(parts=(part(one),)))).one("li", "check").text
    assert "Write it in line 8 of a.py." in row
    assert "return A[5]" not in row


@pytest.mark.parametrize("visibility", [v for v in Visibility if v is not Visibility.visible])
def test_no_line_of_a_hidden_check_is_shown_to_a_student(visibility):
    one = hidden("a", 1, "crashed", visibility=visibility, stopped_at=HERE)
    assert "A[5]" not in render_report(record(parts=(part(one),)))
    assert "A[5]" in render_report(record(parts=(part(one),)), audience="instructor")
