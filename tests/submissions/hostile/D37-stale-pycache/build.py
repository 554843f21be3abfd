import importlib.util
import sys
from pathlib import Path

SHOWN = "import torch\n\n\ndef score_matrix(Q, K):\n    return Q.sum()\n"
RUN = "print('BREACH the compiled file was run, not the source')\n" + SHOWN


def build(folder: Path) -> Path:
    """Python runs a compiled file that says it need not be checked, whatever the source says."""
    work = folder / "student"
    cache = work / "__pycache__"
    cache.mkdir(parents=True)
    wrong = "\n\ndef stack_rows(vectors):\n    return None\n\n\ndef favourite_movie(S, user):\n    return None\n"
    (work / "score_matrix.py").write_text(SHOWN + wrong)
    code = compile(RUN + wrong, "score_matrix.py", "exec")
    data = importlib._bootstrap_external._code_to_hash_pyc(code, b"12345678", checked=False)
    (cache / f"score_matrix.{sys.implementation.cache_tag}.pyc").write_bytes(data)
    return work
