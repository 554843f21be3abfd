import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A device, a FIFO and a socket in the zip."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        for name, kind in (("fifo", 0o010644), ("zero", 0o020644), ("disk", 0o060644), ("socket", 0o140644)):
            member = zipfile.ZipInfo(name)
            member.external_attr = kind << 16
            archive.writestr(member, "")
    return path
