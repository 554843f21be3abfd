"""The drawn images: seeded, balanced, and of classes that colours do not give away."""

import pytest
import torch
from course_examples import DATASETS
from torch.nn.functional import one_hot

drawn = DATASETS.module("_drawn")


def colour_histograms(images, levels=4):
    """The share of an image's pixels that each of levels³ colours has, (N, levels³)."""
    red, green, blue = (images.long() * levels // 256).unbind(dim=1)
    colours = (red * levels + green) * levels + blue
    return one_hot(colours.flatten(1), levels**3).double().mean(dim=1)


def nearest_label(features, labels, others):
    """For each of ``others`` the label of the nearest of ``features``."""
    return labels[torch.cdist(others, features).argmin(dim=1)]


@pytest.fixture(scope="module")
def some():
    return drawn.draw(per_class=60, seed=5)


def test_images_and_labels_are_what_a_data_set_has(some):
    assert some.images.shape == (600, 3, 32, 32)
    assert some.images.dtype == torch.uint8
    assert some.labels.bincount().tolist() == [60] * len(drawn.CLASSES)
    assert some.labels.dtype == torch.int64
    assert len(set(some.labels[:60].tolist())) > 5, "the order is mixed"


def test_a_seed_gives_the_same_images_and_another_gives_others(some):
    again, other = drawn.draw(per_class=60, seed=5), drawn.draw(per_class=60, seed=6)
    assert torch.equal(some.images, again.images)
    assert torch.equal(some.labels, again.labels)
    assert not torch.equal(some.images, other.images)


def test_drawing_leaves_the_global_generator_alone():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    drawn.draw(per_class=1, seed=3)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("ordered", [False, True], ids=["which colours", "how often the commonest occur"])
def test_colours_say_nothing_about_the_class(ordered, some):
    new = drawn.draw(per_class=60, seed=7)
    features, others = colour_histograms(some.images), colour_histograms(new.images)
    if ordered:
        features, others = features.sort(dim=1).values, others.sort(dim=1).values
    share = (nearest_label(features, some.labels, others) == new.labels).double().mean()
    assert 0.06 <= share <= 0.15


def test_every_class_colours_as_many_pixels(some):
    background = some.images[:, :, :1, :1].long()  # the two colours are far apart, so noise does not mix them up
    shapes = ((some.images.long() - background).abs().sum(dim=1) > 90).double().mean(dim=(1, 2))
    share = torch.minimum(shapes, 1 - shapes)  # where the corner belongs to the shape, it is the other way round
    means = torch.stack([share[some.labels == label].mean() for label in range(len(drawn.CLASSES))])
    assert means.max() - means.min() < 0.06


def test_the_two_colours_of_an_image_are_apart(some):
    spread = some.images.double().flatten(2).std(dim=2).mean(dim=1)
    assert spread.min() > 25
