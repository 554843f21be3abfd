from pathlib import Path


def build(folder: Path) -> Path:
    """A link in place of a folder: what it points to would be graded, and its files shown."""
    work = folder / "student"
    work.symlink_to("/etc")
    return work
