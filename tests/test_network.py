"""`vocabulary.network`: a check hands a small network to a student's function, which gets an nn.Sequential."""

import pytest
import torch
from torch import nn

from grader import Network
from grader.course.part_toml import Limits
from grader.grading.part_loader import Code
from grader.grading.student_part import StudentPart
from grader.worker import networks

SOURCE = b"""
import torch

def kind(network):
    return type(network).__module__ + "." + type(network).__name__, [name for name, _ in network.named_children()]

def doubled(network):
    with torch.no_grad():
        for weight in network.parameters():
            weight *= 2
    return network

def listed(networks):
    return [float(network.fc.bias.sum()) for network in networks]
"""
LAYERS = {"bn": ("BatchNorm2d", 3), "flatten": ("Flatten",), "fc": ("Linear", 12, 2)}


@pytest.fixture
def network():
    return Network.drawn(7, **LAYERS)


@pytest.fixture
def student(slot):
    entry_points = dict.fromkeys(("kind", "doubled", "listed"), ())
    code = Code({"p.py": SOURCE}, "p.py")
    student = StudentPart(code, entry_points, slot=slot, limits=Limits(), seed=1, identity="a/p")
    yield student
    student.close()


def test_a_students_function_gets_a_module_of_torch(student, network):
    kind, names = student.kind(network)
    assert kind == "torch.nn.modules.container.Sequential"
    assert names == ["bn", "flatten", "fc"]


def test_it_has_the_weights_that_were_sent_and_what_is_done_to_it_stays_there(student, network):
    images = torch.randn(4, 3, 2, 2, generator=torch.Generator().manual_seed(1))
    right = network.module()
    before = right(images)
    doubled = student.doubled(network)
    assert student.read(doubled, "training") is True
    state = student.apply(student.read(doubled, "state_dict"))
    assert torch.equal(state["fc.weight"], 2 * network.weights["fc.weight"])
    assert torch.allclose(student.apply(doubled, images), 4 * (before - right.fc.bias) + 2 * right.fc.bias, atol=1e-5)
    assert torch.equal(network.module()(images), before), "ours is not changed"


def test_several_at_once_are_each_their_own(student, network):
    other = Network.drawn(8, **LAYERS)
    sums = [float(one.weights["fc.bias"].sum()) for one in (network, other)]
    assert student.listed([network, other]) == pytest.approx(sums)


def test_the_same_seed_draws_the_same_weights_and_nobody_elses_numbers_change():
    torch.manual_seed(3)
    wanted = torch.rand(2)
    torch.manual_seed(3)
    first, again, other = (Network.drawn(seed, **LAYERS).weights["fc.weight"] for seed in (7, 7, 8))
    assert torch.equal(torch.rand(2), wanted)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_both_sides_build_the_same(network):
    assert (type(network).__name__, network._fields) == (networks.NAME, networks.FIELDS)
    ours, theirs = network.module(), networks.built(*network)
    assert repr(ours) == repr(theirs)
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    assert isinstance(theirs, nn.Sequential)
