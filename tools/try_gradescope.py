"""Grade submissions with an autograder.zip, with and without namespaces, and compare with ``grader grade``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from gradescope_tree import Ran, Tree

_MODES = {"with namespaces": ("--namespaces",), "without": ()}


def main() -> int:
    """Print a line for each submission; return 1 if a score differs, or if there is none where there should be one."""
    given = _arguments()
    wanted = scores_of_grade(given.zip, given.submissions)
    limits = [word for name in ("memory", "cores") if (size := getattr(given, name)) for word in (f"--{name}", size)]
    limits += ["--no-landlock"] if given.no_landlock else []
    different = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)  # / is no secret either; the zip itself closes what is
        tree = Tree(given.zip, folder)
        if given.minutes:
            tree.choose(minutes=given.minutes)
        for submission in given.submissions:
            runs = {mode: tree.run(submission, *options, *limits) for mode, options in _MODES.items()}
            name = submission.name
            agree = all(_alike(ran.results.get("score"), wanted[name]) for ran in runs.values())
            different += not agree
            told = "; ".join(f"{mode}: {in_words(ran)}" for mode, ran in runs.items())
            sys.stdout.write(f"{'ok  ' if agree else 'DIFF'} {name}: {wanted[name]} by grader grade; {told}\n")
            sys.stdout.flush()
    return int(different > 0)


def _arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="try-gradescope.sh", description=__doc__)
    options.add_argument("--memory", metavar="MB", help="the memory of the container")
    options.add_argument("--cores", metavar="N", help="the container's share of the cores")
    options.add_argument("--minutes", type=float, help="another time limit than the zip's")
    options.add_argument("--no-landlock", action="store_true", help="as on a kernel older than 5.13")
    options.add_argument("zip", type=Path)
    options.add_argument("submissions", type=Path, nargs="+")
    return options.parse_args()


def scores_of_grade(zipped: Path, submissions: Sequence[Path]) -> dict[str, float | None]:
    """Return the score that ``grader grade`` gives to each submission, by name; None where it gives none."""
    with zipfile.ZipFile(zipped) as archive:
        assignment = json.loads(archive.read("autograder.json"))["assignment"]
    alone = ["--layout", "person"] if len(submissions) == 1 else []
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "grader", "grade", assignment, *alone, "--json", "--out", out]
        told = subprocess.run([*command, *submissions], stdout=subprocess.PIPE, check=False).stdout
    records = [json.loads(line) for line in told.splitlines()]
    return {record["submission"]["name"]: _score(record) for record in records}


def _score(record: dict[str, object]) -> float | None:
    """Return the score of a record; None if it was refused, or if the grader failed."""
    checks = [check for part in record.get("parts", ()) for check in part["checks"]]  # type: ignore[attr-defined]
    if record.get("refused") or any(check.get("verdict", "grader_error") == "grader_error" for check in checks):
        return None
    return round(sum(check.get("score", 0.0) for check in checks), 6)


def _alike(score: float | None, wanted: float | None) -> bool:
    return score == wanted or (score is not None and wanted is not None and abs(score - wanted) < 1e-6)


def in_words(ran: Ran) -> str:
    """Return what a run came to, at which level, and how long it took."""
    level = ran.results["extra_data"].get("sandbox", "not graded")
    return f"{ran.results.get('score')} ({level}, {ran.seconds:.1f} s, {ran.cpu_seconds:.1f} CPU s)"


if __name__ == "__main__":
    sys.exit(main())
