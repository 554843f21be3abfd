"""`grader.evidence`: what is small is drawn cell by cell, what is large is left out."""

import math

import pytest
import torch

from grader.evidence import MOST_COLUMNS, MOST_ROWS, cell, draw


def test_a_matrix_is_drawn_with_the_cells_that_differ():
    expected, actual = torch.tensor([[1.0, 2.5], [3.0, 4.0]]), torch.tensor([[1.0, math.nan], [3.0, -math.inf]])
    (evidence,) = draw("S", expected, actual, torch.tensor([[False, True], [False, True]]))
    assert evidence.expected == ((1, 2.5), (3, 4))
    assert evidence.actual == ((1, "nan"), (3, "-inf"))
    assert evidence.differs == ((False, True), (False, True))
    assert evidence.name == "S"


def test_a_vector_is_a_matrix_of_one_row():
    vector = torch.tensor([1, 2, 3])
    (evidence,) = draw("v", vector, vector + 1, vector > 2)
    assert (evidence.expected, evidence.actual, evidence.differs) == (
        ((1, 2, 3),),
        ((2, 3, 4),),
        ((False, False, True),),
    )


@pytest.mark.parametrize(
    ("shape", "drawn"),
    [
        ((MOST_ROWS, MOST_COLUMNS), True),
        ((MOST_ROWS + 1, 1), False),
        ((1, MOST_COLUMNS + 1), False),
        ((MOST_COLUMNS,), True),
        ((MOST_COLUMNS + 1,), False),
        ((), False),
        ((2, 2, 2), False),
    ],
)
def test_only_what_fits_the_page_is_drawn(shape, drawn):
    value = torch.zeros(shape)
    assert bool(draw("x", value, value, value.bool())) is drawn


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2.0, 2),
        (-0.0, 0),
        (0.1234567, 0.123457),
        (1e-9, 1e-9),
        (1e20, 1e20),
        (7, 7),
        (True, 1),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_a_cell_is_something_that_json_can_hold(value, shown):
    assert cell(value) == shown
    assert type(cell(value)) in (int, float, str)
