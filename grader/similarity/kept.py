"""Keep the fingerprints of a class in ``fingerprints.json``: who hands in late is compared with everybody."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.files import whole_file

FILE = "fingerprints.json"
_VERSION = 1


class KeptPrints(msgspec.Struct, frozen=True, kw_only=True):
    """The fingerprints of one submission, whose files have this SHA-256."""

    sha256: str
    prints: tuple[int, ...]  # sorted, each once: a set would take eight times the memory, in a class of thousands


class ClassPrints(msgspec.Struct, frozen=True, kw_only=True):
    """The fingerprints of every submission, by name; ``given`` are those of the template."""

    format_version: int = _VERSION
    given: frozenset[int] = frozenset()
    submissions: dict[str, KeptPrints] = msgspec.field(default_factory=dict)


def read(folder: Path) -> ClassPrints:
    """Return the fingerprints that are kept in a folder; none if there are none, or of another version."""
    try:
        found = msgspec.json.decode((folder / FILE).read_bytes(), type=ClassPrints)
    except (FileNotFoundError, msgspec.MsgspecError):
        return ClassPrints()
    return found if found.format_version == _VERSION else ClassPrints()


def write(folder: Path, prints: ClassPrints) -> None:
    """Write the fingerprints of a class into a folder, whole. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    whole_file.write(folder / FILE, msgspec.json.encode(prints, order="deterministic"))
