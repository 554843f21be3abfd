"""`vocabulary.evidence`: what is small is drawn, what is large is thinned or left out; odd values are no error."""

import io
import math

import pytest
import torch
from exhibit_examples import exhibit_record, pictures
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grader.errors import CourseError
from grader.records.record import from_json, to_json
from grader.vocabulary.evidence import (
    MOST_COLUMNS,
    MOST_CURVES,
    MOST_IMAGES,
    MOST_PIXELS,
    MOST_POINTS,
    MOST_ROWS,
    accuracies,
    cell,
    classification,
    confusion,
    curves,
    draw,
    images,
    most_confident,
)


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


def test_the_accuracy_of_each_class_is_a_figure_of_its_own():
    logits = torch.eye(3)[[0, 0, 1, 2]]
    found = accuracies(torch.tensor([0, 1, 1, 0]), logits, ("ant", "bee", "cat"))
    assert (found["accuracy_ant"], found["accuracy_bee"]) == (0.5, 0.5)
    assert math.isnan(found["accuracy_cat"]), "there is none to be right about"


def test_the_most_confident_of_each_class_come_first_right_and_wrong_apart():
    chances = torch.tensor([[0.6, 0.4, 0], [0.9, 0.1, 0], [0.8, 0.2, 0], [0.1, 0.9, 0], [0.7, 0.3, 0]])
    labels, pixels = torch.tensor([0, 0, 1, 1, 2]), torch.arange(5).view(5, 1, 1, 1)
    rows = most_confident(pixels, labels, chances.log(), ("ant", "bee", "cat"), most=1)
    shown = {name: {of: some.flatten().tolist() for of, some in row.items()} for name, row in rows.items()}
    assert shown == {
        "ant": {"right": [1], "wrong": [2]},
        "bee": {"right": [3], "wrong": []},
        "cat": {"right": [], "wrong": []},
    }


def test_each_of_them_says_how_sure_the_network_was_and_what_a_wrong_one_is():
    chances = torch.tensor([[0.6, 0.4, 0], [0.9, 0.1, 0], [0.8, 0.2, 0], [0.1, 0.9, 0], [0.7, 0.3, 0]])
    labels, pixels = torch.tensor([0, 0, 1, 1, 2]), torch.zeros(5, 3, 4, 4, dtype=torch.uint8)
    _, shown = classification(pixels, labels, chances.log(), ("ant", "bee", "cat"))
    captions = {row.label: {strip.label: strip.captions for strip in row.strips} for row in shown.rows}
    assert captions == {
        "ant": {"right": ("90 %", "60 %"), "wrong": ("is bee, 80 %", "is cat, 70 %")},
        "bee": {"right": ("90 %",), "wrong": ()},
        "cat": {"right": (), "wrong": ()},
    }


def test_odd_logits_have_captions_too():
    _, shown = classification(
        torch.zeros(2, 3, 4, 4, dtype=torch.uint8), torch.tensor([0, 1]), torch.full((2, 2), math.nan), ("ant", "bee")
    )
    assert {caption for row in shown.rows for strip in row.strips for caption in strip.captions} == {
        "nan",
        "is bee, nan",
    }


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


def one_curve(values):
    (curve,) = curves("c", {"one": values}, x_label="step", y_label="loss").curves
    return curve


def test_a_short_curve_is_kept_whole_and_what_is_no_number_is_a_word():
    odd = [1.0, 2, torch.tensor(0.5), math.nan, math.inf, "words", None, torch.ones(2), True, 10**400]
    curve = one_curve(odd)
    assert curve.steps == len(odd)
    assert curve.values == (1, 2, 0.5, "nan", "inf", "nan", "nan", "nan", 1, "nan")


@pytest.mark.parametrize("steps", [0, 1, 2, MOST_POINTS, MOST_POINTS + 1, 10_000])
def test_a_long_curve_is_thinned_evenly_between_its_ends(steps):
    curve = one_curve(range(steps))
    assert curve.steps == steps
    assert len(curve.values) == min(steps, MOST_POINTS)
    stride = (steps - 1) / max(1, len(curve.values) - 1)
    assert all(abs(value - at * stride) <= 0.5 for at, value in enumerate(curve.values))
    if steps > 1:
        assert (curve.values[0], curve.values[-1]) == (0, steps - 1)


def test_a_tensor_with_a_gradient_is_a_curve_too(recwarn):
    assert one_curve(torch.arange(3.0, requires_grad=True)).values == (0, 1, 2)
    assert not recwarn.list


