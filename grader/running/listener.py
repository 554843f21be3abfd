"""Hide the socket at which the fork server takes orders.

Whoever connects to it can have it run any code. A pool whose students' code has the grader's own user starts none, but
another grader of the same user may have one. Landlock has no rule for connecting to a socket, and ``/proc/net/unix``
shows everybody the name under which the socket was bound. If the socket is renamed, the old name is still shown there,
and Landlock lets no worker list the folder.
"""

from __future__ import annotations

import secrets
from multiprocessing import forkserver
from pathlib import Path
from typing import Any


def hide_listener() -> None:
    """Give the running fork server's socket a new, random name that only this process knows; raises OSError."""
    server: Any = forkserver._forkserver  # noqa: SLF001 -- nothing public tells the name
    bound = Path(server._forkserver_address)  # noqa: SLF001
    hidden = bound.with_name(secrets.token_hex(16))
    bound.rename(hidden)
    server._forkserver_address = str(hidden)  # noqa: SLF001
