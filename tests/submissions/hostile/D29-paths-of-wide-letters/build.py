import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """Paths whose letters take twelve bytes each on their way."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        for number in range(1900):
            archive.writestr("/".join(["\U0001f600" * 50] * 11) + f"/{number}.py", "x")
    return path
