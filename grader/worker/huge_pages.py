"""Put the memory of a process that forks often on pages of 2 MB, so that a fork copies a hundredth of the page table.

With torch loaded that table has about 70,000 entries: to copy them at every fork, and to drop them when the fork ends,
takes about 9 ms of CPU time. `MALLOC` puts most of the memory there from the start, and to move the rest takes 0.04 s;
to move all of it takes 0.6 s.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator

# The environment in which glibc (since 2.35) asks for huge pages itself, for the memory that it gives out. It does so
# only if it can read in this folder, when the process starts, that the kernel has any.
MALLOC = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
SETTINGS = "/sys/kernel/mm/transparent_hugepage"
_MADV_COLLAPSE = 25  # since Linux 6.1; an older kernel refuses, and everything stays as it is
_HUGE = 2 << 20


def collapse() -> None:
    """Move the heap and all other private, writable memory of this process to huge pages, where the kernel can."""
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in [*_anonymous()]:
        madvise(start, end - start, _MADV_COLLAPSE)


def _anonymous() -> Iterator[tuple[int, int]]:
    """Yield start and end of each mapping that is of no file, if a huge page fits into it."""
    with open(f"/proc/{os.getpid()}/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            place, rights, _, _, inode, *_ = line.split()
            start, end = (int(address, 16) for address in place.split("-"))
            if inode == "0" and rights == "rw-p" and end - start >= _HUGE:
                yield start, end
