"""The files of a submission as modules: each is loaded once, under whatever name a student imports it.

Students' files import each other as they did at home: ``import factorise``, ``from .factorise import f``,
``from lab1.factorise import f`` where the folder ``lab1`` was left behind, and after a browser or an LMS has renamed a
file (``factorise (1).py``, ``factorise.PY``). Python's own modules and installed packages come first: a stray
``random.py`` never replaces the real one.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from .source_text import Source, Unreadable, read

PACKAGE = "submission_files"  # what all files of the submission are in, for relative imports
_COPY_MARK = re.compile(r"([ _-]+copy|[ _]*\(\d+\)|[ -]\d+)$", re.IGNORECASE)
_CODE = (".py", ".pyw", ".ipynb", ".py.txt", ".ipynb.txt", ".ipynb.json")  # also as browsers rename them
_IMPORTED = ("py", "pyw")
_SKIPPED_FOLDERS = (".ipynb_checkpoints", "__pycache__")

Run = Callable[[Source, ModuleType], None]


class SourceFiles:
    """The files of code in the submission's folder, each read and parsed once; ``refused`` says why some were not."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.paths = tuple(sorted(_code_below(root)))
        self.refused: dict[str, Exception] = {}
        self._sources: dict[str, Source | None] = {}
        self._trees: dict[str, ast.Module | None] = {}

    def source(self, path: str) -> Source | None:
        """Return the source of a file; None if it is not code or cannot be read."""
        if path not in self._sources:
            self._sources[path] = None
            try:
                with open(os.path.join(self.root, path), "rb") as file:
                    self._sources[path] = read(path, file.read())
            except Unreadable as reason:
                self.refused[path] = reason
        return self._sources[path]

    def readable(self, path: str) -> Source:
        """Return the source of a file; raises Unreadable, and ImportError for what is not code."""
        source = self.source(path)
        if source is None:
            raise self.refused.get(path) or ImportError(f"{path} is not Python")
        return source

    def tree(self, path: str) -> ast.Module | None:
        """Return a file, parsed; None if it is not code or not valid Python."""
        if path not in self._trees:
            self._trees[path] = None
            source = self.source(path)
            try:
                self._trees[path] = ast.parse(source.text) if source else None
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
                self.refused[path] = Unreadable(f"{path} is not valid Python{line}: nothing in it can be graded.")
        return self._trees[path]


class OwnModules:
    """Loads the submission's files as modules, and finds them for the import statement."""

    def __init__(self, files: SourceFiles, run: Run, near: str = "") -> None:
        self._files = files
        self._run = run
        self._near = near  # the folder whose files win where several have a name
        self._modules: dict[str, ModuleType] = {}
        self._running: set[str] = set()
        self._packages = {PACKAGE}
        self._mentioned: frozenset[str] | None = None
        self._names: dict[str, str] = {}
        above = [path.split("/")[:-1] for path in files.paths]
        self._folders = {tuple(names[:end]) for names in above for end in range(1, len(names) + 1)}

    def install(self) -> None:
        """Have the import statement ask here for what is no module of Python's and no installed package."""
        sys.modules[PACKAGE] = _package(PACKAGE)
        places = [place for place, finder in enumerate(sys.meta_path) if finder is PathFinder]
        # Before the finder that reads sys.path, where the submission's folders are the last: it would load files whole.
        sys.meta_path.insert(places[0] if places else len(sys.meta_path), self)

    @property
    def loaded(self) -> tuple[ModuleType, ...]:
        """The modules loaded so far, in the order they were begun."""
        return tuple(self._modules.values())

    def load(self, path: str) -> ModuleType:
        """Return the module of a file, and run it if that was not done; raises what the file raises."""
        module = self.begin(path)
        sys.modules.setdefault(module.__name__, module)  # dataclasses and pickling inside the student's code look it up
        self.run(path)
        return module

    def forget(self, path: str) -> None:
        """Drop the module of a file: the next load of it runs it again."""
        self._running.discard(path)
        self._modules.pop(path, None)

    def begin(self, path: str) -> ModuleType:
        """Return the module of a file, which may not have run yet."""
        if path not in self._modules:
            module = ModuleType(self._name_of(path))
            module.__file__ = os.path.join(self._files.root, path)
            is_package = os.path.basename(path) == "__init__.py"
            module.__package__ = module.__name__ if is_package else module.__name__.rpartition(".")[0]
            module.__spec__ = ModuleSpec(module.__name__, None, origin=module.__file__, is_package=is_package)
            if is_package:
                module.__path__ = []
            self._modules[path] = module
        return self._modules[path]

    def run(self, path: str) -> None:
        """Run a file in its module, once; raises what the file raises, and forgets the module then."""
        if path in self._running:
            return
        self._running.add(path)
        try:
            self._run(self._files.readable(path), self._modules[path])
        except BaseException:
            self.forget(path)
            raise

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002 -- called by Python
        """Return how to load a module of the submission; None if the name is not one of the submission's."""
        parts = fullname.split(".")
        if len(parts) > 1 and parts[0] not in self._packages:
            return None
        tails = [parts[place:] for place in range(len(parts))]
        tails = tails[1:] if parts[0] == PACKAGE else tails
        found = next((spec for tail in tails if (spec := self._spec(fullname, tail))), None)
        if len(parts) == 1 and self._is_installed(fullname):
            return None
        if found is None and fullname in self._packages_mentioned():
            found = _package_spec(fullname)
        if found is not None and found.submodule_search_locations is not None:
            self._packages.add(parts[0])
        return found

    def _spec(self, fullname: str, tail: Sequence[str]) -> ModuleSpec | None:
        if file := self._file_for(tail):
            return ModuleSpec(fullname, _OwnLoader(self, file), origin=file)
        if any(_ends_with(folder, tail) for folder in self._folders):
            start = self._file_for([*tail, "__init__"])
            spec = _package_spec(fullname)
            spec.loader = _OwnLoader(self, start) if start else None
            return spec
        return None

    def _file_for(self, tail: Sequence[str]) -> str | None:
        """Return the file that a dotted name ends with: one with its own name first, then the nearest, the highest."""
        *folder, name = tail
        ranked = []
        for path in self._files.paths:
            *above, base = path.split("/")
            kind = _likeness(base, name)
            if kind is not None and _ends_with(above, folder):
                ranked.append((kind, "/".join(above) != self._near, len(above), path))
        return min(ranked)[-1] if ranked else None

    def _packages_mentioned(self) -> frozenset[str]:
        """Return the packages that import statements name and that are not here, while the files in them are."""
        if self._mentioned is None:
            self._mentioned = frozenset(self._missing_packages())
        return self._mentioned

    def _missing_packages(self) -> Iterator[str]:
        trees = (self._files.tree(path) for path in self._files.paths)
        for parts in (parts for tree in trees if tree for node in ast.walk(tree) for parts in _dotted_names(node)):
            if self._file_for(parts[-1:]):
                yield from (".".join(parts[:end]) for end in range(1, len(parts)))

    def _is_installed(self, name: str) -> bool:
        elsewhere = [place for place in sys.path if not os.path.abspath(place).startswith(self._files.root)]
        return PathFinder.find_spec(name, elsewhere) is not None

    def _name_of(self, path: str) -> str:
        *folder, base = path.split("/")
        stem = base.rpartition(".")[0]
        if stem == "__init__" and folder:
            folder, stem = folder[:-1], folder[-1]
        name = ".".join(_identifier(part) for part in (PACKAGE, *folder, stem))
        while self._names.setdefault(name, path) != path:
            name += "_"
        return name


