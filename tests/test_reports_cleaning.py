"""Text from a submission is harmless to look at, and honest text is left alone."""

from __future__ import annotations

import pytest

from grader.reports.cleaning import LIMIT, one_line, printable


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hgone", "gone"),
        ("\x1b]0;new title\x07text", "text"),
        ("\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$rstring\x1b\\text", "text"),
        ("\x9b31mred", "red"),
        ("a\x00b\x08c\x7fd\x85e", "abcde"),
        ("safe\u202eexe.fdp\u202c", "safeexe.fdp"),
        ("\u2066a\u2069\u200e\u061c", "a"),
        ("tag\U000e0041s", "tags"),
        ("one\u2028two", "one\ntwo"),
        ("dos\r\nlines\r\n", "dos\nlines\n"),
        (" 10%\r 50%\r100%\ndone", "100%\ndone"),
        ("half \ud800 pair", "half \ufffd pair"),
    ],
)
def test_what_deceives_the_eye_is_removed(dirty: str, clean: str) -> None:
    assert printable(dirty) == clean


@pytest.mark.parametrize(
    "honest", ["a\tb\n  c", "naïve 数 ∑ λ", "👩\u200d💻 e\u0301", "[31m is not an escape", "<b>&amp;"]
)
def test_honest_text_is_untouched(honest: str) -> None:
    assert printable(honest) == honest


def test_a_long_text_keeps_its_start_its_end_and_the_limit() -> None:
    text = "START" + "x" * 50_000 + "ValueError: the reason"
    short = printable(text)
    assert short.startswith("START")
    assert short.endswith("ValueError: the reason")
    assert "characters left out" in short
    assert len(short) <= LIMIT
    assert printable(short) == short


@pytest.mark.parametrize("limit", [5, 199, 200, 1000])
def test_the_limit_holds_for_every_length(limit: int) -> None:
    assert len(printable("y" * 3000, limit)) <= limit
    assert printable("y" * limit, limit) == "y" * limit


def test_the_note_counts_what_is_missing() -> None:
    short = printable("z" * 5000, 1000)
    assert f"{5000 - short.count('z')} characters left out" in short.replace("\n", " ")


def test_one_line_folds_every_kind_of_line_break() -> None:
    assert one_line("name\nlab1 - 100 / 100\r\n\tx\u2028y") == "name lab1 - 100 / 100 x y"


@pytest.mark.timeout(60)  # a quadratic pattern needs minutes for this; a linear one far less than a second
@pytest.mark.parametrize("unit", [*"\x1b\r\x90\x98\x9b\x9d\x9e\x9f", "\x1b[", "\x1b]", "\x1b[1;", "\x1bP", "\x1bP\x9d"])
def test_hostile_input_costs_linear_time(unit: str) -> None:
    printable(unit * 300_000)
