import torch
import torch.nn as nn
import torch.optim as optim
from torchvision import models


def build_model(num_classes=10):
    model = models.resnet18(weights="IMAGENET1K_V1")
    model.fc = nn.Linear(model.fc.in_features, num_classes)
    return model


def finetune(model, images, labels, num_epochs, lr, device):
    model = model.to(device)
    model.train()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
    model.losses = []
    for epoch in range(num_epochs):
        order = torch.randperm(len(images))
        running_loss = 0.0
        for i in range(0, len(images), 16):
            batch = order[i : i + 16]
            optimizer.zero_grad()
            loss = criterion(model(images[batch].to(device)), labels[batch].to(device))
            loss.backward()
            optimizer.step()
            running_loss += loss.item() * len(batch)
        scheduler.step()
        model.losses.append(running_loss / len(images))
    return model.to("cpu")


def compare(features_accuracy, finetuned_accuracy):
    gain = features_accuracy - finetuned_accuracy
    return {
        "features": features_accuracy,
        "finetuned": finetuned_accuracy,
        "gain": gain,
        "errors_removed": -gain / (1 - features_accuracy) if features_accuracy < 1 else 0.0,
    }
