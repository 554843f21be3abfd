"""The stand-in for the ImageNet weights: torchvision loads it, and its features are of some use."""

import copy

import pytest
import torch
from course_examples import DATASETS
from torch import nn
from torchvision.models import resnet18

backbone, drawn = DATASETS.module("_backbone"), DATASETS.module("_drawn")
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def prepared(images):
    return (images.float() / 255 - MEAN) / STD


@pytest.fixture(scope="module")
def state():
    return backbone.stand_in()


@pytest.fixture(scope="module")
def home(state, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "hub" / "checkpoints").mkdir(parents=True)
    torch.save(state, home / "hub" / "checkpoints" / "resnet18-f37072fd.pth")
    return home


@pytest.fixture(scope="module")
def network(home):
    return backbone.load(home)


@pytest.fixture(scope="module")
def images():
    return drawn.draw(per_class=36, seed=8)


def probe(features, labels, others):
    """The classes of ``others`` by a ridge regression to one-hot labels, in closed form."""
    mean, spread = features.mean(dim=0), features.std(dim=0)
    features, others = (features - mean) / spread, (others - mean) / spread
    kernel = features @ features.T + 100 * torch.eye(len(features))
    return (others @ features.T @ torch.linalg.solve(kernel, nn.functional.one_hot(labels).float())).argmax(dim=1)


def test_torchvisions_network_takes_it_whole(state):
    model = resnet18()
    assert {name: value.shape for name, value in state.items()} == {
        name: value.shape for name, value in model.state_dict().items()
    }
    model.load_state_dict(state)
    assert all(value.isfinite().all() for value in state.values())


def test_it_is_the_one_of_its_version_whatever_the_global_generator():
    torch.manual_seed(123)
    before = torch.get_rng_state()
    state = backbone.stand_in()
    assert torch.equal(torch.get_rng_state(), before)
    # Another stand-in under the same name would never reach a machine that keeps the old one: raise VERSION.
    sizes = {name: round(float(state[name].double().abs().mean()), 4) for name in PINNED[1]}
    assert (backbone.VERSION, sizes) == PINNED


def test_batch_normalisation_has_statistics_that_matter(state, network, images):
    means = torch.cat([value for name, value in state.items() if name.endswith("running_mean")])
    variances = torch.cat([value for name, value in state.items() if name.endswith("running_var")])
    assert means.abs().mean() > 0.05
    assert (variances.log().abs() > 0.1).double().mean() > 0.9
    batch = prepared(images.images[:10])
    usual = network(batch)
    unusual = copy.deepcopy(network).train()(batch)
    assert ((unusual - usual).norm(dim=1) / usual.norm(dim=1)).min() > 0.2


def test_loaded_it_gives_the_512_features_and_nothing_learns(home, network, images, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(home))
    usual = resnet18(weights="IMAGENET1K_V1").eval()
    usual.fc = nn.Identity()
    batch = prepared(images.images[:4])
    assert not network.training
    assert network(batch).shape == (4, 512)
    assert torch.equal(network(batch), usual(batch))
    assert not network(batch).requires_grad


def test_its_features_tell_the_drawn_classes_apart_better_than_random_weights_do(network, images):
    torch.manual_seed(0)
    random = resnet18()
    random.fc = nn.Identity()
    shares = {}
    for name, model in (("stand-in", network), ("random", random)):
        with torch.no_grad():
            features = torch.cat([model.eval()(batch) for batch in prepared(images.images).split(90)])
        found = probe(features[:240], images.labels[:240], features[240:])
        shares[name] = float((found == images.labels[240:]).double().mean())
    assert shares["stand-in"] > 0.4, shares
    assert shares["stand-in"] > shares["random"] + 0.15, shares


PINNED = (
    "1",
    {
        "conv1.weight": 0.0606,
        "layer1.0.conv1.weight": 0.0017,
        "layer2.0.conv2.weight": 0.0333,
        "layer4.1.bn2.running_mean": 0.069,
        "fc.bias": 0.0217,
    },
)
