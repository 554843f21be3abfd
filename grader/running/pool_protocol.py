"""What a pool is: something that runs tasks, on this machine or on others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


class Finished(NamedTuple, Generic[Task, Outcome]):
    """A task with its outcome, or with ``fault``: a sentence for the instructor on why there is none.

    ``died`` tells that it ended its process twice, the second time with nothing beside it.
    """

    task: Task
    outcome: Outcome | None
    fault: str = ""
    died: bool = False


class Pool(Protocol[Task, Outcome]):
    """Runs tasks, several at once. Use it in a ``with``, which closes it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def run(self, tasks: Sequence[Task]) -> Iterator[Finished[Task, Outcome]]:
        """Yield each task once, as it finishes.

        A task whose process dies is run again by itself, and has a fault if its process dies again. A task that raises,
        or whose process cannot be prepared, has a fault too. May be called again; the processes stay between calls.

        Raises:
            OSError: No process could be started.
        """

    def close(self) -> None:
        """End the processes now, even in the middle of a task. Does nothing if there are none."""
