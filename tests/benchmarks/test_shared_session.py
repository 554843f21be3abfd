"""A class graded one by one behind walls, against one pytest session that all of it shares. Run with `make bench`.

Prints the ratio of their wall times; docs/performance.md keeps its history. `GRADER_BENCH_CLASS=10 make bench` takes a
smaller class.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import click
from light_class import make_class

ROOT = Path(__file__).parents[2]
NUMBER = int(os.environ.get("GRADER_BENCH_CLASS", "100"))
ROUNDS = 3
SESSION = ("pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", Path(__file__).with_name("shared_session.py"))


def seconds(*words, **environment):
    """How long a command of this Python takes, imports included."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", *map(str, words)]
    found = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return time.perf_counter() - begun


def test_a_light_class_against_a_session_that_it_shares(benchmark, tmp_path, capsys):
    """The aim is a ratio of at most 1.4 for 100 submissions."""
    people, out = make_class(tmp_path / "class", NUMBER), tmp_path / "out"
    sessions = []

    def both():
        shutil.rmtree(out, ignore_errors=True)
        sessions.append(seconds(*SESSION, CLASS=str(people)))

    def grade():
        return seconds("grader", "grade", "activity1", people, "--jobs", 2, "--out", out)

    graded = []
    benchmark.pedantic(lambda: graded.append(grade()), setup=both, rounds=ROUNDS)
    ratio = median(graded) / median(sessions)
    benchmark.extra_info |= {"ratio": ratio, "shared session s": median(sessions)}
    with capsys.disabled():
        click.echo(
            f"\n{NUMBER} submissions: graded {median(graded):.1f} s, shared {median(sessions):.1f} s, {ratio:.2f} x"
        )
