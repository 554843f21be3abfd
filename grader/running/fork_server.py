"""What a pool's fork server imports first of all, so that it ends with the grader that started it.

By itself it waits until the last process it made has ended; but those end with it, so a grader that was killed would
leave all of them behind.
"""

from __future__ import annotations

import sys

from grader.worker.process_table import die_with_parent

if any("multiprocessing.forkserver" in word for word in sys.orig_argv):  # and nobody else who imports this
    die_with_parent()
