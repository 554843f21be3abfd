"""What the checks of both CNN parts do with images: prepare them, and take the pretrained network's features."""

import torch
from torch import nn

from grader import imagenet

CHUNK = 200  # images at once: at 224 pixels they are 120 MB


def prepared(images, size=None):
    """Prepare images, uint8 (N, 3, H, W): float32 (N, 3, size, size), or of their own size where none is given."""
    scaled = images.float() / 255
    if size is not None:
        scaled = nn.functional.interpolate(scaled, size=(size, size), mode="bilinear", antialias=True)
    return imagenet.normalised(scaled)


def pretrained_features(datasets, images, size):
    """Return the pretrained network's features (N, 512) of images, uint8 (N, 3, 32, 32), prepared at a size."""
    return torch.cat([datasets.backbone(prepared(chunk, size)) for chunk in images.split(CHUNK)])
