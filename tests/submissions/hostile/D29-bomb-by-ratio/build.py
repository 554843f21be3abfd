import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """A zip that grows two hundredfold and more."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        archive.writestr("zeros.bin", bytes(19 << 20), compress_type=zipfile.ZIP_DEFLATED)
    return path
