"""Write a file whole or not at all, in the place of what was there."""

from __future__ import annotations

import os
from pathlib import Path


def replace(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``: a reader never sees half of it; an OSError (a full disk) changes nothing."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
