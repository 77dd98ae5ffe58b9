"""Threads that wait sleep: tests share their machine."""

import os

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if "PYTEST_XDIST_WORKER" in os.environ:  # each core has tests of its own to run
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def tone_model(tmp_path_factory):
    """The card of a style classifier with known answers: "low", "middle" or "high" is what is loudest of 3 bins.

    They lie at 1077, 2153 and 9474 Hz.
    """
    import torch

    from engine.models import catalogue

    select = torch.zeros(3, 513)
    select[range(3), (50, 100, 440)] = 1.0
    tensors = {"dense.0.weight": select, "dense.1.weight": torch.eye(3), "dense.2.weight": torch.eye(3),
               "dense.3.weight": 4 * torch.eye(3), **{f"dense.{i}.bias": torch.zeros(3) for i in range(4)},
               "mean": torch.zeros(513), "std": torch.ones(513), "data_minimum": torch.tensor(0.0)}
    card = tmp_path_factory.mktemp("models") / "tones.json"
    catalogue.write(card, tensors, {"kind": "frame_mlp", "labels": ["low", "middle", "high"]})
    return card
