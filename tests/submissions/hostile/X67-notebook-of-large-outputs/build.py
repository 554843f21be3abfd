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
    """The right function in a cell whose output is as large as a file may be."""
    work = folder / "student"
    work.mkdir()
    cell = code("import torch\n" + RIGHT)
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x" * 99 + "\n"] * (180_000)}]
    (work / "activity1.ipynb").write_text(json.dumps(notebook(cell)))
    return work
