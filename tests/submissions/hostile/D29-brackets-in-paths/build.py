import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """Folders named of brackets only, which a reader of JSON counts."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        for number in range(300):
            archive.writestr("/".join(["[" * 200] * 11) + f"/{number}.py", "x")
    return path
