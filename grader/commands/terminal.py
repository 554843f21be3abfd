"""Make output reach any terminal: letters that it cannot encode are escaped and stop nothing.

File names are bytes, and on a machine whose locale is not UTF-8 (``de_DE.ISO-8859-1``) Python would read them as other
letters, and could not write the names of other students at all. So the command line runs in Python's UTF-8 mode.
"""

from __future__ import annotations

import io
import json
import os
import sys


def use_utf8() -> None:
    """Start this command again in UTF-8 mode if file names are not UTF-8 here; its output keeps its encoding."""
    if sys.getfilesystemencoding() == "utf-8" or sys.flags.utf8_mode:
        return
    spoken = f"{sys.stdout.encoding}:backslashreplace"
    # PYTHONUTF8 for the processes that this one starts.
    environment = {"PYTHONIOENCODING": spoken, **os.environ, "PYTHONUTF8": "1"}
    os.execve(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]], environment)  # noqa: S606 -- itself


def escape_what_cannot_be_shown() -> None:
    """Let stdout and stderr write an escape for a letter that their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write_json(text: str) -> None:
    """Write a JSON text and a line break to stdout; JSON is UTF-8, so any other encoding gets only ASCII, escaped."""
    if sys.stdout.encoding.casefold() not in {"utf-8", "utf8"}:
        text = json.dumps(json.loads(text))
    sys.stdout.write(text + "\n")
