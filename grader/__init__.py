"""mlgrader: fair, sharp and safe grading of PyTorch coursework.

Check files import what they need from here: ``from grader import check, expect, metric``. The names load on first use,
so that ``grader --help`` does not wait for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.vocabulary import evidence, expect, imagenet
    from grader.vocabulary.check import check
    from grader.vocabulary.metric import Measured, metric
    from grader.vocabulary.network import Network

__version__ = "0.1.0"
__all__ = ["Measured", "Network", "__version__", "check", "evidence", "expect", "imagenet", "metric"]

# Where each name is: a module of ``grader.vocabulary``, or a name in one.
VOCABULARY = {
    "check": ("grader.vocabulary.check", "check"),
    "evidence": ("grader.vocabulary.evidence", ""),
    "expect": ("grader.vocabulary.expect", ""),
    "imagenet": ("grader.vocabulary.imagenet", ""),
    "Measured": ("grader.vocabulary.metric", "Measured"),
    "metric": ("grader.vocabulary.metric", "metric"),
    "Network": ("grader.vocabulary.network", "Network"),
}


def __getattr__(name: str) -> Any:
    if name not in VOCABULARY:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    path, attribute = VOCABULARY[name]
    module = import_module(path)
    globals()[name] = getattr(module, attribute) if attribute else module
    return globals()[name]
