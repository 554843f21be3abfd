"""Write a handout: a folder, and the same as a zip, byte by byte the same for the same course."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from grader.errors import UsageError
from grader.files import whole_file
from grader.handout.contents import CHECKS

_MARK = Path(CHECKS) / "course.toml"  # what every handout has, and no student's folder of another kind
_WHEN = (2000, 1, 1, 0, 0, 0)  # of every file in the zip


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write ``files`` below ``folder`` and into a zip beside it, which is returned; replaces an earlier handout there.

    Raises:
        UsageError: the folder holds something that is no handout.
    """
    if folder.exists() and not (folder / _MARK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already and is no handout: choose another place")
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    zipped = folder.with_name(f"{folder.name}.zip")
    whole_file.write(zipped, zip_of(files, folder.name))
    return zipped


def zip_of(files: Mapping[str, bytes], name: str) -> bytes:
    """Return a zip of ``files`` in a folder ``name``."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            member = zipfile.ZipInfo(f"{name}/{path}", _WHEN)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(member, files[path])
    return content.getvalue()
