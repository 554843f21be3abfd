"""`grader.reports.confusion`: counts stay counts, shades follow the share of the row."""

from __future__ import annotations

import torch
from exhibit_examples import CLASSES, predictions

from grader.records.record import ConfusionEvidence
from grader.reports.confusion import OTHER, accuracies, describe_confusion, draw_confusion, percent
from grader.vocabulary import evidence

SMALL = ConfusionEvidence(
    name="c", classes=("ant", "bee", "cow"), counts=((8, 2, 0), (1, 0, 3), (0, 0, 0)), outside=(0, 0, 0)
)


def test_every_count_stands_in_its_cell_and_the_right_ones_are_framed():
    drawn = draw_confusion(SMALL)
    assert drawn.columns == ("ant", "bee", "cow")
    assert [[cell.times for cell in row.cells] for row in drawn.rows] == [[8, 2, 0], [1, 0, 3], [0, 0, 0]]
    assert [[cell.is_right for cell in row.cells] for row in drawn.rows] == torch.eye(3).bool().tolist()
    assert [row.accuracy for row in drawn.rows] == [0.8, 0.0, None]


def test_a_larger_share_of_the_row_is_darker():
    shades = [[cell.shade for cell in row.cells] for row in draw_confusion(SMALL).rows]
    assert shades[0][0] > shades[0][1] > shades[0][2] == 0
    assert shades[1][2] > shades[1][0] > 0
    assert shades[2] == [0, 0, 0]


def test_predictions_of_no_class_have_a_column_where_there_are_some():
    some = ConfusionEvidence(name="c", classes=("ant", "bee"), counts=((3, 0), (0, 1)), outside=(1, 2))
    drawn = draw_confusion(some)
    assert drawn.columns == ("ant", "bee", OTHER)
    assert [row.cells[-1].times for row in drawn.rows] == [1, 2]
    assert [row.accuracy for row in drawn.rows] == [0.75, 1 / 3]
    assert accuracies(some) == {"ant": 0.75, "bee": 1 / 3, "": 4 / 7}


def test_the_summary_names_what_is_most_often_mixed_up():
    assert describe_confusion(SMALL) == "57.1 % right (8 of 14); bee most often taken for cow, 3 times"
    perfect = ConfusionEvidence(name="c", classes=("ant",), counts=((5,),), outside=(0,))
    assert describe_confusion(perfect) == "100.0 % right (5 of 5)"
    empty = ConfusionEvidence(name="c", classes=("ant",), counts=((0,),), outside=(0,))
    assert describe_confusion(empty) == "no predictions"
    assert accuracies(empty) == {"ant": None, "": None}


def test_accuracies_are_those_of_the_predictions():
    labels, said = predictions(0.7, seed=5)
    found = accuracies(evidence.confusion("c", labels, said, CLASSES))
    assert found[""] == (labels == said).double().mean()
    assert found["cat"] == (said[labels == 3] == 3).double().mean()
    assert percent(found[""]) == f"{100 * (labels == said).double().mean():.1f} %"
