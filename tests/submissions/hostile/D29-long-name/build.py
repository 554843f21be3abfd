import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A name of two thousand letters."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        archive.writestr("x" * 2000 + ".py", "x = 1")
    return path
