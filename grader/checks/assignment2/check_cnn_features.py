"""assignment2/cnn_features: a softmax regression on the features of a pretrained network.

Every right solution has the same features, so they are compared with those of our own copy of the network. What a
classifier learns from them depends on the student's choices: gates judge that, on labels that the student's code never
sees.
"""

import torch
from _prepared import prepared, pretrained_features

from grader import Measured, check, evidence, expect, metric

SHARES = torch.tensor([0.7, 0.1, 0.1, 0.1])  # of the labels in one kind of planted features


def random_images(rng, count, side=32):
    """Draw images of random bytes."""
    return torch.randint(256, (count, 3, side, side), generator=rng).to(torch.uint8)


def quarters(rng, count):
    """Draw images with one colour in each quarter: however they are resized, the middles of the quarters stay."""
    return random_images(rng, count, side=2).repeat_interleave(16, dim=2).repeat_interleave(16, dim=3)


def same_features(actual, right):
    """Require features that equal ours, within what half precision loses."""
    features = expect.tensor(actual, "features", shape=right.shape, dtype="floating").double()
    distance = (features - right).norm(dim=1) / right.norm(dim=1)
    expect.that(
        bool((distance <= 0.05).all()),
        "The features are not those of the pretrained network.",
        detail=f"Row {int(distance.argmax())} differs by {float(distance.max()):.0%} of its length.",
    )


def planted(rng, copies=20):
    """Draw features of six kinds, many equal ones of each; a kind determines only how often each label occurs."""
    kinds = torch.randn(6, 512, generator=rng).abs() * 0.4
    chances = torch.stack([SHARES.roll(kind) for kind in range(len(kinds))])  # (6, 4)
    counts = (chances * copies).round().long()
    labels = torch.cat([torch.arange(4).repeat_interleave(count) for count in counts])
    order = torch.randperm(len(labels), generator=rng)  # the rows beside it must not give a row away
    return kinds, chances, kinds.repeat_interleave(copies, dim=0)[order], labels[order]


def scores(submission, model, features, classes):
    """Return the logits of a fitted classifier, in float64."""
    logits = submission.apply(model, features)
    return expect.tensor(logits, "logits", shape=(len(features), classes), dtype="floating").double()


def classified(submission, datasets, sizes, rng):
    """Train on images drawn by ``rng``; return test images, their labels, the student's logits, and the model.

    The features are ours: the student's are judged by other checks, and who never gets an image cannot look it up.
    """
    fold = int(torch.randint(1000, (), generator=rng))
    train_images, train_labels = datasets.cifar10.fold("train", sizes["train_per_class"], fold, rng=rng)
    images, labels = datasets.cifar10.fold("test", sizes["test_per_class"], rng=rng)
    classes = len(datasets.cifar10.classes)
    numbers = torch.randperm(classes, generator=rng)  # of the classes, on the student's side: others in every run
    train_features = pretrained_features(datasets, train_images, sizes["size"])
    model = submission.fit_classifier(train_features, numbers[train_labels], classes)
    logits = scores(submission, model, pretrained_features(datasets, images, sizes["size"]), classes)
    return images, labels, logits[:, numbers], model


@metric
def features_accuracy(submission, datasets, sizes, rng):
    """The share of new images that the student's classifier on the pretrained network's features gets right."""
    classes = datasets.cifar10.classes
    images, labels, logits, model = classified(submission, datasets, sizes, rng)
    losses = {"softmax regression": noted_losses(submission, model)}
    curves = evidence.curves("Training loss", losses, x_label="epoch", y_label="mean cross-entropy")
    return Measured(
        value=share_right(logits, labels),
        figures=evidence.accuracies(labels, logits, classes),
        exhibits=[curves, *evidence.classification(images, labels, logits, classes)],
    )


