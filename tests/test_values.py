"""`grader.worker.values`: values arrive as the student made them, and nothing malformed gets further than WireError."""

import collections
import contextlib
import json
import math
import pathlib
import sys
import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision import tv_tensors

from grader.worker import buffers, values, wire
from grader.worker.values import MAX_DEPTH, MAX_ITEMS, Decoder, Encoder
from grader.worker.wire import WireError


class Kept(NamedTuple):
    """What a handle is in these tests: the number and the type name that travelled."""

    number: int
    type_name: str


class Desk:
    """Both ends of a message: encodes, sends the header through JSON, decodes; keeps what cannot cross."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def keep(self, value: Any) -> dict[str, Any]:
        self.kept.append(value)
        return {"$": "handle", "id": len(self.kept) - 1, "type": type(value).__name__}

    def carry(self, value: Any) -> Any:
        encoder = Encoder(self.keep)
        header = {"value": encoder.encode(value)}
        _, text, *pieces = wire.pack(header, encoder.blob())
        blob = bytearray(b"".join(pieces))
        entry = wire.parse_header(text)["value"]
        return Decoder(blob, lambda e: Kept(e["id"], e["type"])).decode(entry)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def assert_same_tensor(actual: Any, expected: torch.Tensor) -> None:
    assert type(actual) is torch.Tensor
    assert (actual.dtype, actual.shape, actual.device.type) == (expected.dtype, expected.shape, "cpu")
    same = torch.equal(actual.double().nan_to_num(7.25), expected.detach().double().nan_to_num(7.25))
    assert same, f"{actual} is not {expected}"


FLOATING = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
INTEGER = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


@pytest.mark.parametrize("dtype", [*FLOATING, *INTEGER, torch.bool], ids=str)
def test_a_tensor_of_every_dtype_arrives_with_its_values(desk, dtype):
    tensor = torch.tensor([[0, 1, 2], [3, 100, 127]]).to(dtype)
    assert_same_tensor(desk.carry(tensor), tensor)
    assert desk.kept == []


@pytest.mark.parametrize("dtype", FLOATING, ids=str)
def test_nan_and_the_infinities_inside_a_tensor_arrive(desk, dtype):
    tensor = torch.tensor([math.nan, math.inf, -math.inf, -0.0], dtype=dtype)
    arrived = desk.carry(tensor)
    assert_same_tensor(arrived, tensor)
    assert torch.signbit(arrived[3])


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(3.5),
        torch.tensor(True),
        torch.empty(0),
        torch.empty(3, 0, 2, dtype=torch.int64),
        torch.arange(12).reshape(3, 4).T,
        torch.arange(12.0).reshape(3, 4)[:, ::2],
        torch.arange(24).reshape(2, 3, 4).permute(2, 0, 1),
        torch.arange(3.0).expand(4, 3),
        torch.arange(6.0)[3:],
        torch.view_as_complex(torch.arange(6.0).reshape(3, 2)).conj().imag,
        torch.arange(8.0).as_strided((3, 3), (1, 1)),
    ],
    ids=lambda tensor: f"{tuple(tensor.shape)} strides {tensor.stride()}",
)
def test_a_tensor_of_any_layout_in_memory_arrives_with_its_shape_and_values(desk, tensor):
    assert_same_tensor(desk.carry(tensor), tensor)


def test_a_tensor_that_requires_gradients_arrives_as_plain_values(desk):
    weight = torch.ones(2, 3, requires_grad=True)
    for tensor in (weight, weight * 2, torch.nn.Parameter(torch.arange(3.0))):
        arrived = desk.carry(tensor)
        assert_same_tensor(arrived, tensor)
        assert not arrived.requires_grad
    with torch.inference_mode():
        tensor = torch.arange(3.0)
    assert_same_tensor(desk.carry(tensor), tensor)


def test_tensors_that_share_memory_arrive_apart(desk):
    whole = torch.arange(6.0)
    first, second, third = desk.carry([whole, whole[2:], whole])
    for arrived, expected in zip((first, second, third), (whole, whole[2:], whole), strict=True):
        assert_same_tensor(arrived, expected)
    first.fill_(-1)
    assert_same_tensor(second, whole[2:])
    assert_same_tensor(third, whole)


NUMPY_TYPES = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "u2", "u4", "?", ">f8", ">f4", ">i4", ">i2"]


@pytest.mark.parametrize("name", NUMPY_TYPES)
def test_a_numpy_array_arrives_as_an_array_in_native_byte_order(desk, name):
    array = np.array([[0, 1, 2], [3, 100, 127]], dtype=name)
    for made in (array, array.T, array[:, ::-1], array[:0], np.asfortranarray(array), array[1, 1:2]):
        arrived = desk.carry(made)
        assert type(arrived) is np.ndarray
        assert arrived.dtype == array.dtype.newbyteorder("=")
        assert arrived.dtype.isnative
        assert arrived.shape == made.shape
        assert np.array_equal(arrived, made)
    assert desk.kept == []


def test_an_array_that_cannot_be_written_to_arrives(desk):
    array = np.arange(3.0)
    array.flags.writeable = False
    assert np.array_equal(desk.carry(array), array)


@pytest.mark.parametrize("name", ["f8", "f4", "f2", "i8", "i1", "u1", "u8", "q", "?", ">f8", ">i4"])
def test_a_numpy_scalar_arrives_as_the_python_number_it_is(desk, name):
    scalar = np.array([1], dtype=name)[0]
    for made in (scalar, np.array(1, dtype=name)):  # an array of no dimensions is the number it holds
        arrived = desk.carry(made)
        assert type(arrived) is type(scalar.item())
        assert arrived == scalar


PLAIN = [
    None,
    True,
    False,
    0,
    -1,
    2**80,
    0.1,
    -0.0,
    5e-324,
    1.7976931348623157e308,
    "",
    "naïve Ω \N{PILE OF POO} \0 \u2028",
    "a lone \ud800 surrogate",
    b"",
    b"\0\xff" * 3,
    [],
    [[], [[]], [1, [2, [3]]]],
    (),
    (1,),
    ((1, 2), [3, (4,)]),
    {},
    {"a": 1, "$": "tensor", "": None},
    {1: "one", 2.5: "float", None: "none", False: "no", (1, "a"): "tuple", b"x": "bytes"},
    {"nested": {"deeper": {"deepest": [1, {2: 3}]}}},
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: ascii(value)[:24])
def test_a_plain_value_arrives_equal_and_of_the_same_types(desk, value):
    arrived = desk.carry(value)
    assert repr(arrived) == repr(value)
    assert type(arrived) is type(value)
    assert desk.kept == []


def test_nan_and_the_infinities_arrive_as_floats(desk):
    nan, plus, minus, scalar = desk.carry([math.nan, math.inf, -math.inf, np.float64("nan")])
    assert math.isnan(nan)
    assert math.isnan(scalar)
    assert (plus, minus) == (math.inf, -math.inf)
    assert math.isnan(desk.carry({math.nan: 1}).popitem()[0])


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.integers() | st.text() | st.tuples(st.booleans(), st.text()), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(plain_values)
@settings(database=None, deadline=None)
def test_any_plain_value_arrives_equal(value):
    assert repr(Desk().carry(value)) == repr(value)


def test_a_dictionary_keeps_its_order_and_tensors_inside_containers_their_places(desk):
    value = {"z": torch.tensor([1.0]), "a": (np.arange(2), [torch.tensor(2)]), 3: b"three"}
    arrived = desk.carry(value)
    assert list(arrived) == ["z", "a", 3]
    assert_same_tensor(arrived["z"], torch.tensor([1.0]))
    assert np.array_equal(arrived["a"][0], np.arange(2))
    assert_same_tensor(arrived["a"][1][0], torch.tensor(2))
    assert arrived[3] == b"three"


def test_a_namedtuple_arrives_as_a_tuple_whose_items_have_their_names(desk):
    point = collections.namedtuple("point", "x y")  # noqa: PYI024
    arrived = desk.carry(point(1, [2]))
    assert arrived == (1, [2])
    assert arrived.x == 1
    assert arrived.y == [2]
    with pytest.raises(AttributeError):
        arrived.z  # noqa: B018
    again = desk.carry(arrived)
    assert (again.x, again.y) == (1, [2])
    values, indices = desk.carry(torch.tensor([[1.0, 5.0], [7.0, 2.0]]).max(dim=1))
    assert_same_tensor(values, torch.tensor([5.0, 7.0]))
    assert_same_tensor(indices, torch.tensor([1, 0]))


@pytest.mark.parametrize("fields", [["x"], ["x", "y", "z"], ["x", "y.__class__"], ["x", "y", ""]])
def test_names_that_do_not_fit_the_items_are_malformed(fields):
    entry = {"$": "tuple", "v": [1, 2], "name": "point", "fields": fields}
    with pytest.raises(WireError):
        Decoder(b"", None).decode(entry)


def test_whoever_decodes_may_say_which_type_a_namedtuple_has():
    entry = {"$": "tuple", "v": [1, 2], "name": "point", "fields": ["x", "y"]}
    kinds = {("point", ("x", "y")): collections.namedtuple("point", "x y")}  # noqa: PYI024
    arrived = Decoder(b"", None, lambda *named: kinds[named]).decode(entry)
    assert type(arrived) is kinds["point", ("x", "y")]


def test_a_tuple_that_lies_about_its_items_arrives_with_the_true_ones(desk):
    class Liar(tuple):
        __slots__ = ()

        def __iter__(self):
            return iter((42,))

        def __len__(self):
            return 1

        def __eq__(self, other):
            return True

        __hash__ = tuple.__hash__

    arrived = desk.carry(Liar((1, 2, 3)))
    assert type(arrived) is tuple
    assert arrived == (1, 2, 3)


def test_a_data_frame_arrives_with_its_columns_and_types(desk):
    frame = pd.DataFrame({"userId": [1, 2], "rating": [4.5, float("nan")], "title": ["Ü", None], "seen": [True, False]})
    arrived = desk.carry(frame)
    assert type(arrived) is pd.DataFrame
    assert list(arrived.columns) == ["userId", "rating", "title", "seen"]
    assert arrived["userId"].tolist() == [1, 2]
    assert arrived["userId"].dtype == np.int64
    assert arrived["rating"][0] == 4.5
    assert math.isnan(arrived["rating"][1])
    assert arrived["title"][0] == "Ü"
    assert arrived["seen"].tolist() == [True, False]


def test_a_data_frame_with_repeated_odd_or_no_columns_arrives(desk):
    repeated = pd.DataFrame([[1, 2.5, "x"], [3, 4.5, "y"]], columns=["a", "a", "b"])
    arrived = desk.carry(repeated)
    assert list(arrived.columns) == ["a", "a", "b"]
    assert arrived.iloc[:, 0].tolist() == [1, 3]
    assert arrived.iloc[:, 1].tolist() == [2.5, 4.5]
    assert list(desk.carry(pd.DataFrame([[1, 2]], columns=[10, ("x", 1)])).columns) == ["10", "('x', 1)"]
    assert desk.carry(pd.DataFrame()).shape == (0, 0)
    assert desk.carry(pd.DataFrame({"a": []})).shape == (0, 1)
    dates = desk.carry(pd.DataFrame({"when": pd.to_datetime(["2024-01-02"]), "kind": pd.Categorical(["x"])}))
    assert dates["when"][0].startswith("2024-01-02")
    assert dates["kind"][0] == "x"


NUMBERS = pd.DataFrame({"userId": [3, 1], "liked": [True, False], "rating": [4.5, 0.5]})
EQUAL_FRAMES = {
    "nullable": NUMBERS.convert_dtypes,
    "categories": lambda: NUMBERS.astype("category"),
    "objects": lambda: NUMBERS.astype(object),
    "sparse": lambda: NUMBERS.astype({"rating": pd.SparseDtype("float64", 0.0)}),
    "unsigned": lambda: NUMBERS.astype({"userId": "uint64"}),
    "nullable categories": lambda: NUMBERS.convert_dtypes().astype("category"),
}


@pytest.mark.parametrize("name", EQUAL_FRAMES)
def test_equal_columns_arrive_equal_whatever_pandas_keeps_them_in(desk, name):
    arrived = desk.carry(EQUAL_FRAMES[name]())
    assert type(arrived) is pd.DataFrame
    assert {column: arrived[column].tolist() for column in arrived} == NUMBERS.to_dict("list")
    assert [arrived[column].dtype.kind for column in arrived] == ["i", "b", "f"]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pd.array([1, None], dtype="Int64"), [1.0, None]),
        (pd.array([True, None], dtype="boolean"), [True, None]),
        (pd.array(["a", None], dtype="string"), ["a", None]),
        (pd.Categorical([2, None, 2]), [2.0, None, 2.0]),
        (pd.Categorical(["b", "a"]), ["b", "a"]),
        (pd.Series([np.str_("a"), 1, [2, "b"], None], dtype=object), ["a", 1, [2, "b"], None]),
        (pd.Series([1, "a", True], dtype=object), [1, "a", True]),
        (pd.cut(pd.Series([1, 5]), [0, 2, 6]), ["(0, 2]", "(2, 6]"]),
        (pd.period_range("2024-01", periods=2, freq="M"), ["2024-01", "2024-02"]),
        (pd.to_datetime(["2024-01-02"]).tz_localize("UTC"), ["2024-01-02 00:00:00+00:00"]),
        (pd.Series([1j]), ["1j"]),
    ],
    ids=lambda value: str(getattr(value, "dtype", ""))[:24],
)
def test_a_column_keeps_its_values_and_what_is_missing_in_it(desk, column, expected):
    arrived = desk.carry(pd.DataFrame({"a": column}))["a"]
    missing = [type(value) is not list and pd.isna(value) for value in arrived]
    assert missing == [value is None for value in expected]
    assert [value for value, gone in zip(arrived, missing, strict=True) if not gone] == [
        value for value in expected if value is not None
    ]


class OwnTensor(torch.Tensor):
    """Claims to be equal to everything."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True


