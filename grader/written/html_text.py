"""Turn HTML into text to look for answers in; nothing is rendered, and no address in it is followed.

One pass over the text, so it takes the same time however the tags are nested, and no HTML is an error.
"""

from __future__ import annotations

import html
import re

_PIECES = re.compile(r"<(?P<close>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<[!?][^<>]*>|[^<]+|<")
_UNSEEN = {"script", "style", "head", "title"}
_NEW_LINES = {"p": 2, "div": 1, "br": 1, "tr": 1, "li": 1, "ul": 2, "ol": 2, "table": 2, "pre": 2, "blockquote": 2}
_HEADING = re.compile(r"h[1-6]")


def text_of(page: str) -> str:
    """Return the text of a page: headings as in Markdown (``## ...``), paragraphs apart, without tags."""
    words: list[str] = []
    unseen = ""
    for piece in _PIECES.finditer(page):
        tag = (piece["tag"] or "").casefold()
        if unseen:
            unseen = "" if tag == unseen and piece["close"] else unseen
        elif tag in _UNSEEN and not piece["close"]:
            unseen = tag
        elif tag:
            words.append(_in_place_of(tag, closes=bool(piece["close"])))
        elif not piece[0].startswith(("<!", "<?")):
            words.append(re.sub(r"\s+", " ", piece[0]))
    lines = (line.strip() for line in html.unescape("".join(words)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _in_place_of(tag: str, *, closes: bool) -> str:
    """Return what stands for a tag in the text."""
    if _HEADING.fullmatch(tag):
        return "\n\n" if closes else f"\n\n{'#' * int(tag[1])} "
    if tag == "li" and not closes:
        return "\n- "
    return "\n" * _NEW_LINES.get(tag, 0)
