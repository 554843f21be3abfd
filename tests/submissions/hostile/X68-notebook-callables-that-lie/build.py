import json
from pathlib import Path

RIGHT = "def score_matrix(Q, K):\n    return Q @ K.T\n"


def code(source):
    """A code cell."""
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": source}


def notebook(*cells):
    """A notebook of these cells."""
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


LIAR = """
class Liar:
    def __call__(self, *a, **k): raise SystemExit(0)
    def __getattr__(self, name): raise MemoryError(name)
    def __bool__(self): raise KeyboardInterrupt
    def __eq__(self, other): raise GeneratorExit
    def __hash__(self): raise RecursionError
    def __repr__(self): return "x" * 10 ** 8
    @property
    def __class__(self): raise SystemExit(3)
    @property
    def __signature__(self): raise SystemExit(4)
    @property
    def __wrapped__(self): return self
    @property
    def __code__(self): raise SystemExit(5)

score_matrix = Liar()
Score_Matrix = SCORE_MATRIX = Liar()
"""


def build(folder: Path) -> Path:
    """What is found under the right name does harm when it is looked at, not when it is called."""
    work = folder / "student"
    work.mkdir()
    (work / "activity1.ipynb").write_text(json.dumps(notebook(code("import torch"), code(LIAR))))
    (work / "more.py").write_text(LIAR)
    return work
