import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A name that is cut short at a NUL byte."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        member = zipfile.ZipInfo("score_matrix.pyX")
        member.filename = "a.py\0.txt"
        archive.writestr(member, "x")
    return path
