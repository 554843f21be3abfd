"""The starter repository of a GitHub classroom: a handout, and a workflow that runs its checks at every push."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

WORKFLOW = ".github/workflows/check.yml"


def workflow(torch_index: str = "") -> bytes:
    """Return the workflow, with this Python's version; ``torch_index`` is a package index with PyTorch for CPUs.

    Its builds have a version like 2.14.1+cpu, which pip takes to be later than the 2.14.1 of its own index.
    """
    text = Path(__file__).with_name("workflow.yml").read_text(encoding="utf-8")
    python = "{}.{}".format(*sys.version_info)
    index = f"--extra-index-url {shlex.quote(torch_index)} " if torch_index else ""
    return text.replace("@PYTHON@", python).replace("@FROM@", index).encode()
