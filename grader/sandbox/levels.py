"""The sandbox levels by name, and the choice of one."""

from __future__ import annotations

from grader.errors import SandboxError, UsageError
from grader.sandbox.bubblewrap import Bubblewrap
from grader.sandbox.direct import Direct
from grader.sandbox.process import OrdinaryProcess
from grader.sandbox.slot import Level, OwnSlot, SlotSettings
from grader.sandbox.uid import OwnUser

_STRONGEST_FIRST: tuple[Level, ...] = (Bubblewrap(), OwnUser(), OrdinaryProcess(), Direct())
LEVELS: dict[str, Level] = {level.name: level for level in _STRONGEST_FIRST}
NAMES = ("auto", *LEVELS)


def choose(name: str) -> str:
    """Return the level to use for ``name``; ``auto`` is the strongest that works here, and never ``direct``.

    Raises:
        UsageError: there is no level of this name.
        SandboxError: this level, or for ``auto`` every level, cannot be used on this machine.
    """
    if name == "auto":
        return _strongest()
    if name not in LEVELS:
        raise UsageError(f"no sandbox level {name!r}; there are: {', '.join(NAMES)}")
    if reason := LEVELS[name].obstacle():
        less = "" if name == OrdinaryProcess.name else " Use --sandbox process to go on with less protection."
        raise SandboxError(f"{reason}.{less}")
    return name


def open_slot(level: str, settings: SlotSettings) -> OwnSlot:
    """Open a slot at ``level``, a name that :func:`choose` returned; raises what :meth:`Level.open_slot` raises."""
    return LEVELS[level].open_slot(settings)


def _strongest() -> str:
    obstacles = {name: level.obstacle() for name, level in LEVELS.items() if name != Direct.name}
    usable = [name for name, reason in obstacles.items() if not reason]
    if not usable:
        reason = obstacles[OrdinaryProcess.name]
        raise SandboxError(f"no sandbox works here: {reason}. `grader doctor --sandbox direct` says more.")
    return usable[0]
