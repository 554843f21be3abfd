"""The next student finds nothing of the last one: no file, no process, no change of a library."""

import contextlib
from pathlib import Path

import pytest
import torch

from grader.errors import Crashed
from grader.worker.limits import WorkerLimits
from sandbox.processes import assert_serves_the_next, at_rest, processes_of
from sandbox.students import fails, student

LEFTOVERS = {
    "files": "open('a', 'w').write('x'); open(home + '/b', 'w').write('x'); os.mkfifo(home + '/pipe')",
    "links": "os.symlink('/etc', home + '/etc'); os.symlink(home, home + '/loop'); os.symlink('nowhere', 'dangling')",
    "no permissions": "os.makedirs(home + '/no/way/in'); open(home + '/no/way/x', 'w'); "
    "os.chmod(home + '/no/way', 0); os.chmod(home + '/no', 0)",
    "odd names": "open(os.fsencode(home) + b'/\\xff\\n', 'w'); os.mkdir(home + '/-rf'); open('a' * 255, 'w')",
    "deep": "deep(250)",
    "many": "[open(f'{home}/{n}', 'w').close() for n in range(500)]",
    "own folder closed": "os.chmod(home, 0)",
    "shared memory": "shared('/dev/shm/left')",
    "sibling removed": "os.unlink('part.py')",
}


@pytest.mark.parametrize(("left", "ending"), [*((left, "return 1") for left in LEFTOVERS), ("files", "os._exit(0)")])
def test_the_next_student_finds_nothing_on_the_file_system(walled, left, ending):
    source = f"""
        import os
        home = os.environ["HOME"]
        def deep(levels):
            os.chdir(home)
            for _ in range(levels):
                os.mkdir("d" * 20)
                os.chdir("d" * 20)
        def shared(path):
            if {walled.level != "process"}: open(path, "w").write("x")
        def f():
            {LEFTOVERS[left]}
            {ending}
    """
    with contextlib.suppress(Crashed), student(walled, source) as s:
        assert s("f") == 1
    assert_serves_the_next(walled)


def test_nothing_that_a_folder_carries_reaches_the_next_student(walled):
    """Attributes, times and modes, also of the folder above their own; /dev/shm where it is not everybody's."""
    source = f"""
        import contextlib, os
        home = os.environ["HOME"]
        PLACES = [home, os.path.dirname(home), *["/dev/shm"] * {walled.level == "bubblewrap"}]
        def write():
            for place in PLACES:
                for leave in (
                    lambda: os.setxattr(place, "user.word", b"secret"),
                    lambda: os.utime(place, ns=(12345, 54321)),
                    lambda: os.chmod(place, 0o731),
                ):
                    with contextlib.suppress(OSError): leave()
        def found():
            states = [os.stat(place) for place in PLACES]
            times = [time for state in states for time in (state.st_atime_ns, state.st_mtime_ns)]
            names = [name for place in PLACES for name in os.listxattr(place)]
            return names, times, [state.st_mode & 0o777 for state in states]
    """
    with student(walled, source) as s:
        s("write")
    with student(walled, source) as s:
        names, times, modes = s("found")
    assert not [name for name in names if not name.startswith("security.")]
    assert not {12345, 54321} & set(times)
    assert 0o731 not in modes


@pytest.mark.parametrize("ending", ["return", "os._exit(0)"])
def test_a_daemon_does_not_outlive_its_student(walled, ending):
    source = f"""
        import os, signal, time
        def f():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    for number in range(1, 32):
                        try: signal.signal(number, signal.SIG_IGN)
                        except OSError: pass
                    os.closerange(0, 4096)
                    while True: time.sleep(1)
                os._exit(0)
            time.sleep(0.2)
            {ending}
    """
    with contextlib.suppress(Crashed), student(walled, source) as s:
        s("f")
        assert len(processes_of(walled)) == at_rest(walled) + 2
    assert_serves_the_next(walled)


def test_a_process_that_forks_and_ends_for_ever_is_caught(walled):
    source = """
        import os
        def f():
            if os.fork() == 0:
                while True:
                    if os.fork(): os._exit(0)
            os._exit(0)
    """
    assert isinstance(fails(walled, source), Crashed)


def test_a_data_loader_with_workers_works(walled):
    source = """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        def f(x):
            batches = [b for (b,) in DataLoader(TensorDataset(x), batch_size=4, num_workers=2)]
            return torch.cat(batches)
    """
    with student(walled, source, limits=WorkerLimits()) as s:
        assert torch.equal(s("f", torch.arange(20.0), seconds=30), torch.arange(20.0))


def test_threads_and_subprocesses_work(walled):
    source = """
        import subprocess, sys
        from concurrent.futures import ThreadPoolExecutor
        def f():
            with ThreadPoolExecutor(4) as pool:
                return list(pool.map(lambda n: n * n, range(8)))
        def g():
            return subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout
    """
    with student(walled, source) as s:
        assert s("f") == [n * n for n in range(8)]
        assert s("g") == "42\n"


def test_each_student_has_a_process_of_their_own(walled):
    source = "import torch\ntorch.left = getattr(torch, 'left', 0) + 1\ndef f(): return torch.left"
    for _ in range(2):
        with student(walled, source) as s:
            assert s("f") == 1


def test_a_slot_that_cannot_be_emptied_is_replaced(slots):
    slot = slots("uid")  # whose workers may not remove what belongs to root
    with student(slot, "import os\ndef f(): return os.environ['HOME']") as s:
        closed = Path(s("f")) / "closed"
        closed.mkdir(mode=0o700)
        (closed / "file").touch()
        before = processes_of(slot)[: at_rest(slot)]
    assert_serves_the_next(slot)
    assert not set(before) & set(processes_of(slot))
