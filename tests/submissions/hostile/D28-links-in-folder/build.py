import os
from pathlib import Path


def build(folder: Path) -> Path:
    """A folder in which the work itself is a link to somewhere else."""
    work = folder / "student"
    work.mkdir()
    (work / "score_matrix.py").symlink_to("/etc/passwd")
    (work / "answers.md").symlink_to(folder.parent / "fixtures" / "expected.json")
    (work / "everything").symlink_to("/")
    (work / "loop").symlink_to("loop")
    os.mkfifo(work / "notes.py")
    (work / "readme.txt").write_text("the links beside me are followed by nobody")
    return work
