"""Show how far the grading of a class is, on stderr: live on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Self

import click

from grader.records.record import ResultRecord
from grader.reports.attention import must_look
from grader.reports.cleaning import one_line
from grader.reports.wording import duration
from grader.running.jobs import JobOutcome
from grader.running.remaining_time import RemainingTime

if TYPE_CHECKING:
    from rich.console import RenderableType

_EVERY_SECONDS = 10.0  # between two lines where there is no terminal
_LONGEST_NAME = 24  # letters
_MOST_NAMES = 4  # of those who are being graded now
_BAR = 24  # columns


class ClassProgress:
    """The state of a run: who is being graded, how many are done, how long the rest will take.

    A pool starts its tasks in order, as many as it has processes. So the first of those that have no outcome yet are
    being graded now.
    """

    def __init__(
        self,
        names: Sequence[str],
        processes: int,
        earlier: Sequence[ResultRecord] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = len(names)
        self.done = self.failed = self.to_look_at = 0
        self._waiting = dict.fromkeys(names)
        self._processes = processes
        self._since: dict[str, float] = {}
        self._clock = clock
        self._started = clock()
        self._remaining = RemainingTime(processes, earlier)

    @property
    def finished(self) -> int:
        """Return how many have an outcome."""
        return self.total - len(self._waiting)

    @property
    def elapsed(self) -> float:
        """Return the seconds since the run began."""
        return self._clock() - self._started

    def finish(self, outcome: JobOutcome) -> None:
        """Count an outcome."""
        self._waiting.pop(outcome.name, None)
        if outcome.is_ours:
            self.failed += 1
        elif outcome.record and must_look(outcome.record):
            self.to_look_at += 1
        else:
            self.done += 1
        if outcome.record:
            self._remaining.learn(outcome.record)

    def postpone(self, name: str) -> None:
        """Put off a submission that is graded again, alone, when all others are done."""
        self._waiting.pop(name, None)
        self._waiting[name] = None
        self._since.pop(name, None)

    def now(self) -> dict[str, float]:
        """Return who is being graded, and for how many seconds."""
        now, names = self._clock(), list(self._waiting)[: self._processes]
        self._since = {name: self._since.get(name, now) for name in names}
        return {name: now - since for name, since in self._since.items()}

    def counts(self) -> str:
        """Say how many are done, failed, and need a look."""
        some = [f"{self.failed} failed"] if self.failed else []
        some += [f"{self.to_look_at} need{'s' if self.to_look_at == 1 else ''} a look"] if self.to_look_at else []
        return ", ".join([f"{self.done} done", *some])

    def left(self) -> str:
        """Say how long the rest will take; empty while nobody knows, and when nothing is left."""
        if not self._waiting:
            return ""
        running = self.now()
        seconds = self._remaining.seconds(len(self._waiting) - len(running), running.values())
        return "" if seconds is None else time_left(seconds)


def time_left(seconds: float) -> str:
    """Say a time that nobody knows exactly: in steps of five seconds, minutes, or ten minutes."""
    if seconds < 5:
        return "a few seconds left"
    if seconds < 60:
        return f"about {5 * round(seconds / 5)} s left"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"about {minutes} min left"
    hours, minutes = divmod(10 * round(seconds / 600), 60)
    return f"about {hours} h {minutes} min left" if minutes else f"about {hours} h left"


class Shown:
    """Shows a `ClassProgress` while a class is graded; if ``quiet``, nothing. Use it in a ``with``."""

    def __init__(self, progress: ClassProgress, *, quiet: bool = False) -> None:
        self.progress = progress
        on_terminal = sys.stderr.isatty()
        self._lines = not quiet and not on_terminal
        self._live = _live(progress) if on_terminal and not quiet else nullcontext()
        self._said = 0.0  # seconds since the run began

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def finish(self, outcome: JobOutcome) -> None:
        """Count an outcome; where there is no terminal, say how far the run is if that was not said lately."""
        progress = self.progress
        progress.finish(outcome)
        if self._lines and progress.elapsed - self._said >= _EVERY_SECONDS:
            self._said = progress.elapsed
            click.echo(line_of(progress), err=True)


def _live(progress: ClassProgress) -> AbstractContextManager[object]:
    from rich.console import Console
    from rich.live import Live

    # Transient: when the class is graded, its table takes this place.
    return Live(
        get_renderable=lambda: _drawn(progress), console=Console(stderr=True), refresh_per_second=2, transient=True
    )


def _drawn(progress: ClassProgress) -> RenderableType:
    """Draw three lines: a bar with counts, the times, and who is being graded."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    first = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=progress.total, completed=progress.finished, width=_BAR)
    first.add_row(bar, Text(f"{progress.finished} of {progress.total} graded: {progress.counts()}"))
    times = ", ".join(filter(None, (f"{duration(round(progress.elapsed))} so far", progress.left())))
    # Text and not str: a student's name is never markup.
    return Group(first, *(Text(line, no_wrap=True, overflow="ellipsis") for line in (times, _now_in_words(progress))))


def _now_in_words(progress: ClassProgress) -> str:
    now = [f"{one_line(name, _LONGEST_NAME)} ({seconds:.0f} s)" for name, seconds in progress.now().items()]
    more = f" and {len(now) - _MOST_NAMES} more" if len(now) > _MOST_NAMES else ""
    return f"now: {', '.join(now[:_MOST_NAMES])}{more}" if now else ""


def line_of(progress: ClassProgress) -> str:
    """Say in one line how far a run is."""
    words = f"{progress.finished} of {progress.total} graded: {progress.counts()}"
    return f"{words}; {left}" if (left := progress.left()) else words
