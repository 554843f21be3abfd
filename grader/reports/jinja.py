"""Make the environment for all templates: it escapes and cleans everything, even if a template forgets to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from grader.reports.cleaning import printable


def make_environment(
    *packages: str, names: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]] | None = None
) -> Environment:
    """Return an environment for the templates of ``packages``, and those of the reports.

    Escapes everything, not by file suffix; a missing name is an error, never an empty string. ``names`` and
    ``filters`` are what the templates may use.
    """
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=ChoiceLoader([PackageLoader(package) for package in (*packages, "grader.reports")]),
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= names
    environment.filters |= filters or {}
    return environment


def _cleaned(value: Any) -> Any:
    """Clean every plain string on its way out; markup that our own macros made is already clean."""
    return printable(value) if type(value) is str else value
