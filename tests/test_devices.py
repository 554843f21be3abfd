"""`grader.running.devices`: cpu or cuda, decided once for a run."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.cli import main
from grader.errors import SandboxError, UsageError
from grader.running import devices
from grader.sandbox.gpu import GpuMemory


@pytest.fixture
def dev(monkeypatch):
    """The GPU's files in /dev."""
    files, glob = [], Path.glob
    monkeypatch.setattr(Path, "glob", lambda path, *rest: iter(files) if path == Path("/dev") else glob(path, *rest))
    return files


@pytest.fixture
def gpu(dev):
    """A machine with one GPU."""
    dev += [Path("/dev/nvidiactl"), Path("/dev/nvidia0"), Path("/dev/nvidia-uvm")]


BOTH = ("cpu", "cuda")


def choose(name, can_run_on=BOTH):
    """The device, and what is said."""
    said = []
    return devices.choose(name, can_run_on, said.append), *said


@pytest.fixture
def usable(monkeypatch):
    """torch can use what GPU there is."""
    monkeypatch.setattr(devices, "obstacle", str)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_without_a_gpu_auto_is_cpu_and_cuda_is_refused(dev, usable):
    assert choose("auto") == choose("cpu") == ("cpu",)
    with pytest.raises(UsageError, match=r"no NVIDIA GPU here; use --device cpu"):
        choose("cuda")


def test_with_a_gpu_auto_is_cuda_and_cpu_can_still_be_asked_for(gpu, usable):
    assert choose("auto") == choose("cuda") == ("cuda",)
    assert choose("cpu") == ("cpu",)


def test_code_that_cannot_use_a_gpu_takes_none(gpu, usable, monkeypatch):
    monkeypatch.setattr(devices, "obstacle", lambda: pytest.fail("nobody needs to know"))
    assert choose("auto", {"cpu"}) == choose("cuda", {"cpu"}) == ("cpu",)


def test_a_driver_without_a_card_is_no_gpu(dev, usable):
    dev += [Path("/dev/nvidiactl"), Path("/dev/nvidia-uvm")]
    assert devices.nvidia_devices() == []
    assert choose("auto") == ("cpu",)


@pytest.mark.parametrize("allowed", ["", " ", "-1", "-1,0", ",0"])
def test_gpus_that_are_hidden_are_none(gpu, usable, monkeypatch, allowed):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", allowed)
    assert devices.gpus() == []
    assert choose("auto") == ("cpu",)
    with pytest.raises(UsageError, match="CUDA_VISIBLE_DEVICES hides every NVIDIA GPU: unset it, or use --device cpu"):
        choose("cuda")


def test_a_gpu_that_torch_cannot_use_is_none(gpu, usable, monkeypatch):
    monkeypatch.setattr(devices, "obstacle", lambda: "torch is too old: get a new one")
    assert choose("auto") == ("cpu", "torch is too old: get a new one; until then this computes on the CPU")
    with pytest.raises(UsageError, match="get a new one; or use --device cpu"):
        choose("cuda")


def test_torch_is_asked_what_it_can_use(monkeypatch):
    asked = [sys.executable, "-c", "import torch; print(torch.cuda.is_available())"]
    usable = subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "True\n"
    assert ("newer driver" in devices.obstacle()) != usable
    monkeypatch.setattr(devices, "_PROBE", "raise SystemExit(False)")
    assert devices.obstacle() == ""
    monkeypatch.setattr(devices, "_PROBE", "import time; time.sleep(60)")
    monkeypatch.setattr(devices, "_PROBE_SECONDS", 0.1)
    assert "nvidia-smi" in devices.obstacle()


def test_torch_is_not_imported():
    code = (
        "import sys; from grader.running import devices; devices.gpus = lambda: ['0']; devices._PROBE = ''\n"
        "print(devices.choose('auto', ['cuda'], print), 'torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "cuda False\n"


class Planned(Exception):
    """What a command was about to do."""


def planned(monkeypatch, where, *arguments):
    """What `grader ARGUMENTS` hands on when it begins its work."""

    def stop(*args):
        raise Planned(*args)

    monkeypatch.setattr(where, stop)
    with pytest.raises(Planned) as caught:
        main([*map(str, arguments), "--sandbox", "process", "--jobs", "4"])
    return caught.value.args


@pytest.mark.parametrize(("assignment", "device", "most"), [("lab1", "cpu", 4), ("lab2", "cuda", 1)])
def test_a_run_takes_a_gpu_only_where_a_part_can_use_it(gpu, usable, monkeypatch, tmp_path, assignment, device, most):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    for name in ("ann", "bob", "cy", "dan"):
        (tmp_path / "class" / name).mkdir(parents=True)
    grade = ("grade", assignment, tmp_path / "class", "--out", tmp_path / "out")
    jobs, engine = planned(monkeypatch, "grader.commands.class_run.grade_class", *grade)
    assert ({job.device for job in jobs}, engine.jobs) == ({device}, most)
    jobs, _ = planned(monkeypatch, "grader.commands.reference.grade_class", "reference", assignment)
    assert [job.device for job in jobs] == [device]
    calibrate = ("calibrate", assignment, "--keep", tmp_path / "keep")
    sampler, wanted = planned(monkeypatch, "grader.calibration.sampling.Sampler.sample", *calibrate)
    assert ({want.setting.device for want in wanted}, sampler.engine.jobs) == ({device}, most)


@pytest.fixture
def two_gpus(dev, monkeypatch, tmp_path):
    dev += [Path("/dev/nvidia0"), Path("/dev/nvidia1"), Path("/dev/nvidiactl")]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_the_gpus_are_those_of_the_machine_or_those_that_were_allowed(two_gpus, monkeypatch):
    assert devices.gpus() == ["0", "1"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,GPU-8f5e")
    assert devices.gpus() == ["1", "GPU-8f5e"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1, 0,-1,2")
    assert devices.gpus() == ["1", "0"]


CLAIM = """
import sys, tempfile
from pathlib import Path
from grader.running import devices
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
    assert "other grading processes use every GPU" in refusal
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
