"""What a data set is to the grader: a file below ``fixtures/datasets/`` that defines ``dataset``, a ``Dataset``.

The file is named as the data set is (``fixtures/datasets/ratings.py`` is ``ratings``). Files whose names begin with an
underscore are helpers of the others; ``from ._planted import plant`` imports one. A data set's file is loaded to list
and to find data sets, so it imports large libraries inside its functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Protocol, runtime_checkable

import msgspec
from msgspec import Meta

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Place = Annotated[str, Meta(min_length=1)]


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of a data set that its reader understands: a file, or a folder of files.

    ``places`` are where it may lie below a folder of data such as GRADER_DATA, the first one found is used.
    ``sha256`` pins every file by its name: a file with another hash is refused. Files of a folder that are named in
    ``optional`` may be missing.
    """

    places: Annotated[tuple[Place, ...], Meta(min_length=1)]
    sha256: dict[str, Sha256]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Download:
    """The file that ``grader data fetch`` gets; ``version`` is the version it gives.

    Where that version is a folder, the file is a zip archive: the files that the version pins are unpacked from it.
    """

    url: str
    sha256: str
    megabytes: int
    version: str

    @property
    def file(self) -> str:
        """The file's name, also at any mirror."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class About:
    """What a data set is, in words, and which versions of it are known, the best first.

    ``grader data list`` shows ``title`` and ``terms`` (licence and citation). ``mini`` says in a word or two what
    stands in for it. ``also_called`` is another name by which checks may ask for it. With ``in_torch_cache`` it is
    also looked for in the cache of ``torch.hub``, and fetched to it.
    """

    title: str
    terms: str
    mini: str
    versions: Mapping[str, Version]
    download: Download
    also_called: str = ""
    in_torch_cache: bool = False


@dataclass(frozen=True)
class Source:
    """A real data set that was found: ``version`` says which, ``origin`` in which of the places.

    ``sha256`` pins its files by name; ``repair`` says in words how to get the right files back.
    """

    name: str
    version: str
    path: Path
    origin: str
    sha256: Mapping[str, str] = field(default_factory=dict, compare=False)
    repair: str = field(default="", compare=False)


@runtime_checkable
class Dataset(Protocol):
    """One data set of a course: a real one, and a stand-in that needs no download."""

    about: About

    def mini(self, seed: int) -> Any:
        """Return the stand-in, made by code from ``seed`` (63 bits) and the same for the same seed.

        The seed is secret while a class is graded: else a submission that has this code could look answers up. What
        gives no answer away, such as weights, may be the same for every seed.

        Raises:
            DatasetError: it cannot be made here.
        """

    def read(self, source: Source) -> Any:
        """Return the real data of ``source``, in the form that ``mini`` has.

        Raises:
            DatasetError: a file is missing, is not the pinned one, or cannot be decoded.
        """


@runtime_checkable
class PretrainedWeights(Dataset, Protocol):
    """A data set that submissions load with ``torch.hub``: its folder is mounted in the sandbox as TORCH_HOME.

    Its stand-in is the same for every seed, because the folder is mounted once for a whole class.
    """

    def torch_home(self, source: Source | None) -> Path:
        """Return a folder that holds ``hub/checkpoints/<file>`` and nothing else; of the stand-in without a source.

        Raises:
            DatasetError: the file of ``source`` is not the pinned one.
        """
