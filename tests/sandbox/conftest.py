"""Slots at every level for the tests of the sandbox."""

from collections.abc import Callable, Iterator

import pytest
from own_level import WALLED, own_level

from grader.sandbox.environment import folders_without_python
from grader.sandbox.levels import LEVELS, open_slot
from grader.sandbox.slot import Slot, SlotSettings
from sandbox.processes import assert_serves_the_next
from sandbox.students import COURSE, usable

Slots = Callable[[str], Slot]


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test that waits is slow at levels weaker than this machine's own."""
    level = getattr(item, "callspec", None) and item.callspec.params.get("walled")
    if level and level != own_level() and item.get_closest_marker("waits"):
        item.add_marker("slow")


@pytest.fixture(scope="package")
def slots() -> Iterator[Slots]:
    """One warm slot of each level for all these tests."""
    opened: dict[str, Slot] = {}

    def slot(level: str) -> Slot:
        usable(level)
        if level not in opened:
            settings = SlotSettings(preload=("torch",), hidden=folders_without_python(COURSE))
            opened[level] = open_slot(level, settings)
        return opened[level]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_SECRET", "of the instructor")
        yield slot
        for one in opened.values():
            one.close()


@pytest.fixture(params=list(LEVELS))
def slot(request: pytest.FixtureRequest, slots: Slots) -> Slot:
    """A slot of every level."""
    return slots(request.param)


@pytest.fixture(params=WALLED)
def walled(request: pytest.FixtureRequest, slots: Slots) -> Iterator[Slot]:
    """A slot whose workers are processes; after the test the next student must be served and see nothing of it."""
    one = slots(request.param)
    yield one
    assert_serves_the_next(one)


@pytest.fixture(params=["bubblewrap", "uid"])
def of_another_user(request: pytest.FixtureRequest, slots: Slots) -> Slot:
    """A slot whose workers are not the user who grades."""
    return slots(request.param)


@pytest.fixture
def bubblewrap(slots: Slots) -> Slot:
    """A slot with namespaces."""
    return slots("bubblewrap")