class OwnInt(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class OwnFloat(float):
    pass


class OwnText(str):
    __slots__ = ()


class OwnList(list):
    pass


class OwnDict(dict):
    pass


class OwnArray(np.ndarray):
    pass


class OwnDefaults(collections.defaultdict):
    pass


class OwnNumber(np.float64):
    def item(self):
        return 42.0


class OwnNumpyText(np.str_):
    def __str__(self):
        return "another"


class OwnParameter(torch.nn.Parameter):
    pass


class OwnPath(pathlib.PurePosixPath):
    pass


class OwnImage(tv_tensors.Image):
    pass


class OwnFrame(pd.DataFrame):
    pass


class Pretender:
    """Says that it is a tuple, and is none."""

    __class__ = tuple
    _fields = ("a",)


class OwnMeta(type):
    """Its classes are equal to every class, and their hash, module and name must not be asked for."""

    def __eq__(cls, other):
        return True

    def __hash__(cls):
        raise AssertionError("a student's metaclass was asked")

    def __getattribute__(cls, name):
        if name in ("__module__", "__mro__", "__qualname__", "__dict__"):
            raise AssertionError("a student's metaclass was asked")
        return super().__getattribute__(name)


class EqualToAll:
    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


def quantised() -> torch.Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, and still there
        return torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)


