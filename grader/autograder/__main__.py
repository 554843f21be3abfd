"""``python -m grader.autograder /autograder``: have the submission there graded, before Gradescope's time is over.

The grading itself is a process of its own. This one stays small: it only waits, ends the other at the deadline, and
tells instructors what happened. A ``results.json`` without a score is there already; the grading replaces it at the
end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from grader.autograder.settings import MORE_TIME, Settings, read
from grader.sandbox import container
from grader.worker.preloading import WAITING_THREADS

_END_SECONDS = 5.0  # for the grading to end its sandbox when it is told to


def main(root: Path) -> int:
    """Grade, or say why that did not end well, which only instructors see; return 0 in any case."""
    started = time.monotonic()
    try:
        why = _grade(root, read(root / "source"), started)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the student gets no zero for it
        why = f"{type(error).__name__}: {error}"
    if why:
        sys.stdout.write(f"\nNOT GRADED: {why}\n")
    peak = container.memory_peak()
    used = f", {peak >> 20} MB of memory at most (with cached files)" if peak else ""
    sys.stdout.write(f"\nThis took {time.monotonic() - started:.1f} s{used}.\n")
    return 0


def _grade(root: Path, settings: Settings, started: float) -> str:
    """Run the grading within its time; return why it did not end well, or an empty string."""
    command = [sys.executable, "-P", "-X", "utf8", "-m", "grader.autograder.grading", str(root), str(started)]
    # No more threads than cores: each takes memory, and a container sees all cores of its host.
    threads = str(max(1, int(container.cores())))
    own = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads) | WAITING_THREADS
    process = subprocess.Popen(command, env=os.environ | own, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait(max(0.0, started + settings.seconds - time.monotonic()))
    except subprocess.TimeoutExpired:
        _end(process)
        return f"grading took more than {settings.seconds:.0f} seconds. {MORE_TIME}"
    if code == -signal.SIGKILL:
        return "the kernel ended the grading (out of memory?). Give the assignment more memory on Gradescope"
    return f"the grading ended with exit status {code}" if code else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
