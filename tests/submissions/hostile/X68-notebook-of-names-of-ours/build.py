import json
from pathlib import Path

RIGHT = "def score_matrix(Q, K):\n    return Q @ K.T\n"


def code(source):
    """A code cell."""
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": source}


def notebook(*cells):
    """A notebook of these cells."""
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


NAMES = (
    "child", "loader", "values", "wire", "failures", "source_text", "definitions", "stand_ins", "finding", "calling",
    "own_modules", "bootstrap", "zygote", "grader", "worker", "ast", "json", "tokenize", "linecache", "importlib",
)
FIGHT = """
import builtins, sys
__name__ = "__main__"
__file__ = None
__builtins__ = {}
__getattr__ = lambda name: 1 / 0
__dir__ = lambda: 1 / 0
__all__ = None
__path__ = None
__spec__ = None
get_ipython = display = input = print = open = compile = exec = eval = None
for name in ("compile", "exec", "open", "len", "isinstance", "callable", "getattr", "__import__"):
    setattr(builtins, name, None)
sys.modules.clear()
sys.meta_path[:] = []
"""


def build(folder: Path) -> Path:
    """Whatever is read, searched or replaced by name meets a file or a value of the student's."""
    work = folder / "student"
    work.mkdir()
    for name in NAMES:
        (work / f"{name}.py").write_text("raise SystemExit(0)\ndef score_matrix(Q, K):\n    return 1 / 0\n")
        (work / f"{name}.ipynb").write_text(json.dumps(notebook(code("score_matrix = object()"), code(FIGHT))))
    (work / "activity1.ipynb").write_text(json.dumps(notebook(code("import torch"), code(FIGHT), code(RIGHT))))
    return work
