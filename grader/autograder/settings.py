"""What an instructor chose when the zip was made; it travels in the zip."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.records.record import Visibility

FILE = "autograder.json"
# Shares of Gradescope's time limit. Whoever reaches that limit gets 0 points and sees nothing, so grading ends before.
_CHECKS_BEGIN, _ENDS = 0.6, 0.9
MORE_TIME = "Give the assignment more time on Gradescope, and make the zip again with --minutes"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The assignment, and how Gradescope is set: ``minutes`` is its time limit, ``hidden`` how hidden checks appear.

    ``checks_version`` is that of the course the zip was made of. ``torch_index`` is the address of the package index
    that has PyTorch without CUDA; empty: pip's own, which has it with CUDA.
    """

    assignment: str
    checks_version: str = ""
    minutes: float = 10.0
    hidden: Visibility = Visibility.visible
    leaderboard: bool = False
    torch_index: str = ""

    @property
    def check_seconds(self) -> float:
        """Within how many seconds from the start a check may begin."""
        return 60 * self.minutes * _CHECKS_BEGIN

    @property
    def seconds(self) -> float:
        """After how many seconds grading is ended, whatever it does."""
        return 60 * self.minutes * _ENDS


def read(source: Path) -> Settings:
    """Return the settings of the zip that was unpacked at ``source``."""
    return msgspec.json.decode((source / FILE).read_bytes(), type=Settings)
