"""A seccomp filter (BPF) that denies the system calls no coursework needs; every worker puts it on itself.

It is a list of what is denied, so PyTorch, pandas and DataLoader workers run as they do outside. Denied are calls that
have been used to break into the kernel, that reach into other processes, or that lead out of the machine. A denied call
fails with EPERM, so that a library that only tries it can go on. ``clone3`` fails with ENOSYS: a filter cannot read its
flags, which lie in memory, and the C library then uses ``clone``, whose flags the filter does read.
"""

from __future__ import annotations

import errno
import functools
import socket
import tempfile

from grader.sandbox.seccomp_binding import binding

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
    "the cores of other students": ("sched_setaffinity",),
    "what outlives a process": (*("add_key", "request_key", "keyctl", "msgget", "semget", "shmget", "mq_open"),),
    "attributes of files, where one student could leave words or an access list for the next": (
        *("setxattr", "lsetxattr", "fsetxattr", "setxattrat"),
        *("removexattr", "lremovexattr", "fremovexattr", "removexattrat", "file_setattr"),
    ),
    "the machine": (
        *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot"),
        *("swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "iopl", "ioperm", "modify_ldt"),
        *("settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname", "vhangup"),
    ),
}
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
# A process may call these for itself only, not for the zygote, which runs as the same user. For each call: the place of
# an argument and the value it must have. The pid must be 0; priorities must also be those of one process
# (PRIO_PROCESS, IOPRIO_WHO_PROCESS), because the other choices mean all processes of a user.
_FOR_ITSELF = {
    **dict.fromkeys(
        ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"), ((0, 0),)
    ),
    "setpriority": ((0, 0), (1, 0)),
    "ioprio_set": ((0, 1), (1, 0)),
}
_SO_SNDBUF, _SO_SNDBUFFORCE = 7, 32  # how much a socket may hold, in kernel memory that nobody counts
_OF_DRIVERS = ("memfd_create", "sched_setaffinity")
# The numbers, the same on every architecture, of calls that are newer than many a libseccomp.
_NEW = {"setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469}
_SHARED_ANONYMOUS = 0x21  # of mmap's flags: MAP_SHARED and MAP_ANONYMOUS
# Of ioctl: TIOCSTI and TIOCLINUX type into the terminal that grader was started from; FS_IOC_SETFLAGS, the same of
# 32 bits, and FS_IOC_FSSETXATTR set flags of files that outlive a process.
_DENIED_REQUESTS = (0x5412, 0x541C, 0x40086602, 0x40046602, 0x401C5820)


@functools.cache
def obstacle() -> str:
    """Return why no filter can be made here; empty if one can."""
    try:
        binding()
    except ImportError as error:
        return f"libseccomp cannot be loaded: {error}"
    return ""


@functools.cache
def program(*, gpu: bool = False) -> bytes:
    """Return the filter as an array of ``struct sock_filter`` for this machine's architecture.

    It is empty where no filter can be made. With a ``gpu``, ``memfd_create`` and shared anonymous memory stay allowed,
    since NVIDIA's driver shares memory with itself through them, and a process may choose its own cores.
    """
    if obstacle():
        return b""
    seccomp = binding()
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    forbidden = seccomp.ERRNO(errno.EPERM)
    for name in (name for names in DENIED.values() for name in names):
        number = _number(name)
        if number is not None and not (gpu and name in _OF_DRIVERS):
            rules.add_rule(forbidden, number)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in _bits(_NEW_NAMESPACES):
        rules.add_rule(forbidden, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    # UNIX sockets are allowed (multiprocessing uses them), all other kinds are denied.
    rules.add_rule(seccomp.ERRNO(errno.EACCES), "socket", seccomp.Arg(0, seccomp.NE, socket.AF_UNIX))
    for option in (_SO_SNDBUF, _SO_SNDBUFFORCE):
        rules.add_rule(forbidden, "setsockopt", seccomp.Arg(2, seccomp.MASKED_EQ, 0xFFFFFFFF, option))
    for name, arguments in _FOR_ITSELF.items():
        for place, value in arguments:
            rules.add_rule(forbidden, name, seccomp.Arg(place, seccomp.NE, value))
    if not gpu:
        rules.add_rule(forbidden, "mmap", seccomp.Arg(3, seccomp.MASKED_EQ, _SHARED_ANONYMOUS, _SHARED_ANONYMOUS))
    for request in _DENIED_REQUESTS:
        rules.add_rule(forbidden, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, request))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _number(name: str) -> int | None:
    """Return a call's number on this machine; None if this architecture or its libseccomp does not know the call."""
    seccomp = binding()
    try:
        # NATIVE and not system_arch(): libseccomp's own binding cannot take what that returns for x86-64.
        number = int(seccomp.resolve_syscall(seccomp.Arch.NATIVE, name))
    except (ValueError, OSError, RuntimeError):
        number = -1
    return number if number >= 0 else _NEW.get(name)


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(32) if mask >> place & 1]
