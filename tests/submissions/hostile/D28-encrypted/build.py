import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A member that says it is protected by a password."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        member = zipfile.ZipInfo("secret.py")
        archive.writestr(member, "x")
        archive.filelist[-1].flag_bits |= 1
    return path
