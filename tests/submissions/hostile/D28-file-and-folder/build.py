import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """One name for a file and a folder."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        archive.writestr("score_matrix.py/inner.py", "x")
    return path
