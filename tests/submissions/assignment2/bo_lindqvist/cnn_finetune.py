import torch
import training
from torch import nn


def build_model(num_classes=10):
    return training.resnet_ending_in(nn.Linear(512, num_classes))


def finetune(model, images, labels, num_epochs, lr, device):
    model.to(device)
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 7, 0.1)
    loader = training.batches(images, labels, 16)
    losses = []
    for _ in range(num_epochs):
        losses.append(training.epoch(model, loader, optimizer, device))
        scheduler.step()
    model.losses = losses
    return model.to("cpu").eval()


def compare(features_accuracy, finetuned_accuracy):
    gain = finetuned_accuracy - features_accuracy
    return dict(
        features=features_accuracy,
        finetuned=finetuned_accuracy,
        gain=gain,
        errors_removed=gain / (1 - features_accuracy) if features_accuracy != 1 else 0.0,
    )
