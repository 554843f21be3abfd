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
    """A shell line is removed, not run: nothing may come of these."""
    work = folder / "student"
    work.mkdir()
    touch = "touch /tmp/mlgrader-breach-magic"
    cells = (
        code(f"!{touch}\nfiles = !{touch}; echo BREACH"),
        code(f"%%bash\n{touch}\necho BREACH a cell of the shell was run"),
        code(f"%sx {touch}\n%system {touch}\n%run /tmp/mlgrader-breach.py\n%load_ext evil\n%cd /"),
        code("%%writefile score_matrix.py\nprint(\'BREACH a cell was written to a file\')\n"),
        code("%%python\nprint(\'BREACH another Python was started\')"),
        code(f"get_ipython().system({touch!r})\nget_ipython().run_cell_magic(\'bash\', \'\', {touch!r})"),
        code("get_ipython().ask_exit()\nget_ipython().kernel.do_shutdown(False)"),
        code("import torch\n" + RIGHT),
    )
    (work / "activity1.ipynb").write_text(json.dumps(notebook(*cells)))
    return work
