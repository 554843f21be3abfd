"""Fetch the published files: checked against their SHA-256, resumed after a break, from a mirror if one is given.

Nothing else in mlgrader downloads anything.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import pooch
import requests

from grader.datasets.catalog import DatasetCatalog
from grader.datasets.dataset import Download
from grader.datasets.folders import torch_cache, user_cache
from grader.errors import DatasetError
from grader.files import whole_file

Step = Callable[[int, int], None]  # bytes that are here, bytes of the whole file (0: the server does not say)

_TRIES = 3
_TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 13  # so much at most is lost when the line breaks


def fetch(
    catalog: DatasetCatalog, name: str, *, folder: Path | None = None, mirror: str | None = None, step: Step
) -> Path:
    """Fetch a data set unless it is there already, and return where it lies.

    ``folder`` is where to; without it our own cache, or that of ``torch.hub`` for weights. ``mirror`` is an address
    below which the file lies under its own name.

    Raises:
        DatasetError: the file cannot be had, or is not the pinned one.
    """
    about = catalog[name].about
    folder = folder or (torch_cache() / "hub" / "checkpoints" if about.in_torch_cache else user_cache())
    version = about.versions[about.download.version]
    if about.download.file in version.sha256:  # the version is this very file
        return _retrieve(about.download, folder, mirror, step)
    extracted = folder / version.places[0]
    if not all(_is_pinned(extracted / member, pin) for member, pin in version.sha256.items()):
        archive = _retrieve(about.download, folder, mirror, step)
        _extract(archive, extracted, version.sha256)
        archive.unlink()
    return extracted


def _is_pinned(path: Path, pin: str) -> bool:
    return path.is_file() and pooch.file_hash(str(path)) == pin


def _extract(archive: Path, folder: Path, pins: Mapping[str, str]) -> None:
    """Unpack only the members that are pinned; each is whole or not there."""
    with zipfile.ZipFile(archive) as opened:
        for member, pin in pins.items():
            target = folder / member
            target.parent.mkdir(exist_ok=True)
            whole_file.write(target, opened.read(f"{folder.name}/{member}"))
            if not _is_pinned(target, pin):
                raise DatasetError(f"{target} is not the published file; tell us, for its archive is")


def _retrieve(published: Download, folder: Path, mirror: str | None, step: Step) -> Path:
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
            f"{url} cannot be fetched ({_cause(error)}); what came is kept: run this again to resume, "
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
