"""Decode a file of code, whatever editor saved it."""

from __future__ import annotations

import codecs
import re

# The longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)  # PEP 263
_SAMPLE = 4096  # bytes: enough to see that every second one is zero


class Unreadable(SyntaxError):
    """A file of code cannot be read; the message is a sentence for the student that says what to change."""


def decoded(path: str, content: bytes) -> tuple[str, tuple[str, ...]]:
    r"""Return the text of a file with ``\n`` as its line ends, and notices for the student.

    A byte order mark decides, else what the first two lines declare, else UTF-8 and then Windows-1252.

    Raises:
        Unreadable: it is no text.
    """
    if wide := _wide_encoding(content):
        mark, encoding = wide
        try:
            return _clean(path, content[len(mark) :].decode(encoding)), ()
        except UnicodeDecodeError:
            name = encoding.upper().rpartition("-")[0] if encoding != "utf-8" else "UTF-8"
            raise Unreadable(
                f"{path} cannot be read: it begins as {name}, but not all of it is. "
                "Open it in your editor and save it as UTF-8."
            ) from None
    for encoding in filter(None, (_declared(content), "utf-8")):
        try:
            return _clean(path, content.decode(encoding)), ()
        except (UnicodeError, LookupError):
            continue
    notice = f"{path} is not saved as UTF-8. It was read as Windows-1252, so some characters may be wrong."
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return _clean(path, text), (notice,)


def _wide_encoding(content: bytes) -> tuple[bytes, str] | None:
    """Return the byte order mark (perhaps empty) and the encoding of a file that has one, or is UTF-16 without."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return mark, encoding
    sample = content[:_SAMPLE]
    if len(sample) >= 4:
        for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            half = sample[start::2]
            if half.count(0) > 0.6 * len(half) and not sample[1 - start :: 2].count(0):
                return b"", encoding
    return None


def _declared(content: bytes) -> str:
    for line in content.split(b"\n", 2)[:2]:
        if found := _DECLARED.match(line):
            return found[1].decode("ascii", "replace")
    return ""


def _clean(path: str, text: str) -> str:
    if "\0" in text:
        raise Unreadable(f"{path} holds null bytes, so it is no text file. Save your code as a text file in UTF-8.")
    return cleaned(text)


def cleaned(text: str) -> str:
    r"""Return ``text`` as Python can compile it, with ``\n`` as its line ends."""
    # A lone surrogate cannot be compiled; a notebook's JSON and some encodings can make one.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")
