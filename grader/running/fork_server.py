"""Make a pool's fork server end together with the grader that started it; it imports this module first.

Without this, the server of a killed grader would wait for its last process to end, and each process for the server.
"""

from __future__ import annotations

import sys

from grader.worker.process_table import die_with_parent

if any("multiprocessing.forkserver" in word for word in sys.orig_argv):  # only in the fork server
    die_with_parent()
