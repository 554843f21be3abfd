"""What a worker can see and reach: no secrets, no network, no process of ours, only its own folders."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from course_examples import DATASETS

from grader.errors import Crashed, NotInstalled
from grader.sandbox.environment import folders_without_python
from grader.sandbox.levels import LEVELS, open_slot
from grader.sandbox.slot import SlotSettings
from sandbox.processes import assert_serves_the_next, processes_of
from sandbox.students import COURSE, LIMITS, fails, student, usable


def test_no_environment_variable_of_the_instructor_goes_through(walled):
    with student(walled, "import os\ndef f(): return dict(os.environ)") as s:
        environment = s("f")
    assert "GRADER_SECRET" not in environment
    assert not [name for name in environment if name.startswith(("PYTEST", "VIRTUAL_ENV", "GRADER", "HYPOTHESIS"))]
    assert environment["OMP_NUM_THREADS"] == "1"
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    assert environment["NVIDIA_TF32_OVERRIDE"] == "0"


def test_only_four_descriptors_are_open_in_a_worker(walled):
    source = """
        import os
        def f():
            found = []
            for number in range(1100):
                try: os.fstat(number)
                except OSError: continue
                found.append(number)
            return found
    """
    with student(walled, source) as s:
        assert s("f") == [0, 1, 2, 3]


@pytest.mark.parametrize("level", LEVELS)
def test_pretrained_weights_load_without_a_network_whoever_may_read_the_instructors_cache(level, empty_cache):
    usable(level)
    home = DATASETS["resnet18"].torch_home(None)
    source = """
        import os, pathlib, torchvision
        def f():
            model = torchvision.models.resnet18(weights="IMAGENET1K_V1")
            return model.conv1.weight[0]
        def where(): return os.environ["TORCH_HOME"]
        def spoil():
            for path in pathlib.Path(os.environ["TORCH_HOME"]).rglob("*.pth"): path.write_bytes(b"")
    """
    slot = open_slot(level, SlotSettings(preload=("torch", "torchvision"), torch_home=home))
    before = os.environ.get("TORCH_HOME")
    try:
        limits = replace(LIMITS, memory_bytes=1 << 30)
        with student(slot, source, limits=limits, seconds=60) as s:
            weight, found = s("f", seconds=60), s("where")
            if level != "direct":
                with pytest.raises(Crashed, match=r"PermissionError|OSError"):
                    s("spoil")
        expected = torch.load(home / "hub" / "checkpoints" / "resnet18-f37072fd.pth", weights_only=True)
        assert torch.equal(weight, expected["conv1.weight"][0])
    finally:
        slot.close()
    assert os.environ.get("TORCH_HOME") == before
    assert level != "uid" or not Path(found).exists()


def test_nothing_of_ours_can_be_imported_or_seen(bubblewrap):
    source = """
        import importlib.util, os, sys
        def f(paths): return importlib.util.find_spec("grader"), [p for p in paths if os.path.exists(p)]
        def g(): import grader
        def loaded(): return [m for m in sys.modules if m.split(".")[0] in ("grader", "pytest", "_pytest")]
    """
    names = (
        "reference",
        "fixtures",
        "tests",
        "grader/checks",
        "grader/grading/pytest_plugin.py",
        "pyproject.toml",
        "student_template",
    )
    hidden = [str(COURSE / name) for name in names] + [
        str(Path.home() / ".bashrc"),
        "/etc/passwd",
        "/etc/shadow",
    ]
    with student(bubblewrap, source) as s:
        assert s("f", hidden) == (None, [])
        assert s("loaded") == []
        with pytest.raises(NotInstalled, match="`grader`"):
            s("g")


def test_there_is_no_network(walled):
    source = """
        import os, socket
        def interfaces(): return os.listdir("/sys/class/net")
        def connect(host, port): socket.create_connection((host, port), timeout=2)
        def packet(): socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        def pair(): return [end.family.name for end in socket.socketpair()]
    """
    with student(walled, source) as s:
        for host, port in (("1.1.1.1", 53), ("127.0.0.1", 22), ("::1", 80)):
            with pytest.raises(Crashed, match="PermissionError"):
                s("connect", host, port)
        for question in ("interfaces", "packet"):
            with pytest.raises(Crashed):
                s(question)
        assert s("pair") == ["AF_UNIX", "AF_UNIX"]


def test_a_server_of_the_instructor_cannot_be_reached(walled):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        student(walled, "import socket\ndef f(port): socket.create_connection(('127.0.0.1', port), timeout=2)") as s,
        pytest.raises(Crashed, match="PermissionError"),
    ):
        s("f", server.getsockname()[1])


def test_a_worker_is_nobody_and_can_do_nothing_as_root(of_another_user):
    source = """
        import os
        def f():
            status = open("/proc/self/status").read().splitlines()
            fields = dict(line.split(":\\t", 1) for line in status if ":\\t" in line)
            return os.getresuid(), os.getresgid(), os.getgroups(), {k: fields[k] for k in KEYS}
        KEYS = ("CapPrm", "CapEff", "CapAmb", "NoNewPrivs")
        def become(): os.setuid(0)
    """
    with student(of_another_user, source) as s:
        users, groups, others, fields = s("f")
        assert all(61184 <= number < 65536 for number in (*users, *groups, *others))
        assert fields.pop("NoNewPrivs") == "1"
        assert {int(value, 16) for value in fields.values()} == {0}
        with pytest.raises(Crashed, match="PermissionError"):
            s("become")


def test_the_zygote_can_be_neither_read_nor_killed(bubblewrap):
    source = """
        import os, signal
        def read(name): return open(f"/proc/1/{name}", "rb").read(1)
        def link(name): return os.listdir(f"/proc/1/{name}")
        def kill():
            for number in range(1, 65):
                try: os.kill(1, number)
                except OSError: pass
            return os.getppid()
    """
    with student(bubblewrap, source) as s:
        before = processes_of(bubblewrap)[:2]
        for name in ("mem", "environ", "maps"):
            with pytest.raises(Crashed, match="PermissionError"):
                s("read", name)
        for name in ("fd", "root", "cwd"):
            with pytest.raises(Crashed, match="PermissionError"):
                s("link", name)
        assert s("kill") == 1
    assert_serves_the_next(bubblewrap)
    assert processes_of(bubblewrap)[:2] == before


def test_only_the_scratch_folders_can_be_written(bubblewrap):
    source = """
        import os, sys
        def writable():
            found = []
            for top, folders, _ in os.walk("/"):
                folders[:] = [f for f in folders if os.path.join(top, f) not in ("/proc", "/dev/pts")]
                found += [top] if os.access(top, os.W_OK) else []
                if len(os.path.normpath(top).split("/")) > 5: folders.clear()
            return found
        def write(path): open(path, "a")
        def replace(): os.rename(sys.executable, sys.executable + "2")
    """
    with student(bubblewrap, source) as s:
        assert set(s("writable", seconds=30)) <= {"/scratch", "/scratch/home", "/scratch/home/submission", "/dev/shm"}
        for path in ("/usr/x", "/x", "/opt/x", "/opt/mlgrader/worker/child.py", "/etc/x", torch.__file__):
            with pytest.raises(Crashed, match=r"OSError|PermissionError"):
                s("write", path)
        with pytest.raises(Crashed, match=r"OSError|PermissionError"):
            s("replace")


def test_the_scratch_space_is_limited(bubblewrap):
    source = """
        def f():
            for number in range(200):
                with open(f"/scratch/home/{number}", "wb") as file: file.write(b"x" * (3 << 20))
    """
    failure = fails(bubblewrap, source, seconds=30)
    assert "No space left" in failure.detail
    assert_serves_the_next(bubblewrap)


def test_all_folders_of_a_course_are_hidden_but_the_one_python_runs_from(tmp_path, monkeypatch):
    for name in ("reference", "build/lab1/ann", ".venv/lib"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "README.md").touch()
    assert folders_without_python(tmp_path) == tuple(tmp_path / name for name in (".venv", "build", "reference"))
    monkeypatch.setattr("sys.prefix", str(tmp_path / ".venv"))
    assert folders_without_python(tmp_path) == (tmp_path / "build", tmp_path / "reference")
