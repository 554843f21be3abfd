"""Folders and zips as students hand them in."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files by path below a folder; returns the folder."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The bytes of a zip that holds the files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()
