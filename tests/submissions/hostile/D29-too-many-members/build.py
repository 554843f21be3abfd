import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """Thirty thousand empty folders."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        for number in range(30000):
            archive.writestr(f"folder{number}/", "")
    return path
