"""Fetch the published files: pinned SHA-256, resumed where an earlier download stopped, from a mirror if one is given.

Nothing else in mlgrader ever downloads.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pooch
import requests

from grader.datasets.published import DESCRIPTIONS, PINS, PublishedFile
from grader.datasets.sources import torch_cache, user_cache
from grader.errors import DatasetError

Step = Callable[[int, int], None]  # bytes that are here, bytes of the whole file (0: the server does not say)

# What is unpacked: README.txt first, for it goes wherever the ratings go.
_MEMBERS = tuple(
    f"ml-latest-small/{file}" for file in ("README.txt", "links.csv", "tags.csv", "movies.csv", "ratings.csv")
)
_TRIES = 3
_TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 13  # so much at most is lost when the line breaks


def fetch(name: str, *, folder: Path | None = None, mirror: str | None = None, step: Step) -> Path:
    """Fetch a data set unless it is there already, and return where it lies.

    ``folder`` is where to; without it our own cache, or torchvision's for the weights. ``mirror`` is an address below
    which the file lies under its own name. Raises DatasetError when it cannot be had or is not the pinned one.
    """
    published = DESCRIPTIONS[name].download
    folder = folder or (torch_cache() / "hub" / "checkpoints" if name == "resnet18" else user_cache())
    if name != "movielens":
        return _retrieve(published, folder, mirror, step)
    extracted = folder / "ml-latest-small"
    if not all(_is_pinned(folder / member) for member in _MEMBERS):
        archive = _retrieve(published, folder, mirror, step)
        _extract(archive, folder)
        archive.unlink()
    return extracted


def _is_pinned(path: Path) -> bool:
    return path.is_file() and pooch.file_hash(str(path)) == PINS[f"{path.parent.name}/{path.name}"]


def _extract(archive: Path, folder: Path) -> None:
    """Only the members we know, by name; each is whole or not there."""
    with zipfile.ZipFile(archive) as opened:
        for member in _MEMBERS:
            target = folder / member
            target.parent.mkdir(exist_ok=True)
            unfinished = target.with_name(f".{target.name}.unfinished")
            unfinished.write_bytes(opened.read(member))
            unfinished.replace(target)
            if not _is_pinned(target):
                raise DatasetError(f"{target} is not the published file; tell us, for its archive is")


def _retrieve(published: PublishedFile, folder: Path, mirror: str | None, step: Step) -> Path:
    url = f"{mirror.rstrip('/')}/{published.file}" if mirror else published.url
    pooch.get_logger().setLevel("ERROR")
    try:
        kept = pooch.retrieve(
            url,
            known_hash=f"sha256:{published.sha256}",
            fname=published.file,
            path=folder,
            downloader=_Resuming(folder / f"{published.file}.part", step),
        )
    except requests.RequestException as error:
        raise DatasetError(
            f"{url} cannot be fetched ({_cause(error)}); what came is kept: run this again to go on, "
            f"or give --mirror, or put {published.file} into {folder} by hand"
        ) from error
    except ValueError as error:  # pooch's word for a wrong hash; it has deleted the file
        raise DatasetError(
            f"{url} is not the published file: its SHA-256 is not {published.sha256}; nothing was kept, "
            "try another --mirror"
        ) from error
    return Path(kept)


def _cause(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"HTTP {error.response.status_code}"
    return type(error).__name__


class _Resuming:
    """A downloader for pooch, whose own starts anew each time: bytes gather in ``partial``, also across runs.

    The hash of the whole is checked afterwards, so a partial file that does not fit is found out, and then removed.
    """

    def __init__(self, partial: Path, step: Step) -> None:
        self._partial = partial
        self._step = step

    def __call__(self, url: str, output_file: str, pooch: Any, check_only: bool = False) -> None:  # noqa: ARG002
        """Get ``url`` into ``output_file``; raises requests.RequestException and then keeps what came."""
        for attempt in range(1, _TRIES + 1):
            try:
                self._go_on(url)
                break
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                if attempt == _TRIES:
                    raise
        self._partial.replace(output_file)

    def _go_on(self, url: str) -> None:
        have = self._partial.stat().st_size if self._partial.exists() else 0
        # Not compressed on the way: the bytes we count are those of the file.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_SECONDS) as response:
            if have and response.status_code == requests.codes.requested_range_not_satisfiable:
                return  # all of it was here before
            response.raise_for_status()
            resumed = response.status_code == requests.codes.partial_content
            with self._partial.open("ab" if resumed else "wb") as file:
                self._receive(response, file)

    def _receive(self, response: requests.Response, file: IO[bytes]) -> None:
        here = file.tell()
        total = here + int(response.headers.get("Content-Length", -here))
        for chunk in response.iter_content(_CHUNK_BYTES):
            file.write(chunk)
            here += len(chunk)
            self._step(here, total)
