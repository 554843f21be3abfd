"""Keep tqdm's progress bars off the captured output: a bar that is redrawn at every step would fill it.

A bar still counts, so code that reads ``bar.n`` works. What a student prints with ``tqdm.write`` is kept.
"""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType
from typing import Any


def load_quietly() -> None:
    """Import tqdm, if it is installed, with bars that draw nothing: once, for all workers that are forked later."""
    if importlib.util.find_spec("tqdm") is not None:
        quieten(importlib.import_module("tqdm.std"))


def quieten(tqdm_std: ModuleType) -> None:
    """Change the bars of ``tqdm.std``, on which all others build, so that they draw nothing and start no thread."""
    bar: Any = tqdm_std.tqdm
    close = bar.close

    def close_quietly(self: Any) -> None:
        self.leave = False  # else it would end the line that was never drawn
        close(self)

    bar.monitor_interval = 0  # its thread only redraws bars that have not moved for long
    bar.display = bar.clear = bar.moveto = _draw_nothing
    bar.close = close_quietly


def _draw_nothing(*_: Any, **__: Any) -> bool:
    """Return that nothing was drawn."""
    return False
