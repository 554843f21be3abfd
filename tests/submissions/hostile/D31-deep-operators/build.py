from pathlib import Path


def build(folder: Path) -> Path:
    """A hundred thousand signs before a number."""
    work = folder / "student"
    work.mkdir()
    (work / "score_matrix.py").write_text("x = " + "-" * 100_000 + "1\\ny = " + "+".join(["1"] * 200_000))
    return work
