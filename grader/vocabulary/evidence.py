"""Draw values for the report: small matrices, curves, confusion matrices, images, lists and pictures.

The values may be a student's: an odd one is shown as it is (a gap, "outside") and raises nothing. Only the shape of
what a check passes in must be right.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from grader.errors import CourseError
from grader.records.record import (
    ConfusionEvidence,
    Curve,
    CurvesEvidence,
    ImageRow,
    ImagesEvidence,
    ImageStrip,
    MatrixEvidence,
    PictureEvidence,
    Ranking,
    RankingsEvidence,
    WordsEvidence,
)
from grader.vocabulary.png_file import pixels_alone

MOST_ROWS = 12
MOST_COLUMNS = 12
MOST_CURVES = 12
MOST_POINTS = 150  # of a curve: more than that no screen shows
MOST_IMAGES = 5  # of a strip
MOST_PIXELS = 64  # of an image's side: a record with forty strips is to stay small
MOST_LISTS = 12
MOST_RANKED = 20  # names of a list
_MOST_NAME = 60
_MOST_SENTENCE = 600
_MOST_RANKED_NAME = 160  # in characters: titles of films can be this long
# On photographs of 32 by 32 pixels a third of PNG's size, and no difference that a reader could see (44 dB).
_JPEG = {"quality": 90, "subsampling": 0, "optimize": True}


def draw(name: str, expected: torch.Tensor, actual: torch.Tensor, differs: torch.Tensor) -> tuple[MatrixEvidence, ...]:
    """Draw a matrix or vector small enough to look at; return an empty tuple for a larger one."""
    if expected.dim() == 1:
        expected, actual, differs = expected[None], actual[None], differs[None]
    if expected.dim() != 2 or expected.shape[0] > MOST_ROWS or expected.shape[1] > MOST_COLUMNS:
        return ()
    evidence = MatrixEvidence(
        name=name,
        expected=_cells(expected),
        actual=_cells(actual),
        differs=tuple(tuple(bool(d) for d in row) for row in differs.tolist()),
    )
    return (evidence,)


def curves(
    name: str, values: Mapping[str, Sequence[Any]], *, x_label: str, y_label: str, log: bool = False
) -> CurvesEvidence:
    """Draw one line for each of ``values``, thinned to MOST_POINTS; a value that is no number leaves a gap."""
    return CurvesEvidence(
        name=plain(name),
        x_label=plain(x_label),
        y_label=plain(y_label),
        curves=tuple(_curve(label, line) for label, line in list(values.items())[:MOST_CURVES]),
        log=log,
    )


def confusion(name: str, labels: torch.Tensor, predictions: torch.Tensor, classes: Sequence[str]) -> ConfusionEvidence:
    """Count integer ``labels`` (n,) in [0, classes) against ``predictions`` (n,), any integers; raises CourseError."""
    count = len(classes)
    labels, predictions = labels.detach().cpu().long(), predictions.detach().cpu().long()
    if labels.dim() != 1 or labels.shape != predictions.shape or not ((labels >= 0) & (labels < count)).all():
        raise CourseError(f"{name}: one prediction for each label of {count} classes is needed")
    known = (predictions >= 0) & (predictions < count)
    column = torch.where(known, predictions, count)
    table = torch.bincount(labels * (count + 1) + column, minlength=count * (count + 1)).view(count, count + 1)
    return ConfusionEvidence(
        name=plain(name),
        classes=tuple(plain(label) for label in classes),
        counts=tuple(tuple(row) for row in table[:, :count].tolist()),
        outside=tuple(table[:, count].tolist()),
    )


def images(
    name: str,
    rows: Mapping[str, Mapping[str, torch.Tensor]],
    captions: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
) -> ImagesEvidence:
    """Draw images, uint8 (n, 3, height, width), by class and label: the first MOST_IMAGES of each.

    ``captions`` has the same keys, and a few words for each image.
    """
    words = captions or {}
    return ImagesEvidence(
        name=plain(name),
        rows=tuple(
            ImageRow(
                label=plain(label),
                strips=tuple(_strip(of, some, words.get(label, {}).get(of, ())) for of, some in strips.items()),
            )
            for label, strips in rows.items()
        ),
    )


def rankings(name: str, lists: Mapping[str, tuple[Sequence[str], Sequence[str]]]) -> RankingsEvidence:
    """Draw (expected, actual) lists of names, the best first, by what they were ranked for."""
    return RankingsEvidence(
        name=plain(name),
        rankings=tuple(
            Ranking(label=plain(label), expected=_ranked(expected), actual=_ranked(actual))
            for label, (expected, actual) in list(lists.items())[:MOST_LISTS]
        ),
    )


def words(name: str, *sentences: str) -> WordsEvidence:
    """Say in sentences what figures mean; the check writes them, so they hold nothing that a student returned."""
    return WordsEvidence(name=plain(name), sentences=tuple(plain(sentence, _MOST_SENTENCE) for sentence in sentences))


def picture(name: str, content: bytes | None) -> PictureEvidence | None:
    """Draw a PNG file that the student's code wrote; None if there is none, or one that a page should not hold."""
    drawn = pixels_alone(content or b"")
    return drawn and PictureEvidence(name=plain(name), width=drawn.width, height=drawn.height, png=drawn.content)


