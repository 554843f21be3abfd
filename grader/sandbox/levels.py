"""The levels by name, and the choice of one."""

from __future__ import annotations

from types import ModuleType

from grader.errors import SandboxError, UsageError
from grader.sandbox import bubblewrap, direct, process, uid
from grader.sandbox.slot import Slot, SlotSettings

# Strongest first: `auto` takes the first that works here, and never `direct`.
LEVELS: dict[str, ModuleType] = {module.LEVEL: module for module in (bubblewrap, uid, process, direct)}
NAMES = ("auto", *LEVELS)


def choose(name: str) -> str:
    """The level to use for ``name``; raises SandboxError when that one cannot be had."""
    if name == "auto":
        return _strongest()
    if name not in LEVELS:
        raise UsageError(f"no sandbox level {name!r}; there are: {', '.join(NAMES)}")
    if reason := LEVELS[name].obstacle():
        less = "" if name == process.LEVEL else " Use --sandbox process to go on with less protection."
        raise SandboxError(f"{reason}.{less}")
    return name


def _strongest() -> str:
    obstacles = {level: module.obstacle() for level, module in LEVELS.items() if level != direct.LEVEL}
    usable = [level for level, reason in obstacles.items() if not reason]
    if not usable:
        reason = obstacles[process.LEVEL]
        raise SandboxError(f"no sandbox can be had here: {reason}. `grader doctor --sandbox direct` says more.")
    return usable[0]


def open_slot(level: str, settings: SlotSettings) -> Slot:
    """A slot at ``level`` (a name that :func:`choose` returned)."""
    slot: Slot = LEVELS[level].open_slot(settings)
    return slot
