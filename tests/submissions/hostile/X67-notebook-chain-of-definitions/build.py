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
    """What the function needs is followed through nineteen thousand statements."""
    work = folder / "student"
    work.mkdir()
    chain = "".join(f"x{number + 1} = x{number} + 1\n" for number in range(19_000))
    use = RIGHT.replace("return Q", "assert x19000 == 19000\n    return Q")
    (work / "activity1.ipynb").write_text(json.dumps(notebook(code("import torch\nx0 = 0\n" + chain), code(use))))
    many = "".join(f"def f{number}(): return f{number + 1}()\n" for number in range(19_000))
    (work / "helpers.py").write_text(many + "def f19000(): return 1\n")
    return work
