import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """More bytes than a submission may have, in many members."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        import random

        noise = random.Random(0).randbytes(6 << 20)
        for number in range(10):
            archive.writestr(f"noise{number}.bin", noise)
    return path
