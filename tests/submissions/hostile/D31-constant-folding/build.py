from pathlib import Path


def build(folder: Path) -> Path:
    """Sums and powers that are folded at compile time."""
    work = folder / "student"
    work.mkdir()
    (work / "score_matrix.py").write_text("x = " + " ** ".join(["9"] * 4) + "\\n")
    return work
