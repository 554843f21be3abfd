import io
import zipfile
from pathlib import Path


def build(folder: Path) -> Path:
    """An inner zip that holds work, and a member that leads out of the folder."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("score_matrix.py", "print('BREACH the zip inside was opened')")
        archive.writestr("../../mlgrader-breach-inner", "x")
    path = folder / "student.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "my work is in the zip")
        archive.writestr("work.zip", inner.getvalue())
    return path
