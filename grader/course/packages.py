"""What students of a course may import besides Python's own library, as ``course.toml`` lists it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version


def told(packages: Mapping[str, str]) -> str:
    """Return a sentence for students with all that is installed for them; empty for a course that lists nothing.

    ``packages`` names for each module that they may import what pip calls its package; said where the two differ.
    """
    if not packages:
        return ""
    listed = sorted(packages.items(), key=lambda item: item[0].casefold())
    names = [module if module == package else f"{module} ({package})" for module, package in listed]
    return f"Besides Python's own library you may import: {', '.join(names)}."


def versions(packages: Mapping[str, str]) -> dict[str, str]:
    """Return the version that is installed of each package, under pip's name; empty where there is none."""
    return {package: _version(package) for package in packages.values()}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
