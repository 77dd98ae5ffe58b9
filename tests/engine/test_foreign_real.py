"""Gradients of other people's models, through their process, are those of the same model in this one."""
# ruff: noqa: F811

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from engine.models import foreign_loading
from engine.models.catalogue import FOLDER
from tests.engine.foreign_listeners import config  # noqa: F401  (fixtures)

pytestmark = pytest.mark.skipif(find_spec("silero_vad") is None, reason="silero-vad is not installed")


@pytest.fixture(scope="module")
def silero(config):
    path = FOLDER / "foreign" / "silero-vad.yaml"
    foreign_loading.trusted(path)
    listener = foreign_loading.load(path)
    yield listener
    listener.worker.close()


@pytest.fixture(scope="module")
def here():
    package = Path(find_spec("silero_vad").submodule_search_locations[0])
    net = torch.jit.load(str(package / "data" / "silero_vad.jit")).eval()
    for weight in net.parameters():
        weight.requires_grad_(False)

    def speech(x):
        net.reset_states()
        return torch.stack([net(x[:, i : i + 512], 16000) for i in range(0, x.shape[1], 512)], dim=1).mean(dim=1)
    return speech


def test_of_silero(silero, here):
    t = torch.arange(2 * 8192) / 16000
    x = sum(0.1 / k * torch.sin(2 * torch.pi * 150 * k * t * (1 + 0.1 * torch.sin(8 * t))) for k in range(1, 20))
    x = x.view(2, 8192) + 0.01 * torch.randn(2, 8192, generator=torch.Generator().manual_seed(0))
    there, wanted = (x.clone().requires_grad_(True) for _ in range(2))
    out, own = silero.worker.outputs(there), here(wanted)
    torch.testing.assert_close(out, own, atol=1e-6, rtol=1e-5)
    pull = torch.tensor([[1.0], [-2.0]])
    (out * pull).sum().backward()
    (own * pull).sum().backward()
    assert float(wanted.grad.abs().max()) > 1e-4
    torch.testing.assert_close(there.grad, wanted.grad, atol=1e-5 * float(wanted.grad.abs().max()), rtol=0)
