"""Names and folders of what an instructor was given, the same for a folder on disk and for a zip; nothing is read.

A zip shows its table of contents, and only its end is read for that. Litter of tools and hidden files are not shown.
Links, FIFOs and devices are shown as what they are, and never opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.errors import IntakeRefused
from grader.intake.archive import is_litter
from grader.intake.bulk import TableOfContents, table_of_contents
from grader.intake.readers import is_work

_DEEPEST = 4  # how far down work is looked for

_Tree = dict[str, "_Tree | int"]


@dataclass(frozen=True)
class Node:
    """A file, a folder or something else (a link, a FIFO) by its ``name``.

    ``path`` is where it lies on disk; for a member of a zip it is the zip, and ``inside`` the path in it.
    """

    name: str
    path: Path
    inside: str = ""
    is_folder: bool = False
    is_file: bool = False
    size: int = 0
    listed: Callable[[], list[Node]] = field(default=list, repr=False, compare=False)

    @cached_property
    def _entries(self) -> tuple[Node, ...]:
        try:
            return tuple(sorted(self.listed(), key=lambda node: node.name))
        except OSError:  # `take_in` refuses it, and says why
            return ()

    @property
    def children(self) -> tuple[Node, ...]:
        """The files and folders that a folder holds, by name, without litter; nothing if it cannot be read."""
        return tuple(node for node in self._entries if (node.is_folder or node.is_file) and not node.is_hidden)

    @property
    def special(self) -> tuple[Node, ...]:
        """The links, FIFOs and devices that a folder holds; nobody follows or opens them."""
        return tuple(node for node in self._entries if not (node.is_folder or node.is_file or node.is_hidden))

    @property
    def is_hidden(self) -> bool:
        """Whether it is a hidden file or litter of tools."""
        return self.name.startswith(".") or is_litter(self.name)

    @property
    def is_zip(self) -> bool:
        """Whether it is a file called ``.zip``."""
        return self.is_file and self.name.casefold().endswith(".zip")

    @property
    def is_work(self) -> bool:
        """Whether it is a file that can be somebody's work by its name."""
        return self.is_file and is_work(Path(self.name))

    @property
    def stem(self) -> str:
        """The name of a folder, or of a file without its extension."""
        return self.name if self.is_folder else Path(self.name).stem

    def child(self, name: str) -> Node | None:
        """Return the child of this name (case does not count), or None."""
        return next((node for node in self.children if node.name.casefold() == name.casefold()), None)

    def has_hidden(self, name: str) -> bool:
        """Return whether a folder holds ``name``, which `children` does not show."""
        return any(node.name == name for node in self._entries)

    def work(self, depth: int = _DEEPEST) -> Iterator[str]:
        """Yield the names of the files below that can be somebody's work."""
        for node in self.children:
            if node.is_work:
                yield node.name
            elif node.is_folder and depth:
                yield from node.work(depth - 1)


def node_at(path: Path) -> Node:
    """Return what lies at ``path``, which is not followed if it is a link; raises OSError if nothing does."""
    name = path.name if path.name not in ("", "..") else path.resolve().name
    return _on_disk(name, path, path.lstat())


def opened_zip(node: Node) -> Node:
    """Return a zip on disk as a folder of its members.

    Raises:
        IntakeRefused: it is damaged.
        OSError: it cannot be read.
    """
    return _zip_folder(node.stem, node.path, "", _nested(table_of_contents(node.path)))


def holds_work(node: Node) -> bool:
    """Return whether a zip on disk lists a file that can be somebody's work; False if it cannot be read."""
    try:
        return not node.inside and any(opened_zip(node).work())
    except (OSError, IntakeRefused):
        return False


def _on_disk(name: str, path: Path, status: os.stat_result) -> Node:
    is_folder, is_file = stat.S_ISDIR(status.st_mode), stat.S_ISREG(status.st_mode)
    return Node(name, path, "", is_folder, is_file, status.st_size, lambda: _on_disk_in(path) if is_folder else [])


def _on_disk_in(folder: Path) -> list[Node]:
    with os.scandir(folder) as entries:
        return [_on_disk(entry.name, folder / entry.name, entry.stat(follow_symlinks=False)) for entry in entries]


def _nested(table: TableOfContents) -> _Tree:
    """Return the paths of a zip as folders in folders; a file is its size."""
    root: _Tree = {}
    for path, member in table.members.items():
        *folders, name = path.split("/")
        _folder(root, folders).setdefault(name, member.file_size)
    for path in table.folders:
        _folder(root, path.split("/") if path else [])
    return root


def _folder(root: _Tree, parts: list[str]) -> _Tree:
    for part in parts:
        inner = root.setdefault(part, {})
        root = inner if isinstance(inner, dict) else {}  # one name for a file and a folder: `take_in` refuses it
    return root


def _zip_folder(name: str, path: Path, inside: str, tree: _Tree) -> Node:
    def listed() -> list[Node]:
        at = f"{inside}/" if inside else ""
        return [
            _zip_folder(part, path, at + part, below)
            if isinstance(below, dict)
            else Node(part, path, at + part, is_file=True, size=below)
            for part, below in tree.items()
        ]

    return Node(name, path, inside, is_folder=True, listed=listed)
