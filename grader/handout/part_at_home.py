"""What a part's visible checks need at home: the cut check file, the values they read, and the part's settings."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from grader.course import check_file, course_toml
from grader.course.catalog import Part
from grader.errors import CourseError
from grader.handout.cut import Cut, at_home, cut
from grader.handout.toml_text import toml_text

# Of part.toml: no published figures, and no mutants of the reference. Gates and data sets come with the checks.
_SETTINGS = ("title", "order", "aliases", "patterns", "files", "devices", "sizes", "limits", "preload")


@dataclass(frozen=True)
class PartAtHome:
    """One part as a handout has it."""

    part: Part

    @cached_property
    def checks(self) -> tuple[str, ...]:
        """The names of the checks that run at home, in file order."""
        return at_home(self._file, self._kept_back)

    @property
    def only_graded(self) -> tuple[str, ...]:
        """The names of the visible checks that run only when work is graded."""
        return tuple(name for name in at_home(self._file) if name not in self.checks)

    @property
    def points(self) -> tuple[float, float]:
        """What all checks of the part are worth together, and those that run at home."""
        worth = {check.name: check.option("points", 0) for check in self._file.checks}
        return sum(worth.values()), sum(worth[name] for name in self.checks)

    @cached_property
    def cut(self) -> Cut:
        """The check file, cut down to these checks."""
        title = f"{self.part.identity}: the checks that you can run at home."
        return cut(self.part.check_file, [f"{check_file.PREFIX}{name}" for name in self.checks], title)

    @cached_property
    def shared(self) -> dict[str, Cut]:
        """The shared files that the check file imports, by module, each cut down to what is imported from it."""
        files = {path.stem: path for path in self.part.shared_checks}
        waiting, found = dict(self.cut.imported), dict[str, Cut]()
        while waiting:
            module, names = waiting.popitem()
            if module not in files:
                continue
            names |= found[module].names if module in found else frozenset()
            made = cut(files[module], names, f"Code of the checks of {self.part.assignment}.")
            if module not in found or made.names != found[module].names:
                found[module] = made
                waiting |= made.imported
        return found

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """All code of checks that the part needs."""
        return (self.cut, *self.shared.values())

    @property
    def values(self) -> frozenset[str]:
        """The names of the fixture values that the checks read."""
        return frozenset(name for one in self.cuts for name in one.read.get("expected", ()))

    def data_read(self) -> dict[str, set[str]]:
        """Return by data set what the checks read of it, as checks name both; empty where they use it as a whole."""
        found: dict[str, set[str]] = {}
        for one in self.cuts:
            for name in one.read.get("datasets", frozenset()) - {"profile"}:
                found.setdefault(self.part.datasets.named(name), set()).update(one.read.get(f"datasets.{name}", ()))
        return found

    def files(self, datasets: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of every file, below the folder of the checks; ``datasets`` are those of its checks.

        Raises:
            CourseError: there is no fixture data.
        """
        part, gates = self.part, msgspec.to_builtins(self.part.config.gates)
        settings = {name: msgspec.to_builtins(getattr(part.config, name)) for name in _SETTINGS}
        settings["datasets"] = list(datasets)
        # `after` orders calibrations, and may name the gate of a hidden check.
        settings["gates"] = {name: gates[name] | {"after": ""} for name in sorted(self.cut.gates)}
        yield f"visible/{part.assignment}/check_{part.name}.py", self.cut.text.encode()
        folder = f"fixtures/{part.assignment}/{part.name}"
        yield f"{folder}/part.toml", toml_text(settings).encode()
        for name, content in _values(part.fixture_folder, self.values):
            yield f"{folder}/{name}", content

    @cached_property
    def _file(self) -> check_file.CheckFile:
        try:
            return check_file.read(self.part.check_file)
        except FileNotFoundError:
            raise CourseError(f"{self.part.check_file} is missing") from None

    @property
    def _kept_back(self) -> list[str]:
        own = f"{self.part.identity}/"
        listed = course_toml.read(self.part.course).handout.kept_back
        names = [name.removeprefix(own) for name in listed if name.startswith(own)]
        if unknown := [name for name in names if name not in at_home(self._file)]:
            raise CourseError(f"{course_toml.FILE}: handout.kept_back: {own}{unknown[0]} is no visible check")
        return names


def _values(folder: Path, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the fixture values ``wanted``, and of no other."""
    path = folder / "expected.json"
    if not path.is_file():
        raise CourseError(f"{path} is missing; `grader fixtures` makes it")
    stored: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    kept = {name: value for name, value in stored.items() if name in wanted}
    yield path.name, json.dumps(kept, indent=1, sort_keys=True).encode() + b"\n"
    large = path.with_suffix(".safetensors")
    if large.is_file():
        import safetensors.torch

        tensors = {name: tensor for name, tensor in safetensors.torch.load_file(large).items() if name in wanted}
        if tensors:
            yield large.name, safetensors.torch.save(tensors)
