"""Every level is a `Level`, and every slot it opens keeps the contract of `Slot`."""

import inspect
from pathlib import Path

import pytest
from own_level import WALLED

from grader.errors import SandboxError
from grader.sandbox.levels import LEVELS
from grader.sandbox.slot import Level, OwnSlot, SlotSettings
from sandbox.processes import at_rest, processes_of, wait_until_gone
from sandbox.students import LIMITS, student, usable

SETTINGS = SlotSettings(preload=("torch",))


@pytest.mark.parametrize("name", LEVELS)
def test_a_level_says_its_name_its_obstacle_and_its_protections(name):
    level = LEVELS[name]
    assert level.name == name
    assert isinstance(level.obstacle(), str)
    present, missing = level.protections()
    assert all(isinstance(words, str) and words for words in (*present, *missing))
    assert bool(present) == (name != "direct")


@pytest.mark.parametrize("name", LEVELS)
def test_every_public_name_of_a_level_and_its_slot_belongs_to_the_interface(name):
    usable(name)
    slot = LEVELS[name].open_slot(SETTINGS)
    try:
        for interface, made in ((Level, LEVELS[name]), (OwnSlot, slot)):
            named = [n for one in interface.__mro__ for n in (*vars(one), *inspect.get_annotations(one))]
            wanted = {n for n in named if n[0] != "_"}
            assert {n for n in dir(made) if n[0] != "_"} == wanted
    finally:
        slot.close()


@pytest.mark.parametrize("name", LEVELS)
def test_a_slot_says_its_level_its_protections_and_what_it_runs(name):
    usable(name)
    slot = LEVELS[name].open_slot(SETTINGS)
    try:
        assert slot.level == name
        assert (slot.protections, slot.missing_protections) == LEVELS[name].protections()
        assert slot.pid is None
        slot.start()
        with student(slot, "def f(): return 1") as s:
            assert s("f") == 1
            assert (slot.pid is None) == (name == "direct")
            assert set(slot.versions) == (set() if name == "direct" else {"torch", "python"})
    finally:
        slot.close()
    assert slot.pid is None


def test_a_slot_holds_one_worker_at_a_time(walled):
    with student(walled, "def f(): return 1") as s:
        with pytest.raises(SandboxError, match="one worker at a time"):
            walled.worker(LIMITS)
        assert s("f") == 1


@pytest.mark.parametrize("name", LEVELS)
def test_a_worker_and_a_slot_may_be_closed_again(name):
    usable(name)
    slot = LEVELS[name].open_slot(SETTINGS)
    worker = slot.worker(LIMITS)
    for closed in (worker, worker, slot, slot):
        closed.close()


@pytest.mark.parametrize("name", WALLED)
def test_nothing_remains_of_a_slot_that_is_closed(name):
    usable(name)
    before = open_descriptors()
    slot = LEVELS[name].open_slot(SETTINGS)
    source = "import os, time\ndef f():\n os.fork() or os.setsid() or time.sleep(600)\n return os.environ['HOME']"
    with student(slot, source) as s:
        home = s("f")
        alive = processes_of(slot)
        assert len(alive) == at_rest(slot) + 2
    slot.close()
    wait_until_gone(alive)
    assert open_descriptors() == before
    assert not Path(home).exists()


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
