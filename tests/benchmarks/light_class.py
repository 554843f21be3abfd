"""Make a class for measurements: right submissions of activity1 that all differ, by a comment.

Run it so: ``python tests/benchmarks/light_class.py 300 build/class300``.
"""

import sys
from pathlib import Path

RIGHT = Path(__file__).parents[1] / "submissions/activity1/amara_okafor/score_matrix.py"


def make_class(folder, number):
    """Write that many submissions below a folder, and return it."""
    text = RIGHT.read_text()
    for student in range(number):
        (own := folder / f"student_{student:05d}").mkdir(parents=True)
        (own / RIGHT.name).write_text(f"{text}\n# {student}\n")
    return folder


if __name__ == "__main__":
    make_class(Path(sys.argv[2]), int(sys.argv[1]))
