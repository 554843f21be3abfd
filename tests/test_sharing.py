"""What is equal in many records is in memory once, and the records are what they were."""

import msgspec
from exhibit_examples import exhibit_record
from record_examples import class_records, named, record

from grader.records.found import FoundRecord
from grader.records.record import from_json, to_json
from grader.records.sharing import Sharing
from grader.records.store import Store


def read_anew(one):
    return from_json(to_json(one))


def test_records_stay_what_they_are():
    sharing = Sharing()
    for one in map(read_anew, (*class_records(), exhibit_record(), record())):
        shared = sharing.of(one)
        assert shared == one
        assert to_json(shared) == to_json(one), "1.0 stays 1.0"


def test_what_is_equal_is_one_object():
    sharing = Sharing()
    part = msgspec.structs.replace(record().parts[0], found=(FoundRecord("score", "score", "scores.py", line=3),))
    one = msgspec.structs.replace(record(), parts=(part,))
    first, second = (sharing.of(read_anew(one)) for _ in range(2))
    assert first.parts[0].checks[0].title is second.parts[0].checks[0].title
    assert first.environment is second.environment
    assert first.datasets is second.datasets
    assert first.parts[0].checks[0] is second.parts[0].checks[0]
    assert first.parts[0].found[0] is second.parts[0].found[0]
    assert first.parts[0].checks[0].seeds is second.parts[0].checks[0].seeds


def test_equal_numbers_of_another_type_stay_apart():
    sharing, (check, *_) = Sharing(), record().parts[0].checks
    part = msgspec.structs.replace(record().parts[0], checks=(msgspec.structs.replace(check, seeds=(1, 0)),))
    one = sharing.of(msgspec.structs.replace(record(), parts=(part,)))
    other = sharing._value((True, False))
    assert list(map(type, one.parts[0].checks[0].seeds)) == [int, int]
    assert list(map(type, other)) == [bool, bool]


def test_a_store_gives_records_that_share(tmp_path):
    store = Store(tmp_path)
    for name in ("ann", "bob"):
        store.append(named(name, record().parts))
    first, second = store.latest()
    assert first.parts[0].title is second.parts[0].title
