# Assignment 2 - Amara Okafor
import torch
import torch.nn as nn
from torchvision import models


def build_model(num_classes=10):
    model = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)
    model.fc = nn.Linear(512, num_classes)
    return model


def finetune(model, images, labels, num_epochs, lr, device):
    model = model.to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
    losses = []
    for epoch in range(num_epochs):
        model.train()
        total = 0
        for idx in torch.randperm(images.shape[0]).split(16):
            x, y = images[idx].to(device), labels[idx].to(device)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * idx.shape[0]
        scheduler.step()
        losses.append(total / images.shape[0])
        print(f"epoch {epoch}: loss {losses[-1]:.4f}")
    model.eval()
    model.losses = losses
    return model.cpu()


def compare(features_accuracy, finetuned_accuracy):
    gain = finetuned_accuracy - features_accuracy
    removed = gain / (1 - features_accuracy) if features_accuracy < 1 else 0.0
    return {
        "features": features_accuracy,
        "finetuned": finetuned_accuracy,
        "gain": gain,
        "errors_removed": removed,
    }
