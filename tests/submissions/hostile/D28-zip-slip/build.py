import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A member that leads out of the folder: ../../x."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        archive.writestr("../../mlgrader-breach-slip", "x")
        archive.writestr("../../../../../../tmp/mlgrader-breach-slip", "x")
    return path
