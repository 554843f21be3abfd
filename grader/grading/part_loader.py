"""Load a part into a worker: its own file from top to bottom or, if that fails, only what its functions need."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.errors import (
    BrokenConnection,
    CheckFailure,
    Crashed,
    MissingFunction,
    NotImplementedYet,
    Starved,
    UnreadableCode,
)
from grader.sandbox.calls import Calls
from grader.sandbox.loading import Loaded, Search

_CODE = (".py", ".pyw", ".ipynb", ".py.txt", ".ipynb.txt", ".ipynb.json")  # also as browsers rename them


@dataclass(frozen=True, slots=True)
class Code:
    """The files a part is loaded from, and how its functions are looked for in them.

    ``module`` is None when no file has the part's name, or when several ``rivals`` have it; ``missing`` says so.
    """

    files: Mapping[str, bytes]
    module: str | None
    missing: str = ""
    rivals: Sequence[str] = ()
    search: Search = dataclasses.field(default_factory=Search)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the files whose name says that they are code, by path."""
        return tuple(path for path in self.files if path.casefold().endswith(_CODE))


class PartLoader:
    """Loads a part's code into one worker after another; ``spent`` is the time that took, in seconds.

    What the first worker found is what reports tell, since it never held an input of a hidden check.
    """

    def __init__(
        self,
        code: Code,
        entry_points: Mapping[str, Sequence[str]],
        *,
        seed: int,
        seconds: float,
        end: Callable[[Calls], None],
    ) -> None:
        """Take the code, and how long one try may take; ``end`` ends a worker in which nothing could be loaded."""
        self.spent = 0.0
        self._code = code
        self._entry_points = entry_points
        self._seed = seed
        self._seconds = seconds
        self._end = end
        self._search = dataclasses.replace(code.search, whole=code.search.whole and _is_script(code.module))
        self._loaded: Loaded | None = None  # in the worker that runs now
        self._first: Loaded | None = None  # in the first
        self._failure: CheckFailure | None = None
        self._notices: list[str] = []

    @property
    def rivals(self) -> tuple[str, ...]:
        """Return the files that could equally be the part's own, unless they are copies of one."""
        rivals = tuple(self._code.rivals)
        return rivals if len({self._code.files[path] for path in rivals}) > 1 else ()

    def load(self, fresh: Callable[[], Calls]) -> Calls:
        """Return a worker, made by ``fresh``, with the part loaded.

        Raises:
            CheckFailure: it cannot be loaded. It is not tried again: every check of the part gets this verdict.
        """
        if self._failure is not None:
            raise self._failure
        if not self.has_sources:
            raise MissingFunction(self._words_for_missing(next(iter(self._entry_points), "")))
        try:
            return self._load(fresh(), self._search)
        except CheckFailure as failure:
            self._failure = _at_load(failure)
        if not self._search.whole or isinstance(self._failure, BrokenConnection | Starved):
            raise self._failure
        return self._load_functions_alone(fresh(), self._failure)

    def require(self, name: str) -> None:
        """Raise MissingFunction if the worker that runs now did not find this entry point."""
        if self._loaded is None or name not in self._loaded.found:
            raise MissingFunction(self._words_for_missing(name))

    @property
    def has_sources(self) -> bool:
        """Whether any of the files is code."""
        return bool(self._code.sources)

    @property
    def file(self) -> str:
        """The student's file that holds this part; empty when there is none."""
        files = [found.file for found in self.found.found.values()]
        own = self._code.module or ""
        return files[0] if files and own not in files else own

    @property
    def unreadable(self) -> str:
        """Why the part's file cannot be read, as the student's process said; empty if it can."""
        return self._failure.detail if isinstance(self._failure, UnreadableCode) else ""

    @property
    def found(self) -> Loaded:
        """Where each entry point was found, and what was not run."""
        return self._first or Loaded()

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences for the student about how the files were loaded."""
        return (*self._notices, *self.found.notices)

    @property
    def missing(self) -> tuple[str, ...]:
        """The entry points that are in no file; none if the files could not be loaded."""
        if self._first is None and self.has_sources:
            return ()
        return tuple(name for name in self._entry_points if name not in self.found.found)

    def _load_functions_alone(self, calls: Calls, failure: CheckFailure) -> Calls:
        """Load only what the functions need, since the part's file cannot run whole; raises ``failure`` if in vain."""
        alone = dataclasses.replace(self._search, whole=False)
        try:
            calls = self._load(calls, alone)
        except CheckFailure:
            raise failure from None
        if not (self._loaded and self._loaded.found):
            self._first = None
            self._end(calls)
            raise failure
        self._search, self._failure = alone, None
        self._notices.append(f"{failure.message} So only what the functions need was run.")
        return calls

    def _load(self, calls: Calls, search: Search) -> Calls:
        before = calls.spent  # a worker that is slow to start is not the student's time
        files, module = self._code.files, self._code.module or ""
        try:
            self._loaded = calls.load(
                files, module, self._entry_points, seed=self._seed, seconds=self._seconds, search=search
            )
        except CheckFailure:
            self._end(calls)
            raise
        finally:
            self.spent += calls.spent - before
        self._first = self._first or self._loaded
        return calls

    def _words_for_missing(self, name: str) -> str:
        others = " and no other file of yours has one" if len(self._code.sources) > 1 else ""
        if self._code.module:
            return f"Your file {self._code.module} has no function `{name}`{others}; keep the template's names."
        words = self._code.missing or "The part's file is missing."
        return f"{words} No other file has a function `{name}`." if self._code.sources else words


def _is_script(module: str | None) -> bool:
    return module is not None and module.casefold().endswith(".py")


def _at_load(failure: CheckFailure) -> CheckFailure:
    if isinstance(failure, NotImplementedYet):
        return Crashed("Your file raises NotImplementedError while it is loaded.", traceback=failure.traceback)
    return failure
