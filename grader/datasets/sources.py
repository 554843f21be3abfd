"""Where the real data are: in ``GRADER_DATA``, or else in the user's cache. Looks only at names: nothing is read here.

Quick on purpose (no torch, no pandas): a command asks before anything is graded.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.datasets.published import WEIGHTS_FILE
from grader.errors import DatasetError, UsageError

NAMES = ("movielens", "cifar10", "resnet18")

# Of each data set the kinds we read, best first, and where each may lie below a folder such as GRADER_DATA.
_PLACES: dict[str, dict[str, tuple[str, ...]]] = {
    "movielens": {"ml-latest-small": ("ml-latest-small",)},
    "cifar10": {"cifar-10-binary": ("cifar-10-binary.tar.gz",), "cifar10-jpg": ("cifar10-jpg.tar.gz",)},
    "resnet18": {
        "imagenet": (WEIGHTS_FILE, f"weights/{WEIGHTS_FILE}", f"hub/checkpoints/{WEIGHTS_FILE}"),
        "tinyimagenet64": ("weights/resnet18-tinyimagenet64.safetensors",),
    },
}
_MINI = {"movielens": "planted", "cifar10": "drawn", "resnet18": "seeded stand-in"}


@dataclass(frozen=True)
class Source:
    """A real data set that was found: ``kind`` says which version it is, ``origin`` in which of the places."""

    name: str
    kind: str
    path: Path
    origin: str


def user_cache() -> Path:
    """The folder below which we keep what was fetched or computed; it need not exist yet."""
    return _cache_home() / "mlgrader"


def torch_cache() -> Path:
    """The cache of torchvision itself, as ``torch.hub`` decides it."""
    return Path(os.environ.get("TORCH_HOME") or _cache_home() / "torch")


def folders() -> list[Path]:
    """Where data sets may lie: no student's code may read there, labels are among them."""
    return list(dict.fromkeys(folder for name in NAMES for _, folder in _folders(name)))


def find(name: str) -> Source | None:
    """The real data set of this name that a run uses, or None; raises UsageError when GRADER_DATA names no folder."""
    return next(iter(find_all(name)), None)


def find_all(name: str) -> list[Source]:
    """Every version of a data set that is here, the one that is used first."""
    return [
        Source(name, kind, folder / place, origin)
        for origin, folder in _folders(name)
        for kind, places in _PLACES[name].items()
        for place in places
        if (folder / place).exists()
    ]


def effective_profile(names: Iterable[str], profile: str) -> str:
    """``full`` when that is asked for and every data set named is here, else ``mini``."""
    return "full" if profile == "full" and all(find(name) for name in names) else "mini"


def require(name: str) -> Source:
    """The real data set of this name; raises DatasetError, with what to do, where it is not here."""
    if source := find(name):
        return source
    raise DatasetError(
        f"the profile full needs {name}, which is not here: run `grader data fetch {name}`, "
        "or set GRADER_DATA to the folder that holds it"
    )


def taken(parts: Iterable[Sequence[str]], profile: str) -> dict[str, set[str]]:
    """For each data set the profiles in which it is used by ``parts``, each of them given by the data sets it reads.

    A part whose data sets are not all here takes none of the real ones.
    """
    found: dict[str, set[str]] = {}
    for names in parts:
        for name in names:
            found.setdefault(name, set()).add(effective_profile(names, profile))
    return found


def real(parts: Iterable[Sequence[str]], profile: str) -> tuple[str, ...]:
    """The data sets that a run of ``parts`` with this profile takes from this machine, each once."""
    return tuple(name for name, profiles in taken(parts, profile).items() if "full" in profiles)


def one_profile(name: str, parts: Sequence[Sequence[str]], profile: str) -> str:
    """The profile in which ``parts`` use a data set that they all read; raises DatasetError where that is not one."""
    profiles = taken(parts, profile)[name]
    if len(profiles) > 1:
        missing = " ".join(_missing(parts))
        raise DatasetError(
            f"some parts would use the real {name} and others, for want of {missing}, not: "
            f"run `grader data fetch {missing}`, or use --profile mini"
        )
    return profiles.pop()


def still_here(names: Iterable[str]) -> None:
    """Raises DatasetError when a data set that a run began with is gone: a class is graded on one and the same."""
    for name in names:
        if find(name) is None:
            raise DatasetError(f"{name} was here when the run began and is gone: bring it back, and run this again")


def origins(parts: Iterable[Sequence[str]], profile: str) -> dict[str, str]:
    """For each data set, in words, which version a run of ``parts`` with this profile uses; the place is left out."""
    return {
        name: " and ".join(_origin(name, each) for each in sorted(profiles))
        for name, profiles in taken(parts, profile).items()
    }


def used(parts: Iterable[Sequence[str]], profile: str) -> list[str]:
    """One line for each version of a data set that a run of ``parts`` uses, and how to get the real one."""
    parts = list(parts)
    return [
        _line(name, each, profile, [names for names in parts if name in names])
        for name, profiles in taken(parts, profile).items()
        for each in sorted(profiles)
    ]


def _origin(name: str, profile: str) -> str:
    return source.kind if profile == "full" and (source := find(name)) else _MINI[name]


def _line(name: str, profile: str, asked: str, parts: Sequence[Sequence[str]]) -> str:
    if profile == "full" and (source := find(name)):
        return f"{name}: {source.kind} in {source.origin}"
    hint = ""
    if asked == "full":
        hint = f"; `grader data fetch {name}` gets the real one"
        if find(name):
            hint = f", for want of {', '.join(_missing(parts))}"
    return f"{name}: mini ({_MINI[name]}{hint})"


def _missing(parts: Iterable[Sequence[str]]) -> list[str]:
    return [name for name in dict.fromkeys(itertools.chain(*parts)) if not find(name)]


def _folders(name: str) -> Iterator[tuple[str, Path]]:
    if chosen := os.environ.get("GRADER_DATA"):
        if not Path(chosen).is_dir():
            raise UsageError(f"GRADER_DATA is {chosen}, which is no folder; make it, or unset GRADER_DATA")
        yield "GRADER_DATA", Path(chosen).absolute()
    yield "cache", user_cache()
    if name == "resnet18":
        yield "torchvision's cache", torch_cache()


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
