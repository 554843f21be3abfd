"""Whether a folder or zip without an LMS's pattern is a class or one person's work; if it could be both, say so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePath

from grader.errors import UsageError
from grader.intake.archive import shown
from grader.intake.locate import enumerated
from grader.intake.sources.litter import is_aside
from grader.intake.sources.people import owner
from grader.intake.sources.source import Wanted
from grader.intake.sources.tree import Node, holds_work

# What people call a folder or a file of their own work, and no person is called.
_WORDS = (
    "app archive backup code config constants data dataset datasets doc docs draft example examples "
    "experiments figures final functions helper helpers images img init lib losses main model models new "
    "notebook notebooks old output outputs package plot plots plotting preprocessing report results run "
    "scripts setup solution solutions src submission task test tests tools train training util utils work"
)
_ORDINARY = frozenset(_WORDS.split())
ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
_NUMBERED = re.compile(r"(v|version|part|task|exercise|ex|question|q|problem|attempt|draft|try|step|week|lab|test)?\d*")


class Ambiguous(UsageError):
    """What was given can be a class or one person's work."""


def is_class(top: Node, wanted: Wanted, *, by_default: bool) -> bool:
    """Return whether every entry of ``top`` is somebody's, and not all of it one person's.

    ``by_default`` says what a folder of folders is whose contents show neither.

    Raises:
        Ambiguous: it can be both.
        UsageError: nothing in it is anybody's work.
    """
    entries = [node for node in top.children if not is_aside(node)]
    if not entries and not _is_in_zip(top):
        raise nobodys_work(top)
    loose = [node for node in entries if node.is_work]
    homes = {node: set(node.work()) for node in entries if node.is_folder}
    if loose:
        _refuse_others_beside(top, loose, homes, entries, wanted)
        _refuse_several_owners(top, loose, wanted)
        return False
    if not any(node.is_folder or PurePath(node.name.casefold()).suffix in ARCHIVES for node in entries):
        return False
    homes = {node: names for node, names in homes.items() if names}
    zips = [node for node in entries if node.is_zip]
    own = [node for node in homes if is_own(node.name, wanted)]
    others = [node for node in (*homes, *zips) if node not in own]
    if own and others:
        raise _ambiguous(top, own, others)
    if own:
        return False
    _refuse_sections(top, list(homes), wanted)
    return by_default or _is_surely_a_class(homes, zips, top)


def nobodys_work(top: Node) -> UsageError:
    """Return the error for a folder in which there is no submission."""
    return UsageError(f"there is nobody's work in {_where(top)}: it is empty, or holds only lists, links and litter")


def is_own(name: str, wanted: Wanted) -> bool:
    """Return whether a folder or file of this name is a piece of one person's work: a part, ``src``, ``v2``."""
    plain = _plain(name)
    names = {_plain(one) for one in (wanted.assignment, *wanted.parts) if one}
    if plain in names or plain in _ORDINARY or _NUMBERED.fullmatch(plain):
        return True
    return any(plain.startswith(one) and _NUMBERED.fullmatch(plain.removeprefix(one)) for one in names)


def _is_surely_a_class(homes: dict[Node, set[str]], zips: Sequence[Node], top: Node) -> bool:
    if len(homes) + len(zips) < 2:
        return False
    if not homes or _shared(homes.values()):
        return True
    raise _ambiguous(top, list(homes)[:1], [*list(homes)[1:], *zips])


def _refuse_others_beside(
    top: Node, loose: Sequence[Node], homes: dict[Node, set[str]], entries: Sequence[Node], wanted: Wanted
) -> None:
    """Refuse loose code beside what looks like other people's folders or zips.

    Read as one submission, it would leave out or mix their work; read as a class, it would split one person's work.
    """
    zips = [node for node in entries if node.is_zip and not node.inside and holds_work(node)]
    if zips and any(node.name.casefold().endswith(".py") for node in loose):
        raise _ambiguous(top, loose, zips)
    shared = _shared(homes.values())
    people = [
        node
        for node, names in homes.items()
        if not _is_ordinary(node.name) and any(name in shared or _is_part(name, wanted) for name in names)
    ]
    if len(people) > 1 or (people and not any(is_own(node.stem, wanted) for node in loose)):
        raise _ambiguous(top, loose, people)


def _refuse_several_owners(top: Node, loose: Sequence[Node], wanted: Wanted) -> None:
    """Refuse loose files that look like several people's: ``ann_rate.py`` and ``bob_rate.py``, or other names."""
    owners = {owner(node, wanted)[0] for node in loose if owner(node, wanted)[1] != node.name}
    own = [node for node in loose if is_own(node.stem, wanted) or node.stem.casefold() in {"answers", "__init__"}]
    if len(owners) > 1 or (len(loose) > 1 and not own and len({node.stem.casefold() for node in loose}) > 1):
        raise Ambiguous(
            f"{_where(top)} holds {enumerated([node.name for node in loose])}: are they several people's? If each is "
            "one person's, give --layout people; if all are one person's, give --layout person"
        )


def _refuse_sections(top: Node, homes: Sequence[Node], wanted: Wanted) -> None:
    """Refuse folders that each look like several people's: read as one person's, only one of those would be graded."""
    if len(homes) > 1 and all(_holds_people(node, wanted) for node in homes):
        them = f"give the folders themselves ({top.path}/*)" if not _is_in_zip(top) else "unpack it, and give them"
        raise Ambiguous(
            f"{_where(top)} holds {enumerated([node.name for node in homes])}, each with several people's work inside: "
            f"if they are sections of the class, {them}; if each is one person's, give --layout people; if all are one "
            "person's, give --layout person"
        )


def _holds_people(node: Node, wanted: Wanted) -> bool:
    """Return whether a folder has no work of its own, and several folders in it hold a file of the same name."""
    below = [one for one in node.children if one.is_folder and not is_own(one.name, wanted)]
    return not any(one.is_work for one in node.children) and bool(_shared(set(one.work()) for one in below))


def _ambiguous(top: Node, some: Sequence[Node], others: Sequence[Node]) -> Ambiguous:
    contents = "" if _is_in_zip(top) else f", or what is in it ({top.path}/*)"
    return Ambiguous(
        f"{_where(top)} holds {shown(some[0].name)} and also {enumerated([node.name for node in others])} with work "
        f"inside: if it is a class, give --layout people{contents}; if it is one submission, give --layout person"
    )


def _shared(works: Iterable[Collection[str]]) -> set[str]:
    """Return the names of files that several people's folders hold; every project has a ``main.py``."""
    seen: set[str] = set()
    shared: set[str] = set()
    for names in works:
        telling = {name for name in names if not _is_ordinary(PurePath(name).stem)}
        shared |= telling & seen
        seen |= telling
    return shared


def _is_ordinary(name: str) -> bool:
    return _plain(name) in _ORDINARY or bool(_NUMBERED.fullmatch(_plain(name)))


def _is_part(name: str, wanted: Wanted) -> bool:
    return _plain(PurePath(name).stem) in {_plain(one) for one in wanted.parts}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _is_in_zip(top: Node) -> bool:
    return bool(top.inside) or not top.path.is_dir()


def _where(top: Node) -> str:
    return f"{top.path}" + (f" ({shown(top.inside)})" if top.inside else "")
