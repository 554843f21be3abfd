"""The packages that grading needs, each with the version that is installed here: that is what was tested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from grader.errors import UsageError

_FROM_PYTORCH = ("torch", "torchvision", "torchaudio")
# What only a torch with CUDA depends on. Gradescope has no GPU.
_OF_CUDA = ("nvidia-", "cuda-", "triton")


def pinned(wanted: Iterable[str], *, cuda: bool) -> tuple[list[str], list[str]]:
    """Return pip's lines for ``wanted`` and all they depend on: those that PyTorch publishes, and the others.

    Without ``cuda`` they name PyTorch's builds for CPUs.

    Raises:
        UsageError: one of ``wanted`` is not installed here.
    """
    versions: dict[str, str] = {}
    waiting = [Requirement(name) for name in wanted]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in versions or (name.startswith(_OF_CUDA) and not cuda):
            continue
        try:
            installed = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise UsageError(f"{name} is not installed here, and Gradescope gets what is: pip install {name}") from None
        versions[name] = installed.version
        waiting += _needed_by(installed, requirement.extras)
    build = "" if cuda else "+cpu"
    torch = [f"{name}=={Version(versions[name]).public}{build}" for name in sorted(versions) if name in _FROM_PYTORCH]
    others = [f"{name}=={versions[name]}" for name in sorted(versions) if name not in _FROM_PYTORCH]
    return torch, others


def of_grader() -> list[str]:
    """Return what the grader itself requires, as pip writes it."""
    lines = map(Requirement, metadata.requires("mlgrader") or ())
    return [str(line) for line in lines if line.marker is None or line.marker.evaluate({"extra": ""})]


def _needed_by(installed: metadata.Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for line in map(Requirement, installed.requires or ()):
        if line.marker is None or any(line.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield line
