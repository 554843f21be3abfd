"""What lies beside the submissions of a class and is nobody's work: lists of grades, pages of an LMS."""

from __future__ import annotations

from pathlib import PurePath

from grader.intake.sources.tree import Node

# Lists and pages that LMSs, graders and instructors leave; no student hands in work of these kinds alone.
_LISTS = {".csv", ".tsv", ".xlsx", ".xls", ".ods", ".html", ".htm", ".json", ".xml", ".yml", ".yaml", ".toml", ".log"}
_SYSTEM = {".ini", ".db", ".lnk", ".url", ".webloc", ".tmp", ".part", ".crdownload"}
_NAMES = {"timestamp.txt", "readme.md", "readme.txt", "readme", "icon\r", "submission_metadata.yml"}
_FOLDERS = {"feedback", "__macosx", "$recycle.bin", "system volume information"}


def is_aside(node: Node) -> bool:
    """Return whether an entry of a class is nobody's work: a list, a page, a link, a folder of feedback."""
    name = node.name.casefold()
    if node.is_folder:
        return name in _FOLDERS and not any(node.work())
    return not node.is_file or (not node.is_work and (name in _NAMES or PurePath(name).suffix in _LISTS | _SYSTEM))