STAYING = {
    "tensor subclass": lambda: torch.ones(2).as_subclass(OwnTensor),
    "int subclass": lambda: OwnInt(3),
    "float subclass": lambda: OwnFloat(3),
    "str subclass": lambda: OwnText("a"),
    "list subclass": lambda: OwnList([1]),
    "dict subclass": lambda: OwnDict(a=1),
    "dict subclass with a factory": lambda: OwnDefaults(int, a=1),
    "numpy number subclass": lambda: OwnNumber(3.5),
    "numpy text subclass": lambda: OwnNumpyText("a"),
    "parameter subclass": lambda: torch.ones(2).as_subclass(OwnParameter),
    "path subclass": lambda: OwnPath("a.png"),
    "image subclass": lambda: torch.ones(2).as_subclass(OwnImage),
    "frame subclass": lambda: OwnFrame({"a": [1]}),
    "namesake": lambda: type("str_", (str,), {"__module__": "numpy"})("a"),
    "object that claims to be a tuple": Pretender,
    "object whose metaclass must not be asked": OwnMeta("OfOwnMeta", (), {}),
    "array subclass": lambda: np.ones(2).view(OwnArray),
    "masked array": lambda: np.ma.masked_array([1, 2], [True, False]),
    "array of objects": lambda: np.array([1, "a", None], dtype=object),
    "array of text": lambda: np.array(["a", "b"]),
    "complex array": lambda: np.array([1j]),
    "long double": lambda: np.longdouble(1),
    "dates": lambda: np.array(["2024-01-01"], dtype="M8[D]"),
    "structured array": lambda: np.zeros(2, dtype=[("a", "i4"), ("b", "f8")]),
    "sparse": lambda: torch.eye(3).to_sparse(),
    "complex tensor": lambda: torch.tensor([1j]),
    "meta tensor": lambda: torch.empty(2, device="meta"),
    "quantised tensor": quantised,
    "uint16 tensor": lambda: torch.tensor([1], dtype=torch.uint16),
    "float8 tensor": lambda: torch.ones(2).to(torch.float8_e4m3fn),
    "lazy parameter": lambda: torch.nn.LazyLinear(2).weight,
    "module": lambda: torch.nn.Linear(2, 2),
    "optimiser": lambda: torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1),
    "function": lambda: len,
    "type": lambda: int,
    "generator": lambda: (n for n in range(3)),
    "range": lambda: range(3),
    "set": lambda: {1, 2},
    "complex": lambda: 1j,
    "series": lambda: pd.Series([1, 2]),
    "object equal to all": EqualToAll,
}