@metric
def excess_surprise(submission, rng):
    """How far the predicted probabilities are from the true ones (Kullback-Leibler divergence, nats)."""
    kinds, chances, features, labels = planted(rng)
    model = submission.fit_classifier(features, labels, 4)
    predicted = scores(submission, model, kinds, 4).log_softmax(dim=1)
    return float((chances * (chances.log() - predicted)).sum(dim=1).mean())


def share_right(logits, labels):
    """Return the accuracy of logits."""
    return float((logits.argmax(dim=1) == labels).double().mean())


def noted_losses(submission, model):
    """Return what the model keeps as `losses`, empty if it keeps none; another check judges it."""
    attributes = submission.read(model, "__dict__")
    losses = attributes.get("losses") if isinstance(attributes, dict) else None
    return losses if isinstance(losses, (list, tuple)) else []


def index_lists(returned, name, classes, images):
    """Return one list of ints for each class, from lists or tensors, none longer than there are images."""
    expect.of_type(returned, (list, tuple), name=name, wanted="a list with one item for each class")
    # Students choose how many there are, so the number stays out of the message of a hidden check.
    detail = f"It has {len(returned)}."
    expect.that(len(returned) == classes, f"`{name}` does not have one item for each class.", detail=detail)
    kinds = (list, tuple, torch.Tensor)
    expect.that(all(isinstance(item, kinds) for item in returned), f"`{name}` has items that are not lists.")
    rows = all(item.ndim == 1 and len(item) <= images for item in returned if isinstance(item, torch.Tensor))
    expect.that(rows, f"`{name}` has a tensor that is not a row of indices.")
    return [item.tolist() if isinstance(item, torch.Tensor) else list(item) for item in returned]


def ranked(logits, labels, k):
    """Return what `top_predictions` should return, image by image: (correct, incorrect)."""
    probability = logits.double().softmax(dim=1)
    found = ([[] for _ in range(logits.shape[1])], [[] for _ in range(logits.shape[1])])
    for image in range(len(logits)):
        predicted = int(probability[image].argmax())
        found[int(labels[image] != predicted)][predicted].append(image)
    return tuple(
        [sorted(images, key=lambda image: -probability[image, place])[:k] for place, images in enumerate(lists)]
        for lists in found
    )


def same_rankings(returned, logits, labels, k):
    """Require that both rankings are right, class by class."""
    lists = expect.tuple_of(returned, "correct", "incorrect")
    for name, actual, right in zip(("correct", "incorrect"), lists, ranked(logits, labels, k), strict=True):
        for place, found in enumerate(index_lists(actual, name, logits.shape[1], len(logits))):
            expect.equal(found, right[place], name=f"{name}[{place}]")


