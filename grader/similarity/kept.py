"""Keep the fingerprints of a class in ``fingerprints.json``: who hands in late is compared with everybody."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.files import whole_file

FILE = "fingerprints.json"
_VERSION = 1


if TYPE_CHECKING:
    Prints = array[int]
else:
    Prints = array  # takes no type before Python 3.12


def prints_of(numbers: Iterable[int]) -> Prints:
    """Return fingerprints in order, each once, of 8 bytes each: as a set they would take ten times that.

    Raises:
        ValueError: one is no fingerprint.
    """
    try:
        return array("Q", sorted(set(numbers)))
    except (TypeError, OverflowError) as error:
        raise ValueError(f"no fingerprint: {error}") from error


class KeptPrints(msgspec.Struct, frozen=True, kw_only=True):
    """The fingerprints of one submission, whose files have this SHA-256."""

    sha256: str
    prints: Prints  # as `prints_of` makes them


class ClassPrints(msgspec.Struct, frozen=True, kw_only=True):
    """The fingerprints of every submission, by name; ``given`` are those of the template."""

    format_version: int = _VERSION
    given: frozenset[int] = frozenset()
    submissions: dict[str, KeptPrints] = msgspec.field(default_factory=dict)


_DECODER = msgspec.json.Decoder(ClassPrints, dec_hook=lambda _, numbers: prints_of(numbers))


def read(folder: Path) -> ClassPrints:
    """Return the fingerprints that are kept in a folder; none if there are none, or of another version."""
    try:
        found = _DECODER.decode((folder / FILE).read_bytes())
    except (FileNotFoundError, msgspec.MsgspecError):
        return ClassPrints()
    return found if found.format_version == _VERSION else ClassPrints()


def write(folder: Path, prints: ClassPrints) -> None:
    """Write the fingerprints of a class into a folder, whole. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    whole_file.write(folder / FILE, msgspec.json.encode(prints, order="deterministic", enc_hook=list))
