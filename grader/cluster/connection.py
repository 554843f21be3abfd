"""Connect to a cluster: the scheduler of one, or workers of this process alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.errors import UsageError

if TYPE_CHECKING:
    from distributed import Client

_LOCAL = re.compile(r"local:([1-9]\d*)")
_SCHEDULER = re.compile(r"(tcp|tls|ucx|ws|wss)://\S+")
_SECONDS = 20.0  # to reach a scheduler
_QUIET = {"distributed.client": "error", "distributed.core": "error", "distributed.comm": "error"}


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Yield a client of the cluster at ``address``: ``tcp://HOST:PORT`` of a scheduler, or ``local:N``.

    ``local:N`` is a scheduler and N workers in this process, which nothing outside can reach.

    Raises:
        UsageError: it is no such address, or the scheduler does not answer.
    """
    import dask
    from distributed import Client, LocalCluster

    with dask.config.set({"distributed.logging": _QUIET}):
        if local := _LOCAL.fullmatch(address):
            number = int(local[1])
            with (
                LocalCluster(
                    n_workers=1,
                    threads_per_worker=number,
                    processes=False,
                    dashboard_address=None,
                    resources={"GPU": number},
                ) as cluster,
                Client(cluster) as client,
            ):
                yield client
            return
        if not _SCHEDULER.fullmatch(address):
            raise UsageError(f"{address!r} is no cluster: give tcp://HOST:PORT of a Dask scheduler, or local:N")
        try:
            client = Client(address, timeout=_SECONDS)
        except (OSError, ValueError) as error:
            raise UsageError(f"no Dask scheduler answers at {address}: {error or 'time-out'}") from None
        with client:
            yield client
