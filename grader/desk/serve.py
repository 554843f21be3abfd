"""Serve a desk on this machine until Ctrl-C."""

from __future__ import annotations

import secrets
import signal
import socket
from collections.abc import Callable

import uvicorn

from grader.desk.app import make_app
from grader.desk.desk import Desk
from grader.errors import UsageError

HOST = "127.0.0.1"  # never another address: the desk is for people at this machine


def serve(desk: Desk, port: int, opened: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; ``opened`` gets the address, with its secret token, once it answers there.

    Port 0 takes one that is free.

    Raises:
        UsageError: the port is in use.
    """
    token = secrets.token_urlsafe(24)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"port {port} cannot be used ({error.strerror}): choose another --port") from None
        listening.listen()
        host = f"{HOST}:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            make_app(desk, token, host),
            log_level="error",
            access_log=False,  # addresses hold the token
            server_header=False,
            ws="none",
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        opened(f"http://{host}/{token}/")
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            pass  # uvicorn has ended in order, and says again why
        finally:
            signal.signal(signal.SIGTERM, before)