def counted() -> collections.Counter[str]:
    return collections.Counter("aab")


# A value of a class that a library made of a plain one, and the plain one that it is.
CROSSING = {
    "numpy text": (lambda: np.array(["Ü (1999)"])[0], "Ü (1999)"),
    "numpy bytes": (lambda: np.array([b"x"])[0], b"x"),
    "array of one text": (lambda: np.array("dot"), "dot"),
    "ordered dict": (lambda: collections.OrderedDict([("z", 1), ("a", 2)]), {"z": 1, "a": 2}),
    "default dict": (lambda: collections.defaultdict(list, {("adam", 0.1): [1.0]}), {("adam", 0.1): [1.0]}),
    "counter": (counted, {"a": 2, "b": 1}),
    "numpy keys": (lambda: {np.str_("a"): np.float32(0.5), np.int64(3): np.True_}, {"a": 0.5, 3: True}),
    "size": (lambda: torch.ones(4, 3).shape, (4, 3)),
    "path": (lambda: pathlib.Path("plots") / "losses.png", "plots/losses.png"),
    "windows path": (lambda: pathlib.PureWindowsPath("a\\b.png"), "a\\b.png"),
}


@pytest.mark.parametrize("name", CROSSING)
def test_a_class_that_a_library_made_of_a_plain_one_crosses_as_the_plain_one(desk, name):
    make, expected = CROSSING[name]
    for arrived in (desk.carry(make()), desk.carry([(make(),)])[0][0]):
        assert repr(arrived) == repr(expected)
        assert type(arrived) is type(expected)
    assert desk.kept == []


