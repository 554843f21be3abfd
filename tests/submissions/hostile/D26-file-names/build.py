import shutil
from pathlib import Path

NAMES = (
    "<img src=x onerror=alert(1) xss-marker>.py", "<script>xss-marker<", "{{ 7*7 }}.py", "--help.py",
    "$(touch mlgrader-breach).zip", "<svg onload=xss-marker>.zip", "<b xss-marker>random.py", "-rf", "~", "*",
)


def build(folder: Path) -> Path:
    """Right answers among files whose names are HTML, templates, options and patterns."""
    work = folder / "student"
    work.mkdir()
    shutil.copy(Path(__file__).with_name("right.py"), work / "score_matrix.py")
    for name in NAMES:
        (work / name).write_text("x = 1\n")
    return work
