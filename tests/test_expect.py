"""`grader.vocabulary.expect`: every function says in a sentence what is wrong, and NaN never passes."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from grader import expect
from grader.errors import Crashed, Mismatch, TimedOut
from grader.sandbox.calls import Remote
from grader.sandbox.type_names import told_type
from grader.vocabulary.words import DIVERGED
from grader.worker.values import NamedValues

LINEAR = Remote(3, "torch.nn.modules.linear.Linear", 1)
NAN, INF = math.nan, math.inf
NO_TENSORS = [
    (None, "None. Does every path through your function end with `return`?"),
    ("4", "a str, expected a torch.Tensor"),
    ([1.0], "a list, expected a torch.Tensor"),
    (1, "an int, expected a torch.Tensor"),
    (2.5, "a float, expected a torch.Tensor"),
    ((1.0, 2.0), "a tuple, expected a torch.Tensor"),
    (LINEAR, "a torch.nn.modules.linear.Linear, expected a torch.Tensor"),
    (np.ones(2), "a numpy array of shape (2,), expected a torch.Tensor (torch.from_numpy converts)"),
    (np.ones((4, 3)), "a numpy array of shape (4, 3), expected a torch.Tensor (torch.from_numpy converts)"),
    ({"U": 1, "V": 2, "S": 3}, "a dict with 3 keys, expected a torch.Tensor"),
    ({"U": 1}, "a dict with 1 key, expected a torch.Tensor"),
    (b"x", "bytes, expected a torch.Tensor"),
    (NamedValues.of("max", ("values", "indices"))(1, 2), "a namedtuple, expected a torch.Tensor"),
    (
        pd.DataFrame({"a": [1]}),
        "a pandas DataFrame, expected a torch.Tensor (torch.tensor(x.to_numpy()) makes one of x)",
    ),
    (Remote(3, "generator", 1), "a generator, expected a torch.Tensor"),
    (
        Remote(3, "torch.Tensor (torch.sparse_coo, torch.float32, on cpu)", 1),
        "a sparse tensor (torch.sparse_coo), expected a dense one (`.to_dense()` makes one)",
    ),
    (
        Remote(3, "torch.Tensor (torch.strided, torch.complex64, on cpu)", 1),
        "a tensor of dtype torch.complex64, expected one of real numbers",
    ),
]


def refused(call, *args, **kwargs):
    with pytest.raises(Mismatch) as caught:
        call(*args, **kwargs)
    assert caught.value.message.endswith((".", "?")), "feedback is a sentence"
    return caught.value


@pytest.mark.parametrize(("value", "words"), NO_TENSORS, ids=lambda v: type(v).__name__)
def test_whatever_is_no_tensor_is_named_in_a_sentence(value, words):
    for failure in (
        refused(expect.tensor, value, "S"),
        refused(expect.close, value, torch.zeros(2), name="S"),
        refused(expect.shape, value, (2,), name="S"),
        refused(expect.dtype, value, "floating", name="S"),
    ):
        assert failure.message.rstrip(".") == f"`S` is {words}"


def test_a_name_in_words_begins_the_sentence_with_a_capital():
    assert refused(expect.number, None, "the loss at rank 2").message.startswith("The loss at rank 2 is None.")
    assert refused(expect.number, None, "f(S, user)").message.startswith("`f(S, user)` is None.")


def test_the_ladder_is_climbed_in_its_order():
    expected = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    worst = torch.tensor([NAN])  # wrong in shape, dtype kind asked for, finiteness and value
    assert "shape (1,), expected (2, 2)" in refused(expect.close, worst, expected, name="S", dtype="integer").message
    same_shape = torch.full((2, 2), NAN)
    message = refused(expect.close, same_shape, expected, name="S", dtype="integer").message
    assert message == "`S` has dtype torch.float32, expected an integer dtype."
    failure = refused(expect.close, same_shape, expected, name="S")
    assert failure.message == "`S` contains nan."
    assert failure.detail == "First at S[0, 0]."
    assert refused(expect.close, expected + 1, expected, name="S").message == "`S` has wrong values."


def test_tensor_hands_back_what_it_was_given():
    value = torch.tensor([[1, 2]])
    assert expect.tensor(value, "x", shape=(1, 2), dtype="integer") is value
    assert expect.close(value, torch.tensor([[1.0, 2.0]]), name="x") is value
    expect.shape(value, [1, 2], name="x")
    expect.dtype(value, torch.int64, name="x")


@pytest.mark.parametrize(
    ("dtype", "kinds"),
    [
        (torch.float32, {"floating", "number"}),
        (torch.bfloat16, {"floating", "number"}),
        (torch.float64, {"floating", "number"}),
        (torch.int64, {"integer", "number"}),
        (torch.uint8, {"integer", "number"}),
        (torch.bool, set()),
        (torch.complex64, set()),
    ],
    ids=lambda value: " ".join(sorted(value)) if isinstance(value, set) else str(value),  # the same in every process
)
def test_kinds_of_dtype(dtype, kinds):
    value = torch.zeros(2, dtype=dtype)
    for kind in ("floating", "integer", "number"):
        if kind in kinds:
            expect.dtype(value, kind, name="x")
        else:
            message = refused(expect.dtype, value, kind, name="x").message
            assert str(dtype) in message
            assert kind in message


def test_an_exact_dtype_is_exact():
    message = refused(expect.tensor, torch.zeros(2), "x", dtype=torch.float64).message
    assert message == "`x` has dtype torch.float32, expected torch.float64."


def test_the_first_value_that_is_not_finite_is_named():
    value = torch.tensor([[1.0, 2.0], [-INF, NAN]])
    failure = refused(expect.tensor, value, "U")
    assert failure.message == "`U` contains -inf."
    assert failure.detail == "First at U[1, 0]."


def test_wrong_values_name_the_first_place_and_how_many_differ():
    expected = torch.arange(12.0).reshape(3, 4)
    actual = expected.clone()
    actual[1, 2] += 0.5
    actual[2, 0] -= 3
    failure = refused(expect.close, actual, expected, name="S")
    assert "S[1, 2] is 6.5, expected 6" in failure.detail
    assert "2 of 12 values differ, by at most 3" in failure.detail
    (evidence,) = failure.evidence
    marked = {(i, j) for i, row in enumerate(evidence.differs) for j, cell in enumerate(row) if cell}
    assert marked == {(1, 2), (2, 0)}
    assert evidence.name == "S"
    assert evidence.actual[1][2] == 6.5
    assert evidence.expected[2][0] == 8


def test_the_message_gives_no_values_away():
    failure = refused(expect.close, torch.tensor([41.5]), torch.tensor([73.25]), name="S")
    assert not {"41.5", "73.25"} & set(failure.message.split())
    assert "73.25" in failure.detail


def test_a_single_wrong_number_has_no_place():
    failure = refused(expect.close, torch.tensor(2.0), torch.tensor(9.0), name="loss")
    assert failure.detail.startswith("loss is 2, expected 9")
    assert failure.evidence == ()


def test_the_tolerance_is_absolute_plus_relative_and_ends_where_it_says():
    expected = torch.tensor([1000.0], dtype=torch.float64)
    expect.close(expected + 0.99, expected, name="x", rtol=1e-3, atol=0)
    refused(expect.close, expected + 1.01, expected, name="x", rtol=1e-3, atol=0)
    expect.close(expected + 1.49, expected, name="x", rtol=1e-3, atol=0.5)
    refused(expect.close, expected + 1.51, expected, name="x", rtol=1e-3, atol=0.5)
    refused(expect.close, torch.tensor([1e-3]), torch.tensor([0.0]), name="x", rtol=1e3, atol=1e-4)


def test_values_are_compared_in_float64_whatever_came():
    big = torch.tensor([2**53 - 1])
    refused(expect.close, big - 1, big, name="x", rtol=0, atol=0.5)
    half = torch.tensor([0.1], dtype=torch.bfloat16)  # 0.1001
    refused(expect.close, half, torch.tensor([0.1]), name="x", rtol=1e-4, atol=0)


def test_nan_passes_nowhere():
    nan = torch.tensor([NAN])
    refused(expect.close, nan, torch.tensor([1.0]), name="x", atol=INF)
    refused(expect.close, nan, nan, name="x")
    refused(expect.close, torch.tensor([1.0]), nan, name="x")  # a fixture with NaN in it forgives nobody
    for limit in (-INF, 0.0, INF):
        refused(expect.at_most, NAN, limit, name="x")
        refused(expect.at_least, NAN, limit, name="x")
    refused(expect.number, nan, "x")


@pytest.mark.parametrize("value", [3, 3.0, torch.tensor(3.0), torch.tensor([3]), torch.tensor([[3.0]])])
def test_a_number_may_be_a_tensor_with_one_element(value):
    result = expect.number(value, "loss")
    assert (type(result), result) == (float, 3.0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "is None"),
        (True, "is a bool, expected a number"),
        (torch.tensor([True]), "is a bool, expected a number"),
        ("3", "is a str, expected a number"),
        ([3], "is a list, expected a number"),
        (LINEAR, "is a torch.nn.modules.linear.Linear"),
        (torch.tensor([1.0, 2.0]), "is a tensor of shape (2,), expected a number"),
        (torch.tensor([]), "is a tensor of shape (0,), expected a number"),
        (np.ones(1), "is a numpy array of shape (1,), expected a number"),
        (INF, "is inf, expected a finite number"),
        (torch.tensor(-INF), "is -inf, expected a finite number"),
        (NAN, "is nan, expected a finite number"),
        (10**400, "is too large, expected a finite number"),
    ],
    ids=str,
)
def test_what_is_no_finite_number_is_described(value, words):
    assert words in refused(expect.number, value, "loss").message


def test_an_integer_is_an_int_or_an_integer_tensor_with_one_element():
    assert expect.integer(7, "best") == 7
    assert type(expect.integer(torch.tensor([7]), "best")) is int
    for value, words in (
        (7.0, "a float"),
        (torch.tensor(7.0), "a tensor of shape ()"),
        (torch.tensor([7, 8]), "a tensor of shape (2,)"),
        (True, "a bool"),
        (torch.tensor(True), "a tensor of shape ()"),
        ("7", "a str"),
        (None, "None"),
    ):
        assert f"`best` is {words}" in refused(expect.integer, value, "best").message


def test_equal_wants_the_same_type_and_the_same_value():
    for value in (3, "three", True, [1, 2], [["a"], []], (1, "x")):
        expect.equal(value, value, name="x")
    assert refused(expect.equal, "3", 3, name="x").message == "`x` is a str, expected an int."
    assert refused(expect.equal, True, 1, name="x").message == "`x` is a bool, expected an int."
    assert "None" in refused(expect.equal, None, 3, name="x").message
    failure = refused(expect.equal, 2, 3, name="x")
    assert failure.message == "`x` is wrong."
    assert failure.detail == "It is 2, expected 3."


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ([torch.ones(2)], [1]),
        ([np.ones(2)], [1]),
        ([True], [1]),
        ([1.0], [1]),
        ([1, 2, 3], [1, 2]),
        ([], [1]),
        ([[1], [2]], [[1], [3]]),
        ([(1,)], [[1]]),
    ],
)
def test_lists_are_equal_only_if_all_in_them_is(actual, expected):
    assert refused(expect.equal, actual, expected, name="x").message == "`x` is wrong."


def test_a_long_wrong_value_is_cut_in_the_detail():
    assert len(refused(expect.equal, "x" * 10**5, "y", name="x").detail) < 700


def test_at_most_and_at_least_hold_at_the_limit():
    assert expect.at_most(2, 2, name="x") == 2.0
    assert expect.at_least(torch.tensor(2.0), 2, name="x") == 2.0
    failure = refused(expect.at_most, 2.5, 2, name="loss", because="The start is already better.")
    assert failure.message == "`loss` is too large. The start is already better."
    assert failure.detail == "It is 2.5, expected at most 2."
    assert refused(expect.at_least, 1, 2, name="x").message == "`x` is too small."
    assert refused(expect.at_most, "2", 2, name="x").message == "`x` is a str, expected a number."


def test_overlap_counts_different_shared_items_in_any_order():
    assert expect.overlap(["c", "a", "x"], ["a", "b", "c"], at_least=2, name="top") == 2
    failure = refused(expect.overlap, ["a", "a", "x"], ["a", "b", "c"], at_least=2, name="top")
    assert failure.detail == "1 of 3 are shared, not 2; missing: b, c."
    assert "b" not in failure.message.split()
    for value, words in ((None, "None"), ("abc", "a str"), ([1], "a list"), (LINEAR, "torch.nn")):
        assert words in refused(expect.overlap, value, ["a"], at_least=1, name="top").message


def test_strings_wants_a_list_that_holds_nothing_else():
    assert expect.strings(("a", "b"), name="names") == ["a", "b"]
    for value, words in (
        (None, "None. Does every path"),
        (Remote(3, "generator", 1), "a generator, expected a list of strings."),
        (Remote(3, "map", 1), "a map, expected a list of strings."),
        (Remote(3, "pandas.Series", 1), "a pandas Series, expected a list of strings."),
        (Remote(3, "numpy.ndarray (<U4242)", 1), "a numpy array of text, expected a list of strings."),
        ("Heat (1995)", "a str, expected a list of strings."),
        (["a", 3], "a list with something other than strings in it."),
    ):
        assert refused(expect.strings, value, name="names").message.startswith(f"`names` is {words}")
    assert refused(expect.strings, ["a", 3], name="names").detail == "Item 1 is an int."


def test_of_type_names_what_came_and_what_was_wanted():
    assert expect.of_type({}, dict, name="curves", wanted="a dict") == {}
    failure = refused(expect.of_type, [1, 2], dict, name="curves", wanted="a dict")
    assert (failure.message, failure.detail) == ("`curves` is a list, expected a dict.", "Its length is 2.")
    assert "None" in refused(expect.of_type, None, dict, name="curves", wanted="a dict").message


def test_tuple_of_wants_one_item_for_each_name():
    assert expect.tuple_of([1, None], "U", "V") == (1, None)
    assert "`U`, `V` is None" in refused(expect.tuple_of, None, "U", "V").message
    wrong = refused(expect.tuple_of, torch.ones(3, 2), "U", "V").message
    assert wrong == "The function returns a tensor of shape (3, 2), expected 2 values (U, V)."
    assert "returns 3 values, expected 2" in refused(expect.tuple_of, (1, 2, 3), "U", "V").message
    in_a_dict = refused(expect.tuple_of, {"U": 1, "V": 2}, "U", "V").message
    assert in_a_dict == (
        "The function returns a dict with 2 keys, expected 2 values (U, V). "
        "Give them back in this order: `return U, V`."
    )


def test_a_changed_argument_is_noticed():
    before = torch.tensor([1.0, 2.0])
    expect.unchanged(before, before.clone(), name="A")
    for after in (torch.tensor([1.0, 2.5]), torch.tensor([[1.0, 2.0]]), None, [1.0, 2.0], torch.tensor([1.0, NAN])):
        assert "changed its argument `A`" in refused(expect.unchanged, before, after, name="A").message


def test_that_speaks_in_the_authors_words():
    expect.that(condition=True, message="No.")
    failure = refused(expect.that, False, "One is not larger.", detail="1 and 2")
    assert (failure.message, failure.detail) == ("One is not larger.", "1 and 2")


def test_a_tolerance_of_zero_accepts_the_same_numbers_only():
    """Without a tolerance there is none: not the least difference, of whatever sign or size, goes through."""
    counts = torch.tensor([0.0, 3.0, 1e6], dtype=torch.float64)
    assert expect.close(counts.clone(), counts, name="X", rtol=0, atol=0) is not counts
    for place, step in ((0, 1e-300), (1, -4e-16), (2, 2e-10), (2, -2e-10)):
        other = counts.clone()
        other[place] += step
        assert not torch.equal(other, counts)
        failure = refused(expect.close, other, counts, name="X", rtol=0, atol=0)
        assert "1 of 3 values differ" in failure.detail
    relative = counts * (1 + 1e-12)
    assert "2 of 3 values differ" in refused(expect.close, relative, counts, name="X", rtol=0, atol=0).detail
    assert expect.close(relative, counts, name="X", rtol=1e-11, atol=0) is relative, "each tolerance counts by itself"
    refused(expect.close, counts + 1e-9, counts, name="X", rtol=1e-11, atol=0)


def test_near_compares_one_number_in_double_precision():
    for value in (2, 2.0, torch.tensor([2.0]), torch.tensor(2)):
        assert expect.near(value, torch.tensor(2.0), name="loss") == 2.0
    assert expect.near(1.05, 1.0, name="loss", atol=0.1) == 1.05
    assert refused(expect.near, 1.0 + 1e-9, 1.0, name="loss", rtol=0, atol=0).message == "`loss` has wrong values."
    assert "is 3, expected 2" in refused(expect.near, 3, 2.0, name="the loss").detail
    assert "nan" in refused(expect.near, NAN, 2.0, name="loss").message
    assert "None" in refused(expect.near, None, 2.0, name="loss").message


def test_losses_are_a_list_of_numbers():
    assert expect.losses([3, 2.5, torch.tensor(1.0), torch.tensor([0.5])]) == [3.0, 2.5, 1.0, 0.5]
    assert expect.losses((), finite=False) == []
    assert math.isnan(expect.losses([NAN], finite=False)[0])
    assert expect.losses([INF], finite=False) == [INF]
    failure = refused(expect.losses, [1.0, 2.0], name="model.losses", count=3, because="There is one for each epoch.")
    assert failure.message == "`model.losses` does not have 3 entries. There is one for each epoch."
    assert failure.detail == "It has 2."
    for wrong, words in (
        (True, "a bool"),
        ("1.0", "a str"),
        (None, "None"),
        (torch.ones(2), "a tensor of shape (2,)"),
        (LINEAR, "a torch.nn.modules.linear.Linear"),
    ):
        failure = refused(expect.losses, [0.5, wrong], finite=False)
        assert failure.message == "`losses` holds something that is not a number."
        assert failure.detail == f"Item 1 is {words}."
    for wrong, words in (
        (None, "None, expected a list of floats"),
        (3.0, "a float, expected a list of floats"),
        (torch.ones(3), "a tensor of shape (3,), expected a list of floats (`.tolist()` makes one)"),
        (np.ones(100), "a numpy array, expected a list of floats (`.tolist()` makes one)"),
        ({1: 2.0}, "a dict with 1 key, expected a list of floats"),
        (LINEAR, "a torch.nn.modules.linear.Linear, expected a list of floats"),
    ):
        assert refused(expect.losses, wrong).message == f"`losses` is {words}."
    assert refused(expect.losses, np.ones(100)).detail == "Its shape is (100,), its dtype float64."


def test_which_of_the_losses_is_no_number_stays_out_of_the_message():
    for place in (0, 4242):
        losses = [1.0] * place + [NAN]
        assert refused(expect.losses, losses).message == "An entry of losses is nan, expected a finite number."


def test_fail_speaks_in_the_authors_words():
    failure = refused(expect.fail, "That is wrong.", detail="It is 3.")
    assert (failure.message, failure.detail) == ("That is wrong.", "It is 3.")


def test_unless_crashed_lets_only_a_crash_of_the_students_code_pass():
    def failing(error):
        def call():
            raise error

        return call

    assert expect.unless_crashed(lambda: 5) == 5
    assert expect.unless_crashed(failing(Crashed("It raised."))) is None
    for error in (Mismatch("No."), TimedOut("Too long."), ValueError("ours")):
        with pytest.raises(type(error)):
            expect.unless_crashed(failing(error))


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("IndexError", ""),
        ("", ""),  # a class of the student's own
        ("KeyError", "`f(x)` raises KeyError, expected IndexError."),
        (None, "It was stopped."),
    ],
)
def test_an_exception_of_one_kind_may_be_asked_for(exception, message):
    def call():
        crash = Crashed("It was stopped.")
        crash.exception = exception
        raise crash

    if not message:
        expect.raises(call, IndexError, name="f(x)")
        return
    with pytest.raises((Mismatch, Crashed)) as failure:
        expect.raises(call, IndexError, name="f(x)")
    assert failure.value.message == message


def test_a_call_that_returns_raises_nothing():
    failure = refused(expect.raises, lambda: 5, IndexError, name="f(x)")
    assert failure.message == "`f(x)` raises nothing, expected IndexError."


def test_a_message_holds_no_name_and_no_size_that_a_student_chose():
    """Students read the message of a hidden check: whoever chooses what stands in it chooses to read its inputs."""
    named = Remote(3, "submission_part.LEAK", 1)
    for ask in (expect.tensor, expect.number, expect.integer, expect.tuple_of):
        failure = refused(ask, named, "S")
        assert "LEAK" not in failure.message
        assert failure.detail == "Its type is submission_part.LEAK."
    for shape in ((0, 4242), (1,) * 5, (4242, 0, 3)):
        for ask in (lambda S: expect.shape(S, (2, 3), name="S"), lambda S: expect.tensor(S, "S", shape=(2, 3))):
            failure = refused(ask, torch.empty(shape))
            assert failure.message == "`S` has another shape, expected (2, 3)."
            assert failure.detail == f"Its shape is {shape}."
    assert refused(expect.number, torch.empty(0, 4242), "x").message == "`x` is a tensor, expected a number."
    assert refused(expect.number, np.empty((0, 4242)), "x").message == "`x` is a numpy array, expected a number."
    assert refused(expect.number, dict.fromkeys(range(4242)), "x").message == "`x` is a dict, expected a number."
    many = refused(expect.tuple_of, [0] * 4242, "U", "V")
    assert (many.message, many.detail) == (
        "The function returns too many values, expected 2 values (U, V).",
        "It returns 4242.",
    )


@pytest.mark.parametrize(
    ("type_name", "words"),
    [
        ("set", "a set"),
        ("int", "an int"),
        ("generator", "a generator"),
        ("function", "a function"),
        ("numpy.ndarray (complex128)", "a numpy array of complex numbers"),
        ("numpy.ndarray (object)", "a numpy array of objects"),
        ("numpy.ndarray (<U4242)", "a numpy array of text"),
        ("numpy.ndarray (LEAK)", "a numpy array"),
        ("numpy.ndarrayLEAK", "an object of another class"),
        ("dict_keys", "the keys of a dict"),
        ("pandas.core.series.Series", "a pandas Series"),
        ("pandas.Series", "a pandas Series"),
        ("torch.nn.modules.linear.Linear", "a torch.nn.modules.linear.Linear"),
        ("torch.Tensor (torch.sparse_csr, torch.float32, on cpu)", "a sparse tensor (torch.sparse_csr)"),
        ("torch.Tensor (torch.sparse_lie, torch.float32, on cpu)", "a torch.Tensor of an unusual kind"),
        ("torch.Tensor (torch.strided, torch.complex64, on cuda:0)", "a tensor of dtype torch.complex64"),
        ("torch.Tensor (torch.strided, torch.float32, on meta)", 'a tensor on the device "meta", without values'),
        ("torch.Tensor (torch.strided, torch.LEAK, on cpu)", "a torch.Tensor of an unusual kind"),
        ("torch.Tensor of 70 dimensions", "a torch.Tensor of an unusual kind"),
        ("torch.nn.modules.linear.LEAK", "an object of another class"),
        ("submission_part.Net", "an object of another class"),
        ("set\nLEAK", "an object of another class"),
        ("", "an object of another class"),
    ],
)
def test_types_are_told_by_the_names_that_python_and_the_libraries_gave(type_name, words):
    assert told_type(type_name) == words


def test_of_a_value_that_is_not_finite_it_is_told_what_was_asked():
    def diverged(value, *because):
        with expect.asked("`lr=0.03`", *because):
            expect.tensor(value, "U", shape=(1,))

    asked = " The call asked for `lr=0.03`. "
    for value in (NAN, INF):
        message = refused(diverged, torch.tensor([value])).message
        assert message == f"`U` contains {value}.{asked}" + DIVERGED
    assert refused(diverged, torch.tensor([NAN]), "So it is.").message == f"`U` contains nan.{asked}So it is."
    assert refused(diverged, torch.ones(2)).message == "`U` has another shape, expected (1,)."
    diverged(torch.ones(1))

    def number(value):
        with expect.asked("`lr=0.03`", "So it is."):
            expect.number(value, "the loss")

    assert refused(number, NAN).message == f"The loss is nan, expected a finite number.{asked}So it is."
    assert refused(number, 10**400).message == "The loss is too large, expected a finite number."