def test_no_more_curves_than_a_plot_can_tell_apart():
    many = curves("c", {f"lr {n}": [n] for n in range(MOST_CURVES + 5)}, x_label="x", y_label="y")
    assert [curve.name for curve in many.curves] == [f"lr {n}" for n in range(MOST_CURVES)]


def test_a_name_that_no_record_can_hold_is_spelled_out_and_cut():
    drawn = curves("half \ud800", {"x" * 500: [1.0]}, x_label="x", y_label="y")
    assert drawn.name == "half \\ud800"
    assert len(drawn.curves[0].name) == 60


def test_the_confusion_matrix_counts_truth_by_row_and_prediction_by_column():
    labels, said = torch.tensor([0, 0, 0, 1, 2, 2]), torch.tensor([0, 1, 1, 1, 999, -1])
    evidence = confusion("c", labels, said, ("ant", "bee", "cow"))
    assert evidence.counts == ((1, 2, 0), (0, 1, 0), (0, 0, 0))
    assert evidence.outside == (0, 0, 2)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 9)), max_size=60))
def test_every_prediction_is_counted_once(pairs):
    labels, said = (torch.tensor([pair[at] for pair in pairs], dtype=torch.int64) for at in (0, 1))
    evidence = confusion("c", labels, said, "abcd")
    for row in range(4):
        for column in range(4):
            assert evidence.counts[row][column] == pairs.count((row, column))
        assert evidence.outside[row] == sum(truth == row and not 0 <= guess < 4 for truth, guess in pairs)


@pytest.mark.parametrize(
    ("labels", "said"), [([0, 1], [0]), ([0, 3], [0, 0]), ([0, -1], [0, 0]), ([[0]], [[0]])], ids=str
)
def test_labels_that_do_not_fit_are_our_error(labels, said):
    with pytest.raises(CourseError, match="conf: one prediction for each label of 3 classes"):
        confusion("conf", torch.tensor(labels), torch.tensor(said), "abc")


def test_images_lie_beside_each_other_in_one_file():
    pixels = torch.zeros(3, 3, 8, 10, dtype=torch.uint8)
    pixels[0, 0], pixels[1, 1], pixels[2, 2] = 250, 250, 250  # red, green, blue
    ((row),) = images("i", {"ant": {"right": pixels, "wrong": pixels[:0]}}).rows
    right, wrong = row.strips
    assert (row.label, right.label, wrong.label) == ("ant", "right", "wrong")
    assert (right.count, right.width, right.height) == (3, 30, 8)
    assert (wrong.count, wrong.jpeg) == (0, b"")
    picture = Image.open(io.BytesIO(right.jpeg))
    assert (picture.format, picture.size) == ("JPEG", (30, 8))
    assert [max(range(3), key=picture.getpixel((x, 4)).__getitem__) for x in (5, 15, 25)] == [0, 1, 2]


def test_a_strip_keeps_the_first_images():
    ((strip,),) = (
        row.strips for row in images("i", {"a": {"right": pictures(1)["cat"]["right"].repeat(9, 1, 1, 1)}}).rows
    )
    assert strip.count == MOST_IMAGES
    assert strip == images("i", {"a": {"right": pictures(1)["cat"]["right"]}}).rows[0].strips[0]


@pytest.mark.parametrize(
    "some",
    [torch.zeros(2, 3, 4, 4), *(torch.zeros(s, dtype=torch.uint8) for s in ((2, 1, 4, 4), (3, 4, 4), (1, 3, 65, 4)))],
    ids=["float", "grey", "one image", "large"],
)
def test_images_of_another_kind_are_our_error(some):
    with pytest.raises(CourseError, match=r"uint8 \(n, 3, height, width\)"):
        images("i", {"a": {"right": some}})


def test_a_record_full_of_exhibits_stays_small_and_comes_back():
    record = exhibit_record()
    text = to_json(record)
    assert len(text) < 300_000
    assert from_json(text) == from_json(to_json(from_json(text)))
    assert [e.evidence.name for p in from_json(text).parts for e in p.exhibits] == [
        e.evidence.name for p in record.parts for e in p.exhibits
    ]


def test_no_image_that_is_small_enough_is_too_much_for_the_encoder():
    noise = torch.randint(256, (MOST_IMAGES, 3, MOST_PIXELS, MOST_PIXELS), dtype=torch.uint8)
    ((strip,),) = (row.strips for row in images("i", {"a": {"right": noise}}).rows)
    assert Image.open(io.BytesIO(strip.jpeg)).convert("RGB").size == (MOST_IMAGES * MOST_PIXELS, MOST_PIXELS)
