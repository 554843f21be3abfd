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
    """The right function behind a hundred thousand cells that each define the same name."""
    work = folder / "student"
    work.mkdir()
    cells = [code(f"x{number % 7} = {number}") for number in range(100_000)]
    (work / "activity1.ipynb").write_text(json.dumps(notebook(*cells, code("import torch\n" + RIGHT))))
    (work / "fewer.ipynb").write_text(json.dumps(notebook(*cells[:19_000], code("import torch\n" + RIGHT))))
    return work
