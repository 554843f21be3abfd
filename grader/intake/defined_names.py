"""Tell which names a file may define, by looking for them in its bytes: nothing is parsed, and nothing is run.

It finds too many names rather than too few: a keyword argument looks like an assignment, and a comment like code. That
is enough to tell whether a class handed in another assignment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# `def name`, `class name`, `name =`, `name: type =`. The lengths are limited, so that hostile bytes cost linear time.
_DEFINITION = re.compile(rb"(?:def|class)\s{1,8}(\w{1,80})|(?<!\w)(\w{1,80})\s{0,8}[:=]")


def defined_names(content: bytes) -> frozenset[str]:
    """Return the names that a Python file or a notebook may define, each as `spelt` writes it."""
    text = content.replace(b"\0", b"")  # of UTF-16, the letters of names stay
    text = text.replace(b"\\n", b"\n")  # a notebook may have a whole cell in one JSON string
    return frozenset(spelt((match[1] or match[2]).decode()) for match in _DEFINITION.finditer(text))


def spelt(name: str) -> str:
    """Return a name as all its spellings have it: ``sgdFactorize`` and ``sgd_factorise`` are one."""
    return name.casefold().replace("_", "").replace("z", "s").replace("our", "or")


def matches(defined: Iterable[str], wanted: Iterable[str]) -> bool:
    """Return whether one of the ``defined`` names is one of the ``wanted``, which may have a ``*``."""
    patterns = [re.compile(".*".join(map(re.escape, spelt(name).split("*")))) for name in wanted]
    return any(pattern.fullmatch(name) for name in defined for pattern in patterns)
