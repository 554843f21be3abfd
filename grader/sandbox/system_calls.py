"""The system calls that no coursework needs, as a seccomp filter (BPF) that every worker puts on itself.

A denylist: PyTorch, pandas and DataLoader workers go on as they do outside. What is denied are doors into the kernel
that have been forced before, into other processes, and out of the machine. A denied call answers EPERM, so that a
library that only tries one goes on; ``clone3`` answers ENOSYS, because its flags lie in memory that a filter cannot
read, and the C library then uses ``clone``, whose flags are looked at.
"""

from __future__ import annotations

import errno
import functools
import socket
import tempfile

DENIED = {
    "other processes": (
        *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease"),
        *("pidfd_getfd", "kcmp", "migrate_pages", "move_pages"),
    ),
    "memory that belongs to no process, which nobody counts": ("memfd_create", "memfd_secret"),
    "asynchronous and user-handled kernel work": (
        *("io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd"),
        *("bpf", "perf_event_open", "fanotify_init", "seccomp"),
    ),
    "namespaces and mounts": (
        *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick"),
        *("move_mount", "open_tree", "open_tree_attr", "mount_setattr", "open_by_handle_at", "name_to_handle_at"),
    ),
    "what outlives a process": (*("add_key", "request_key", "keyctl", "msgget", "semget", "shmget", "mq_open"),),
    "the machine": (
        *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot"),
        *("swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "iopl", "ioperm", "modify_ldt"),
        *("settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname", "vhangup"),
    ),
}
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
# Of these the process may ask for itself, as it always may; the zygote runs as the same user. Arguments and what each
# must be: the pid 0, and of priorities also PRIO_PROCESS or IOPRIO_WHO_PROCESS, since others are of all of a user.
_FOR_ITSELF = {
    **dict.fromkeys(
        ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"), ((0, 0),)
    ),
    "setpriority": ((0, 0), (1, 0)),
    "ioprio_set": ((0, 1), (1, 0)),
}
_SO_SNDBUF, _SO_SNDBUFFORCE = 7, 32  # how much a socket may hold, in memory of the kernel's that nobody counts
_OF_DRIVERS = ("memfd_create",)
_SHARED_ANONYMOUS = 0x21  # of mmap's flags: MAP_SHARED and MAP_ANONYMOUS
_TERMINAL_REQUESTS = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX type into the terminal that grader was started from


@functools.cache
def obstacle() -> str:
    """Why no filter can be made here; empty when one can."""
    try:
        import pyseccomp  # noqa: F401, PLC0415 -- looks for libseccomp, which is not everywhere
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        return f"libseccomp cannot be loaded: {error}"
    return ""


@functools.cache
def program(*, gpu: bool = False) -> bytes:
    """The filter as an array of ``struct sock_filter``, for this machine's architecture; empty when there is none.

    NVIDIA's driver shares memory with itself by ``memfd_create``: a worker that has a ``gpu`` keeps what it needs.
    """
    if obstacle():
        return b""
    import pyseccomp as seccomp  # noqa: PLC0415

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    forbidden = seccomp.ERRNO(errno.EPERM)
    for name in (name for names in DENIED.values() for name in names):
        if _is_known(name) and not (gpu and name in _OF_DRIVERS):
            rules.add_rule(forbidden, name)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in _bits(_NEW_NAMESPACES):
        rules.add_rule(forbidden, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    # Sockets within the machine (multiprocessing uses them), none of any other kind.
    rules.add_rule(seccomp.ERRNO(errno.EACCES), "socket", seccomp.Arg(0, seccomp.NE, socket.AF_UNIX))
    for option in (_SO_SNDBUF, _SO_SNDBUFFORCE):
        rules.add_rule(forbidden, "setsockopt", seccomp.Arg(2, seccomp.MASKED_EQ, 0xFFFFFFFF, option))
    for name, arguments in _FOR_ITSELF.items():
        for place, value in arguments:
            rules.add_rule(forbidden, name, seccomp.Arg(place, seccomp.NE, value))
    if not gpu:
        rules.add_rule(forbidden, "mmap", seccomp.Arg(3, seccomp.MASKED_EQ, _SHARED_ANONYMOUS, _SHARED_ANONYMOUS))
    for request in _TERMINAL_REQUESTS:
        rules.add_rule(forbidden, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _is_known(name: str) -> bool:
    """Whether this machine's libseccomp and architecture have the call."""
    import pyseccomp as seccomp  # noqa: PLC0415

    try:
        return bool(seccomp.resolve_syscall(seccomp.system_arch(), name) >= 0)
    except (ValueError, OSError):
        return False


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(32) if mask >> place & 1]
