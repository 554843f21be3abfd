# Assignment 2 - Amara Okafor
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import models

mean = torch.tensor([0.485, 0.456, 0.406])
std = torch.tensor([0.229, 0.224, 0.225])


def preprocess(images, size):
    x = images.float() / 255.0
    x = F.interpolate(x, size=(size, size), mode="bilinear", align_corners=False)
    return (x - mean[None, :, None, None]) / std[None, :, None, None]


def load_backbone():
    resnet = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)
    resnet.fc = nn.Identity()
    resnet.eval()
    return resnet


def extract_features(backbone, images):
    backbone.eval()
    features = []
    with torch.no_grad():
        for batch in torch.split(images, 64):
            features.append(backbone(batch))
    features = torch.cat(features)
    print("features:", features.shape)
    return features


class SoftmaxRegression(nn.Module):
    def __init__(self, num_features=512, num_classes=10):
        super().__init__()
        self.linear = nn.Linear(num_features, num_classes)

    def forward(self, features):
        return self.linear(features)


def fit_classifier(features, labels, num_classes=10):
    model = SoftmaxRegression(features.shape[1], num_classes)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    losses = []
    for epoch in range(50):
        perm = torch.randperm(features.shape[0])
        total = 0
        for idx in perm.split(32):
            optimizer.zero_grad()
            loss = criterion(model(features[idx]), labels[idx])
            loss.backward()
            optimizer.step()
            total += loss.item() * idx.shape[0]
        losses.append(total / features.shape[0])
        if epoch % 10 == 0:
            print(f"epoch {epoch}: loss {losses[-1]:.4f}")
    model.losses = losses
    return model


def top_predictions(logits, labels, k=5):
    probs, preds = F.softmax(logits, dim=1).max(dim=1)
    correct, incorrect = [], []
    for c in range(logits.shape[1]):
        for mask, found in ((preds == labels, correct), (preds != labels, incorrect)):
            idx = torch.nonzero((preds == c) & mask).flatten()
            order = torch.argsort(probs[idx], descending=True)
            found.append(idx[order][:k])
    return correct, incorrect
