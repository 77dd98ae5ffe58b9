"""The prior makes excerpts that depend on their latents alone, and is read only as it was written."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import torch

from engine.checks import InputError
from engine.models import mel_bank, mel_gan
from engine.models.mel_bank import MelBank, pooled, rounded
from engine.models.mel_gan import FLOOR, MelGenerator


@pytest.fixture
def generator():
    torch.manual_seed(0)
    net = MelGenerator(4)
    net(torch.randn(8, 128))    # so that batch norm has seen something
    return net.eval().requires_grad_(False)


@pytest.fixture
def written(generator, tmp_path):
    tensors = {**mel_gan.to_tensors(generator), "mean": torch.linspace(0, -8, 80), "std": torch.full((80,), 2.0)}
    mel_gan.write(tmp_path / "gan.json", tensors, {"config": {"width": 4}})
    return tmp_path / "gan.json"


def test_excerpts_have_the_listeners_shape(generator):
    assert generator(torch.randn(3, 128)).shape == (3, 80, 115)


def test_an_excerpt_depends_on_its_own_latent_alone(generator):
    z = torch.randn(5, 128)
    torch.testing.assert_close(generator(z)[3:4], generator(z[3:4]), atol=1e-5, rtol=1e-5)


def test_every_number_of_the_latent_is_heard_and_has_a_gradient(generator):
    z = torch.randn(1, 128).requires_grad_()
    weights = torch.randn(80, 115, generator=torch.Generator().manual_seed(1))
    (generator(z)[0] * weights).sum().backward()
    assert int((z.grad.abs() > 0).sum()) == 128


def test_what_is_written_is_read(written, generator):
    gan = mel_gan.read(written)
    z = gan.begin(7)[None]
    assert torch.equal(gan.begin(7), gan.begin(7))
    assert not torch.equal(gan.begin(7), gan.begin(8))
    expected = generator(z) * 2 + torch.linspace(0, -8, 80)[:, None]
    torch.testing.assert_close(gan.spectrogram(z), expected.clamp_min(FLOOR), atol=0.02, rtol=0.02)  # half precision


def test_nothing_is_quieter_than_the_front_end_hears_or_louder_than_a_file_can_be(written):
    gan = mel_gan.read(written)
    gan.generator.out.weight.mul_(1e4)
    S = gan.spectrogram(torch.randn(2, 128))
    assert (float(S.min()), float(S.max())) == (pytest.approx(FLOOR), pytest.approx(np.log(256)))


def test_latents_longer_than_normal_ones_stand_for_their_direction(written):
    gan, z = mel_gan.read(written), torch.randn(2, 128)
    torch.testing.assert_close(gan.spectrogram(50 * z), gan.spectrogram(z * (13.5 / z.norm(dim=1, keepdim=True))))
    assert not torch.allclose(gan.spectrogram(0.5 * z), gan.spectrogram(z))


@pytest.mark.parametrize("break_it", ["weights", "width", "missing", "json", "key"])
def test_a_damaged_prior_is_refused_in_a_sentence(written, break_it):
    card = json.loads(written.read_text())
    weights = written.with_suffix(".safetensors")
    if break_it == "weights":
        weights.write_bytes(weights.read_bytes()[:-1] + b"\0")
    elif break_it == "missing":
        weights.unlink()
    elif break_it == "json":
        written.write_text("{")
    elif break_it == "width":
        written.write_text(json.dumps({**card, "config": {"width": 8}}))
    else:
        weights.write_bytes(b"nothing")
        written.write_text(json.dumps({**card, "sha256": hashlib.sha256(b"nothing").hexdigest()}))
    with pytest.raises(InputError, match=r"^gan\.(json|safetensors): "):
        mel_gan.read(written)


@pytest.fixture
def bank():
    S = torch.randn(40, 80, 115, generator=torch.Generator().manual_seed(0))
    S = torch.nn.functional.interpolate(torch.nn.functional.avg_pool2d(S[:, None], 10), (80, 115))[:, 0] * 10
    statistics = {"dense2": np.arange(3.0)}, {"dense2": np.eye(3)}
    bank = MelBank(rounded(pooled(S)), tuple(f"song{i // 20}" for i in range(40)),
                   np.arange(40, dtype=np.float32) * 1.5, "abc", *statistics, 100)
    return bank, S


def test_a_copy_is_found_with_its_place(bank):
    bank, S = bank
    which, distance = bank.nearest(torch.stack([S[23], S[5] + 0.3]))
    assert which.tolist() == [23, 5]
    assert bank.files[23] == "song1"
    assert distance[0] < 0.02                               # rounding to bytes
    assert distance[1] == pytest.approx(0.3, abs=0.02)      # everywhere .3 standard deviations louder


def test_a_bank_is_read_as_it_was_written(bank, tmp_path):
    bank, _ = bank
    mel_bank.write(tmp_path / "real.npz", bank)
    again = mel_bank.read(tmp_path / "real.npz")
    assert (again.files, again.detector, again.n) == (bank.files, "abc", 100)
    for name in ("pictures", "starts"):
        np.testing.assert_array_equal(getattr(again, name), getattr(bank, name))
    np.testing.assert_array_equal(again.means["dense2"], [0, 1, 2])
    np.testing.assert_array_equal(again.factors["dense2"], np.eye(3))


def test_a_damaged_bank_is_refused_in_a_sentence(bank, tmp_path):
    path = tmp_path / "real.npz"
    with pytest.raises(InputError, match=r"real\.npz: could not be read"):
        mel_bank.read(path)
    mel_bank.write(path, bank[0])
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match=r"real\.npz: expected pictures of real excerpts, found it damaged"):
        mel_bank.read(path)
