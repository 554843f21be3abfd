"""The starter repository of a GitHub classroom: a handout, and a workflow that runs its checks at every push."""

from __future__ import annotations

import sys
from pathlib import Path

from grader.course.catalog import Course

WORKFLOW = ".github/workflows/check.yml"
_FROM_PYTORCH = ("torch", "torchvision", "torchaudio")


def workflow(course: Course) -> bytes:
    """Return the workflow, with this Python's version and those packages of the course that PyTorch publishes."""
    packages = [name for name in _FROM_PYTORCH if name == "torch" or name in course.config.packages.values()]
    text = Path(__file__).with_name("workflow.yml").read_text(encoding="utf-8")
    python = "{}.{}".format(*sys.version_info)
    return text.replace("@PYTHON@", python).replace("@TORCH@", " ".join(packages)).encode()
