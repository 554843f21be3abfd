"""Load the functions that a part asks for, from whichever files of the submission they are in.

Until here the submission is only data: its files arrive over the wire and are written into the worker's own folder. A
file with the part's own name is run whole, as its author ran it. Of any other file, and of every file where that
failed, only what the functions need is run (`definitions`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from .definitions import NotRun, run_definitions, run_whole
from .finding import Definition, Wanted, assigned, choose, definitions
from .imported_names import names_taken
from .own_modules import OwnModules, SourceFiles, is_named
from .source_text import Source

_MOST_REMARKS = 20  # notices, and passages that were not run: more help nobody


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to load: the part's own file (empty: none), the entry points, and whether to run that file ``whole``."""

    module: str
    wanted: Mapping[str, Wanted]
    whole: bool = True

    @classmethod
    def of(cls, header: Mapping[str, Any]) -> LoadRequest:
        """Return the request that a message asks for."""
        search = header.get("search", {})
        return cls(header["module"], Wanted.all_of(header["entry_points"], search), search.get("whole", True))


@dataclass(slots=True)
class StudentCode:
    """The functions found, by entry point, and what the report says of them.

    ``places`` has each one's own name, file, cell and line; ``failures`` the exception of those whose file could not be
    loaded.
    """

    request: LoadRequest
    functions: dict[str, Any] = field(default_factory=dict)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: dict[str, BaseException] = field(default_factory=dict)
    not_run: list[NotRun] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    constant_of: Callable[[str], Any] = lambda _: None
    modules: Callable[[], tuple[ModuleType, ...]] = tuple

    def reply(self) -> dict[str, Any]:
        """Return what the trusted side is told."""
        not_run = [
            {"file": one.path, "first": one.first, "last": one.last, "cell": one.cell, "why": one.why}
            for one in self.not_run[:_MOST_REMARKS]
        ]
        return {"found": self.places, "not_run": not_run, "notices": self.notices[:_MOST_REMARKS]}


def write(home: str, files: Mapping[str, bytes]) -> None:
    """Write the submission's files below ``home``; none of them runs yet.

    Raises:
        OSError: a file cannot be written, or not read again; either is our fault.
    """
    for path, content in files.items():
        target = os.path.join(_root(home), path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)
        with open(target, "rb") as file:
            if file.read() != content:
                raise OSError(f"{path} is not what was written to it")


def load(home: str, request: LoadRequest) -> StudentCode:
    """Find each entry point, load the file it is in, and bind it. One that is in no file is left out of the result.

    Raises whatever the part's own file raises while it is run whole. What any other file raises is kept for the calls
    of the functions in it.
    """
    return _Loading(_root(home), request).code()


def _root(home: str) -> str:
    return os.path.join(home, "submission")


