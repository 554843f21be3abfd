"""Where the gradebook of a class is. Looking there imports no database, which would take a tenth of a second."""

from __future__ import annotations

import os
from pathlib import Path

FILE = "gradebook.sqlite"
VARIABLE = "GRADER_DB"  # a SQLAlchemy URL, for a gradebook that is shared or holds several assignments


def url_of(folder: Path, url: str | None = None) -> str:
    """Return the URL of a gradebook: ``url``, else GRADER_DB, else a file in ``folder``."""
    return url or os.environ.get(VARIABLE) or f"sqlite:///{folder / FILE}"


def may_be_there(folder: Path, url: str | None = None) -> bool:
    """Return whether there may be a gradebook at `url_of`: there is none where its file would be and is not."""
    return bool(url or os.environ.get(VARIABLE)) or (folder / FILE).is_file()
