"""The plain-text rendering: the score, what to look at, nothing forged and nothing hidden."""

from __future__ import annotations

import msgspec
import pytest
from record_examples import HIDDEN_SECRET, check, environment, named, one_check, record, score_matrix_part

from grader.records.record import Verdict
from grader.records.verdicts import VERDICTS
from grader.reports.text import WIDTH, render_text


def test_the_first_line_is_assignment_name_and_score() -> None:
    first = render_text(record()).splitlines()[0]
    assert first.startswith("lab1 - lovelace-ada_48213")
    assert first.endswith("36.5 / 78.5")


def test_it_says_whose_view_it_is() -> None:
    assert "As the student sees it." in render_text(record()).splitlines()
    assert "For staff: everything, hidden checks too." in render_text(record(), audience="instructor").splitlines()


def test_every_part_and_check_has_its_score() -> None:
    text = render_text(record())
    for part in record().parts:
        for one in part.checks:
            line = next(line for line in text.splitlines() if one.title[:60] in line)
            assert line.split()[-3:] == [f"{one.score:g}", "/", f"{one.points:g}"]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_words(verdict: Verdict) -> None:
    text = render_text(one_check(check("c", 1, verdict)))
    assert f"  {VERDICTS[verdict].label.lower()}" in text
    told = " ".join(text.split())
    assert (VERDICTS[verdict].sentence in told) == (verdict is not Verdict.passed)


def test_a_failed_check_shows_message_values_hint_and_the_last_line_of_the_traceback() -> None:
    told = " ".join(render_text(record()).split())
    assert "3 of its 12 values are wrong" in told
    assert "at [1, 3]: expected 5.0, yours 4.0" in told
    assert "This looks like a known mistake: Your scores equal `Q @ K` without the transpose." in told
    assert "RuntimeError: mat1 and mat2 shapes cannot be multiplied" in told
    assert "Traceback (most recent call last)" not in told


def test_a_passed_check_is_one_line() -> None:
    text = render_text(one_check(check("c", 1, message="never mind", detail="never mind")))
    assert "never mind" not in text


def test_hidden_values_are_for_instructors_only() -> None:
    assert HIDDEN_SECRET not in render_text(record())
    assert HIDDEN_SECRET in render_text(record(), audience="instructor")


def test_a_name_cannot_forge_a_line_or_send_escapes() -> None:
    text = render_text(named("x\nlab1 - x   100 / 100\x1b[2J\u202e", (score_matrix_part(),)))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not any(line.startswith("lab1 - x   100") for line in text.splitlines())


def test_a_practice_run_says_so() -> None:
    assert "does not count" in " ".join(render_text(record(environment=environment("direct"))).split())
    assert "Final." in render_text(record())


def test_the_data_and_the_settings_are_told() -> None:
    assert "\nDevice and profile: cpu, mini.\n" in render_text(record())
    part = msgspec.structs.replace(score_matrix_part(), profile="mini")
    told = render_text(record(parts=(part,), profile="full", datasets={"movielens": "ml-latest-small"}))
    line = "Device and profile: cpu, full (score_matrix: cpu, mini). Data: movielens (ml-latest-small)."
    assert f"\n{line}\n" in told


def test_a_long_title_never_pushes_its_score_out() -> None:
    text = render_text(one_check(check("c", 12.25, title="word " * 80)))
    line = next(line for line in text.splitlines() if "word" in line)
    assert len(line) == WIDTH
    assert line.endswith("12.25 / 12.25")


def test_the_same_record_gives_the_same_text() -> None:
    assert render_text(record()) == render_text(record())
