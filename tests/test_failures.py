"""`grader.worker.failures`: what torch says of GPUs, what is not installed, and the cells and lines of tracebacks."""

import json
from types import ModuleType

import pytest
import torch

from grader.worker.definitions import run_definitions, run_whole
from grader.worker.failures import describe
from grader.worker.source_text import Source, read

NO_GPU = [
    RuntimeError("No CUDA GPUs are available"),
    RuntimeError("Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU"),
    AssertionError("Torch not compiled with CUDA enabled"),
    torch.AcceleratorError("CUDA error: CUDA driver version is insufficient for CUDA runtime version\nSearch for"),
    torch.AcceleratorError("CUDA error: no CUDA-capable device is detected"),
    RuntimeError("Cannot get CUDA generator without ATen_cuda library. PyTorch splits its backend"),
    RuntimeError("Device type CUDA is not supported for torch.Generator() api."),
    AttributeError("module 'torch._C' has no attribute '_cuda_setDevice'"),
    RuntimeError("Tried to instantiate dummy base class Stream"),
    RuntimeError("Cannot access accelerator device when none is available."),
    RuntimeError("Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False."),
]
NO_GPU_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 TiB."),
    torch.AcceleratorError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    RuntimeError("cusolver error: CUSOLVER_STATUS_ALLOC_FAILED, when calling `cusolverDnCreate(handle)`"),
]
OTHERS = [
    (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), "exception"),
    (torch.AcceleratorError("CUDA error: device-side assert triggered"), "exception"),
    (
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes"),
        "memory",
    ),
]


@pytest.mark.parametrize(
    ("error", "kind"),
    [*((error, "no_gpu") for error in NO_GPU), *((error, "gpu_memory") for error in NO_GPU_MEMORY), *OTHERS],
    ids=lambda value: str(value)[:40],
)
def test_what_torch_says_is_told_apart(error, kind):
    assert describe(error, "/nowhere")["kind"] == kind


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
@pytest.mark.parametrize(
    "ask",
    [
        lambda: torch.ones(2).cuda(),
        lambda: torch.Generator("cuda"),
        lambda: torch.cuda.set_device(0),
        torch.cuda.Stream,
        lambda: torch.ones(2).pin_memory(),
    ],
)
def test_what_this_torch_says_without_a_gpu_is_known(ask):
    with pytest.raises((RuntimeError, AssertionError, AttributeError)) as caught:
        ask()
    assert describe(caught.value, "/nowhere")["kind"] == "no_gpu", caught.value


def notebook(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}).encode()


HOME = "/home/of/a/worker"


def load(text, *names, path="theirs.py", places=()):
    """The functions of a file as a worker has them."""
    module = ModuleType("theirs")
    module.__file__ = f"{HOME}/submission/{path}"
    run_definitions(Source(path, text, places), module, names)
    return module


def told_of(function, *arguments):
    with pytest.raises(BaseException) as caught:  # noqa: PT011 -- each test says which
        function(*arguments)
    return describe(caught.value, HOME)


def test_a_traceback_names_cell_and_line():
    source = read("lab.ipynb", notebook("x = 1", "%time\ndef f():\n    return 1 / 0"))
    module = load(source.text, "f", path="lab.ipynb", places=source.places)
    told = told_of(module.f)
    assert '  File "lab.ipynb, cell 2", line 3, in f\n    return 1 / 0\n' in told["traceback"]
    assert told["kind"] == "exception"


def test_a_traceback_shows_the_lines_of_a_script_that_is_no_utf8():
    told = told_of(load("def f():\n    return 1 / 0  # Größe", "f").f)
    assert '  File "theirs.py", line 2, in f\n    return 1 / 0  # Größe\n' in told["traceback"]


def test_a_stub_in_a_notebook_is_a_stub():
    text = "def f():\n    raise NotImplementedError('not yet')"
    assert told_of(load(text, "f", path="n.ipynb", places=((3, 1), (3, 2))).f)["kind"] == "not_implemented"


MISSING = {
    "in the function": "def f():\n    import no_such_module_at_all",
    "at the top": "import no_such_module_at_all\ndef f():\n    return no_such_module_at_all.x",
    "from it": "from no_such_module_at_all import thing\ndef f():\n    return thing()",
    "under another name": "import no_such_module_at_all.inside as nsm\ndef f():\n    return nsm.x",
    "in a decorator": "from no_such_module_at_all import jit\n@jit\ndef f():\n    return 1",
    "behind another name": "import no_such_module_at_all as n\nK = n.load()\ndef f():\n    return K",
}


@pytest.mark.parametrize("text", MISSING.values(), ids=MISSING)
def test_a_module_that_is_not_installed_is_named(text):
    told = told_of(load(text, "f").f)
    assert told["kind"] == "not_installed"
    assert told["module"].partition(".")[0] == "no_such_module_at_all"


def test_a_part_of_an_installed_module_that_is_not_there_is_a_mistake():
    told = told_of(load("def f():\n    import torch.no_such_part", "f").f)
    assert told["kind"] == "exception"
    assert "module" not in told


def test_a_missing_name_says_which_statement_failed():
    told = told_of(load("import torch\n\nA = torch.load('ratings.pt')\ndef f():\n    return A", "f").f)
    assert told["kind"] == "exception"
    assert told["message"].startswith(
        "name 'A' is not defined (line 3 of theirs.py, which should define it, raised FileNotFoundError: "
    )


def test_a_file_that_cannot_be_read_is_told_in_its_sentence():
    told = told_of(read, "n.ipynb", b"{")
    assert told["kind"] == "unreadable"
    assert told["message"].startswith("n.ipynb is a damaged notebook: ")


def test_a_syntax_error_that_only_compiling_finds_names_its_cell():
    module = ModuleType("theirs")
    module.__file__ = f"{HOME}/submission/n.ipynb"
    told = told_of(run_whole, Source("n.ipynb", "x = 1\nreturn x", ((1, 1), (4, 1))), module)
    assert told["kind"] == "syntax"
    assert '  File "n.ipynb, cell 4", line 1\n' in told["traceback"]
