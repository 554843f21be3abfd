import numpy as np
import torch
import torch.nn as nn
from torchvision import models, transforms


def preprocess(images, size):
    normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    resize = transforms.Resize((size, size), antialias=True)
    return torch.stack([normalize(resize(image.float() / 255)) for image in images])


def load_backbone():
    model = models.resnet18(weights="IMAGENET1K_V1")
    return nn.Sequential(*list(model.children())[:-1], nn.Flatten())


def extract_features(backbone, images):
    features = []
    for start in range(0, len(images), 50):
        features.append(backbone(images[start : start + 50]).detach())
    return torch.cat(features)


class SoftmaxRegression(nn.Module):
    def __init__(self, num_features=512, num_classes=10):
        super().__init__()
        self.fc = nn.Linear(num_features, num_classes)

    def forward(self, features):
        return self.fc(features)


def fit_classifier(features, labels, num_classes=10):
    model = SoftmaxRegression(features.shape[1], num_classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    loss_fn = nn.CrossEntropyLoss()
    history = []
    for epoch in range(100):
        loss = loss_fn(model(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    model.losses = history
    return model


def top_predictions(logits, labels, k=5):
    probs = torch.softmax(logits, 1).numpy()
    predicted = probs.argmax(1)
    correct, incorrect = [], []
    for c in range(probs.shape[1]):
        ranked = [i for i in np.argsort(-probs[:, c]) if predicted[i] == c]
        correct.append([int(i) for i in ranked if labels[i] == c][:k])
        incorrect.append([int(i) for i in ranked if labels[i] != c][:k])
    return correct, incorrect
