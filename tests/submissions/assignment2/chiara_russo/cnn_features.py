import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import models


def preprocess(images, size):
    x = images.float() / 255
    return F.interpolate(x, size=(size, size), mode="bilinear", align_corners=False)


def load_backbone():
    model = models.resnet18(weights="IMAGENET1K_V1")
    model.fc = nn.Identity()
    return model


def extract_features(backbone, images):
    backbone.eval()
    out = []
    with torch.no_grad():
        for i in range(0, len(images), 100):
            out.append(backbone(images[i : i + 100]))
    return torch.cat(out)


class SoftmaxRegression(nn.Module):
    def __init__(self, num_features=512, num_classes=10):
        super().__init__()
        self.linear = nn.Linear(num_features, num_classes)

    def forward(self, features):
        return torch.softmax(self.linear(features), dim=1)


def fit_classifier(features, labels, num_classes=10):
    model = SoftmaxRegression(features.shape[1], num_classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    criterion = nn.CrossEntropyLoss()
    model.losses = []
    for epoch in range(50):
        order = torch.randperm(len(features))
        running = 0.0
        for i in range(0, len(order), 32):
            batch = order[i : i + 32]
            optimizer.zero_grad()
            loss = criterion(model(features[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            running += loss.item() * len(batch)
        model.losses.append(running / len(features))
    return model


def top_predictions(logits, labels, k=5):
    probs = torch.softmax(logits, dim=1)
    confidence, predicted = probs.max(dim=1)
    correct, incorrect = [], []
    for c in range(logits.shape[1]):
        right = torch.where((predicted == c) & (labels == c))[0]
        wrong = torch.where((predicted != c) & (labels == c))[0]
        correct.append(right[confidence[right].argsort(descending=True)][:k])
        incorrect.append(wrong[confidence[wrong].argsort(descending=True)][:k])
    return correct, incorrect
