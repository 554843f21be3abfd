import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """Two names that are one on macOS and Windows."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        archive.writestr("Score_Matrix.py", "print('BREACH the other file was run')")
    return path
