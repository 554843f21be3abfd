"""The walls that a worker puts up around itself, tried from inside, in a process of their own."""

import subprocess
import sys
import textwrap
import types

import pytest

from grader.sandbox import process, shared_files, system_calls
from grader.sandbox.process import OrdinaryProcess
from grader.sandbox.seccomp_binding import binding
from grader.sandbox.uid import OwnUser
from grader.worker.confinement import landlock_version

BEGIN = """
import ctypes, json, os, socket, subprocess, sys, threading
from grader.worker.confinement import Walls, confine
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
confine(Walls(**eval(sys.argv[1])))

def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    result = libc.syscall(number, *arguments)
    return "done" if result >= 0 else os.strerror(ctypes.get_errno())

def tried(do):
    try:
        do()
    except OSError as error:
        return error.strerror
    return "done"
"""
DENIED = "Operation not permitted"
with_landlock = pytest.mark.skipif(not landlock_version(), reason="this kernel has no Landlock")
with_seccomp = pytest.mark.skipif(bool(system_calls.obstacle()), reason=system_calls.obstacle())
x86 = pytest.mark.skipif(sys.platform != "linux" or sys.maxsize < 2**32, reason="numbers of system calls are x86-64's")


def inside(code, **walls):
    """What ``code`` prints behind these walls."""
    words = BEGIN + textwrap.dedent(code)
    command = [sys.executable, "-B", "-c", words, repr(walls)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


def system(folder):
    """The folders that Python itself needs, and one more."""
    return [
        "/usr",
        "/lib",
        "/lib64",
        "/bin",
        "/etc",
        "/dev",
        "/proc",
        *sys.path[1:],
        sys.prefix,
        sys.base_prefix,
        str(folder),
    ]


@pytest.fixture
def folders(tmp_path):
    for name in ("open", "closed", "listed", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("secret")
    return tmp_path


@with_landlock
def test_only_what_is_allowed_can_be_read(folders):
    code = f"""
    for name in ("open", "closed", "listed", "mine"):
        print(name, tried(lambda: open(f"{folders}/{{name}}/file").read()))
    """
    said = inside(code, read=system(folders / "open"), listed=[str(folders / "listed")], write=[str(folders / "mine")])
    assert said == ["open done", "closed Permission denied", "listed Permission denied", "mine done"]


@with_landlock
def test_names_are_listed_where_that_is_allowed_and_nowhere_else(folders):
    code = f"""
    for name in ("listed", "closed"):
        print(name, tried(lambda: os.listdir(f"{folders}/{{name}}")))
    """
    said = inside(code, read=system(folders / "open"), listed=[str(folders / "listed")])
    assert said == ["listed done", "closed Permission denied"]


@with_landlock
def test_only_its_own_folder_can_be_written(folders):
    code = f"""
    for name in ("open", "mine"):
        print(name, tried(lambda: open(f"{folders}/{{name}}/file", "w").write("changed")))
        print(name, tried(lambda: open(f"{folders}/{{name}}/new", "w")))
        print(name, tried(lambda: os.truncate(f"{folders}/{{name}}/file", 0)))
        print(name, tried(lambda: os.unlink(f"{folders}/{{name}}/file")))
    """
    said = inside(code, read=system(folders / "open"), write=[str(folders / "mine")])
    assert said == ["open Permission denied"] * 4 + ["mine done"] * 4
    assert (folders / "open" / "file").read_text() == "secret"


@with_landlock
def test_what_it_starts_stands_behind_the_same_walls(folders):
    code = f"""
    done = subprocess.run(["cat", "{folders}/closed/file"], capture_output=True, text=True)
    print(done.returncode, done.stdout)
    """
    assert inside(code, read=system(folders / "open"), write=[str(folders / "mine")]) == ["1 "]


@with_landlock
@pytest.mark.skipif(landlock_version() < 6, reason="this kernel's Landlock knows no scopes")
def test_signals_reach_only_its_own_processes():
    code = """
    print(tried(lambda: os.kill(os.getppid(), 0)))
    child = subprocess.Popen(["sleep", "9"])
    print(tried(lambda: os.kill(child.pid, 9)))
    """
    assert inside(code, read=["/"]) == [DENIED, "done"]


@with_seccomp
@x86
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("ptrace", "call(101, 0, 0, 0, 0)"),
        ("process_vm_readv", "call(310, os.getppid(), 0, 0, 0, 0, 0)"),
        ("memfd_create", "call(319, b'x', 0)"),
        ("userfaultfd", "call(323, 1)"),
        ("io_uring_setup", "call(425, 1, ctypes.create_string_buffer(256))"),
        ("bpf", "call(321, 0, 0, 0)"),
        ("perf_event_open", "call(298, 0, 0, -1, -1, 0)"),
        ("keyctl", "call(250, 0, 0, 0)"),
        ("shmget", "call(29, 0, 4096, 0o1600)"),
        ("unshare", "call(272, 0x10000000)"),
        ("clone into a namespace", "call(56, 0x10000011, 0, 0, 0, 0)"),
        ("mount", "call(165, 0, 0, 0, 0, 0)"),
        ("prlimit of another", "call(302, os.getppid(), 7, 0, ctypes.create_string_buffer(16))"),
        # Alone in its group: of others the kernel itself denies it. All of a user is tried by the attack X23.
        ("nice of a group", "(os.setsid(), call(141, 1, 0, 5))[1]"),
        ("ionice of a group", "(os.setsid(), call(251, 2, 0, 3 << 13))[1]"),
        ("a larger socket", "tried(lambda: socket.socketpair()[0].setsockopt(1, 7, 1 << 24))"),
        ("its own cores", "tried(lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)))"),
        ("nice of another", "call(141, 0, os.getppid(), 5)"),
        ("typing into the terminal", "call(16, 0, 0x5412, b'x')"),
        ("typing, with a bit too many", "call(16, 0, ctypes.c_ulong(0x100005412), b'x')"),
        ("memory shared by nobody's file", "call(9, 0, 4096, 3, 0x21, -1, 0)"),
        ("setxattr", "tried(lambda: os.setxattr(os.getcwd(), 'user.word', b'x'))"),
        ("setxattrat", "call(463, -100, b'.', 0, b'user.word', 0, 0)"),
        ("removexattr", "tried(lambda: os.removexattr(os.getcwd(), 'user.word'))"),
        ("file_setattr", "call(469, -100, b'.', 0, 0, 0)"),
        ("flags of a file", "call(16, os.open('.', 0), 0x40086602, ctypes.byref(ctypes.c_long()))"),
    ],
    ids=lambda value: value.split("(")[0],
)
def test_calls_that_no_coursework_needs_are_denied(name, call):
    assert inside(f"print({call})", program=system_calls.program()) == [DENIED], name


