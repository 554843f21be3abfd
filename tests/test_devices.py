"""`grader.devices`: cpu or cuda, decided from device files alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader import devices
from grader.errors import UsageError


@pytest.fixture
def dev(monkeypatch):
    """Stands in for /dev."""
    files = []
    monkeypatch.setattr(Path, "glob", lambda *_: iter(files))
    return files


def test_without_a_gpu_auto_is_cpu_and_cuda_is_refused(dev):
    assert devices.choose("auto") == "cpu"
    assert devices.choose("cpu") == "cpu"
    with pytest.raises(UsageError, match="--device cpu"):
        devices.choose("cuda")


def test_with_a_gpu_auto_is_cuda_and_cpu_can_still_be_asked_for(dev):
    dev += [Path("/dev/nvidiactl"), Path("/dev/nvidia0"), Path("/dev/nvidia-uvm")]
    assert devices.choose("auto") == devices.choose("cuda") == "cuda"
    assert devices.choose("cpu") == "cpu"
    assert devices.nvidia_devices() == sorted(dev)


def test_a_driver_without_a_card_is_no_gpu(dev):
    dev += [Path("/dev/nvidiactl"), Path("/dev/nvidia-uvm")]
    assert devices.nvidia_devices() == []
    assert devices.choose("auto") == "cpu"


def test_torch_is_not_asked():
    code = "import sys; from grader import devices; devices.choose('auto'); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
