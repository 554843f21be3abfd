"""The first files of a new course and a new part, as templates with ``$identity`` and ``$name`` to fill in."""

from __future__ import annotations

from importlib.resources import files
from string import Template

_SUFFIX = ".template"


def filled(template: str, **words: str) -> str:
    """Return the text of a template such as ``part/reference.py``, with each ``$name`` replaced by its word."""
    return Template((files(__name__) / f"{template}{_SUFFIX}").read_text(encoding="utf-8")).substitute(words)
