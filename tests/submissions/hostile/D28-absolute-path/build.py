import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A member with an absolute path."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        archive.writestr("/tmp/mlgrader-breach-absolute", "x")
    return path
