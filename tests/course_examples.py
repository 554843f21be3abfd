"""The data sets of this repository's course, for tests of them and for small courses that read them."""

import dataclasses
import hashlib
import shutil
from pathlib import Path

import msgspec

from grader.course.catalog import Course

ROOT = Path(__file__).resolve().parents[1]
DATASETS = Course(ROOT).datasets


def make_course(root, *, checks="checks", datasets=False):
    """An empty course below `root`; with `datasets` it has those of this repository."""
    for folder in ("reference", "student_template", "fixtures", checks):
        (root / folder).mkdir(parents=True, exist_ok=True)
    declared = (ROOT / "course.toml").read_text().partition("[datasets")
    words = f'name = "small"\ntitle = "A small course"\nchecks = "{checks}"\n'
    if datasets:
        # A copy: a test may write into the course that it made.
        shutil.copytree(ROOT / "fixtures" / "datasets", root / "fixtures" / "datasets", dirs_exist_ok=True)
        words += "".join(declared[1:])
    (root / "course.toml").write_text(words)
    return Course(root)


def change(monkeypatch, name, **fields):
    """Say something else about a data set of this course, as long as a test runs."""
    dataset = DATASETS[name]
    monkeypatch.setattr(dataset, "about", dataclasses.replace(dataset.about, **fields))


def publish(monkeypatch, name, url, content, files=None):
    """Say that a data set is one file with this content, at this address; with `files` a zip archive of them."""
    sha256 = hashlib.sha256(content).hexdigest()
    download = DATASETS[name].about.download
    version = DATASETS[name].about.versions[download.version]
    pins = {member: hashlib.sha256(text).hexdigest() for member, text in (files or {}).items()}
    places = version.places if files else (url.rpartition("/")[2],)
    changed = msgspec.structs.replace(version, places=places, sha256=pins or {places[0]: sha256})
    change(
        monkeypatch,
        name,
        title=f"title of {name}",
        terms=f"terms of {name}",
        download=dataclasses.replace(download, url=url, sha256=sha256, megabytes=1),
        versions={download.version: changed},
    )
