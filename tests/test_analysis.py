"""The item analysis of small classes, with every number worked out by hand."""

from __future__ import annotations

import json

import msgspec
import pytest
from record_examples import check, environment, named

from grader.analysis.figures import discrimination, is_no_chance, is_too_low
from grader.analysis.items import analyse
from grader.analysis.results import AgreeingPair, Flag, MadeBy, to_json
from grader.records.record import CheckRecord, PartRecord, ResultRecord

# Ten students with 0 to 9 points elsewhere. The better five have 7 on average, the others 2, and the standard
# deviation is sqrt(8.25). So the point-biserial correlation of passing is (7 - 2) / sqrt(8.25) * sqrt(1/2 * 1/2).
BETTER_FIVE = 0.870388


def part(*checks: CheckRecord, name: str = "p", seconds: float = 0.0, memory_mb: float = 0.0) -> PartRecord:
    return PartRecord(name=name, title=name.upper(), checks=checks, seconds=seconds, memory_mb=memory_mb)


def ranked(size: int, verdict_of) -> list[ResultRecord]:
    """Students with 0, 1, 2 … points of a check ``ladder``, and a verdict of a check ``c`` worth 50."""
    return [
        named(f"s{at:02}", (part(check("ladder", size, "failed", score=float(at)), check("c", 50, verdict_of(at))),))
        for at in range(size)
    ]


def item(records, name="c"):
    (found,) = [one for one in analyse(records).checks if one.name == name]
    return found


def test_rates_and_means_of_a_check():
    verdicts = ("passed", "failed", "crashed", "missing", "skipped", "grader_error")
    records = [named(f"s{at}", (part(check("c", 4, verdict)),)) for at, verdict in enumerate(verdicts)]
    records.append(named("partly", (part(check("c", 4, "failed", score=3.0)),)))
    one = item(records)
    assert (one.judged, one.passed, one.skipped, one.ours) == (5, 1, 1, 1)
    assert (one.pass_rate, one.mean) == (0.2, pytest.approx((1 + 0.75) / 5))
    assert (one.identity, one.title, one.points) == ("p/c", "Check c.", 4)
    nobody = item([named("ada", (part(check("c", 4, "skipped")),))])
    assert (nobody.judged, nobody.pass_rate, nobody.mean, nobody.discrimination) == (0, None, None, None)


def test_discrimination_is_the_correlation_with_the_points_of_all_other_checks():
    better = ranked(10, lambda at: "passed" if at >= 5 else "failed")
    assert item(better).discrimination == pytest.approx(BETTER_FIVE, abs=1e-6)
    assert item(better, "ladder").discrimination == pytest.approx(BETTER_FIVE, abs=1e-6)
    assert item(better).flags == ()


def test_a_check_that_better_students_fail_is_flagged():
    worse = item(ranked(10, lambda at: "passed" if at < 5 else "failed"))
    assert worse.discrimination == pytest.approx(-BETTER_FIVE, abs=1e-6)
    assert worse.flags == (Flag.negative_discrimination,)


def test_a_correlation_is_undefined_for_few_submissions_and_where_nothing_varies():
    assert item(ranked(9, lambda at: "passed" if at >= 5 else "failed")).discrimination is None
    assert item(ranked(10, lambda _: "passed")).discrimination is None
    assert discrimination([0.0, 1.0] * 5, [3.0] * 10) is None


@pytest.mark.parametrize(
    ("value", "submissions", "too_low"),
    # tanh(atanh(0.3) - 1.645 / sqrt(n - 3)): -0.3025 for 10, -0.0892 for 20, above 0 for 32
    [
        (-0.31, 10, True),
        (-0.30, 10, False),
        (-0.09, 20, True),
        (-0.088, 20, False),
        (-1e-6, 32, True),
        (0.0, 900, False),
    ],
)
def test_a_negative_discrimination_is_flagged_where_it_is_hardly_chance(value, submissions, too_low):
    assert is_too_low(value, submissions) is too_low


def test_skipped_and_blank_submissions_and_our_errors_are_in_no_correlation():
    better = ranked(10, lambda at: "passed" if at >= 5 else "failed")
    blank = named("blank", (part(check("ladder", 10, "missing"), check("c", 50, "not_implemented")),))
    skipped = named("skipped", (part(check("ladder", 10), check("c", 50, "skipped")),))
    ours = named("ours", (part(check("ladder", 10, "grader_error"), check("c", 50)),))
    found = analyse([*better, blank, skipped, ours])
    assert found.checks[1].discrimination == pytest.approx(BETTER_FIVE, abs=1e-6)
    assert (found.submissions, found.blank, found.checks[1].judged) == (13, 1, 12)


@pytest.mark.parametrize(
    ("size", "verdict", "flags"),
    [
        (5, "passed", (Flag.everybody_passes,)),
        (5, "failed", (Flag.nobody_passes,)),
        (4, "passed", ()),
        (4, "failed", ()),
    ],
)
def test_a_check_that_everybody_or_nobody_passes_is_flagged(size, verdict, flags):
    assert item(ranked(size, lambda _: verdict)).flags == flags


