"""How each kind of exhibit is told and drawn: one table.

A new kind is a row of `KINDS` and a template of its name in ``templates/drawings``, where the row's drawing is called
``drawn``; and one in ``templates/together`` if several parts' exhibits of one name are also drawn as one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from grader.records.record import (
    ConfusionEvidence,
    CurvesEvidence,
    Exhibit,
    ImagesEvidence,
    PictureEvidence,
    RankingsEvidence,
    WordsEvidence,
)
from grader.reports.confusion import class_rows, describe_confusion, draw_confusion
from grader.reports.curves import describe_curves, draw_curves
from grader.reports.gallery import beside_each_other, describe_images, draw_images
from grader.reports.pictures import describe_picture, draw_picture
from grader.reports.rankings import describe_rankings, draw_rankings


class EvidenceKind(NamedTuple):
    """One kind of exhibit.

    ``describe`` says in a sentence what it shows, ``draw`` lays it out for its template; both take the evidence.
    ``is_plain`` says that the drawing needs no sentence beside it. ``together`` lays out the evidence of several parts
    as one: it takes their common name, the parts' titles and their evidence. It ``replaces`` the single drawings, or
    stands above them.
    """

    evidence: type[Any]
    describe: Callable[[Any], str]
    draw: Callable[[Any], Any]
    is_plain: bool = False
    together: Callable[[str, Sequence[str], Sequence[Any]], Any] | None = None
    replaces: bool = False


def _in_one_line(evidence: WordsEvidence) -> str:
    """Return the sentences without the last full stop, which the text puts itself."""
    return " ".join(evidence.sentences).removesuffix(".")


KINDS: Mapping[str, EvidenceKind] = MappingProxyType(
    {
        # A plot needs no description: it has axes and a key.
        "curves": EvidenceKind(CurvesEvidence, describe_curves, draw_curves, is_plain=True),
        "confusion": EvidenceKind(
            ConfusionEvidence,
            describe_confusion,
            draw_confusion,
            together=lambda _name, _titles, matrices: class_rows(matrices),
        ),
        "images": EvidenceKind(ImagesEvidence, describe_images, draw_images, together=beside_each_other, replaces=True),
        "rankings": EvidenceKind(RankingsEvidence, describe_rankings, draw_rankings, is_plain=True),
        "picture": EvidenceKind(PictureEvidence, describe_picture, draw_picture),
        "words": EvidenceKind(WordsEvidence, _in_one_line, lambda evidence: evidence, is_plain=True),
    }
)


def kind_of(exhibit: Exhibit) -> str:
    """Return the kind of an exhibit's evidence, as the record names it: a key of `KINDS`."""
    return str(exhibit.evidence.__struct_config__.tag)


def describe(exhibit: Exhibit) -> str:
    """Say in a sentence what an exhibit shows."""
    return KINDS[kind_of(exhibit)].describe(exhibit.evidence)
