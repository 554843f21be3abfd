"""assignment2/cnn_finetune: train a pretrained network further.

What `finetune` does is seen on a small network that it is given, step by step (`_small_network`), and on their own
model: every weight of it has to learn. Only how well a whole training classifies new images is left to a gate.
"""

import copy

import torch
from _prepared import CHUNK, prepared, pretrained_features
from _small_network import (
    LEFT,
    NETWORK,
    STEADY,
    expect_batches,
    expect_learns,
    expect_steps,
    left_of_ways,
    logits_after,
    losses_of,
    some_images,
    unlike_labels,
)
from torch import nn

from grader import Measured, check, evidence, expect, metric

SIDE = 40  # in pixels, of images that only show the steps: in smaller ones the last layers see a single place
FEW = 100  # of the new images: on these the student's model is compared with its weights
AGREES = 0.7  # for how many of them it must say what its weights say; right solutions: all, in train mode: 0.8
KEYS = ("features", "finetuned", "gain", "errors_removed")  # of what `compare` returns
RIDGE = 1e-3  # weight of the squared weights in the classifier on frozen features: more of it is not better


def real_images(datasets, rng, count):
    """Draw training images, prepared, (count, 3, SIDE, SIDE), and their labels; no image comes twice."""
    chosen = torch.randperm(len(datasets.cifar10.train_images), generator=rng)[:count]
    return prepared(datasets.cifar10.train_images[chosen], SIDE), datasets.cifar10.train_labels[chosen]


def weights(submission, model):
    """Return the weights of a model by name, and the statistics of batch normalisation."""
    # Into a plain dict, whatever kind of dict their module would make by itself.
    state = submission.apply(submission.read(model, "state_dict"), destination={})
    known = isinstance(state, dict) and all(isinstance(value, torch.Tensor) for value in state.values())
    expect.that(known, "`build_model` or `finetune` does not return an nn.Module.")
    return state


def same_start(datasets, state):
    """Return the pretrained network with the last layer of a student's new model, wherever their model keeps it."""
    model = copy.deepcopy(datasets.backbone).requires_grad_(requires_grad=True)
    model.fc = nn.Linear(512, 10)
    for wanted in model.fc.parameters():
        found = [value for value in state.values() if value.shape == wanted.shape]
        expect.that(len(found) == 1, "The model does not end in one new linear layer, from 512 features to 10 logits.")
        wanted.data.copy_(found[0])
    return model


def same_network(datasets, state):
    """Return a ResNet-18 with the weights of a student's trained model, wherever their model keeps them."""
    model = copy.deepcopy(datasets.backbone)
    model.fc = nn.Linear(512, 10)
    theirs = list(state.values())
    for ours in model.state_dict().values():
        # Layers of one shape come in the same order in every module made of this network.
        at = next((at for at, value in enumerate(theirs) if value.shape == ours.shape), None)
        expect.that(at is not None, "The trained model does not have the layers of ResNet-18.")
        ours.copy_(theirs.pop(at))
    return model.eval()


def expect_its_weights_answer(submission, datasets, trained, images, logits):
    """Require that a trained model says of images what a ResNet-18 with its weights says, and looks up no answer."""
    own = same_network(datasets, weights(submission, trained))
    agree = float((logits_of(own, images, training=False).argmax(dim=1) == logits.argmax(dim=1)).double().mean())
    because = "The trained model does not answer as a ResNet-18 with its weights does."
    expect.that(agree >= AGREES, because, detail=f"They agree on {agree:.0%} of {len(images)} images.")


@torch.no_grad()
def logits_of(model, images, training):
    """Return the logits of our own model, in the mode of the student's; another check judges the mode."""
    return model.train(training is True)(images)


def expect_all_moved(before, after):
    """Require that training changed every weight."""
    still = [name for name, value in before.items() if name in after and torch.equal(after[name], value)]
    detail = f"{len(still)} of {len(before)} are the same as before: {', '.join(still[:3])} ..."
    expect.that(not still, "Some layers of the model never learn.", detail=detail)


