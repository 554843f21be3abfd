"""Downloads, from a real server on localhost: resumed, from a mirror, and refused when they are not what is pinned."""

import hashlib
import io
import socket
import zipfile

import msgspec
import pytest
from course_examples import DATASETS, change, publish
from file_server import serving

from grader.datasets import download
from grader.errors import DatasetError

CONTENT = bytes(range(256)) * 2000
BLOCK = 8192  # what is received at once
CSV = {
    "README.txt": b"terms",
    "links.csv": b"movieId,imdbId,tmdbId\n",
    "tags.csv": b"userId,movieId,tag,timestamp\n",
    "movies.csv": b"movieId,title,genres\n",
    "ratings.csv": b"userId,movieId,rating,timestamp\n",
}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def server(monkeypatch, empty_cache):
    """Serves what stands for CIFAR-10."""
    with serving({"/archive.bin": CONTENT}) as server:
        publish(monkeypatch, "cifar10", f"{server.url}/archive.bin", CONTENT)
        yield server


def fetch(name="cifar10", **options):
    steps = []
    return download.fetch(DATASETS, name, step=lambda *step: steps.append(step), **options), steps


def test_a_file_is_fetched_into_the_cache_once(server, empty_cache):
    path, steps = fetch()
    assert path == empty_cache / "mlgrader" / "archive.bin"
    assert path.read_bytes() == CONTENT
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert [here for here, _ in steps] == sorted({here for here, _ in steps})
    assert fetch() == (path, [])
    assert server.asked == [("/archive.bin", None)]
    assert list(path.parent.iterdir()) == [path]


def test_a_broken_line_is_gone_on_with_at_once(server):
    server.break_off_after = [20 * BLOCK, 10 * BLOCK]
    path, steps = fetch()
    assert path.read_bytes() == CONTENT
    assert [asked for _, asked in server.asked] == [None, f"bytes={20 * BLOCK}-", f"bytes={30 * BLOCK}-"]
    assert {total for _, total in steps} == {len(CONTENT)}


def test_what_came_is_kept_for_the_next_run(server, empty_cache):
    server.break_off_after = [20 * BLOCK, 0, 0]
    with pytest.raises(
        DatasetError, match=r"archive.bin cannot be fetched .* run this again to resume, or give --mirror"
    ):
        fetch()
    assert (empty_cache / "mlgrader" / "archive.bin.part").read_bytes() == CONTENT[: 20 * BLOCK]
    server.asked.clear()
    path, steps = fetch()
    assert path.read_bytes() == CONTENT
    assert server.asked == [("/archive.bin", f"bytes={20 * BLOCK}-")]
    assert steps[0][0] == 21 * BLOCK


def test_an_interruption_keeps_what_came(server, empty_cache):
    def interrupted(here, _total):
        if here == 20 * BLOCK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.fetch(DATASETS, "cifar10", step=interrupted)
    assert contents(empty_cache / "mlgrader") == {"archive.bin.part": CONTENT[: 20 * BLOCK]}
    path, _ = fetch()
    assert path.read_bytes() == CONTENT
    assert server.asked[-1] == ("/archive.bin", f"bytes={20 * BLOCK}-")


def test_a_server_without_ranges_is_asked_for_all_of_it(server, empty_cache):
    server.knows_ranges = False
    server.break_off_after = [20 * BLOCK]
    path, _ = fetch()
    assert path.read_bytes() == CONTENT


def test_a_partial_file_that_is_whole_already_is_only_checked(server, empty_cache):
    (empty_cache / "mlgrader").mkdir(parents=True)
    (empty_cache / "mlgrader" / "archive.bin.part").write_bytes(CONTENT)
    path, steps = fetch()
    assert path.read_bytes() == CONTENT
    assert steps == []


def test_a_partial_file_of_something_else_is_found_out_and_not_kept(server, empty_cache):
    (empty_cache / "mlgrader").mkdir(parents=True)
    (empty_cache / "mlgrader" / "archive.bin.part").write_bytes(b"something else")
    with pytest.raises(DatasetError, match="is not the published file"):
        fetch()
    assert list((empty_cache / "mlgrader").iterdir()) == []
    assert fetch()[0].read_bytes() == CONTENT


