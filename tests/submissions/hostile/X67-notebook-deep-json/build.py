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
    """JSON that ends every recursive reader, where code is looked for."""
    work = folder / "student"
    work.mkdir()
    deep = "[" * 1_000_000 + "]" * 1_000_000
    (work / "score_matrix.ipynb").write_text('{"nbformat": 4, "cells": [{"cell_type": "code", "source": ' + deep + "}]}")
    (work / "other.py").write_text('{"nbformat": 4, "cells": ' + deep + "}")
    return work
