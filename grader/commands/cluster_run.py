"""Grade on the workers of a cluster: what ``--cluster`` changes in a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from grader.commands.options import RunOptions
from grader.commands.run_setting import chosen_device
from grader.course.catalog import Course, Part
from grader.errors import UsageError
from grader.running.jobs import Engine
from grader.sandbox import levels


def is_here(cluster: str) -> bool:
    """Return whether the workers of a cluster are in this process."""
    return cluster.startswith("local:")


def setting_of(run: RunOptions, cluster: str | None, parts: Sequence[Part]) -> RunOptions:
    """Return the options with the sandbox level and the device in place of ``auto``.

    On other machines ``auto`` is the strongest level, which each worker must have, and the CPU.

    Raises:
        UsageError: students' code would run on other machines without a sandbox, or this machine lacks the device.
        SandboxError: the level cannot be used on this machine.
    """
    if cluster is None or is_here(cluster):
        return dataclasses.replace(run, sandbox=levels.choose(run.sandbox), device=chosen_device(run.device, parts))
    if run.sandbox == "direct":
        raise UsageError("--sandbox direct runs students' code without a sandbox: not on a cluster")
    return dataclasses.replace(
        run,
        sandbox=next(iter(levels.LEVELS)) if run.sandbox == "auto" else run.sandbox,
        device="cpu" if run.device == "auto" else run.device,
    )


@contextmanager
def engine_of(
    cluster: str | None, engine: Engine, jobs: int | None, course: Course, parts: Sequence[Part]
) -> Iterator[Engine]:
    """Yield the engine of a run: ``engine``, or with ``cluster`` one whose processes are those of its workers.

    Raises:
        UsageError: there is no such cluster.
        CourseError: a part lacks a file that grading needs.
    """
    if cluster is None:
        yield engine
        return
    from grader.cluster.connection import connected
    from grader.cluster.course_copy import pack
    from grader.cluster.pool import ClusterPool

    copy = pack(course, parts)
    with connected(cluster) as client:
        workers = client.nthreads()
        threads, several = sum(workers.values()), "s" if len(workers) > 1 else ""
        words = f"{threads} at once on {len(workers)} worker{several}" if threads else "no worker is there yet"
        click.echo(f"cluster {cluster}: {words}", err=True)

        def elsewhere() -> ClusterPool:
            # Without --jobs, workers that come later are used, too: the batch system of a cluster may start them late.
            return ClusterPool(client, copy, jobs, lambda told: click.echo(told, err=True))

        yield dataclasses.replace(engine, jobs=jobs or max(1, threads), elsewhere=elsewhere)
