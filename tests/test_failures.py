"""`grader.worker.failures`: what torch says of GPUs, with none, without memory, or built without CUDA."""

import pytest
import torch

from grader.worker.failures import describe

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