class _Loading:
    """Loads one part."""

    def __init__(self, root: str, request: LoadRequest) -> None:
        self._request = request
        self._files = SourceFiles(root)
        folder = request.module.rpartition("/")[0]
        self._own = OwnModules(self._files, self._run, near=folder)
        self._whole = False
        self._asked: dict[str, set[str]] = {}  # by file: the names of which what they need was run
        self._not_run: dict[str, tuple[NotRun, ...]] = {}
        self._code = StudentCode(request, constant_of=self._constant, modules=lambda: self._own.loaded)
        sys.path += [os.path.join(root, folder), root]
        os.chdir(os.path.join(root, folder))
        self._own.install()

    def code(self) -> StudentCode:
        """Return the functions, from the part's own file where it has them, else from the others."""
        if self._request.module and self._request.whole:
            self._bind_from_own_file()
        left = [wanted for name, wanted in self._request.wanted.items() if name not in self._code.functions]
        if left:
            self._bind_from_any_file(left)
        self._code.not_run = [one for passages in self._not_run.values() for one in passages]
        refused = {path: str(reason) for path, reason in self._files.refused.items()}
        if self._code.places.keys() == self._request.wanted.keys():
            self._code.notices += refused.values()
        else:  # what is missing may be in them
            self._code.not_run += [NotRun(path, 0, 0, 0, reason) for path, reason in refused.items()]
        return self._code

    def _bind_from_own_file(self) -> None:
        path = self._request.module
        self._whole = True  # and what it imports
        module = self._own.load(path)
        self._whole = False
        written = {one.name: one for one in self._definitions_in(path)}
        for wanted in self._request.wanted.values():
            name = next((name for name in (wanted.name, *wanted.aliases) if callable(getattr(module, name, None))), "")
            if name and not (name in written and written[name].is_stub):
                self._bind(wanted.name, module, name, written.get(name))

    def _bind_from_any_file(self, left: list[Wanted]) -> None:
        candidates = [one for path in self._files.paths for one in self._definitions_in(path)]
        chosen = {wanted: choose(wanted, candidates, self._request.module) for wanted in left}
        self._tell_of_rivals(chosen)
        for best in (ranked[0] for ranked in chosen.values() if ranked):
            self._asked.setdefault(best.path, set()).add(best.name)
        for wanted, ranked in chosen.items():
            for one in ranked:
                if self._bind_definition(wanted, one):
                    break

    def _bind_definition(self, wanted: Wanted, one: Definition) -> bool:
        """Bind an entry point to a definition; return whether that is settled, with a function or with a failure."""
        try:
            module = self._own.load(one.path)
            # Run whole, and overwritten by a value since; or loaded for other functions, without what this one needs.
            if not callable(getattr(module, one.name, None)) or one.name not in self._asked.get(one.path, {one.name}):
                self._asked.setdefault(one.path, set()).add(one.name)
                self._own.forget(one.path)
                module = self._own.load(one.path)
            if not callable(getattr(module, one.name, None)):
                return False
        except BaseException as error:  # noqa: BLE001 -- SystemExit too: told when the function is called
            self._code.failures.setdefault(wanted.name, error)
            self._place(wanted.name, one)
            return True
        self._bind(wanted.name, module, one.name, one)
        return True

    def _bind(self, entry_point: str, module: ModuleType, name: str, written: Definition | None) -> None:
        self._code.functions[entry_point] = getattr(module, name)
        path = os.path.relpath(str(module.__file__), self._files.root)
        self._place(entry_point, written or Definition(name, path, 0))

    def _place(self, entry_point: str, one: Definition) -> None:
        source = self._files.source(one.path)
        cell, line = source.place_of(one.line) if source and one.line else (0, 0)
        self._code.places[entry_point] = {"name": one.name, "file": one.path, "cell": cell, "line": line}

    def _definitions_in(self, path: str) -> tuple[Definition, ...]:
        tree = self._files.tree(path)
        return definitions(tree, path) if tree else ()

    def _run(self, source: Source, module: ModuleType) -> None:
        """Run a file: whole if the part's own file is, and what that imports; else what its definitions need."""
        self._code.notices += source.notices
        if self._whole:
            run_whole(source, module)
            return
        names = self._asked.setdefault(source.path, set()) | set(self._names_used_elsewhere(source.path))
        self._not_run[source.path] = run_definitions(source, module, names)

    def _names_used_elsewhere(self, path: str) -> Iterator[str]:
        """Yield the names that other files of the submission take from this one."""
        *_, folder, base = ("", *path.split("/"))
        for other in self._files.paths:
            tree = self._files.tree(other) if other != path else None
            if tree:
                yield from names_taken(tree, lambda name: is_named(folder if base == "__init__.py" else base, name))

    def _tell_of_rivals(self, chosen: Mapping[Wanted, list[Definition]]) -> None:
        for wanted, ranked in chosen.items():
            same = [one for one in ranked if one.name == ranked[0].name and not one.is_stub]
            if len(same) > 1:
                files = f"{same[0].path} and in {same[1].path}"
                self._code.notices.append(f"`{wanted.name}` is in {files}; the one in {same[0].path} was graded.")

    def _constant(self, name: str) -> Any:
        """Return a constant of the student's: of what is loaded, else of the first file that has one of that name."""
        for module in self._own.loaded:
            if hasattr(module, name):
                return getattr(module, name)
        for path in self._files.paths:
            source, tree = self._files.source(path), self._files.tree(path)
            if source and tree and name in assigned(tree):
                module = ModuleType(path)
                module.__file__ = os.path.join(self._files.root, path)
                run_definitions(source, module, [name])
                return getattr(module, name, None)
        return None
