"""The files that a new course and a new part begin with, as templates: ``$identity`` and ``$name`` are filled in."""

from __future__ import annotations

from importlib.resources import files
from string import Template

_SUFFIX = ".template"


def filled(template: str, **words: str) -> str:
    """Return the text of a template such as ``part/reference.py`` with the words in place of their names."""
    return Template((files(__name__) / f"{template}{_SUFFIX}").read_text(encoding="utf-8")).substitute(words)
