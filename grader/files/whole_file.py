"""Write a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` and replace a file that is there. A reader never sees half of it.

    Raises:
        OSError: The file could not be written (a full disk, say); an earlier file stays as it was.
    """
    with _draft(path, content) as draft:
        draft.replace(path)


def write_new(path: Path, content: bytes) -> bool:
    """Write ``content`` to ``path`` unless there is a file already; return whether it was written.

    If several processes write the same path at once, this returns True in exactly one of them.

    Raises:
        OSError: The file could not be written, and there is none.
    """
    with _draft(path, content) as draft:
        try:
            os.link(draft, path)  # unlike a rename, a link never replaces a file
        except FileExistsError:
            return False
    return True


@contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    """Write a file beside ``path`` and yield its path; delete it at the end if it is still there."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        yield draft
    finally:
        draft.unlink(missing_ok=True)
