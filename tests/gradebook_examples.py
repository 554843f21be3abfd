"""A graded class for the tests of the gradebook, and an empty database on SQLite or PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path

from record_examples import check
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from grader.records.class_file import ClassFile, ClassPerson, write_class_file
from grader.records.record import (
    EnvironmentRecord,
    PartRecord,
    ResultRecord,
    SubmissionRecord,
    WrittenRecord,
)
from grader.records.store import Store

NOBODY = 65534


def graded(name, *scores, assignment="lab1", written=(("why", 10.0),), started="2026-11-27T20:00:00+00:00", **fields):
    """A record with one part of checks ``c0``, ``c1`` ... worth 10 points each."""
    checks = tuple(
        check(f"c{place}", 10, "passed" if score == 10 else "failed", score=score) for place, score in enumerate(scores)
    )
    record = {
        "assignment": assignment,
        "assignment_title": assignment.title(),
        "submission": SubmissionRecord(name=name, sha256="0" * 64),
        "started": started,
        "environment": EnvironmentRecord(sandbox="process"),
        "parts": (PartRecord(name="part", title="Part", file="part.py", checks=checks),) if checks else (),
        "written": tuple(
            WrittenRecord(name=question, title=question, question="?", points=points) for question, points in written
        ),
    }
    return ResultRecord(**(record | fields))


def make_class(folder, *records, people=()):
    """Store records, and say who the people are; return the folder."""
    store = Store(folder)
    for record in records:
        store.append(record)
    if people:
        write_class_file(folder, ClassFile(assignment=records[0].assignment, layout="canvas", people=tuple(people)))
    return folder


def person(name, submission=None, **fields):
    return ClassPerson(name=name, submission=name if submission is None else submission, **fields)


@contextmanager
def postgresql():
    """Start a PostgreSQL server from Debian's packages, on a socket; yield its URL, or None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        yield None
        return
    # Directly in /tmp: the server may not run as root, and pytest's folders are closed to everybody else.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        other = []
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]

        def run(program, *arguments):
            command = [*other, found[-1].with_name(program), "-D", f"{folder}/data", *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

        run("initdb", "-U", "grader", "-A", "trust", "-N", "-E", "UTF8")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://grader@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


@contextmanager
def own_schema(url):
    """Yield a URL of an empty schema of a PostgreSQL database; it is dropped at the end."""
    schema = f"test_{uuid.uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        yield make_url(url).update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()
