"""The folders that serve as TORCH_HOME: torchvision's own function loads from them, and nothing else is in them."""

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from course_examples import DATASETS
from safetensors.torch import save
from torchvision.models import resnet18

from grader.datasets.dataset import Source
from grader.datasets.keeping import keep
from grader.errors import DatasetError

backbone, weights = DATASETS.module("_backbone"), DATASETS.module("_weights")
FILE = "hub/checkpoints/resnet18-f37072fd.pth"


def load(home, monkeypatch):
    """What a student's ordinary line gets; a download would need the network, and fail."""
    monkeypatch.setenv("TORCH_HOME", str(home))
    monkeypatch.setattr("torch.hub.download_url_to_file", None)
    return resnet18(weights="IMAGENET1K_V1").state_dict()


def files_below(home):
    return [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]


def pinned(tmp_path, version, name, content):
    (tmp_path / name).write_bytes(content)
    pins = {name: hashlib.sha256(content).hexdigest()}
    return Source("resnet18", version, tmp_path / name, "GRADER_DATA", pins, "`grader data fetch resnet18` gets it")


@pytest.fixture
def imagenet(tmp_path, empty_cache):
    """Random weights that stand for the real file."""
    torch.manual_seed(1)
    path = tmp_path / "made.pth"
    torch.save(resnet18().state_dict(), path)
    return pinned(tmp_path, "imagenet", "resnet18-f37072fd.pth", path.read_bytes())


@pytest.fixture
def trunk(tmp_path, empty_cache):
    """Random weights in half precision, without a head, that stand for the trunk trained on Tiny ImageNet."""
    torch.manual_seed(2)
    state = {name: value for name, value in resnet18().state_dict().items() if not name.startswith("fc.")}
    content = save({name: value.half() if value.is_floating_point() else value for name, value in state.items()})
    return pinned(tmp_path, "tinyimagenet64", "resnet18-tinyimagenet64.safetensors", content), state


def test_the_stand_in_loads_as_imagenet_weights(empty_cache, monkeypatch):
    home = weights.stand_in_home()
    assert files_below(home) == [FILE]
    loaded = load(home, monkeypatch)
    for name, value in backbone.stand_in().items():
        assert torch.equal(loaded[name], value), name


def test_the_stand_in_is_made_once(empty_cache, monkeypatch):
    home = weights.stand_in_home()
    monkeypatch.setattr(backbone, "stand_in", None)
    assert weights.stand_in_home() == home


def test_another_version_of_the_stand_in_is_another_folder(empty_cache, monkeypatch):
    home = weights.stand_in_home()
    monkeypatch.setattr(backbone, "VERSION", "other")
    assert weights.stand_in_home() != home


def test_the_imagenet_weights_are_handed_on_as_they_are(imagenet, monkeypatch):
    home = weights.real_home(imagenet)
    assert files_below(home) == [FILE]
    assert (home / FILE).read_bytes() == imagenet.path.read_bytes()
    assert len(load(home, monkeypatch)) == 122


def test_the_trunk_gets_single_precision_and_a_head(trunk, monkeypatch):
    source, state = trunk
    loaded = load(weights.real_home(source), monkeypatch)
    for name, value in state.items():
        assert loaded[name].dtype == value.dtype
        torch.testing.assert_close(loaded[name], value, atol=1e-3, rtol=1e-3)
    assert loaded["fc.weight"].shape == (1000, 512)
    assert loaded["fc.weight"].abs().max() <= 512**-0.5
    assert loaded["fc.weight"].std() > 0.5 * 512**-0.5


@pytest.mark.parametrize("kind", ["imagenet", "trunk"])
def test_an_unknown_file_is_never_handed_on(kind, request, empty_cache):
    made = request.getfixturevalue(kind)
    source = made if kind == "imagenet" else made[0]
    source.path.write_bytes(source.path.read_bytes() + b"!")
    with pytest.raises(DatasetError, match=r"has SHA-256 .*: delete it; `grader data fetch resnet18`"):
        weights.real_home(source)
    assert not list(empty_cache.rglob("*.pth"))


def test_another_user_can_read_what_is_mounted_whatever_the_umask(imagenet):
    before = os.umask(0o077)
    try:
        home = weights.real_home(imagenet)
    finally:
        os.umask(before)
    for path in (home, *home.rglob("*")):
        assert path.stat().st_mode & 0o755 == (0o755 if path.is_dir() else 0o644), path


def test_processes_that_start_together_make_it_once(empty_cache, tmp_path):
    code = (
        "import grader.datasets.keeping as k, sys\nfrom pathlib import Path\n"
        "def make(path):\n"
        "    with open(sys.argv[2], 'a') as log: log.write('made\\n')\n"
        "    for part in range(50):\n"
        "        with path.open('a' if part else 'w') as file: file.write('x' * 1000)\n"
        "print(len(k.keep(Path(sys.argv[1]), make).read_text()))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "kept" / "file"), str(tmp_path / "log")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate()[0] for process in started] == ["50000\n"] * 4
    assert (tmp_path / "log").read_text() == "made\n"


def test_what_was_not_finished_is_not_there(empty_cache, tmp_path):
    def broken(path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        keep(tmp_path / "file", broken)
    assert not (tmp_path / "file").exists()
    assert keep(tmp_path / "file", lambda path: path.write_text("whole")).read_text() == "whole"


def test_threads_wait_for_one_another_too(empty_cache, tmp_path):
    made = []
    barrier = threading.Barrier(4)

    def make(path):
        made.append(path)
        path.write_text("whole")

    def start():
        barrier.wait()
        keep(tmp_path / "file", make)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


@pytest.mark.skipif("GRADER_DATA" not in os.environ, reason="needs real data: set GRADER_DATA")
def test_the_real_trunk(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = Path(os.environ["GRADER_DATA"], "weights/resnet18-tinyimagenet64.safetensors")
    if not path.is_file():
        pytest.skip("GRADER_DATA has no weights/resnet18-tinyimagenet64.safetensors")
    loaded = load(weights.real_home(next(s for s in DATASETS.find_all("resnet18") if s.path == path)), monkeypatch)
    assert loaded["conv1.weight"].abs().max() > 0.1
