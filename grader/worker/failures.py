"""Describe an exception in a student's call as plain text: kind, type, message, and their part of the traceback."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType
from typing import Any

import torch

from .decoding import Unreadable
from .loaded_lines import failure_behind, place_of

_MAX_MESSAGE = 2_000
_MAX_TRACEBACK = 8_000
_MAX_NAME = 100
_FRAMES_AT_EACH_END = 6
# What torch says when code asks for CUDA and there is no GPU, or torch is built without CUDA.
_NO_GPU = (
    *(
        "No CUDA GPUs are available",
        "Found no NVIDIA driver",
        "no CUDA-capable device",
        "CUDA driver version is insuff",
    ),
    *("not compiled with CUDA enabled", "without ATen_cuda library", "CUDA is not supported for torch.Generator"),
    *("module 'torch._C' has no attribute '_cuda_", "Tried to instantiate dummy base class"),
    *("Cannot access accelerator device when none is available", "deserialize object on a CUDA device"),
)
# What is said when a GPU has no memory left: by torch's allocator, the driver, and libraries that allocate themselves.
_NO_GPU_MEMORY = ("CUDA out of memory", "CUDA error: out of memory", "CUDA error: memory allocation", "_ALLOC_FAILED")
_NUL_BYTES = "source code string cannot contain null bytes"  # a ValueError, before Python 3.11.4


class Unanswerable(Exception):
    """A value cannot be handed back, or a call cannot be made; the message is for the student."""


def describe(error: BaseException, home: str) -> dict[str, Any]:
    """Return the ``error`` entry of a reply: text only, under ``kind``, ``type``, ``message`` and ``traceback``.

    ``kind`` is one of ``not_implemented · memory · gpu_memory · no_gpu · exit · signature · syntax · unreadable ·
    not_installed · unsendable · exception``. With ``not_installed`` the module's name is under ``module``.
    """
    frames = _student_frames(error.__traceback__, home)
    told = {
        "kind": _kind(error, frames),
        "type": type(error).__name__,
        "message": _message(error) + _reason_for_missing_name(error),
        "traceback": _format(error, frames, home)[:_MAX_TRACEBACK],
    }
    if module := _not_installed(error):
        told |= {"kind": "not_installed", "module": module}
    return told


def _not_installed(error: BaseException) -> str:
    """Return the name of the module that is not installed; an empty string if that is not what went wrong.

    A name may be missing because its import at the top of the file failed.
    """
    seen = set[int]()
    while id(error) not in seen:
        seen.add(id(error))
        # find_spec and not only the type: anybody can raise this error
        if isinstance(error, ModuleNotFoundError) and type(error.name) is str and error.name:
            return "" if error.name.partition(".")[0] in sys.modules else error.name[:_MAX_NAME]
        behind = failure_behind(error.name) if isinstance(error, NameError) and type(error.name) is str else None
        if behind is None:
            return ""
        error = behind.error
    return ""


def _reason_for_missing_name(error: BaseException) -> str:
    behind = failure_behind(error.name) if isinstance(error, NameError) and type(error.name) is str else None
    if behind is None:
        return ""
    return f" ({behind.where}, which should define it, raised {type(behind.error).__name__}: {_message(behind.error)})"


def _kind(error: BaseException, frames: list[traceback.FrameSummary]) -> str:
    # torch raises NotImplementedError too, for a dtype or a device; only one raised in their own code is a stub.
    if isinstance(error, NotImplementedError) and frames and "NotImplementedError" in (frames[-1].line or ""):
        return "not_implemented"
    message = _message(error)
    if isinstance(error, torch.OutOfMemoryError) or any(words in message for words in _NO_GPU_MEMORY):
        return "gpu_memory"
    if any(words in message for words in _NO_GPU):
        return "no_gpu"
    if isinstance(error, MemoryError) or "can't allocate memory" in message:
        return "memory"
    if isinstance(error, SystemExit):
        return "exit"
    if isinstance(error, Unanswerable):
        return "unsendable"
    if isinstance(error, Unreadable):
        return "unreadable"
    if not frames and (isinstance(error, SyntaxError) or message == _NUL_BYTES):
        return "syntax"
    if isinstance(error, TypeError) and not frames:
        return "signature"
    return "exception"


def _message(error: BaseException) -> str:
    # format_exception_only copes with a __str__ that itself raises.
    text = "".join(traceback.TracebackException(type(error), error, None, limit=0).format_exception_only())
    _, _, message = text.strip().rpartition("\n") if isinstance(error, SyntaxError) else ("", "", text.strip())
    # "torch.OutOfMemoryError: text": Python writes the module before the name unless it is a builtin
    name, _, rest = message.partition(": ")
    return (rest if name.rpartition(".")[2] == type(error).__name__ else message)[:_MAX_MESSAGE]


def _student_frames(trace: TracebackType | None, home: str) -> list[traceback.FrameSummary]:
    """Return the frames in the submission's files, with paths as they were handed in, and cells of notebooks."""
    frames = []
    for frame in traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=True):
        if frame.filename.startswith(home + os.sep):
            path, line = _place(frame.filename, frame.lineno or 1, home)
            frames.append(traceback.FrameSummary(path, line, frame.name, line=frame.line))
    return frames


def _place(filename: str, line: int, home: str) -> tuple[str, int]:
    """Return the file as it was handed in, with the cell if it has cells, and the line in the file or cell."""
    cell, line = place_of(filename, line)
    path = _as_handed_in(filename, home)
    return (f"{path}, cell {cell}" if cell else path), line


def _as_handed_in(path: str, home: str) -> str:
    return os.path.relpath(path, os.path.join(home, "submission"))


def _format(error: BaseException, frames: list[traceback.FrameSummary], home: str) -> str:
    if len(frames) > 2 * _FRAMES_AT_EACH_END:  # an endless recursion
        frames = frames[:_FRAMES_AT_EACH_END] + frames[-_FRAMES_AT_EACH_END:]
    words = traceback.TracebackException(type(error), error, None, limit=0)
    if isinstance(error, SyntaxError) and str(error.filename).startswith(home + os.sep):
        words.filename, line = _place(str(error.filename), error.lineno or 1, home)
        words.lineno = str(line)
    last = "".join(words.format_exception_only())
    if not frames:
        return last if isinstance(error, SyntaxError) else ""
    return "Traceback (most recent call last):\n" + "".join(traceback.format_list(frames)) + last
