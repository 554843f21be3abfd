"""Split code into tokens that stay the same when names, numbers, texts, comments, layout and brackets change."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

_KEYWORDS = frozenset(keyword.kwlist)
_IGNORED = frozenset("(),")  # of these, a formatter adds and removes many
# One pass without going back, so that hostile text costs linear time: a text that never ends reaches to the end.
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)"""
    r"""|(?P<text>[rRbBuUfFtT]{0,2}(?:"{3}(?:[^"\\]|\\.|"(?!""))*+(?:"{3})?|'{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3})?"""
    r"""|"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?))"""
    r"""|(?P<word>[^\W\d]\w*+)|(?P<number>\d[\w.]*+)|(?P<sign>\S)""",
    re.DOTALL,
)


def tokens(code: str) -> Iterator[str]:
    """Yield the tokens of Python code: keywords and signs as they are, ``n`` for a name, ``0`` and ``s`` for values.

    Comments, layout, commas and round brackets are left out. Works for any text, and never fails.
    """
    for match in _TOKEN.finditer(code):
        kind, token = match.lastgroup, match[0]
        if kind == "word":
            yield token if token in _KEYWORDS else "n"
        elif kind == "sign" and token not in _IGNORED:
            yield token
        elif kind in {"text", "number"}:
            yield "s" if kind == "text" else "0"
