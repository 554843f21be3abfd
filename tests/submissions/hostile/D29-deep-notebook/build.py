import shutil
from pathlib import Path


def build(folder: Path) -> Path:
    """Right answers beside notebooks that end every recursive reader."""
    work = folder / "student"
    work.mkdir()
    shutil.copy(Path(__file__).with_name("right.py"), work / "score_matrix.py")
    (work / "activity1.ipynb").write_text('{"nbformat": 4, "cells": ' + "[" * 100_000 + "]" * 100_000 + "}")
    (work / "other.ipynb").write_text('{"a":' * 100_000 + "1" + "}" * 100_000)
    return work
