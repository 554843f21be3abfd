"""A record with exhibits of every kind, among them two parts whose confusion matrices and images can be compared."""

from __future__ import annotations

import io
import math
from typing import Any

import torch
from PIL import Image
from record_examples import check, hidden, record

from grader.records.record import Exhibit, PartRecord, ResultRecord, Visibility
from grader.vocabulary import evidence

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
# The fourth and the sixth are taken for each other, as in life.
_ALIKE = {3: 5, 5: 3, 1: 9, 9: 1, 2: 4, 4: 7, 0: 8, 8: 0, 6: 3, 7: 4}

Pictures = dict[str, dict[str, torch.Tensor]]


def shown(one: Any, *, by: str = "it", visibility: Visibility = Visibility.visible) -> Exhibit:
    """An exhibit of a check."""
    return Exhibit(check=by, visibility=visibility, evidence=one)


def losses() -> dict[str, list[float]]:
    """Curves as training gives them: most fall by orders of magnitude, one is lost on the way."""
    steps = range(150)
    curves = {
        f"adam lr {lr:g}": [9.6e9 * math.exp(-s * lr**0.4 / 12) + 7.4e5 * (1 + 60 / (s + 1)) for s in steps]
        for lr in (1.0, 0.1, 0.01)
    }
    curves["rmsprop lr 0.1"] = [7e9 * math.exp(-s / 25) + 5.6e6 for s in steps]
    curves["sgd lr 2e-05"] = [9.6e9 / (1 + s) ** 1.7 + 3.1e6 for s in steps]
    curves["sgd lr 1"] = [9.6e9 * 8.0**s if s < 9 else math.nan for s in steps]
    return curves


def predictions(right: float, seed: int, size: int = 200) -> tuple[torch.Tensor, torch.Tensor]:
    """Labels and predictions of ``size`` images of each class, of which about ``right`` are right."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(len(CLASSES)).repeat_interleave(size)
    chance = torch.rand(labels.shape, generator=generator)
    harder = right - 0.18 * torch.isin(labels, torch.tensor([2, 3, 4, 5])).float()
    alike = torch.tensor([_ALIKE[label] for label in labels.tolist()])
    anything = torch.randint(len(CLASSES), labels.shape, generator=generator)
    wrong = torch.where(torch.rand(labels.shape, generator=generator) < 0.5, alike, anything)
    return labels, torch.where(chance < harder, labels, wrong)


def pictures(seed: int, wrong: int = 5) -> Pictures:
    """Small pictures of coloured waves, five right and ``wrong`` wrong ones of each class."""
    generator = torch.Generator().manual_seed(seed)
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")

    def some(number: int, count: int) -> torch.Tensor:
        shift = torch.rand(count, 3, 1, 1, generator=generator) * 6
        waves = torch.sin(x * (0.15 + 0.03 * number) + shift) + torch.cos(y * (0.4 - 0.03 * number) + shift)
        return ((waves + 2) * 63).to(torch.uint8)

    return {name: {"right": some(n, 5), "wrong": some(n, wrong)} for n, name in enumerate(CLASSES)}


def image_part(name: str, title: str, right: float, seed: int, shown_images: Pictures) -> PartRecord:
    """A part that classifies images, with all it shows."""
    labels, said = predictions(right, seed)
    epochs = [2.2 * math.exp(-epoch / 3) + 0.3 for epoch in range(8)]
    return PartRecord(
        name=name,
        title=title,
        checks=(
            check("accuracy", 8, title="The classifier is right on images it has not seen."),
            hidden("hidden", 7, title="The features are those of the pretrained network."),
        ),
        figures={"accuracy": right, "secret accuracy": 0.7431},
        hidden_figures=("secret accuracy",),
        exhibits=(
            shown(evidence.curves(f"training of {name}", {"loss": epochs}, x_label="epoch", y_label="mean loss")),
            shown(evidence.confusion("confusion matrix", labels, said, CLASSES)),
            shown(evidence.images("surest predictions", shown_images)),
        ),
    )


def embedding_part() -> PartRecord:
    """A part that shows its losses, and a hidden check's losses too."""
    curves = evidence.curves("cost by optimiser and learning rate", losses(), x_label="step", y_label="cost", log=True)
    secret = evidence.curves("SECRET-7431 curve", {"SECRET-7431": [3.0, 2.0, 1.0]}, x_label="step", y_label="cost")
    return PartRecord(
        name="embedding",
        title="Embed movies",
        checks=(check("cost", 10, title="The cost falls."), hidden("exact", 10, title="The cost is exact.")),
        exhibits=(shown(curves), shown(secret, visibility=Visibility.hidden)),
    )


TEN = (
    *("Forrest Gump (1994)", "Shawshank Redemption, The (1994)", "Pulp Fiction (1994)", "Braveheart (1995)"),
    *("Jurassic Park (1993)", "Silence of the Lambs, The (1991)", "Fugitive, The (1993)"),
    *("Raiders of the Lost Ark (Indiana Jones and the Raiders of the Lost Ark) (1981)", "Lion King, The (1994)"),
    "Terminator 2: Judgment Day (1991)",
)


def plot_file(width: int = 640, height: int = 400) -> bytes:
    """A PNG file with a text in it, as matplotlib writes them."""
    from PIL.PngImagePlugin import PngInfo

    about = PngInfo()
    about.add_text("Software", "SECRET-7431 software")
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGBA").save(file, "PNG", pnginfo=about)
    return file.getvalue()


def recommend_part() -> PartRecord:
    """A part that shows ranked lists, one of them with names that were not expected, and a picture."""
    swapped = (TEN[1], TEN[0], *TEN[2:8], "Toy Story (1995)")
    lists = {"Apollo 13 (1995)": (TEN, TEN), "Home Alone (1990)": (TEN, swapped)}
    drawn = evidence.picture("Your plot", plot_file())
    assert drawn
    return PartRecord(
        name="recommend",
        title="Recommend movies",
        checks=(check("fitted", 1, title="The movies are the nearest."),),
        exhibits=(
            shown(evidence.rankings("recommendations", lists)),
            shown(drawn),
            shown(evidence.words("What it means", "Of 100 movies <b>70</b> are right.", "So most are.")),
        ),
    )


def exhibit_record(features: Pictures | None = None, tuned: Pictures | None = None) -> ResultRecord:
    """An attempt at an assignment whose parts show things."""
    return record(
        assignment="assignment2",
        parts=(
            embedding_part(),
            recommend_part(),
            image_part("cnn_features", "Classify features of a frozen network", 0.72, 1, features or pictures(1)),
            image_part("cnn_finetune", "Fine-tune the whole network", 0.88, 2, tuned or pictures(2, wrong=2)),
        ),
        notices=(),
    )