def test_the_order_of_an_ordered_dict_is_its_own(desk):
    moved = collections.OrderedDict(a=1, b=2)
    moved.move_to_end("a")
    assert list(desk.carry(moved)) == ["b", "a"]


@pytest.mark.parametrize("kind", [tv_tensors.Image, tv_tensors.Mask, tv_tensors.Video, torch.nn.Parameter])
def test_a_tensor_of_torchvision_is_a_tensor(desk, kind):
    image = torch.rand(2, 3, 4, 4)
    assert_same_tensor(desk.carry(kind(image)), image)
    assert_same_tensor(desk.carry({"images": [kind(image)]})["images"][0], image)
    assert desk.kept == []


def test_boxes_of_torchvision_are_a_tensor(desk):
    boxes = tv_tensors.BoundingBoxes(torch.tensor([[1, 2, 3, 4]]), format="XYXY", canvas_size=(9, 9))
    assert_same_tensor(desk.carry(boxes), torch.tensor([[1, 2, 3, 4]]))


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_arrays_of_numpys_own_subclasses_are_arrays(desk, tmp_path):
    mapped = np.memmap(tmp_path / "a", dtype="f4", mode="w+", shape=(2, 3))
    for made in (np.matrix([[1.0, 2.0], [3.0, 4.0]]), mapped):
        arrived = desk.carry(made)
        assert type(arrived) is np.ndarray
        assert np.array_equal(arrived, np.asarray(made))


def test_attributes_that_hide_the_items_of_a_known_class_are_not_asked(desk):
    shadowed = collections.OrderedDict(a=1)
    shadowed.items = lambda: [("a", 42)]
    assert desk.carry(shadowed) == {"a": 1}


def test_what_stands_in_for_a_library_does_no_harm(desk, monkeypatch):
    for impostor in (None, object(), 3):
        monkeypatch.setitem(sys.modules, "torchvision.tv_tensors", impostor)
        monkeypatch.setitem(sys.modules, "pandas", impostor)
        assert isinstance(desk.carry(torch.ones(2).as_subclass(OwnTensor)), Kept)


