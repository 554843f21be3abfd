from pathlib import Path


def build(folder: Path) -> Path:
    """A thousand blocks in one another."""
    work = folder / "student"
    work.mkdir()
    (work / "score_matrix.py").write_text("".join(" " * depth + "if True:\\n" for depth in range(1000)) + " " * 1000 + "x = 1")
    return work
