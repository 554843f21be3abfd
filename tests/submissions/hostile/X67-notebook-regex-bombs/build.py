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
    """Long lines of the characters by which magics and shell lines are known."""
    work = folder / "student"
    work.mkdir()
    lines = ("!" * 300_000, "%" * 300_000, "?" * 300_000, "a" * 300_000 + "??", "x = " * 100_000 + "!ls", "!ls \\\n" * 100_000,
             "%%time\n" * 100_000, " " * 300_000 + "!", "get_ipython()." * 50_000, "\'" * 100_001 + '"""', "x = !" + "(" * 300_000)
    cells = [code(line) for line in lines]
    (work / "activity1.ipynb").write_text(json.dumps(notebook(*cells, code("import torch\n" + RIGHT))))
    return work
