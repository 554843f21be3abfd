"""Classify images with the features of a pretrained network, whose weights stay unchanged.

A ResNet-18 that has learned to distinguish 1000 kinds of photographs also knows what edges, textures and parts of
things look like. Its last layer turns 512 such features into 1000 scores. Without that layer the network describes
any image by 512 numbers, and a softmax regression on them learns new classes within seconds.

Left out: data augmentation, and any search for a good learning rate. cnn_finetune.py trains the whole network.
"""

import torch
from torch import Tensor, nn
from torchvision.models import resnet18

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)  # of ImageNet's red, green and blue, in [0, 1]
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def preprocess(images: Tensor, size: int) -> Tensor:
    """Turn images into the kind of input that the pretrained network was trained on.

    In this order: scale the values from 0 ... 255 to [0, 1]; resize to size x size pixels (bilinear); subtract the mean
    0.485, 0.456, 0.406 of each channel and divide by its standard deviation 0.229, 0.224, 0.225.

    Args:
        images: uint8, shape (N, 3, 32, 32), channels red, green, blue. They stay unchanged.
        size: the height and the width of the result.

    Returns:
        A float32 tensor of shape (N, 3, size, size).
    """
    raise NotImplementedError("preprocess is not written yet")


def load_backbone() -> nn.Module:
    """Load a ResNet-18 with its pretrained weights that ends in the 512 features.

    torchvision.models.resnet18(weights="IMAGENET1K_V1") loads the weights; no download is needed here. Remove the last
    layer: its inputs, after the average over all places, are the features.

    Returns:
        A module that maps images (N, 3, size, size), prepared by `preprocess`, to features (N, 512).
    """
    raise NotImplementedError("load_backbone is not written yet")


def extract_features(backbone: nn.Module, images: Tensor) -> Tensor:
    """Compute the features of many images: in eval mode, without gradients, one batch after the other.

    In eval mode batch normalisation uses what it learned in training, so the features of an image do not depend on the
    other images in its batch.

    Args:
        backbone: what `load_backbone` returned.
        images: what `preprocess` returned, shape (N, 3, size, size), for any N.

    Returns:
        The features in the order of the images, shape (N, 512), floating point, on the CPU.
    """
    raise NotImplementedError("extract_features is not written yet")


class SoftmaxRegression(nn.Module):
    """A softmax regression: one linear layer scores each class, a softmax turns the scores into probabilities."""

    def __init__(self, num_features: int = 512, num_classes: int = 10) -> None:
        """Make the one nn.Linear layer, which maps num_features values to num_classes scores."""
        raise NotImplementedError("__init__ is not written yet")

    def forward(self, features: Tensor) -> Tensor:
        """Return the scores (logits) of the classes, shape (N, num_classes), for features (N, num_features).

        Do not apply the softmax here: nn.CrossEntropyLoss does that, more exactly than two separate steps.
        """
        raise NotImplementedError("forward is not written yet")


def fit_classifier(features: Tensor, labels: Tensor, num_classes: int = 10) -> nn.Module:
    """Train a softmax regression on features, with the cross-entropy as its loss.

    Train until the loss on the training data hardly falls any more: for a few hundred images this takes a second.
    Choose the optimiser, the learning rate and the number of epochs yourself.

    Args:
        features: shape (N, D), floating point, D = 512 for a ResNet-18. The checks measure the classifier on other
            images, whose labels you do not have.
        labels: the class of each row, int64, shape (N,), values 0 ... num_classes - 1.
        num_classes: how many classes there are.

    Returns:
        The trained SoftmaxRegression: called with features (M, D) it returns logits (M, num_classes). It has an
        attribute `losses`: a list with the mean training loss of each epoch, a float.
    """
    raise NotImplementedError("fit_classifier is not written yet")


def top_predictions(logits: Tensor, labels: Tensor, k: int = 5) -> tuple[list[Tensor], list[Tensor]]:
    """Find, for each class, its most confident right predictions and its most confident wrong ones.

    An image counts for the class c that the classifier predicts for it, the one with the largest logit. The prediction
    is right if the image's label is c, wrong otherwise. Its confidence is the probability of c: the softmax of the
    image's logits, at c.

    Args:
        logits: shape (N, C), floating point.
        labels: the true classes, int64, shape (N,).
        k: how many right and how many wrong predictions to return for each class.

    Returns:
        Two lists with one tensor for each class 0 ... C - 1: `correct[c]` holds the indices (int64) of the images that
        are rightly predicted to be c, the most confident first, and `incorrect[c]` those of the images that are wrongly
        predicted to be c, in the same order. Each holds k indices, or as many as there are.
    """
    raise NotImplementedError("top_predictions is not written yet")
