"""`grader mark` as a process: how it opens and closes, and that killing it at any moment loses no mark."""

import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest
from desk_examples import make_written_class

from grader.cli import main
from grader.gradebook.place import FILE

ROOT = Path(__file__).resolve().parents[1]
STUDENTS = tuple(f"student {number}" for number in range(5))


@pytest.fixture
def folder(tmp_path):
    return make_written_class(tmp_path / "out", {name: (f"{name} says something", "y") for name in STUDENTS})


def command(*arguments):
    return [sys.executable, "-m", "grader", "mark", *map(str, arguments)]


@contextmanager
def opened(folder):
    """Start `grader mark`; yield the process and the address that it prints."""
    arguments = command("lab1", "--out", folder, "--no-browser", "--by", "tess")
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            first = process.stdout.readline()
            assert "http://" in first, process.communicate()
            yield process, re.search(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", first)[0]
        finally:
            process.kill()


@pytest.fixture
def refused(capfd):
    """`grader mark ARGUMENTS` in this process, which must end as wrong usage: what it says."""

    def refused(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["mark", *map(str, arguments)])
        assert ended.value.code == 2
        return capfd.readouterr().err

    return refused


@pytest.mark.parametrize("ended_by", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_it_closes_in_order_and_says_where_the_marks_are(folder, ended_by):
    with opened(folder) as (process, address):
        assert httpx2.get(address).status_code == 200
        process.send_signal(ended_by)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, f"reading the records and answers below {folder} ...\n")
    assert out.splitlines()[-1] == f"closed; all marks are in sqlite:///{folder / FILE}"


def test_what_cannot_be_opened_is_said(refused, folder, tmp_path):
    assert "run `grader grade lab1 PATH" in refused("lab1", "--out", tmp_path / "none")
    assert "holds records of lab1, and not of lab2" in refused("lab2", "--out", folder)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        said = refused("lab1", "--out", folder, "--no-browser", "--port", other.getsockname()[1])
    assert "choose another --port" in said


class Marker(threading.Thread):
    """Marks one answer after another until the desk no longer answers; notes what was confirmed, and what was sent."""

    def __init__(self, address, draw):
        super().__init__()
        self.address, self.draw = address, draw
        self.sent, self.confirmed = [], []
        self.began = threading.Event()  # set once a mark is confirmed

    def run(self):
        with httpx2.Client(follow_redirects=True, timeout=60) as client, suppress(httpx2.TransportError):
            codes = re.findall(r"/q/why/(\w+)\"", client.get(f"{self.address}q/why").text)
            while True:
                self._mark(client, self.draw.choice(codes))

    def _mark(self, client, code):
        here = f"{self.address}q/why/{code}"
        seen = re.search(r'name="seen" value="(\d+)"', client.get(here).text)[1]
        mark = round(self.draw.uniform(0, 6), 6)
        self.sent.append(mark)
        answer = client.post(f"{here}/mark", data={"members": code, "seen": seen, "points": repr(mark)})
        assert answer.status_code == 200, answer.text
        self.confirmed.append(mark)
        self.began.set()


def marks_in(folder):
    with sqlite3.connect(folder / FILE) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = [points for (points,) in database.execute("SELECT points FROM mark ORDER BY id")]
    database.close()
    return found


@pytest.mark.parametrize("times", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_a_kill_at_any_moment_loses_no_mark(folder, times):
    draw, confirmed = random.Random(times), []
    for _ in range(times):
        with opened(folder) as (process, address):
            marker = Marker(address, draw)
            marker.start()
            assert marker.began.wait(60)
            marker.join(draw.uniform(0, 0.3))
            process.kill()
            marker.join(30)
        found = marks_in(folder)
        assert found[: len(confirmed) + len(marker.confirmed)] == confirmed + marker.confirmed
        # Of what was sent and not confirmed, at most one mark, it is there whole or not at all.
        assert found[len(confirmed) + len(marker.confirmed) :] in ([], marker.sent[len(marker.confirmed) :])
        confirmed = found
    assert len(confirmed) >= times
