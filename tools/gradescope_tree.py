"""A folder that looks like Gradescope's container: the zip unpacked, ``setup.sh`` run, submissions graded as root."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.sandbox import container

LIKE_DOCKER = Path(__file__).with_name("like_docker.py")


@dataclass(frozen=True)
class Ran:
    """What came of one run: ``results.json``, what instructors read, and the seconds it took."""

    results: dict[str, Any]
    stdout: str
    seconds: float
    cpu_seconds: float


class Tree:
    """A zip installed below ``folder``, as Gradescope installs it below ``/``, with the Python that runs this.

    Its packages are used as they are: nothing is downloaded.
    """

    def __init__(self, zipped: Path, folder: Path) -> None:
        self.root, self._home = folder / "autograder", folder / "mlgrader"
        self.source = self.root / "source"
        with zipfile.ZipFile(zipped) as archive:
            archive.extractall(self.source)
        python = self._home / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        shutil.copyfile(self.source / "run_autograder", self.root / "run_autograder")
        self._environment = os.environ | {"AUTOGRADER_ROOT": str(self.root), "MLGRADER_HOME": str(self._home)}
        self._environment.pop("PYTHONPATH", None)
        self._environment.pop("GRADER_DATA", None)
        subprocess.run(["sh", self.source / "setup.sh"], env=self._environment, check=True, capture_output=True)

    def choose(self, **settings: Any) -> None:
        """Change settings of the zip, such as ``minutes``."""
        path = self.source / "autograder.json"
        path.write_text(json.dumps(json.loads(path.read_bytes()) | settings), encoding="utf-8")

    def run(self, submission: Path, *options: str, prefix: tuple[str, ...] = ()) -> Ran:
        """Grade a folder of a student; ``options`` are those of like_docker.py, ``prefix`` is run before it."""
        for name in ("submission", "results"):
            shutil.rmtree(self.root / name, ignore_errors=True)
            (self.root / name).mkdir()
        if submission.is_dir():
            shutil.copytree(submission, self.root / "submission", symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(submission, self.root / "submission")
        metadata = {"id": 1, "created_at": "2026-11-27T23:59:00+01:00", "submission_method": "upload", "users": []}
        (self.root / "submission_metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
        command = [*prefix, sys.executable, LIKE_DOCKER, *options, "sh", self.root / "run_autograder"]
        environment = self._environment | {"PYTHONPATH": str(LIKE_DOCKER.parents[1])}
        started, before = time.monotonic(), os.times()
        process = subprocess.Popen(
            command, cwd=self.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = process.communicate()
        seconds, after = time.monotonic() - started, os.times()
        remove_groups(process.pid)
        used = after.children_user + after.children_system - before.children_user - before.children_system
        results = (self.root / "results" / "results.json").read_bytes()
        return Ran(json.loads(results), said.decode(errors="replace"), seconds, used)


def can_limit(*options: str) -> bool:
    """Return whether like_docker.py can set these limits here."""
    process = subprocess.Popen([sys.executable, LIKE_DOCKER, *options, "true"], stderr=subprocess.DEVNULL)
    code = process.wait()
    remove_groups(process.pid)
    return code == 0


def remove_groups(pid: int) -> None:
    """Remove the cgroups of a like_docker.py that has ended, which was the process ``pid``."""
    for controller in ("memory", "cpu"):
        for above in container.groups(controller):
            with contextlib.suppress(OSError):
                (above / f"like-docker-{pid}").rmdir()
