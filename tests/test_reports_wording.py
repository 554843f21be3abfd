"""Words, numbers, moments; evidence laid out cell by cell."""

from __future__ import annotations

import pytest
from record_examples import SCORES, check, environment, full_part, one_check, record

from grader.records.record import MatrixEvidence, Standing, Verdict
from grader.records.verdicts import VERDICTS
from grader.reports.matrices import WINDOW, draw
from grader.reports.wording import (
    STANDINGS,
    duration,
    moment,
    number,
    paragraphs,
    points,
    standing_sentence,
)


def test_every_verdict_and_standing_has_words() -> None:
    assert set(VERDICTS) == set(Verdict)
    assert set(STANDINGS) == set(Standing)
    assert all(wording.sentence.endswith(".") and wording.label for wording in VERDICTS.values())
    assert len({wording.label for wording in VERDICTS.values()}) == len(Verdict)


def test_only_our_error_says_it_is_ours() -> None:
    ours = [verdict for verdict, wording in VERDICTS.items() if "our fault, not yours" in wording.sentence]
    assert ours == [Verdict.grader_error]


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (2.5, "2.5"), (0.0, "0"), (100.0, "100"), (1 / 3, "0.33")])
def test_points_have_no_trailing_zeros(value: float, text: str) -> None:
    assert points(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.121934567, "0.121935"),
        (5.0, "5"),
        (-0.0, "0"),
        (123456789.0, "1.23457e+08"),
        ("nan", "nan"),
        ("-inf", "-inf"),
    ],
)
def test_values_have_six_significant_digits(value: float | str, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.04, "0.0 s"), (9.96, "10.0 s"), (59.6, "1 min 0 s"), (125.3, "2 min 5 s")]
)
def test_durations(value: float, text: str) -> None:
    assert duration(value) == text


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        ("2026-05-02T10:20:30Z", "2 May 2026, 10:20 UTC"),
        ("2026-05-02T01:20:30+02:00", "1 May 2026, 23:20 UTC"),
        ("2026-12-31T23:59:59", "31 December 2026, 23:59 UTC"),
        ("yesterday", "yesterday"),
    ],
)
def test_moments_are_written_in_utc(stamp: str, text: str) -> None:
    assert moment(stamp) == text


def test_standing_sentences_name_their_reason() -> None:
    assert "counts" in standing_sentence(record())
    broken = one_check(check("c", 1, "grader_error"), partial=True)
    assert "our fault, not yours" in standing_sentence(broken)
    both = standing_sentence(record(partial=True, environment=environment("direct")))
    assert "only some of the checks were run and it was run without the sandbox" in both
    assert "sandbox" not in standing_sentence(record(partial=True, parts=(full_part(),)))


def test_who_was_refused_is_told_why_and_that_a_person_looks() -> None:
    told = standing_sentence(record(parts=(), refused="The zip is damaged. Hand it in again."))
    assert told.startswith("The zip is damaged. Hand it in again.")
    assert "A person looks" in told
    assert "A person looks" in standing_sentence(record(parts=(full_part(),), reasons=("no function was found",)))


def test_backticks_become_code_and_blank_lines_paragraphs() -> None:
    first, second = paragraphs("Use `Q @ K.T`,\nnot ``Q @ K``.\n\nA lone ` stays.")
    assert [(span.text, span.is_code) for span in first] == [
        ("Use ", False), ("Q @ K.T", True), (", not ", False), ("Q @ K", True), (".", False),
    ]  # fmt: skip
    assert [span.text for span in second] == ["A lone ` stays."]


def test_evidence_is_drawn_as_expected_yours_and_difference() -> None:
    drawing = draw(SCORES)
    expected, yours, difference = drawing.grids
    assert [grid.caption for grid in drawing.grids] == ["expected", "yours", "difference"]
    assert drawing.summary == "3 of 12 cells differ"
    assert [cell.text for cell in expected.rows[2].cells] == ["6", "4", "1", "5"]
    assert [cell.text for cell in yours.rows[2].cells] == ["nan", "4", "1", "5.12346"]
    assert [cell.text for cell in difference.rows[2].cells] == ["n/a", "0", "0", "+0.123457"]
    assert difference.rows[1].cells[3].text == "-1"
    assert not any(cell.differs for row in expected.rows for cell in row.cells)
    for grid in (yours, difference):
        marked = {(row.number, c) for row in grid.rows for c, cell in enumerate(row.cells) if cell.differs}
        assert marked == {(1, 3), (2, 0), (2, 3)}


def test_a_large_matrix_is_cut_around_its_first_difference_with_true_indices() -> None:
    size, wrong = 40, (30, 37)
    zeros = ((0.0,) * size,) * size
    differs = tuple(tuple((r, c) == wrong for c in range(size)) for r in range(size))
    drawing = draw(MatrixEvidence(name="S", expected=zeros, actual=zeros, differs=differs))
    for grid in drawing.grids:
        assert len(grid.columns) == len(grid.rows) == WINDOW
    yours = drawing.grids[1]
    marked = {
        (row.number, column)
        for row in yours.rows
        for column, cell in zip(yours.columns, row.cells, strict=True)
        if cell.differs
    }
    assert marked == {wrong}
    assert drawing.note == "Rows 28 to 39 and columns 28 to 39 of 40 by 40."


def test_two_cells_of_context_stand_before_the_first_difference() -> None:
    row = (0.0,) * 40
    drawing = draw(
        MatrixEvidence(name="v", expected=(row,), actual=(row,), differs=(tuple(c == 20 for c in range(40)),))
    )
    assert drawing.grids[0].columns == tuple(range(18, 30))


def test_matrices_of_unequal_or_no_size_are_drawn_too() -> None:
    odd = draw(MatrixEvidence(name="v", expected=((1.0, 2.0),), actual=((1.0,),), differs=((False, True),)))
    assert [cell.text for cell in odd.grids[1].rows[0].cells] == ["1", ""]
    assert [cell.text for cell in odd.grids[2].rows[0].cells] == ["0", "n/a"]
    assert draw(MatrixEvidence(name="v", expected=(), actual=(), differs=())).summary == "0 of 0 cells differ"


def test_equal_infinities_do_not_differ() -> None:
    drawing = draw(MatrixEvidence(name="v", expected=(("inf",),), actual=(("inf",),), differs=((False,),)))
    assert drawing.grids[2].rows[0].cells[0].text == "0"
