"""`grader.devices`: cpu or cuda, decided from device files alone."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader import devices
from grader.errors import SandboxError, UsageError
from grader.sandbox.gpu import GpuMemory


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


@pytest.fixture
def two_gpus(dev, monkeypatch, tmp_path):
    dev += [Path("/dev/nvidia0"), Path("/dev/nvidia1"), Path("/dev/nvidiactl")]
    monkeypatch.setattr(Path, "glob", lambda *_: iter(list(dev)))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_the_gpus_are_those_of_the_machine_or_those_that_were_allowed(two_gpus, monkeypatch):
    assert devices.gpus() == ["0", "1"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,GPU-8f5e")
    assert devices.gpus() == ["1", "GPU-8f5e"]


CLAIM = """
import sys, tempfile
from pathlib import Path
from grader import devices
tempfile.tempdir = sys.argv[1]
devices.gpus = lambda: ["0", "1"]
try:
    print(devices.claim_gpu(seconds=0), flush=True)
except Exception as error:
    print(error, flush=True)
sys.stdin.read()
"""


def test_each_process_has_a_gpu_of_its_own_and_gives_it_back_when_it_ends(tmp_path):
    def process():
        command = [sys.executable, "-c", CLAIM, str(tmp_path)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    first, second = process(), process()
    claimed = {first.stdout.readline(), second.stdout.readline()}
    third = process()
    refusal = third.stdout.readline()
    first.kill()
    first.communicate()
    fourth = process()
    again = fourth.stdout.readline()
    for rest in (second, third, fourth):
        rest.communicate()
    assert claimed == {"0\n", "1\n"}
    assert "every GPU is taken" in refusal
    assert again in claimed


@pytest.fixture
def driver(monkeypatch, tmp_path):
    """An nvidia-smi of our own: it prints what is in `used`."""
    program, used = tmp_path / "nvidia-smi", tmp_path / "used"
    program.write_text(f"#!/bin/sh\necho $@ > {tmp_path}/asked\ncat {used}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    used.write_text("431\n")
    return used


def test_gpu_memory_that_is_not_given_back_is_our_fault_to_report(driver):
    memory = GpuMemory()
    memory.require_free(seconds=0)
    driver.write_text("470\n")  # within the driver's own bookkeeping
    memory.require_free(seconds=0)
    driver.write_text("5431\n")
    with pytest.raises(SandboxError, match="5000 MB of GPU memory were not given back"):
        memory.require_free(seconds=0)
    assert "-i 1" in (driver.parent / "asked").read_text()


def test_a_driver_that_does_not_answer_is_an_error_of_the_sandbox(driver):
    driver.write_text("No devices were found\n")
    with pytest.raises(SandboxError, match="nvidia-smi"):
        GpuMemory()
