"""Make a pool's fork server ready: the server imports this module before its first process forks.

The server ends together with the grader that started it. Without this, the server of a killed grader would wait for its
last process to end, and each process for the server.
"""

from __future__ import annotations

import importlib
import sys

from grader.worker.preloading import importing
from grader.worker.process_table import die_with_parent

# Each process by itself would need one to two seconds of CPU time for these.
_IMPORTED_ONCE = ("grader.running.grading_process", "grader.grading.grade", "grader.intake.submission")

if any("multiprocessing.forkserver" in word for word in sys.orig_argv):  # only in the fork server
    die_with_parent()
    with importing():
        for name in _IMPORTED_ONCE:
            importlib.import_module(name)
