"""`grader.files.json_lines`: lines that were added are there, one that was torn does not count."""

import json

import msgspec
import pytest

from grader.files.json_lines import JsonLines


class Point(msgspec.Struct, frozen=True):
    x: int
    y: float = 0.0


@pytest.fixture
def lines(tmp_path):
    return JsonLines[Point](tmp_path / "a" / "points.jsonl", Point)


def test_lines_come_back_in_the_order_they_were_added(lines):
    assert list(lines.read()) == []
    for x in (3, 1, 2):
        lines.append(Point(x))
    assert [point.x for point in lines.read()] == [3, 1, 2]
    assert [json.loads(line)["x"] for line in lines.path.read_text().splitlines()] == [3, 1, 2]


@pytest.mark.parametrize("cut", range(1, len(b'{"x":2,"y":0.0}\n')))
def test_a_torn_last_line_does_not_count_and_takes_nothing_with_it(lines, cut):
    for x in (1, 2):
        lines.append(Point(x))
    lines.path.write_bytes(lines.path.read_bytes()[:-cut])
    assert list(lines.read()) == [Point(1)]
    lines.append(Point(3))
    assert [point.x for point in lines.read() if point.x != 2] == [1, 3]
    assert lines.path.read_bytes().endswith(b'\n{"x":3,"y":0.0}\n')


@pytest.mark.parametrize("other", [b"[1]", b"", b"\xff", b'{"x": "one"}', b"null"])
def test_what_is_not_a_line_of_this_type_is_left_out(lines, other):
    lines.append(Point(1))
    lines.path.write_bytes(other + b"\n" + lines.path.read_bytes())
    assert list(lines.read()) == [Point(1)]


def test_a_line_may_be_of_one_of_several_types(tmp_path):
    lines = JsonLines[Point | list[int]](tmp_path / "mixed.jsonl", Point | list[int])
    lines.append(Point(1))
    lines.append([2, 3])
    assert list(lines.read()) == [Point(1), [2, 3]]


def test_an_added_line_is_on_disk(lines, monkeypatch):
    synced = []
    monkeypatch.setattr("os.fsync", lambda _: synced.append(lines.path.read_bytes()))
    lines.append(Point(1))
    assert synced == [b'{"x":1,"y":0.0}\n']