def loss_list(submission, trained, num_epochs):
    """Return the attribute `losses` of a trained model as floats, one for each epoch."""
    losses = submission.read(trained, "losses")
    return expect.losses(losses, name="model.losses", count=num_epochs, because="There is one for each epoch.")


def whole_training(submission, datasets, sizes, device, rng, numbers):
    """Train a model on images that ``rng`` chooses; return it, the images and their labels.

    On the student's side class c has the number ``numbers[c]``.
    """
    fold = int(torch.randint(1000, (), generator=rng))
    images, labels = datasets.cifar10.fold("train", sizes["train_per_class"], fold, rng=rng)
    model = submission.build_model(len(datasets.cifar10.classes))
    shown = prepared(images, sizes["size"])
    trained = submission.finetune(model, shown, numbers[labels], sizes["num_epochs"], sizes["lr"], device)
    return trained, images, labels


def new_images(datasets, sizes, rng):
    """Draw images that no training uses, and their labels, which the student's code never sees."""
    return datasets.cifar10.fold("test", sizes["test_per_class"], rng=rng)


def frozen_logits(datasets, images, labels, new, size):
    """Return logits of new images, by a softmax regression on pretrained features of the training ``images``."""
    features = pretrained_features(datasets, images, size)
    layer = nn.Linear(features.shape[1], len(datasets.cifar10.classes))
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = nn.functional.cross_entropy(layer(features), labels) + RIDGE * layer.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return layer(pretrained_features(datasets, new, size))


def classified(submission, trained, images, size):
    """Prepare images and return their logits (N, 10), some at a time: prepared images are large."""
    chunks = [prepared(chunk, size) for chunk in images.split(CHUNK)]
    logits = [
        expect.tensor(submission.apply(trained, chunk), "the logits", shape=(len(chunk), 10), dtype="floating")
        for chunk in chunks
    ]
    return torch.cat(logits).detach().float()


def right_ones(logits, labels):
    """Return for each image 1 where its logits are right, else 0, float64 (N,)."""
    return (logits.argmax(dim=1) == labels).double()


def error_of(values):
    """Return the standard error of the mean of values (N,)."""
    return float(values.std()) / len(values) ** 0.5


def in_words(right, frozen):
    """Say in words whether it is the choice of images that makes one of two classifiers of the same images better.

    ``right`` and ``frozen`` say for each image which of them is right. Most images are easy or hard for both, so the
    difference varies less than either accuracy.
    """
    gain, error = float((right - frozen).mean()), error_of(right - frozen)
    low, high = gain - 1.96 * error, gain + 1.96 * error
    meaning = "Zero lies between them: these images do not tell which of the two is better."
    if low > 0:
        meaning = "All of it is above zero: that fine-tuning is better here is not the luck of these images."
    if high < 0:
        meaning = "All of it is below zero: that fine-tuning is worse here is not the luck of these images."
    return evidence.words(
        "Fine-tuning compared with frozen features",
        f"Of the same {len(right)} new images your fine-tuned network gets {right.mean():.1%} right, and a classifier "
        f"on the frozen features of the same training images {frozen.mean():.1%}.",
        f"The difference is {100 * gain:+.1f} points, with a 95 % confidence interval from {100 * low:+.1f} to "
        f"{100 * high:+.1f}: of many such intervals, each from other test images, 95 in 100 hold the difference over "
        "all images of this kind.",
        meaning,
        "Another training would change the difference, too. The interval does not tell by how much.",
    )