def test_another_content_is_refused_and_not_kept(server, empty_cache):
    server.files["/archive.bin"] = CONTENT[:-1] + b"!"
    with pytest.raises(DatasetError, match=f"SHA-256 is not {sha256(CONTENT)}; nothing was kept, try another --mirror"):
        fetch()
    assert list((empty_cache / "mlgrader").iterdir()) == []


def test_a_damaged_file_of_the_right_name_is_fetched_again(server, empty_cache):
    (empty_cache / "mlgrader").mkdir(parents=True)
    (empty_cache / "mlgrader" / "archive.bin").write_bytes(b"damaged")
    assert fetch()[0].read_bytes() == CONTENT


def test_a_mirror_serves_the_file_under_its_own_name(server, tmp_path):
    server.files = {"/mirror/of/archive.bin": CONTENT}
    path, _ = fetch(folder=tmp_path / "data", mirror=f"{server.url}/mirror/of/")
    assert path == tmp_path / "data" / "archive.bin"
    assert path.read_bytes() == CONTENT


def test_what_the_server_lacks_is_said_with_its_address(server):
    server.files = {}
    with pytest.raises(DatasetError, match=rf"^{server.url}/archive.bin cannot be fetched \(HTTP 404\)"):
        fetch()
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_said_in_one_line(empty_cache, monkeypatch):
    with socket.socket() as taken:  # bound and not listening: a connection is refused
        taken.bind(("127.0.0.1", 0))
        publish(monkeypatch, "cifar10", f"http://127.0.0.1:{taken.getsockname()[1]}/archive.bin", CONTENT)
        with pytest.raises(
            DatasetError, match=r"cannot be fetched \(ConnectionError\).* put archive.bin into .*mlgrader"
        ):
            fetch()


def test_an_address_that_is_none_is_said_in_one_line(server):
    with pytest.raises(DatasetError, match=r"nowhere/archive.bin cannot be fetched \(MissingSchema\)"):
        fetch(mirror="nowhere")


def test_weights_go_where_torchvision_looks_for_them(server, empty_cache, monkeypatch):
    publish(monkeypatch, "resnet18", f"{server.url}/archive.bin", CONTENT)
    assert fetch("resnet18")[0] == empty_cache / "torch/hub/checkpoints/archive.bin"


@pytest.fixture
def movielens(server, monkeypatch):
    """Serves what stands for MovieLens, with a file in its archive that nobody asked for."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in {**CSV, "../../outside.txt": b"!", "extra.txt": b"!"}.items():
            archive.writestr(f"ml-latest-small/{name}", content)
    server.files = {"/ml-latest-small.zip": packed.getvalue()}
    publish(monkeypatch, "movielens", f"{server.url}/ml-latest-small.zip", packed.getvalue(), CSV)
    return server


def test_movielens_is_unpacked_with_its_terms_beside_it(movielens, empty_cache):
    path, _ = fetch("movielens")
    assert path == empty_cache / "mlgrader" / "ml-latest-small"
    assert contents(path) == CSV
    assert list(path.parent.iterdir()) == [path]
    assert fetch("movielens") == (path, [])
    assert len(movielens.asked) == 1


def test_a_damaged_movielens_is_repaired_and_other_files_stay(movielens, tmp_path):
    path, _ = fetch("movielens", folder=tmp_path)
    (path / "ratings.csv").write_bytes(b"damaged")
    (path / "notes.txt").write_bytes(b"mine")
    fetch("movielens", folder=tmp_path)
    assert contents(path) == {**CSV, "notes.txt": b"mine"}


def test_a_member_that_is_not_pinned_is_refused(movielens, monkeypatch):
    ((kind, version),) = DATASETS["movielens"].about.versions.items()
    other = msgspec.structs.replace(version, sha256=version.sha256 | {"movies.csv": "0" * 64})
    change(monkeypatch, "movielens", versions={kind: other})
    with pytest.raises(DatasetError, match=r"movies.csv is not the published file"):
        fetch("movielens")