@pytest.mark.parametrize("name", STAYING)
def test_what_cannot_cross_as_it_is_stays_behind_a_handle(desk, name):
    value = STAYING[name]()
    assert desk.carry(value) == (0, type(value).__name__)
    assert desk.kept[0] is value
    inside = desk.carry({"key": [1, (value,)]})
    assert inside == {"key": [1, ((1, type(value).__name__),)]}


def test_a_handle_sent_back_is_the_value_that_stayed():
    encoder = Encoder(lambda value: {"$": "handle", "id": value.number, "type": value.type_name})
    kept = [object(), object()]
    entry = encoder.encode([1, {"m": Standin(1)}])
    assert Decoder(b"", lambda e: kept[e["id"]]).decode(entry)[1]["m"] is kept[1]


class Standin:
    """Stands for a Remote: a value that only `keep` knows how to send."""

    def __init__(self, number: int) -> None:
        self.number, self.type_name = number, "object"


def test_nesting_ends_in_a_handle_and_never_in_a_recursion_error(desk):
    nested: list[Any] = []
    for _ in range(5_000):
        nested = [nested]
    arrived, depth = desk.carry(nested), 0
    while isinstance(arrived, list):
        (arrived,) = arrived
        depth += 1
    assert depth == MAX_DEPTH + 1
    assert arrived == (0, "list")


def test_a_container_inside_itself_ends_in_handles(desk):
    ring: list[Any] = [1]
    ring.append(ring)
    arrived = desk.carry(ring)
    for _ in range(MAX_DEPTH):
        assert arrived[0] == 1
        arrived = arrived[1]
    assert [type(item) for item in arrived] == [Kept, Kept]
    assert desk.kept == [1, ring]


def test_too_many_items_become_one_handle_each_and_too_large_a_message(desk):
    arrived = desk.carry([[7] * (MAX_ITEMS - 3), 8, 9])
    assert arrived[0] == [7] * (MAX_ITEMS - 3)
    assert arrived[1] == 8
    assert arrived[2] == (0, "int")
    with pytest.raises(WireError, match="too large"):
        desk.carry([0] * (3 * MAX_ITEMS))


@pytest.mark.parametrize("entry", [[0] * MAX_ITEMS, [{"$": "tuple", "v": []}] * MAX_ITEMS])
def test_more_values_than_an_encoder_sends_are_malformed(entry):
    assert len(decoded(entry[1:])) == MAX_ITEMS - 1
    with pytest.raises(WireError):
        decoded(entry)


def test_values_nested_deeper_than_an_encoder_nests_are_malformed():
    handle = {"$": "handle", "id": 7, "type": "list"}
    for wrap in (lambda v: [v], lambda v: {"$": "tuple", "v": [v]}, lambda v: {"$": "dict", "v": [[handle, v]]}):
        entry: Any = handle
        for _ in range(MAX_DEPTH + 1):
            entry = wrap(entry)
        decoded(entry)
        with pytest.raises(WireError):
            decoded(wrap(entry))
        with pytest.raises(WireError):
            decoded(json.loads(json.dumps(entry).replace(json.dumps(handle), "7")))


# -- malformed: what a student's process may send instead -----------------------------------------------------------


def blob_of(**tensors: torch.Tensor) -> bytes:
    return safetensors.torch.save(tensors)


BLOB = blob_of(f=torch.ones(2, 2), b=torch.ones(2, dtype=torch.bfloat16), u=torch.ones(3, dtype=torch.uint8))


