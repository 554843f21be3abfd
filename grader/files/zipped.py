"""Make a zip whose bytes depend on its files alone: made again from the same files, it is the same zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Container, Iterable

_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


def zip_of(files: Iterable[tuple[str, bytes]], executable: Container[str] = ()) -> bytes:
    """Return a zip of files, each a path and its content; those at a path in ``executable`` can be run."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, file in files:
            member = zipfile.ZipInfo(path, _TIME)
            member.external_attr = (0o755 if path in executable else 0o644) << 16
            archive.writestr(member, file, zipfile.ZIP_DEFLATED)
    return content.getvalue()
