import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """Five thousand files."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        for number in range(5000):
            archive.writestr(f"files/{number}.py", "x = 1")
    return path
