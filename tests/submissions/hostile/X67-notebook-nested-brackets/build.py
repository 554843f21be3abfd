import json
from pathlib import Path

RIGHT = "def score_matrix(Q, K):\n    return Q @ K.T\n"


def code(source):
    """A code cell."""
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": source}


def notebook(*cells):
    """A notebook of these cells."""
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def build(folder: Path) -> Path:
    """Cells that end a recursive parser of Python, before and behind the right function."""
    work = folder / "student"
    work.mkdir()
    cells = (
        code("x = " + "[" * 1_000_000 + "]" * 1_000_000),
        code("y = " + "-" * 500_000 + "1"),
        code("z = " + "(" * 100_000),
        code("import torch\n" + RIGHT),
        code("a = 1" + ".real" * 200_000),
        code("b = " + "1 + " * 200_000 + "1"),
        code("".join(" " * depth + "if 1:\n" for depth in range(2_000)) + " " * 2_000 + "pass"),
    )
    (work / "activity1.ipynb").write_text(json.dumps(notebook(*cells)))
    return work