class _OwnLoader(Loader):
    """Loads one file for the import statement."""

    def __init__(self, own: OwnModules, path: str) -> None:
        self._own = own
        self._path = path

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002 -- called by Python
        return self._own.begin(self._path)

    def exec_module(self, module: ModuleType) -> None:
        origin, is_package = module.__file__, hasattr(module, "__path__")
        # Its own name again, and not the one it was imported by: relative imports in it begin there.
        module.__spec__ = ModuleSpec(module.__name__, None, origin=origin, is_package=is_package)
        self._own.run(self._path)


def _dotted_names(node: ast.AST) -> Iterator[list[str]]:
    """Yield the names that an import statement may mean modules by: ``a.b``, and ``a.b.c`` of ``from a.b import c``."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name.split(".") for alias in names)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            yield module.split(".")
            yield from ([*module.split("."), alias.name] for alias in names)


def _code_below(root: str) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _SKIPPED_FOLDERS]
        for name in names:
            if name.casefold().endswith(_CODE):
                yield os.path.relpath(os.path.join(folder, name), root)


def is_named(base: str, name: str) -> bool:
    """Return whether ``import name`` may mean a file or folder called ``base``, perhaps renamed since."""
    stem, dot, extension = base.rpartition(".")
    base = f"{stem}.py" if dot and extension.casefold() in _IMPORTED else base
    return base == name or _likeness(base, name) is not None


def _likeness(base: str, name: str) -> int | None:
    """Return how like ``name.py`` a file's name is: 0 the same, 1 the same but renamed by a tool; None if it is not."""
    if base == f"{name}.py":
        return 0
    stem, _, extension = base.rpartition(".")
    if extension.casefold() != "py" or name == "__init__":
        return None
    while True:
        if re.sub(r"[\s-]+", "_", stem).casefold() == name.casefold():
            return 1
        shorter = _COPY_MARK.sub("", stem)
        if shorter == stem:
            return None
        stem = shorter


def _ends_with(folders: Sequence[str], wanted: Sequence[str]) -> bool:
    return not wanted or list(folders[-len(wanted) :]) == list(wanted)


def _identifier(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _package_spec(fullname: str) -> ModuleSpec:
    spec = ModuleSpec(fullname, None, is_package=True)
    spec.submodule_search_locations = []
    return spec


def _package(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__path__ = []
    module.__package__ = name
    module.__spec__ = _package_spec(name)
    return module
