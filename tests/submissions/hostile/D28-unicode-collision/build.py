import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """Two names that are one after normalisation."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        archive.writestr("caf\u00e9.py", "x")
        archive.writestr("cafe\u0301.py", "y")
    return path
