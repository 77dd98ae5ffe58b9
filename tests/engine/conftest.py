"""Listeners whose weights nobody trained: enough for everything but what a trained one knows."""

import pytest
import torch

from engine.models.svd_cnn import SvdCnn
from engine.models.svd_listener import SvdListener


def listener_of(seed=0, threshold=0.5):
    """A listener of the shipped shape with random weights, whose answers depend on all of its input."""
    torch.manual_seed(seed)
    net = SvdCnn()
    with torch.no_grad():
        for layer in [*net.conv, *net.dense]:
            torch.nn.init.kaiming_normal_(layer.weight, a=0.01)
    tensors = {**net.state_dict(), "mean": torch.full((80,), -3.0), "std": torch.full((80,), 2.0),
               "data_minimum": torch.tensor(-6.0)}
    return SvdListener("random", tensors, {"threshold": threshold, "median_frames": 56})


@pytest.fixture(scope="session")
def listener():
    """A listener with random weights."""
    return listener_of()


@pytest.fixture(scope="session")
def random_listener():
    """Makes listeners with random weights: `random_listener(seed=0, threshold=0.5)`."""
    return listener_of