@metric
def gain(submission, datasets, sizes, device, rng):
    """By how much the trained model is more often right on new images than a classifier on frozen features."""
    classes = datasets.cifar10.classes
    numbers = torch.randperm(len(classes), generator=rng)  # of the classes, on the student's side: others in every run
    trained, *seen = whole_training(submission, datasets, sizes, device, rng, numbers)
    new, labels = new_images(datasets, sizes, rng)
    answers = classified(submission, trained, new, sizes["size"])
    few = torch.randperm(len(new), generator=rng)[:FEW]
    expect_its_weights_answer(submission, datasets, trained, prepared(new[few], sizes["size"]), answers[few])
    logits = answers[:, numbers]
    right, frozen = (right_ones(x, labels) for x in (logits, frozen_logits(datasets, *seen, new, sizes["size"])))
    figures = {"frozen_accuracy": float(frozen.mean()), "finetuned_accuracy": float(right.mean())}
    shown = [in_words(right, frozen), *evidence.classification(new, labels, logits, classes)]
    return Measured(
        value=float((right - frozen).mean()),
        figures=evidence.accuracies(labels, logits, classes)
        | figures
        | {"gain_standard_error": error_of(right - frozen)},
        exhibits=[*shown, *loss_curve(submission, trained)],
    )


def loss_curve(submission, trained):
    """Draw the losses that a trained model keeps; return nothing where it keeps no list, which another check judges."""
    losses = expect.unless_crashed(lambda: submission.read(trained, "losses"))
    if not isinstance(losses, (list, tuple)):
        return []
    return [evidence.curves("Training loss", {"fine-tuning": losses}, x_label="epoch", y_label="mean cross-entropy")]


@check(points=1)
def check_logits(submission, datasets, rng):
    """`build_model` returns a model with one logit for each class, however many there are."""
    images, _ = real_images(datasets, rng, 2)
    for classes in (10, 7):
        logits = submission.apply(submission.build_model(classes), images)
        expect.tensor(logits, f"the logits of {classes} classes", shape=(2, classes), dtype="floating")


@check(points=2, depends_on=["logits"])
def check_pretrained(submission, datasets, rng):
    """All layers of a new model except the last are the pretrained ones."""
    images, _ = real_images(datasets, rng, 4)
    model = submission.build_model(10)
    logits = submission.apply(model, images)
    right = logits_of(same_start(datasets, weights(submission, model)), images, submission.read(model, "training"))
    # On a GPU the convolutions are rounded more coarsely; other weights give entirely other logits.
    expect.close(logits, right, name="the new model's logits", rtol=0, atol=0.01 * float(right.abs().max()))


@check(points=4)
def check_steps(submission, datasets, device, rng):
    """Every weight learns, by one SGD step with momentum 0.9 on the cross-entropy for each batch of each epoch."""
    model = submission.build_model(10)
    before = weights(submission, model)
    images, labels = real_images(datasets, rng, 4)
    trained = submission.finetune(model, images, labels, 2, 0.001, device)
    submission.apply(trained, images)  # tells mistakes apart: all the weights are too much to repeat
    expect_all_moved(before, weights(submission, trained))
    images, labels = some_images(rng, 6)
    expect_steps(logits_after(submission, device, images, labels, 3), images, labels, 3)


@check(points=1)
def check_learning_rate_falls(submission, device, rng):
    """After 7 epochs the learning rate falls to a tenth."""
    images, labels = some_images(rng, 6)
    seventh, eighth = left_of_ways([logits_after(submission, device, images, labels, n) for n in (5, 6, 7, 8)])
    expect.that(seventh > STEADY, "The learning rate falls before 7 epochs are over.")
    detail = f"In epoch 8 the network moves {eighth:.2g} times as far as in epoch 7; it should be about 0.11 times."
    expect.that(eighth < LEFT[1], "After 7 epochs the learning rate does not fall to a tenth.", detail=detail)
    expect.that(eighth > LEFT[0], "After 7 epochs the learning rate falls too far.", detail=detail)


@check(points=1, visibility="hidden")
def check_batches(submission, device, rng):
    """An epoch takes batches of 16, the last with what is left, and a step of the same learning rate for each."""
    image, label = some_images(rng, 1)

    def after(count, num_epochs):
        images, labels = image.repeat(count, 1, 1, 1), label.repeat(count)
        return logits_after(submission, device, images, labels, num_epochs)[:1]

    expect_batches(after)


