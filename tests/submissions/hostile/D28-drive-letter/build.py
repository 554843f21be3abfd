import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A member on drive C:."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        archive.writestr("C:/Windows/mlgrader-breach.dll", "x")
    return path
