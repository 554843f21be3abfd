"""The starter repository of a GitHub classroom: a handout, and a workflow that runs its checks at every push."""

from __future__ import annotations

import sys
from pathlib import Path

WORKFLOW = ".github/workflows/check.yml"


def workflow() -> bytes:
    """Return the workflow, with this Python's version."""
    text = Path(__file__).with_name("workflow.yml").read_text(encoding="utf-8")
    python = "{}.{}".format(*sys.version_info)
    return text.replace("@PYTHON@", python).encode()