@check(points=1, visibility="hidden")
def check_one_image_left(submission, device, rng):
    """`finetune` works where one image more than full batches would be a last batch of its own."""
    image, label = some_images(rng, 1)
    place = image[..., :3, :3].repeat(17, 1, 1, 1)  # the network makes a single place of 3 x 3 pixels
    expect_learns(submission, device, place, label.repeat(17))


@check(points=1)
def check_losses(submission, device, rng):
    """`losses` has the mean training loss of each epoch."""
    image, _ = some_images(rng, 1)
    rare, usual = unlike_labels(image)
    # One image of 32 has another label: its loss is a 32nd of the mean, and all or nothing of a sixteenth of a batch's.
    labels = torch.tensor([rare] + [usual] * 31)
    trained = submission.finetune(NETWORK, image.repeat(32, 1, 1, 1), labels, 2, 0.0, device)
    for epoch, loss in enumerate(loss_list(submission, trained, 2)):
        means = [(u + (r - u) / 32, abs(r - u) / 32) for r, u in losses_of(image, rare, usual)]
        right, apart = min(means, key=lambda mean: abs(loss - mean[0]))  # in the mode that they train in
        expect.near(loss, right, name=f"model.losses[{epoch}]", rtol=1e-4, atol=0.35 * apart)


@check(points=1, visibility="hidden")
def check_order(submission, device, rng):
    """Every epoch uses the images in a new order."""
    trained = submission.finetune(NETWORK, *some_images(rng, 40), 3, 0.0, device)
    losses = expect.losses(submission.read(trained, "losses"), name="model.losses")
    # With lr = 0 nothing is learned: losses differ only by which images batch normalisation sees together. Two random
    # orders differ by less than 1e-6 in 3 of 10,000 pairs, so there are three. How many losses an epoch has is judged
    # elsewhere.
    epochs = torch.tensor(losses[: len(losses) // 3 * 3]).view(3, -1).mean(dim=1)
    because = "Three epochs have the same batches."
    expect.that(bool(epochs.max() - epochs.min() > 1e-6), because, detail=f"Each has a loss of {epochs[0]:.6g}.")


@check(points=1)
def check_ready_to_use(submission, device, rng):
    """The trained model is on the CPU and in eval mode: an image's logits do not depend on its batch."""
    images, labels = some_images(rng, 4)
    trained = submission.finetune(NETWORK, images, labels, 1, 0.001, device)
    together = expect.tensor(submission.apply(trained, images), "the logits", shape=(4, 10), dtype="floating")
    in_pairs = torch.cat([submission.apply(trained, images[:2]), submission.apply(trained, images[2:])])
    expect.close(in_pairs, together.detach(), name="the logits of images in smaller batches", rtol=1e-3, atol=1e-3)


@check(points=4, depends_on=["logits"])
def check_accuracy(gates):
    """On new images the trained model is clearly better than a classifier on the pretrained features."""
    gates.require("gain", name="the gain in accuracy over frozen features")


@check(points=1, partial=True)
def check_compare(submission, expected, credit):
    """`compare` returns both accuracies, the gain, and the share of the errors that is gone."""
    for row in expected.comparisons:
        right = dict(zip(KEYS, row, strict=True))
        with credit.case(f"{row[0]:g} against {row[1]:g}"):
            found = submission.compare(*row[:2])
            expect.of_type(found, dict, name=f"compare({row[0]:g}, {row[1]:g})", wanted="a dict")
            expect.that(set(found) == set(KEYS), "The dict does not have the four keys.", detail=f"{list(found)}"[:200])
            for key, value in right.items():
                name = f"compare({row[0]:g}, {row[1]:g})[{key!r}]"
                expect.near(found[key], value, name=name)
