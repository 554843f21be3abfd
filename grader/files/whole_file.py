"""Write a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` and replace a file that is there. A reader never sees half of it.

    Raises:
        OSError: The file could not be written (a full disk, say); an earlier file stays as it was.
    """
    make(path, lambda draft: draft.write_bytes(content))


def make(path: Path, maker: Callable[[Path], object]) -> None:
    """Have ``maker`` write a file at the path that it is given, then move it to ``path``.

    Raises:
        OSError: The file could not be written. Whatever ``maker`` raises. An earlier file stays as it was.
    """
    with _draft(path) as draft:
        maker(draft)
        draft.replace(path)


def write_new(path: Path, content: bytes) -> bool:
    """Write ``content`` to ``path`` unless there is a file already; return whether it was written.

    If several processes write the same path at once, this returns True in exactly one of them.

    Raises:
        OSError: The file could not be written, and there is none.
    """
    with _draft(path) as draft:
        draft.write_bytes(content)
        try:
            os.link(draft, path)  # unlike a rename, a link never replaces a file
        except FileExistsError:
            return False
    return True


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path``; delete the file there at the end, if there is one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