@with_seccomp
def test_there_are_no_sockets_but_those_within_the_machine():
    code = """
    for family, kind in ((2, 1), (2, 2), (10, 1), (16, 3), (17, 3), (1, 1)):
        print(tried(lambda: socket.socket(family, kind)))
    """
    assert inside(code, program=system_calls.program()) == ["Permission denied"] * 5 + ["done"]


@with_seccomp
def test_threads_processes_and_own_limits_go_on_working():
    code = """
    import resource, mmap
    thread = threading.Thread(target=print, args=("thread",))
    thread.start(); thread.join()
    print(subprocess.run([sys.executable, "-c", "print('process')"], capture_output=True, text=True).stdout.strip())
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    print(len(mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE)))
    """
    assert inside(code, program=system_calls.program()) == ["thread", "process", "64", "4096"]


@with_seccomp
def test_a_gpus_driver_gets_the_memory_it_shares_with_itself():
    code = """
    print(call(319, b'x', 0))
    print(call(9, 0, 4096, 3, 0x21, -1, 0))
    print(call(101, 0, 0, 0, 0))
    """
    assert inside(code, program=system_calls.program(gpu=True)) == ["done", "done", DENIED]


@pytest.mark.parametrize("name", [name for names in system_calls.DENIED.values() for name in names])
@with_seccomp
def test_every_denied_call_is_spelled_as_the_kernel_spells_it(name):
    """A misspelt name would deny nothing: every name stands in the kernel's headers, or is newer than they are."""
    newer = {"process_madvise", "process_mrelease", "quotactl_fd", "mount_setattr", "memfd_secret"}
    assert system_calls._number(name) is not None or name in newer