def decoded(entry: Any, blob: bytes = BLOB) -> Any:
    return Decoder(blob, lambda e: Kept(int(e["id"]), str(e["type"]))).decode(entry)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"v": 1},
        {"$": None},
        {"$": "nothing known"},
        {"$": ["tensor"]},
        {"$": {"$": "float"}},
        {"$": "float"},
        {"$": "float", "v": "one"},
        {"$": "float", "v": None},
        {"$": "float", "v": 10**400},
        {"$": "tuple"},
        {"$": "tuple", "v": 3},
        {"$": "dict", "v": [[1]]},
        {"$": "dict", "v": [[1, 2, 3]]},
        {"$": "dict", "v": [[[1], 2]]},
        {"$": "dict", "v": [[{"$": "dict", "v": []}, 2]]},
        {"$": "tensor"},
        {"$": "tensor", "k": "missing"},
        {"$": "tensor", "k": ["f"]},
        {"$": "array", "k": "b"},
        {"$": "bytes", "k": "u"},
        {"$": "bytes", "k": "u", "n": math.inf},
        {"$": "bytes", "k": "u", "n": "all"},
        {"$": "bytes", "k": "b", "n": 1},
        {"$": "handle"},
        {"$": "handle", "id": math.inf, "type": ""},
        {"$": "handle", "id": None, "type": ""},
        {"$": "frame"},
        {"$": "frame", "columns": ["a"], "v": []},
        {"$": "frame", "columns": ["a", "b"], "v": [[1], [1, 2]]},
        {"$": "frame", "columns": ["a"], "v": [3]},
        {"$": "frame", "columns": ["a"], "v": [{"$": "array", "k": "f"}]},
        {"$": "frame", "columns": ["a"], "v": [{"$": "tensor", "k": "f"}]},
        {"$": "frame", "columns": ["a"], "v": [{"$": "dict", "v": [[1, 2]]}]},
        {"$": "frame", "columns": 3, "v": [[1]]},
    ],
    ids=ascii,
)
def test_a_malformed_entry_raises_wire_error_and_nothing_else(entry):
    for wrapped in (entry, [entry], {"$": "tuple", "v": [1, entry]}, {"$": "dict", "v": [["key", entry]]}):
        with pytest.raises(WireError, match="malformed"):
            decoded(wrapped)


def test_bottomless_entries_raise_wire_error():
    nested: Any = 1
    for _ in range(20_000):
        nested = [nested]
    with pytest.raises(WireError, match="malformed"):
        decoded(nested)


def test_a_frame_of_very_many_columns_stays_behind_and_is_refused_when_it_comes_all_the_same(desk):
    """pandas makes each with care: a header of a few megabytes would keep us busy for minutes."""
    most = values._MAX_COLUMNS
    assert desk.carry(pd.DataFrame([[1] * most])).shape == (1, most)
    assert isinstance(desk.carry(pd.DataFrame([[1] * (most + 1)])), Kept)
    with pytest.raises(WireError, match="malformed"):
        decoded({"$": "frame", "columns": ["a"] * (most + 1), "v": [[1]] * (most + 1)})


def test_a_dictionary_that_takes_too_long_to_read_is_refused(monkeypatch):
    """Of numbers that share a hash each takes as long as all before it."""
    modulus = 2**61 - 1  # of Python's hash of an integer
    colliding = {"$": "dict", "v": [[modulus * number, 1] for number in range(20_000)]}
    monkeypatch.setattr(values, "_PATIENCE_SECONDS", 0.2)
    with pytest.raises(WireError, match="malformed"):  # given all the time it needs, it would be read
        decoded(colliding)


def test_one_buffer_cannot_be_asked_for_again_and_again():
    """A hundred thousand copies of one buffer fit a small header; they would not fit our memory."""
    for kind in ("tensor", "array", "bytes"):
        with pytest.raises(WireError, match="malformed"):
            decoded([{"$": kind, "k": "u", "n": 3}] * 2)


def test_a_dtype_that_a_student_cannot_return_honestly_is_refused():
    """safetensors knows more types than torch can compare: a float8 tensor must not reach a check."""
    for dtype in (torch.float8_e4m3fn, torch.complex64, torch.uint16, torch.uint64):
        with pytest.raises(WireError, match="malformed"):
            decoded({"$": "tensor", "k": "x"}, blob_of(x=torch.ones(2).to(dtype)))


def test_a_bool_tensor_holds_zeros_and_ones_whatever_bytes_came():
    blob = bytearray(blob_of(x=torch.tensor([True, False, True])))
    assert blob[-3:] == b"\1\0\1"
    blob[-3:] = b"\xff\0\2"
    for kind in ("tensor", "array"):
        arrived = torch.as_tensor(decoded({"$": kind, "k": "x"}, bytes(blob)))
        assert arrived.dtype is torch.bool
        assert arrived.view(torch.uint8).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "blob",
    [
        b"x",
        b"\0" * 8,
        b"\xff" * 64,
        BLOB[:-1],
        BLOB + b"\0",
        BLOB[8:],
        b"\x80\x02}q\0.",  # a pickle
        (100).to_bytes(8, "little") + b"{" * 100,
        (2).to_bytes(8, "little") + b"[]",
    ],
    ids=lambda blob: repr(blob[:12]),
)
def test_a_blob_that_is_not_safetensors_raises_wire_error(blob):
    with pytest.raises(WireError, match="safetensors"):
        decoded(None, blob)


