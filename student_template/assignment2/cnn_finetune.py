"""Fine-tune a pretrained network: train all of its weights on the new classes, starting from the pretrained ones.

cnn_features.py leaves the pretrained weights unchanged. Here they are only the start: replace the last layer by a new
one, then train everything with small steps, so that the features themselves adapt to the new images.

Worth trying at home, in a copy: data augmentation, weight decay, another optimiser or schedule, other learning rates
for the first layers, a validation set to decide when to stop. `finetune` itself must do none of them: its steps are
compared with those that its docstring describes.
"""

import torch
from torch import Tensor, nn
from torchvision.models import resnet18


def build_model(num_classes: int = 10) -> nn.Module:
    """Build a pretrained ResNet-18 with a new last layer; all its weights are trainable.

    torchvision.models.resnet18(weights="IMAGENET1K_V1") loads the weights; no download is needed here. Its last layer
    gives 1000 scores; replace it by a new layer with fresh weights. All other weights stay the pretrained ones.

    Returns:
        A module that maps images (N, 3, size, size), prepared by cnn_features.preprocess, to logits (N, num_classes).
    """
    raise NotImplementedError("build_model is not written yet")


def finetune(model: nn.Module, images: Tensor, labels: Tensor, num_epochs: int, lr: float, device: str) -> nn.Module:
    """Train all weights of the model: stochastic gradient descent on the cross-entropy.

    In every epoch each image comes once, in a new random order (`images` may be sorted by class), in batches of 16, in
    train mode; the last batch holds what is left. If that would be a single image, it joins the batch before it or is
    left out of the epoch: batch normalisation cannot train on one image alone if only one place of it is left. The
    optimiser is SGD with momentum 0.9, without weight decay. The learning rate is `lr` for the first 7 epochs and falls
    to a tenth after every 7 epochs (epochs, not batches). The images are used as they are, without augmentation.

    Args:
        model: what `build_model` returned, or any other network that maps images to logits. The checks also give a
            small one, whose last layer is called `fc`, too.
        images: what cnn_features.preprocess returned, shape (N, 3, size, size), float32, on the CPU, for any N
            from 2.
        labels: the class of each image, int64, shape (N,).
        num_epochs: how many times to go through all images.
        lr: the learning rate of the first epochs; with 0 the network learns nothing.
        device: where to compute: "cpu" or "cuda".

    Returns:
        The trained model, ready to use: in eval mode and back on the CPU. It has an attribute `losses`: a list of
        num_epochs floats, the mean training loss of each epoch over its images, measured while it trains.
    """
    raise NotImplementedError("finetune is not written yet")


def compare(features_accuracy: float, finetuned_accuracy: float) -> dict[str, float]:
    """Compare the accuracy of fine-tuning with that of the frozen features.

    Args:
        features_accuracy: the share of test images, in [0, 1], that the softmax regression on frozen
            features gets right.
        finetuned_accuracy: the share of the same images that the fine-tuned network gets right.

    Returns:
        A dict of floats: "features" and "finetuned", the two accuracies unchanged; "gain", the second minus the first
        (negative if it is lower); "errors_removed", the share of the wrong predictions of the frozen features that is
        gone: the gain divided by 1 - features_accuracy, or 0.0 if there were no wrong predictions.
    """
    raise NotImplementedError("compare is not written yet")
