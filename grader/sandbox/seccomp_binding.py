"""The Python binding to libseccomp: its own, where the machine has it (Debian: python3-seccomp), else pyseccomp.

libseccomp's own binding comes from the same source as the library, so distributions keep the two in step; pyseccomp
offers the same names through ctypes and can be installed by pip.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any

_CANDIDATES = ("seccomp", "pyseccomp")
_NEEDED = ("ALLOW", "ERRNO", "NE", "MASKED_EQ", "Arg", "Arch", "SyscallFilter", "resolve_syscall")
_FAILURES = (ImportError, OSError, RuntimeError, AttributeError)  # pyseccomp raises the last three without libseccomp


@functools.cache
def binding() -> Any:
    """Import and return the first binding that works.

    Raises:
        ImportError: none does; the message says why the last one failed.
    """
    reason = ""
    for name in _CANDIDATES:
        try:
            module = importlib.import_module(name)
        except _FAILURES as error:
            reason = str(error)
            continue
        if all(hasattr(module, needed) for needed in _NEEDED):
            return module
        reason = f"{name} is another package of that name"
    raise ImportError(reason)
