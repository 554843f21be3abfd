"""mlgrader: fair, sharp and safe grading of PyTorch coursework.

Check files import what they need from here: ``from grader import check, expect``. The names load on first use, so
that ``grader --help`` does not wait for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.vocabulary import expect
    from grader.vocabulary.check import check

__version__ = "0.1.0"
__all__ = ["__version__", "check", "expect"]

_LAZY = {"check": "grader.vocabulary.check", "expect": "grader.vocabulary.expect"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    module = import_module(_LAZY[name])
    value = module.check if name == "check" else module
    globals()[name] = value
    return value
