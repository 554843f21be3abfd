"""Write a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, over what is there. A reader never sees half of it.

    Raises:
        OSError: It could not be written (a full disk, say); what was there stays as it was.
    """
    with _draft(path, content) as draft:
        draft.replace(path)


def write_new(path: Path, content: bytes) -> bool:
    """Write ``content`` to ``path`` unless a file is there already; return whether it was written.

    Of several processes that write the same path at once, one is told that it wrote it.

    Raises:
        OSError: It could not be written; there is no file then.
    """
    with _draft(path, content) as draft:
        try:
            os.link(draft, path)  # unlike a rename, a link never replaces what is there
        except FileExistsError:
            return False
    return True


@contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    """Write a file beside ``path``; take it away at the end, if it is still there."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        yield draft
    finally:
        draft.unlink(missing_ok=True)
