import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A symbolic link in the zip, and a file through it."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        link = zipfile.ZipInfo("outside")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/tmp")
        archive.writestr("outside/mlgrader-breach-link", "x")
    return path
