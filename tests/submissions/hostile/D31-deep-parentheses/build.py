from pathlib import Path


def build(folder: Path) -> Path:
    """A hundred thousand parentheses."""
    work = folder / "student"
    work.mkdir()
    (work / "score_matrix.py").write_text("x = " + "(" * 100_000 + "1" + ")" * 100_000)
    return work
