"""The browser of this machine, if it has one."""

from pathlib import Path


def chromium():
    """Debian's Chromium; None where it is not installed."""
    return next(
        (str(path) for path in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser")) if path.exists()), None
    )