def pair_class(*rows: tuple[str, str, str]) -> list[ResultRecord]:
    """A student for each row of verdicts of a, b and c; "+" passes, "-" fails, "." is skipped."""
    verdicts = {"+": "passed", "-": "failed", ".": "skipped"}
    return [
        named(f"s{at:02}", (part(*(check(name, 1, verdicts[mark]) for name, mark in zip("abc", row, strict=True))),))
        for at, row in enumerate(rows)
    ]


def test_pairs_that_always_agree():
    # Of 13 students whom a and b judge, 7 fail both: C(13, 7) = 1716 ways, so this is no chance. c always passes.
    rows = [("+", "+", "+")] * 6 + [("-", "-", "+")] * 7 + [("+", ".", "+"), (".", "-", "+")]
    (pair,) = analyse(pair_class(*rows)).agreeing
    assert pair == AgreeingPair(first="p/a", second="p/b", judged=13, passed=6)
    assert analyse(pair_class(*rows, ("+", "-", "+"))).agreeing == ()


def test_a_pair_that_may_agree_by_chance_is_not_told():
    # C(14, 3) = 364 ways to choose three of 14, C(14, 4) = 1001
    assert not is_no_chance(14, 3)
    assert is_no_chance(14, 4)
    rows = [("+", "+", "+")] * 11 + [("-", "-", "+")] * 3
    assert analyse(pair_class(*rows)).agreeing == ()
    # A template that nobody touched fails everything, and is no evidence.
    blank = named("blank", (part(*(check(name, 1, "not_implemented") for name in "abc")),))
    assert analyse([*pair_class(*rows), blank]).agreeing == ()


def test_each_mistake_lists_its_students_and_the_most_frequent_comes_first():
    wrong = {"verdict": "failed", "mistake": "sign", "hint": "Mind the sign."}
    rare = {"verdict": "failed", "mistake": "a_rare", "hint": "Rare."}
    records = [
        named("zoe", (part(check("a", 1, **wrong), check("b", 1, **wrong)),)),
        named("ada", (part(check("a", 1), check("b", 1, **wrong)),)),
        named("bob", (part(check("a", 1, **rare), check("b", 1)),)),
    ]
    often, once = analyse(records).mistakes
    assert (often.part, often.name, often.hint) == ("p", "sign", "Mind the sign.")
    assert often.made_by == (MadeBy(submission="ada", check="b"), MadeBy(submission="zoe", check="a"))
    assert (once.name, once.made_by) == ("a_rare", (MadeBy(submission="bob", check="a"),))


def test_rates_means_and_times_of_a_part():
    records = [
        named("ada", (part(check("c", 4), seconds=1.0, memory_mb=90.0), part(check("d", 1), name="q"))),
        named("bob", (part(check("c", 4, "failed", score=2.0), seconds=5.0, memory_mb=10.0),)),
        named("cy", (part(check("c", 4, "grader_error"), seconds=2.0, memory_mb=20.0),)),
    ]
    p, q = analyse(records).parts
    assert (p.name, p.title, p.points, p.judged, p.pass_rate, p.mean) == ("p", "P", 4, 2, 0.5, 0.75)
    assert (p.median_seconds, p.most_seconds, p.slowest) == (2.0, 5.0, "bob")
    assert (p.median_mb, p.most_mb, p.largest) == (20.0, 90.0, "ada")
    assert (q.judged, q.pass_rate, q.discrimination) == (1, 1.0, None)


def test_discrimination_of_a_part_leaves_the_part_out():
    records = [
        named(
            f"s{at}",
            (
                part(check("c", 50, "passed" if at >= 5 else "failed")),
                part(check("d", 9, "failed", score=at), name="q"),
            ),
        )
        for at in range(10)
    ]
    assert [one.discrimination for one in analyse(records).parts] == [pytest.approx(BETTER_FIVE, abs=1e-6)] * 2


def test_refused_practice_and_starved_submissions_do_not_count():
    good = (part(check("c", 1)),)
    records = [
        named("ada", good),
        named("bob", (), refused="Broken."),
        named("cy", good, partial=True),
        named("dan", good, environment=environment("direct")),
        named("eve", good, starved=True),
    ]
    found = analyse(records)
    assert (found.submissions, found.left_out) == (1, {"practice": 2, "refused": 1, "starved": 1})
    assert found.checks[0].judged == 1
    assert analyse([]).submissions == 0


def test_the_order_of_the_records_changes_nothing_and_the_json_is_whole():
    records = ranked(12, lambda at: "passed" if at % 3 else "failed")
    assert to_json(analyse(records)) == to_json(analyse(records[::-1]))
    told = json.loads(to_json(analyse(records)))
    assert told["format_version"] == 1
    assert told["checks"][1]["passed"] == 8
    assert msgspec.json.decode(to_json(analyse(records)), type=type(analyse(records))) == analyse(records)


def test_checks_are_in_the_order_of_the_fullest_record():
    one, two = part(check("c", 1), name="one"), part(check("c", 1), name="two")
    found = analyse([named("ada", (two,)), named("bob", (one, two))])
    assert [one.identity for one in found.checks] == ["one/c", "two/c"]
