"""Train a small network by the student's `finetune`: a step takes a millisecond, and rounding hardly shows.

Where all images fit into one batch, or all are the same, their order has no effect. So the same training is done here,
and the logits are compared. They are asked for in train mode: which mode a student leaves is another check's question.
"""

from itertools import pairwise

import torch
from torch import nn

from grader import Network, expect

NETWORK = Network.drawn(
    1,
    conv1=("Conv2d", 3, 6, 3),
    bn1=("BatchNorm2d", 6),
    relu=("ReLU",),
    avgpool=("AdaptiveAvgPool2d", 1),
    flatten=("Flatten",),
    fc=("Linear", 6, 10),
)
LR = 0.05
NEAR = 5e-3  # of how far training moves a logit: rounding comes to 1e-6, a hundredth more of lr to 0.01
LEFT = (0.06, 0.16)  # of an epoch's way when lr falls to a tenth: 0.094 to 0.124, whatever the steps are
STEADY = 0.5  # ... when lr stays: 0.9 to 1.3
SAME = 0.02  # of the longest way: so near are two trainings of as many steps


def some_images(rng, count):
    """Draw images (count, 3, 8, 8) of random values, and labels."""
    return torch.randn(count, 3, 8, 8, generator=rng), torch.randint(10, (count,), generator=rng)


def logits_after(submission, device, images, labels, num_epochs):
    """Train the network with the student's `finetune`; return its logits (n, 10) for at most 6 of the images."""
    model = submission.finetune(NETWORK, images, labels, num_epochs, LR, device)
    training = submission.apply(submission.read(model, "train"))  # the model itself
    logits = submission.apply(training, images[:6])
    return expect.tensor(logits, "the logits", shape=(len(images[:6]), 10), dtype="floating").detach().double()


def expect_learns(submission, device, images, labels):
    """Require that an epoch changes the network's logits; what it raises passes through."""
    before = NETWORK.module()(images[:2]).detach()
    change = logits_after(submission, device, images, labels, 1)[:2] - before
    expect.that(bool((change.abs() > 1e-6).any()), "Training does not change the network.")


def expect_steps(logits, images, labels, num_steps):
    """Require the logits of a right training, whose steps use all images, a few, at once."""
    model = NETWORK.module()
    before = model(images).detach()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=0.9)
    for _ in range(num_steps):
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    right = model(images).detach()
    # Relative to how far the steps lead: without any step, the logits would hardly differ.
    moved = float((right - before).abs().max())
    expect.close(logits, right, name="a small network's logits after the steps", rtol=0, atol=NEAR * moved)


def left_of_ways(places):
    """Return how much of each way from one place to the next is left of it in the way after that."""
    ways = [float((there - here).norm()) for here, there in pairwise(places)]
    expect.that(min(ways) > 1e-6, "Training does not change the network.")
    return [after / before for before, after in pairwise(ways)]


def expect_batches(after):
    """Require batches of 16 of ``after(count, epochs)``: the logits after a training with one image ``count`` times."""
    one, same, two, full, three = (after(count, 1) for count in (16, 15, 18, 32, 34))
    again = after(16, 2)
    far = float((three - one).norm())

    def as_many_steps(left, right):
        return float((left - right).norm()) <= SAME * far

    expect.that(far > 1e-6, "34 images change the network no more than 16 do.")
    expect.that(as_many_steps(same, one), "15 and 16 images are not one batch each.")
    expect.that(not as_many_steps(two, one), "18 images change the network no more than 16 do.")
    expect.that(as_many_steps(two, full), "18 and 32 images are not two batches each.")
    expect.that(not as_many_steps(three, full), "34 images change the network no more than 32 do.")
    because = "There is one step for each batch, and all have the same learning rate."
    expect.that(as_many_steps(two, again), f"An epoch of two batches is not like two epochs of one. {because}")
    (left,) = left_of_ways([after(count, 1) for count in (96, 112, 128)])
    expect.that(left > STEADY, "The learning rate falls within an epoch. It should fall after epochs.")


def losses_of(image, rare, usual):
    """Return the network's losses for one image with two labels, in train mode and in eval mode."""
    modes = [NETWORK.module().train(training)(image).detach()[0].log_softmax(dim=0) for training in (True, False)]
    return [(-float(mode[rare]), -float(mode[usual])) for mode in modes]


def unlike_labels(image):
    """Return the two labels whose losses differ most for an image."""
    logits = NETWORK.module()(image)[0]
    return int(logits.argmin()), int(logits.argmax())
