from pathlib import Path


def build(folder: Path) -> Path:
    """A submission with a file whose name writes to the terminal."""
    work = folder / "student"
    work.mkdir()
    (work / "score_matrix.py").write_text("import torch\n")
    (work / "a\x1b[2J\u202eyp.py").write_text("")
    return work
