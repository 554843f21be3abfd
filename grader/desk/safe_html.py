"""Turn a student's Markdown into HTML that can do nothing: no HTML of theirs, no links, no pictures, no scripts.

Mathematics between ``$`` or ``$$`` becomes MathML, which browsers draw by themselves.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Any

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from mdit_py_plugins.dollarmath import dollarmath_plugin

LONGEST = 20_000  # characters of a text that are rendered as Markdown; what is longer is shown as typed
_LONGEST_FORMULA = 1_000  # a longer one is shown as typed
# Pandoc's rules, so that "$5 and $6" is no formula.
_DOLLARS = {"double_inline": True, "allow_labels": False, "allow_space": False, "allow_digits": False}
_TEXT = {"p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "span", "div"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_HEADINGS = {"h3", "h4", "h5", "h6"}  # h1 and h2 are the desk's own
_MATHS = {
    *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mphantom", "menclose"),
}
_ATTRIBUTES = {
    "math": {"display"},
    "mo": {"fence", "stretchy", "form", "separator", "lspace", "rspace", "minsize", "maxsize", "movablelimits"},
    "mi": {"mathvariant"},
    "mfrac": {"linethickness"},
    "mspace": {"width"},
    "mtable": {"columnalign"},
    "mtd": {"columnalign"},
    "ol": {"start"},
    "span": {"class"},
}


class _Renderer(RendererHTML):
    """Shows where links and pictures point, in place of following them; headings begin below those of the desk."""

    def link_open(self, tokens: Any, idx: int, *_: Any) -> str:
        tokens[idx].meta = {"target": str(tokens[idx].attrGet("href") or "")}
        return ""

    def link_close(self, tokens: Any, idx: int, *_: Any) -> str:
        opened = next(one for one in reversed(tokens[:idx]) if one.type == "link_open")
        return f" <code>{html.escape(opened.meta.get('target', ''))}</code>"

    def image(self, tokens: Any, idx: int, *_: Any) -> str:
        about = html.escape(tokens[idx].content)
        return f'<span class="picture">picture, not loaded: {about}</span>'

    def heading_open(self, tokens: Any, idx: int, *_: Any) -> str:
        return f"<{_lower(tokens[idx].tag)}>"

    def heading_close(self, tokens: Any, idx: int, *_: Any) -> str:
        return f"</{_lower(tokens[idx].tag)}>"


@lru_cache(maxsize=4096)
def render(text: str) -> str:
    """Return safe HTML for Markdown that anybody may have written."""
    if len(text) > LONGEST:
        return f"<pre>{html.escape(text)}</pre>"
    return nh3.clean(
        _markdown().render(text),
        tags=_TEXT | _TABLES | _HEADINGS | _MATHS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        url_schemes=set(),
        link_rel=None,
    )


def spans(text: str) -> str:
    """Return HTML for one line of text: what is in backticks becomes code, the rest is escaped."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _lower(tag: str) -> str:
    return f"h{min(int(tag[1]) + 2, 6)}"


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    markdown.enable(["table", "strikethrough"])
    return markdown.use(dollarmath_plugin, renderer=_formula, **_DOLLARS)


def _formula(tex: str, options: dict[str, Any]) -> str:
    """Return a formula as MathML; as typed if it is long or no TeX that we know."""
    shown = f"<code>{html.escape(tex)}</code>"
    # In text the library would let a tag through, and the cleaning would then drop the student's words.
    if len(tex) > _LONGEST_FORMULA or ("<" in tex and re.search(r"\\(text|mbox|href)", tex)):
        return shown
    try:
        return convert(tex.replace("<", r"\lt "), display="block" if options.get("display_mode") else "inline")
    except Exception:  # noqa: BLE001 -- it raises many kinds for what is no TeX
        return shown