def most_confident(
    images: torch.Tensor, labels: torch.Tensor, logits: torch.Tensor, classes: Sequence[str], most: int = 5
) -> dict[str, dict[str, torch.Tensor]]:
    """Return the images that ``logits`` (n, classes) take for each class, right and wrong, the most confident first."""
    places = _surest(labels, logits, classes, most)
    return {name: {of: images[chosen] for of, chosen in row.items()} for name, row in places.items()}


def confidences(
    labels: torch.Tensor, logits: torch.Tensor, classes: Sequence[str], most: int = 5
) -> dict[str, dict[str, list[str]]]:
    """Return a caption for each image of `most_confident`: its probability, and its true class if that is another."""
    confidence = logits.softmax(dim=1).amax(dim=1).tolist()

    def caption(image: int, of: str) -> str:
        sure = f"{100 * confidence[image]:.0f} %" if math.isfinite(confidence[image]) else "nan"
        return f"is {classes[int(labels[image])]}, {sure}" if of == "wrong" else sure

    return {
        name: {of: [caption(image, of) for image in chosen.tolist()] for of, chosen in row.items()}
        for name, row in _surest(labels, logits, classes, most).items()
    }


def _surest(
    labels: torch.Tensor, logits: torch.Tensor, classes: Sequence[str], most: int
) -> dict[str, dict[str, torch.Tensor]]:
    """Return which images are taken for each class, right and wrong, the most confident first."""
    confidence, predicted = logits.softmax(dim=1).max(dim=1)
    order = confidence.argsort(descending=True)
    places = {}
    for place, name in enumerate(classes):
        chosen = order[predicted[order] == place]
        right = labels[chosen] == place
        places[name] = {"right": chosen[right][:most], "wrong": chosen[~right][:most]}
    return places


def classification(
    images_shown: torch.Tensor, labels: torch.Tensor, logits: torch.Tensor, classes: Sequence[str]
) -> tuple[ConfusionEvidence, ImagesEvidence]:
    """Draw what ``logits``, floating (n, classes), take the images for, and the most confident predictions.

    The names are always the same, so that the report shows parts that classify the same images side by side.
    """
    return (
        confusion("Predictions of the test images", labels, logits.argmax(dim=1), classes),
        images(
            "Most confident predictions",
            most_confident(images_shown, labels, logits, classes),
            confidences(labels, logits, classes),
        ),
    )


def accuracies(labels: torch.Tensor, logits: torch.Tensor, classes: Sequence[str]) -> dict[str, float]:
    """Return the accuracy of ``logits``, floating (n, classes), for the images of each class, as figures by name."""
    right = (logits.argmax(dim=1) == labels).double()
    return {f"accuracy_{name}": float(right[labels == place].mean()) for place, name in enumerate(classes)}


def cell(value: float) -> float | int | str:
    """Round to six significant digits, for a record: whole numbers as int, NaN and infinities as words."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def plain(text: str, most: int = _MOST_NAME) -> str:
    """Shorten a name and spell out half surrogate pairs, which JSON cannot hold."""
    return str(text)[:most].encode(errors="backslashreplace").decode()[:most]


def _ranked(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(plain(name, _MOST_RANKED_NAME) for name in names[:MOST_RANKED])


def _cells(matrix: torch.Tensor) -> tuple[tuple[float | str, ...], ...]:
    return tuple(tuple(cell(value) for value in row) for row in matrix.tolist())


def _curve(name: str, line: Sequence[Any]) -> Curve:
    steps = len(line)
    kept = min(steps, MOST_POINTS)
    at = [round(i * (steps - 1) / (kept - 1)) for i in range(kept)] if kept > 1 else range(kept)
    return Curve(name=plain(name), steps=steps, values=tuple(cell(_number(line[step])) for step in at))


def _number(value: Any) -> float:
    try:
        return float(value.detach() if isinstance(value, torch.Tensor) else value)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # torch raises the last for several numbers
        return math.nan


def _strip(label: str, some: torch.Tensor, captions: Sequence[str]) -> ImageStrip:
    if some.dim() != 4 or some.shape[1] != 3 or some.dtype != torch.uint8 or max(some.shape[2:]) > MOST_PIXELS:
        wanted = f"uint8 (n, 3, height, width), sides up to {MOST_PIXELS}"
        raise CourseError(f"images {label}: {wanted}, is needed, not {some.dtype} {list(some.shape)}")
    count, _, height, width = some[:MOST_IMAGES].shape
    if not count:
        return ImageStrip(label=plain(label), count=0, width=0, height=0)
    from PIL import Image

    beside = some[:count].cpu().permute(2, 0, 3, 1).reshape(height, count * width, 3)
    file = io.BytesIO()
    Image.fromarray(beside.numpy()).save(file, "JPEG", **_JPEG)
    return ImageStrip(
        label=plain(label),
        count=count,
        width=count * width,
        height=height,
        jpeg=file.getvalue(),
        captions=tuple(map(plain, captions[:count])),
    )