@check(points=3)
def check_preprocess(submission, rng):
    """`preprocess` scales to [0, 1], resizes, and normalises with the mean and standard deviation of ImageNet."""
    images = random_images(rng, 2)
    expect.close(
        submission.preprocess(images, 32), prepared(images), name="images", rtol=1e-3, atol=1e-3, dtype="floating"
    )
    images = quarters(rng, 2)
    for size in (24, 64):
        resized = submission.preprocess(images, size)
        resized = expect.tensor(resized, "images", shape=(2, 3, size, size), dtype="floating")
        middle = slice(size // 4, None, size // 2)
        expect.close(
            resized[..., middle, middle],
            prepared(images)[..., 8::16, 8::16],
            name=f"the middles of the quarters, at size {size}",
            rtol=0,
            atol=0.05,
        )
    # From the middle of the left quarter to its last pixel, and on to the middle of the right one.
    to_edge, across = resized[:, :, 16, [16, 31, 48]].diff(dim=2).abs().sum(dim=(0, 1))
    expect.that(
        bool(to_edge > 0.1 * across),
        "Where two colours meet, the resized images have no values between them. Resize bilinearly.",
    )


@check(points=1, visibility="hidden", depends_on=["preprocess"])
def check_single_image(submission, rng):
    """`preprocess` takes a single image too, and does not change its argument."""
    image = random_images(rng, 1)
    answer = submission.observe("preprocess", image, 32, echo=True)
    expect.close(answer.value, prepared(image), name="images", rtol=1e-3, atol=1e-3, dtype="floating")
    expect.unchanged(image, answer.arguments[0], name="images")


@check(points=4)
def check_features(submission, datasets, rng):
    """`load_backbone` and `extract_features` give the 512 features of the pretrained network, in eval mode."""
    images = prepared(datasets.cifar10.fold("test", 1, rng=rng)[0])
    images = images.repeat_interleave(2, dim=2).repeat_interleave(
        2, dim=3
    )  # large enough that several places are averaged
    backbone = submission.load_backbone()
    same_features(submission.extract_features(backbone, images), datasets.backbone(images))


@check(points=2, visibility="hidden", depends_on=["features"])
def check_batches(submission, datasets, rng):
    """Every image has its own features, in the order given, however many there are and whatever batch it is in."""
    images = prepared(random_images(rng, 70, side=16))
    backbone = submission.load_backbone()
    same_features(submission.extract_features(backbone, images), datasets.backbone(images))
    same_features(submission.extract_features(backbone, images[-1:]), datasets.backbone(images[-1:]))


@check(points=1)
def check_softmax_regression(submission, rng):
    """`SoftmaxRegression` is one linear layer; it returns logits, without a softmax."""
    model = submission.SoftmaxRegression(6, 4)
    a, b = torch.randn(2, 5, 6, generator=rng)
    at_a, at_b, at_both, at_zero = (scores(submission, model, x, 4) for x in (a, b, a + b, torch.zeros(5, 6)))
    # A linear layer adds up, apart from its bias.
    expect.close(at_both, at_a + at_b - at_zero, name="model(a + b)", rtol=1e-4, atol=1e-4)


@check(points=2)
def check_classifier(submission, rng):
    """`fit_classifier` returns a trained module that gives logits and keeps the mean loss of each epoch in `losses`."""
    _, _, features, labels = planted(rng)
    model = submission.fit_classifier(features, labels, 4)
    final = torch.nn.functional.cross_entropy(scores(submission, model, features, 4), labels)
    losses = expect.losses(submission.read(model, "losses"))
    expect.that(len(losses) > 0, "`losses` is empty.")
    expect.that(
        abs(losses[-1] - float(final)) <= 0.3,
        "The last of `losses` is not the mean cross-entropy of the classifier that was returned.",
        detail=f"It is {losses[-1]:.4g}; the logits of the training data have a mean cross-entropy of {final:.4g}.",
    )


@check(points=1, visibility="hidden")
def check_probabilities(gates):
    """The predicted probability of a label is how often it occurs: about 0.7 where 7 of 10 equal rows have it."""
    gates.require("excess_surprise", name="the distance to the true probabilities")


@check(points=4)
def check_accuracy(gates):
    """`fit_classifier` makes a classifier that is good on the features of new images."""
    gates.require("features_accuracy", name="the accuracy on new images")


@check(points=3)
def check_top_predictions(submission, expected):
    """`top_predictions` finds for each class its most confident right and wrong predictions, best first."""
    returned = submission.top_predictions(expected.logits, expected.labels, 2)
    same_rankings(returned, expected.logits, expected.labels, 2)


@check(points=1, visibility="hidden", depends_on=["top_predictions"])
def check_top_predictions_of_any(submission, rng):
    """`top_predictions` is right for many images, other numbers of classes, and a class that is never predicted."""
    logits = 3 * torch.randn(200, 6, generator=rng) + 20 * torch.rand(200, 1, generator=rng)
    logits[:, 4] -= 40
    labels = torch.where(
        torch.rand(200, generator=rng) < 0.6, logits.argmax(dim=1), torch.randint(6, (200,), generator=rng)
    )
    same_rankings(submission.top_predictions(logits, labels), logits, labels, 5)
