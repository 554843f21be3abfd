"""Make text from a submission harmless to look at: in a terminal, in a log, and on a page.

Autoescaping already stops markup. This module removes what deceives the eye: terminal escapes, control
characters, and bidirectional controls that reorder a line. It keeps everything an honest student may print.
"""

from __future__ import annotations

import re

LIMIT = 20_000  # characters of one field that a report shows

# Each alternative stops where the next one may begin (at ESC or its C1 twins), so hostile input costs linear time.
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x90\x98\x9b-\x9f]*(?:\x07|\x1b\\|\x9c)"  # OSC: titles, links, the clipboard
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x90\x98\x9b-\x9f]*(?:\x1b\\|\x9c)"  # DCS, SOS, PM, APC strings
    r"|\x1b[ -/]*[0-~]"  # the remaining two-character escapes
)
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 without \t and \n
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls: "Trojan Source"
    r"\u200b\u2060-\u2064\u206a-\u206f\ufeff\U000e0000-\U000e007f]"  # no width, or tags; ZWJ stays, for emoji
)
_UNWRITABLE = re.compile(r"[\ud800-\udfff\ufffe\uffff]")  # lone surrogates break .encode("utf-8")


def printable(text: str, limit: int = LIMIT) -> str:
    """Return ``text`` without terminal escapes, control or bidi characters, ``limit`` characters at most."""
    text = _ANSI.sub("", text)
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    # A progress bar rewrites its line with \r: keep what a terminal would show in the end.
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    text = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", _UNSEEN.sub("", text))
    return _shortened(text, limit)


def one_line(text: str, limit: int = 200) -> str:
    """Return ``text`` cleaned and on one line, so that a name cannot look like a line of the report."""
    return printable(" ".join(printable(text).split()), limit)


def _shortened(text: str, limit: int) -> str:
    """Cut out the middle: the start says what happened, the end of a traceback says why."""
    if len(text) <= limit:
        return text
    if limit < 200:  # too short for a note in the middle
        return text[: limit - 1] + "…"
    room = limit - 60  # the note below is shorter than this
    head = room * 2 // 3
    tail = room - head
    return f"{text[:head]}\n… {len(text) - room} characters left out …\n{text[-tail:]}"
