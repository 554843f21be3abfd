from pathlib import Path


def build(folder: Path) -> Path:
    """One line of ten megabytes, which a traceback would repeat."""
    work = folder / "student"
    work.mkdir()
    (work / "score_matrix.py").write_text("x = 1 / 0 or '" + "x" * (10 << 20) + "'")
    return work
