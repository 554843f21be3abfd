"""Read a rendered page the way a browser would, as far as the tests need: elements, attributes, text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from grader.reports.html import class_page

_VOID = {"meta", "link", "br", "hr", "img", "input", "circle", "path", "rect"}


@dataclass
class Element:
    """One element: tag, attributes, ancestors, and all the text inside it."""

    tag: str
    attributes: dict[str, str | None]
    ancestors: tuple[Element, ...] = ()
    pieces: list[str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


class Page(HTMLParser):
    """All elements of a page in order; fails on tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.doctype = ""
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {self._open[-1].tag}"

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), tuple(self._open))
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"nothing open for </{tag}>"
        assert self._open[-1].tag == tag, f"<{self._open[-1].tag}> closed by </{tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.pieces.append(data)

    def all(self, tag: str = "", cls: str = "") -> list[Element]:
        """Every element with this tag and class."""
        return [e for e in self.elements if (not tag or e.tag == tag) and (not cls or cls in e.classes)]

    def one(self, tag: str = "", cls: str = "") -> Element:
        """The only element with this tag and class."""
        found = self.all(tag, cls)
        assert len(found) == 1, f"{len(found)} elements <{tag} class={cls}>"
        return found[0]


def render_index(*words, **named):
    """The class page as a whole."""
    return "".join(class_page(*words, **named))
