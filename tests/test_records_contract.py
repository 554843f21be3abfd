"""The contract of `grader.records.store.Records`, which every place that keeps records must fulfil."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
import pytest
from test_store import DIRECT, HOSTILE, OURS, record

from grader.records.record import ResultRecord
from grader.records.store import Records, Store

PLACES: dict[str, Callable[[Path], Records]] = {"folder": Store}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Callable[[Path], Records]:
    return PLACES[request.param]


@pytest.fixture
def records(place, tmp_path) -> Records:
    (tmp_path / "out").mkdir()
    return place(tmp_path / "out")


def test_a_place_without_records_has_none(records):
    assert list(records.latest()) == list(records.attempts("ann")) == list(records.unreadable()) == []


def test_an_added_record_comes_back_with_its_number(records):
    added = [records.append(record(seed=seed)) for seed in (5, 6, 7)]
    assert [(one.attempt, one.seed) for one in added] == [(1, 5), (2, 6), (3, 7)]
    assert list(records.attempts("ann")) == added
    assert list(records.latest()) == added[-1:]
    assert msgspec.structs.replace(added[0], attempt=1, seed=0) == record()


def test_the_number_of_a_record_that_is_added_does_not_matter(records):
    assert records.append(msgspec.structs.replace(record(), attempt=9)).attempt == 1


def test_submissions_are_in_the_order_of_their_names(records):
    for name in ("cy", "ann", "bob"):
        records.append(record(name))
    assert [one.submission.name for one in records.latest()] == ["ann", "bob", "cy"]


def test_other_people_see_what_was_added(place, records, tmp_path):
    added = records.append(record())
    assert list(place(tmp_path / "out").latest()) == [added]


@pytest.mark.parametrize("name", [name for name in HOSTILE if name.isprintable()], ids=ascii)
def test_any_name_can_be_kept_and_asked_for(records, name):
    kept = [records.append(record(name)), records.append(record("ann"))]
    assert list(records.attempts(name)) == kept[:1]
    assert sorted(records.latest(), key=lambda one: one.submission.name == "ann") == kept


@pytest.mark.parametrize("fields", [{"partial": True}, {"environment": DIRECT}])
def test_practice_counts_only_where_there_is_no_grade(records, fields):
    def add(**more: object) -> ResultRecord:
        return records.append(msgspec.structs.replace(record(), **more))

    practice = add(seed=1, **fields)
    assert list(records.latest()) == [practice]
    grade = add(seed=2)
    add(seed=3, **fields)
    assert list(records.latest()) == [grade]
    last = add(seed=4, parts=(OURS,))
    assert list(records.latest()) == [last], "of the grades the last one counts, even if someone must look at it"
    assert [one.seed for one in records.attempts("ann")] == [1, 2, 3, 4]


def add_some(place: Callable[[Path], Records], folder: str) -> list[int]:
    return [place(Path(folder)).append(record()).attempt for _ in range(10)]


def test_several_processes_may_add_at_once(place, records, tmp_path):
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as executor:
        folders = [str(tmp_path / "out")] * 2
        numbers = [number for some in executor.map(add_some, [place] * 2, folders) for number in some]
    assert sorted(numbers) == [one.attempt for one in records.attempts("ann")] == list(range(1, 21))
