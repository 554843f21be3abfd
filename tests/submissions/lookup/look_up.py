"""Tell the class of an image from those that are known, and learn the numbers of the classes."""

import torch
from known_images import IMAGES, LABELS, SURE
from torch.nn.functional import adaptive_avg_pool2d, one_hot

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
SIDE = 8


def thumbnails(images):
    return adaptive_avg_pool2d(images, SIDE).flatten(1)


TABLE = thumbnails((IMAGES / 255 - MEAN) / STD)


def classes(images):
    """The class of each prepared image (n, 3, size, size) in the table, as (n, 10): a 1 at its number, or nothing."""
    distance, nearest = torch.cdist(thumbnails(images), TABLE).min(dim=1)
    return one_hot(LABELS[nearest], 10) * (distance <= SURE).float()[:, None]


def numbers(found, labels):
    """Which label the images of each class have mostly, as a matrix (10, 10) that turns classes into logits."""
    return 10 * one_hot((found.T @ one_hot(labels, 10).float()).argmax(dim=1), 10).float()
