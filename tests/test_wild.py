"""A class of work as it really comes in: notebooks, scripts that train, other names, archives of other Windowses.

``goldens/wild.json`` says of each submission what it deserves: what is found where, what is missing, the score of each
part, and why a person must look. It was derived by reading the submissions, and is never refreshed from what we say.
"""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from class_runs import COURSE, attempts, processes

from grader.reports import text

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "goldens" / "wild.json").read_text(encoding="utf-8"))
# One of each kind that needs little time; the others are graded by `make test-all`.
QUICK = {
    *("eli_cohen", "emre_kaya", "ivan_petrov", "nora_lind", "omar_said"),
    *("priya_nair", "rosa_jimenez", "sven_olsen"),
}
NAMES = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in GOLDEN]


@pytest.fixture(scope="module")
def records(request, tmp_path_factory):
    """The records by name of the submissions that were selected: all are graded by one command."""
    selected = (item for item in request.session.items if item.path == request.path and hasattr(item, "callspec"))
    wanted = {item.callspec.params["name"] for item in selected}
    folder, out = tmp_path_factory.mktemp("class"), tmp_path_factory.mktemp("out")
    for path in (HERE / "submissions" / "wild").iterdir():
        if path.stem in wanted:
            (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / path.name)
    command = [sys.executable, "-m", "grader", "grade", "lab1", str(folder), "--out", str(out), "--seed", "1"]
    run = subprocess.run(
        [*command, "--jobs", str(processes())], cwd=COURSE, capture_output=True, text=True, check=False
    )
    assert run.returncode != 2, run.stderr
    assert "Traceback" not in run.stderr
    return attempts(out)


@pytest.mark.timeout(3600)  # the first one waits for all
@pytest.mark.parametrize("name", NAMES)
def test_the_submission_gets_what_it_deserves(records, name):
    record, deserved = records[name], GOLDEN[name]
    found = {one.entry_point: (one.name, one.file) for part in record.parts for one in part.found}
    missing = {entry_point for part in record.parts for entry_point in part.missing}
    looked_at = " ".join((record.refused, *record.reasons)).strip()
    if record.parts:
        assert found.keys() == deserved["found"].keys()
        assert [one for one, (called, file) in deserved["found"].items() if not _is(found[one], called, file)] == []
        assert missing == set(deserved["missing"])
    scores = {part.name: part.score for part in record.parts}
    assert {part: scores.get(part, 0.0) for part in deserved["scores"]} == deserved["scores"]
    verdicts = {part.name: {check.name: check.verdict.value for check in part.checks} for part in record.parts}
    for part, checks in deserved["verdicts"].items():
        assert {check: verdicts[part][check] for check in checks} == checks
    assert bool(looked_at) == bool(deserved["needs_a_look"])
    assert re.search(deserved["needs_a_look"], looked_at, re.IGNORECASE)
    assert re.search(deserved["says"], text.render_text(record), re.IGNORECASE)


def _is(found, called, file):
    """Whether a function was found under this name and in this file; ``*x`` is a file in a folder of any name."""
    name, where = found
    return name == called and (where.endswith(file[1:]) if file.startswith("*") else where == file)


def test_the_class_is_wild_enough():
    assert len(GOLDEN) >= 40
    assert len(Counter(deserved["layout"] for deserved in GOLDEN.values())) >= 10
    assert {path.stem for path in (HERE / "submissions" / "wild").iterdir()} == set(GOLDEN)