@pytest.mark.parametrize(("name", "number"), system_calls._NEW.items())
@with_seccomp
def test_the_number_of_a_new_call_is_the_one_that_libseccomp_knows(name, number, monkeypatch):
    monkeypatch.setattr(system_calls, "_NEW", {})
    assert system_calls._number(name) in (number, None)


def test_no_capability_is_left():
    code = """
    print([line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapPrm"))])
    """
    assert inside(code) == ["['0000000000000000', '0000000000000000']"]


@pytest.mark.parametrize(
    ("version", "lacks"),
    [
        (0, ["no Landlock", "can be seen", "abstract sockets", "can be truncated", "can be signalled"]),
        (2, ["abstract sockets", "can be truncated", "can be signalled"]),
        (3, ["abstract sockets", "can be signalled"]),
        (5, ["abstract sockets", "can be signalled"]),
        (6, []),
    ],
)
def test_what_a_kernels_landlock_lacks_is_said(monkeypatch, version, lacks):
    for module in (shared_files, process):
        monkeypatch.setattr(module, "landlock_version", lambda: version)
    missing = [
        words
        for words in OrdinaryProcess().protections().missing
        if words.startswith(("files that", "proc", "abstract"))
    ]
    assert len(missing) == len(lacks)
    assert all(any(words in said for said in missing) for words in lacks)
    present = " ".join(OrdinaryProcess().protections().present)
    assert ("only Python" in present, "signals and abstract" in present) == (version > 0, version >= 6)


def test_what_no_landlock_forbids_is_said_at_the_levels_that_share_files():
    same_user, own_user = OrdinaryProcess().protections().missing, OwnUser().protections().missing
    for words in ("named sockets", "attributes of this user's files", "shared memory of this user"):
        assert any(words in said for said in same_user)
    assert any("named sockets" in said for said in own_user)
    assert any("shared memory that everybody may read" in said for said in own_user)
    assert not any("this user's files" in said for said in own_user)


@pytest.fixture
def no_binding_yet():
    """Forget which binding to libseccomp was found, before the test and after it."""
    for cached in (binding, system_calls.obstacle, system_calls.program):
        cached.cache_clear()
    yield
    for cached in (binding, system_calls.obstacle, system_calls.program):
        cached.cache_clear()


@pytest.mark.usefixtures("no_binding_yet")
@with_seccomp
def test_libseccomps_own_binding_is_preferred_and_another_package_of_its_name_is_not_taken_for_it(monkeypatch):
    pyseccomp = pytest.importorskip("pyseccomp")
    own = types.ModuleType("seccomp")
    own.__dict__.update(vars(pyseccomp) | {"__name__": "seccomp"})
    monkeypatch.setitem(sys.modules, "seccomp", own)
    assert binding() is own
    binding.cache_clear()
    monkeypatch.setitem(sys.modules, "seccomp", types.ModuleType("seccomp"))
    assert binding() is pyseccomp


@pytest.mark.usefixtures("no_binding_yet")
def test_without_any_binding_there_is_no_filter_and_the_reason_is_said(monkeypatch):
    for name in ("seccomp", "pyseccomp"):
        monkeypatch.setitem(sys.modules, name, None)
    assert system_calls.obstacle().startswith("libseccomp cannot be loaded: ")
    assert system_calls.program() == b""


@pytest.mark.usefixtures("no_binding_yet")
@pytest.mark.parametrize("gpu", [False, True])
def test_both_bindings_make_the_same_filter(monkeypatch, gpu):
    pytest.importorskip("seccomp")
    pytest.importorskip("pyseccomp")
    programs = []
    for missing in ("seccomp", "pyseccomp"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, missing, None)
            for cached in (binding, system_calls.obstacle, system_calls.program):
                cached.cache_clear()
            programs.append(system_calls.program(gpu=gpu))
    assert programs[0] == programs[1] != b""
