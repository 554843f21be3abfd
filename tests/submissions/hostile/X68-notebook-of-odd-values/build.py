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
    """Every field is something else somewhere: numbers, nulls, surrogates, NUL bytes, another nbformat."""
    work = folder / "student"
    work.mkdir()
    odd = (None, 7, True, {}, {"a": 1}, [1, 2], [["x"]], ["x = 1\n", None], "\ud800 = 1", "x = \'\0\'", [], "\r", "x = 1\x0c\ry = 2\u2028z = 3")
    cells = [code(source) for source in odd]
    cells += [None, 7, [], {}, {"cell_type": "code"}, {"cell_type": ["code"], "source": "x = 1"}, {"cell_type": 4, "source": 4}]
    (work / "a.ipynb").write_text(json.dumps(notebook(*cells, code("import torch\n" + RIGHT))))
    books = ({"nbformat": "four", "cells": []}, {"nbformat": 10**400, "cells": {}}, {"cells": None}, {"nbformat": 3, "worksheets": [None, {"cells": 3}]}, [], "x", None, 1e308)
    for number, book in enumerate(books):
        (work / f"b{number}.ipynb").write_text(json.dumps(book))
    (work / "c.ipynb").write_bytes(b"\xff\xfe" + b"{\0" * 5 + b"x")
    (work / "d.ipynb").write_text('{"nbformat": 4, "nbformat": 3, "cells": [], "cells": NaN, "worksheets": [Infinity]}')
    return work
