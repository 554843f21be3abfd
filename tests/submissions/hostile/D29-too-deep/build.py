import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A path of five hundred folders."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        archive.writestr("a/" * 500 + "x.py", "x = 1")
    return path
