import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """The same name twice, with different contents."""
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("score_matrix.py", "import torch\n")
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("score_matrix.py", "print('BREACH the second file was run')")
    return path