def forged(header: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


@pytest.mark.parametrize(
    "fields",
    [
        {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 2**63]},
        {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
        {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]},
        {"dtype": "OBJECT", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": "2", "data_offsets": [0, 8]},
    ],
    ids=ascii,
)
def test_a_blob_that_lies_about_its_tensors_raises_wire_error(fields):
    with pytest.raises(WireError):
        decoded({"$": "tensor", "k": "x"}, forged({"x": fields}, b"\0" * 8))


def entry_at(start: int, end: int) -> dict[str, Any]:
    return {"dtype": "U8", "shape": [end - start], "data_offsets": [start, end]}


@pytest.mark.parametrize(
    "header",
    [
        {"x": entry_at(0, 4), "y": entry_at(2, 8)},  # they overlap
        {"x": entry_at(0, 4), "y": entry_at(0, 8)},
        {"x": entry_at(0, 4), "y": entry_at(5, 8)},  # a byte between them
        {"x": entry_at(0, 4), "y": entry_at(4, 7)},  # a byte after them
        {"x": entry_at(1, 8)},
        {"x": entry_at(-1, 7)},
        {"x": entry_at(0, 1), "y": {"dtype": "F32", "shape": [1], "data_offsets": [1, 5]}, "z": entry_at(5, 8)},
    ],
    ids=ascii,
)
def test_tensors_that_do_not_lie_one_after_the_other_raise_wire_error(header):
    with pytest.raises(WireError, match="safetensors"):
        decoded(None, forged(header, bytes(8)))


def test_a_blob_is_what_the_safetensors_library_reads_and_writes():
    tensors = {
        "a": torch.arange(3, dtype=torch.uint8),
        "b": torch.rand(2, 3),
        "c": torch.ones(2, 0),
        "d": torch.tensor(7),
    }
    tensors |= {"e": torch.rand(5).bfloat16(), "f": torch.tensor([True, False, True]), "g": torch.rand(1).double()}
    theirs = safetensors.torch.load(b"".join(buffers.pack(tensors)))
    ours = buffers.unpack(safetensors.torch.save(tensors))
    for name, tensor in tensors.items():
        assert_same_tensor(theirs[name], tensor)
        assert_same_tensor(ours[name], tensor)


def test_a_large_tensor_is_sent_from_where_it_is_and_read_where_it_arrived():
    tensor = torch.arange(1000.0)
    (head, body) = buffers.pack({"t": tensor})
    tensor[7] = -1.0
    blob = bytearray(bytes(head) + bytes(body))
    arrived = buffers.unpack(blob)["t"]
    assert arrived[7] == -1.0
    blob[-4:] = bytes(4)
    assert arrived[-1] == 0.0


KINDS = ["float", "tuple", "dict", "tensor", "array", "bytes", "frame", "handle"]
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["f", "b", "u", "x", "nan", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {"$": st.sampled_from(KINDS) | inner},
            optional={"v": inner, "k": inner, "n": inner, "id": inner, "type": inner, "columns": inner},
        )
    ),
    max_leaves=15,
)


@given(any_json)
@settings(database=None, deadline=None, max_examples=400)
def test_any_entry_is_a_value_or_a_wire_error(entry):
    with contextlib.suppress(WireError):
        decoded(entry)


@given(st.binary(min_size=1, max_size=200))
@settings(database=None, deadline=None)
def test_any_blob_is_tensors_or_a_wire_error(blob):
    with pytest.raises(WireError):
        decoded({"$": "tensor", "k": "x"}, blob)


@given(st.integers(0, len(BLOB) - 1), st.integers(0, 255))
@settings(database=None, deadline=None, max_examples=300)
def test_a_blob_with_one_byte_changed_is_tensors_or_a_wire_error(place, byte):
    changed = bytearray(BLOB)
    changed[place] = byte
    try:
        value = decoded({"$": "tensor", "k": "f"}, bytes(changed))
    except WireError:
        return
    assert type(value) is torch.Tensor
    assert value.dtype in (*FLOATING, *INTEGER, torch.bool)
