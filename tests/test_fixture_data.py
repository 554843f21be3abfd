"""`grader.course.fixture_data`: what make.py makes is stored as it is, and comes back as it was."""

import pytest
import torch

from grader.course import fixture_data
from grader.course.catalog import Part
from grader.errors import CourseError


@pytest.fixture
def part(tmp_path):
    part = Part(tmp_path, "lab1", "thing")
    part.fixture_folder.mkdir(parents=True)
    part.reference.parent.mkdir(parents=True)
    part.reference.write_text("def double(x):\n    return 2 * x\n")
    return part


VALUES = {
    "x": torch.tensor([[1.5, -2.0], [0.1, 1e-30]]),
    "long": torch.tensor([2**62 + 1]),
    "flag": torch.tensor([True, False]),
    "brain": torch.tensor([0.1, 3.0], dtype=torch.bfloat16),
    "empty": torch.zeros(0, 3),
    "scalar": torch.tensor(2.5, dtype=torch.float64),
    "rows": [torch.tensor([1, 2]), [torch.tensor(3.0)]],
    "words": ["a", "é"],
    "number": 2.0,
    "count": 7,
    "yes": True,
    "nothing": None,
}


def same(left, right):
    if isinstance(right, torch.Tensor):
        return left.dtype == right.dtype and left.shape == right.shape and bool((left == right).all())
    if isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def test_small_values_come_back_from_json_as_they_were(part):
    assert fixture_data.write(part, VALUES) == [part.fixture_folder / "expected.json"]
    stored = fixture_data.read(part)
    for name, value in VALUES.items():
        assert same(getattr(stored, name), value), name
    assert fixture_data.differences(stored, VALUES) == []


def test_more_than_4096_elements_go_into_safetensors(part):
    values = {"edge": torch.randn(4096), "large": torch.randn(4097), "wide": torch.randn(80, 70).T, "n": 1}
    values["again"] = values["large"][:]  # shares its memory
    written = fixture_data.write(part, values)
    assert [path.name for path in written] == ["expected.json", "expected.safetensors"]
    stored = fixture_data.read(part)
    assert all(same(getattr(stored, name), value) for name, value in values.items())
    assert '"edge"' in written[0].read_text()
    assert '"large"' not in written[0].read_text()


def test_what_was_large_once_does_not_stay_behind(part):
    fixture_data.write(part, {"x": torch.zeros(5000), "y": torch.zeros(5000)})
    fixture_data.write(part, {"x": torch.zeros(5)})
    assert fixture_data.read(part).x.shape == (5,)
    assert fixture_data.differences(fixture_data.read(part), {"x": torch.zeros(5)}) == []


def test_the_same_values_give_the_same_bytes(part):
    fixture_data.write(part, VALUES)
    first = (part.fixture_folder / "expected.json").read_bytes()
    fixture_data.write(part, dict(reversed(VALUES.items())))
    assert (part.fixture_folder / "expected.json").read_bytes() == first


def test_a_check_cannot_change_what_the_next_one_reads(part):
    fixture_data.write(part, {"x": torch.zeros(2)})
    stored = fixture_data.read(part)
    stored.x.add_(1)
    assert torch.equal(stored.x, torch.zeros(2))


def test_a_value_that_make_does_not_make_is_our_error_and_named(part):
    fixture_data.write(part, {"x": 1})
    with pytest.raises(CourseError, match=r"lab1/thing: make\.py makes no value 'y'"):
        _ = fixture_data.read(part).y


def test_missing_or_damaged_fixture_data_say_what_makes_them(part):
    with pytest.raises(CourseError, match=r"expected\.json is missing; `grader fixtures lab1/thing`"):
        fixture_data.read(part)
    for damage in ('{"x": ', '{"x": {"dtype": "float99", "shape": [], "data": 1}}', '{"x": {}}', "[1]"):
        (part.fixture_folder / "expected.json").write_text(damage)
        with pytest.raises(CourseError, match=r"expected\.json is damaged.*`grader fixtures lab1/thing`"):
            fixture_data.read(part)


@pytest.mark.parametrize(
    ("stored", "fresh", "differs"),
    [
        ({"x": 1.0}, {"x": 1.00001}, False),
        ({"x": 1.0}, {"x": 1.001}, True),
        ({"x": 1}, {"x": 2}, True),
        ({"x": 1}, {"x": 1.0}, True),
        ({"x": "a"}, {"x": "b"}, True),
        ({"x": torch.ones(2)}, {"x": torch.ones(2) + 1e-6}, False),
        ({"x": torch.ones(2)}, {"x": torch.ones(2) + 1e-3}, True),
        ({"x": torch.ones(2)}, {"x": torch.ones(2, dtype=torch.float64)}, True),
        ({"x": torch.ones(2)}, {"x": torch.ones(2, 1)}, True),
        ({"x": torch.ones(2)}, {"x": [1.0, 1.0]}, True),
        ({"x": [torch.ones(1), 2]}, {"x": (torch.ones(1), 2)}, False),
        ({"x": [1, 2]}, {"x": [1, 2, 3]}, True),
        ({"x": [1, 2]}, {"x": [1, 3]}, True),
        ({"x": 1, "old": 2}, {"x": 1}, True),
        ({"x": 1}, {"x": 1, "new": 2}, True),
    ],
)
def test_differences_beyond_the_tolerance_are_named(part, stored, fresh, differs):
    fixture_data.write(part, stored)
    names = sorted((stored.keys() ^ fresh.keys()) or {"x"})
    assert fixture_data.differences(fixture_data.read(part), fresh) == (names if differs else [])


def maker(part, text):
    (part.fixture_folder / "make.py").write_text(text)
    return part


def test_make_gets_the_reference_and_a_fixed_seed(part):
    maker(part, "import torch\ndef make(reference):\n    return {'x': reference.double(torch.rand(2))}\n")
    first, second = fixture_data.make(part), fixture_data.make(part)
    assert torch.equal(first["x"], second["x"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def make(reference):\n    return [1]\n", r"must return a dict"),
        ("def make(reference):\n    return reference.treble(2)\n", r"make\.py failed: AttributeError.*treble"),
        ("def make(reference):\n    raise SystemError('no')\n", r"make\.py failed: SystemError: no"),
        ("x = 1\n", r"make\.py failed: AttributeError.*make"),
        ("def make(reference:\n", r"make\.py cannot be loaded: SyntaxError"),
        ("1 / 0\n", r"make\.py cannot be loaded: ZeroDivisionError"),
    ],
)
def test_a_make_that_fails_is_our_error_with_its_words(part, text, words):
    with pytest.raises(CourseError, match=words):
        fixture_data.make(maker(part, text))


def test_a_missing_make_or_reference_is_named(part):
    with pytest.raises(CourseError, match=r"make\.py is missing"):
        fixture_data.make(part)
    maker(part, "def make(reference):\n    return {}\n")
    part.reference.unlink()
    with pytest.raises(CourseError, match=r"reference/lab1/thing\.py is missing"):
        fixture_data.make(part)


def test_a_value_that_cannot_be_stored_is_refused(part):
    for value in ({"a": 1}, {1, 2}, b"bytes", torch.nn.Linear(1, 1)):
        with pytest.raises(CourseError, match="tensors, numbers, strings and lists can be stored"):
            fixture_data.write(part, {"x": value})
