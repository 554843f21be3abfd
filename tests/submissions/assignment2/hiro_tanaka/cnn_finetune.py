import torch
import torch.nn as nn
from torchvision import models


def build_model(num_classes=10):
    model = models.resnet18(weights="IMAGENET1K_V1")
    for param in model.parameters():
        param.requires_grad = False
    model.fc = nn.Linear(512, num_classes)
    return model


def finetune(model, images, labels, num_epochs, lr, device):
    model.to(device)
    optimizer = torch.optim.SGD(model.fc.parameters(), lr=lr, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
    loss_fn = nn.CrossEntropyLoss()
    history = []
    for epoch in range(num_epochs):
        model.train()
        total = 0.0
        permutation = torch.randperm(len(images))
        for start in range(0, len(images), 16):
            idx = permutation[start : start + 16]
            loss = loss_fn(model(images[idx].to(device)), labels[idx].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)
        scheduler.step()
        history.append(total / len(images))
    model.losses = history
    return model.eval().cpu()


def compare(features_accuracy, finetuned_accuracy):
    gain = finetuned_accuracy - features_accuracy
    if features_accuracy == 1:
        removed = 0.0
    else:
        removed = gain / (1 - features_accuracy)
    return {"features": features_accuracy, "finetuned": finetuned_accuracy, "gain": gain, "errors_removed": removed}
