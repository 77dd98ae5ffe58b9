"""A small training from songs to a shipped model: it learns, it goes on when interrupted, it ships what it learned."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.audio.features import MelFrontEnd
from engine.checks import InputError
from engine.devices import Place
from engine.job import Cancelled
from engine.models import catalogue
from engine.models.svd_cnn import EXCERPT, STRIDE
from engine.training import train_svd
from engine.training.datasets import voice_songs
from engine.training.evaluate import evaluate_svd
from engine.training.ship_svd import train_and_ship
from engine.training.svd_material import Heard, gather, hear, sampling_weights
from engine.training.train_svd import Config, TrainingNet, train

SR = 22050


def song(seconds, sung, seed):
    """A gliding harmonic voice where `sung` says so, over soft noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * SR)) / SR
    phase = 2 * np.pi * np.cumsum(220 * 2 ** (0.3 * np.sin(2 * np.pi * 0.7 * t + seed))) / SR
    voice = sum(np.sin(k * phase) / k for k in range(1, 12))
    gate = sum(((t >= a) & (t < b)).astype(float) for a, b in sung)
    return (0.02 * rng.standard_normal(len(t)) + 0.1 * gate * voice).astype(np.float32)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Two short songs in each split."""
    folder = tmp_path_factory.mktemp("voice")
    (folder / "audio").mkdir()
    (folder / "labels").mkdir()
    rows = ["id,artist,split,license"]
    for number, (split, seconds) in enumerate((s, 6.0) for s in ("train", "train", "valid", "valid", "test", "test")):
        sung = [(0.0, 1.6), (3.2, 4.4)] if number % 2 else [(2.0, 4.5)]
        sf.write(folder / "audio" / f"s{number}.wav", song(seconds, sung, number), SR)
        (folder / "labels" / f"s{number}.csv").write_text("".join(f"{a},{b}\n" for a, b in sung))
        rows.append(f"s{number},artist {number},{split},CC0")
    (folder / "songs.csv").write_text("\n".join(rows))
    return folder


def tiny(data, work, **changes):
    return replace(Config(data=str(data), work=str(work), steps=6, minutes=1e6, batch=3, validate_every=2, average=0.5),
                   **changes)


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """An uninterrupted training, and its folder."""
    work = tmp_path_factory.mktemp("work")
    return train(tiny(data, work)), work


def test_folded_weights_answer_as_the_training_net_does():
    torch.manual_seed(0)
    net = TrainingNet(torch.linspace(-6, -2, 80), torch.linspace(1, 2, 80))
    crops = 2 * torch.randn(4, 80, EXCERPT + 15 * STRIDE) - 4
    with torch.no_grad():
        for norm in (*net.norms, *net.dense_norms):
            norm.weight.uniform_(0.5, 1.5)
            norm.bias.normal_()
        for _ in range(20):
            net(crops)          # fills the running figures of the normalisation
        net.eval()
        expected = net(crops)
        features = (crops - net.mean) / net.std
        folded = net.folded()
        excerpts = torch.stack([features[:, :, i * STRIDE : i * STRIDE + EXCERPT] for i in range(16)], dim=1)
        plain = folded(excerpts.flatten(0, 1)).view(4, 16)
    assert float(expected.std()) > 0.01
    torch.testing.assert_close(plain, expected, atol=1e-4, rtol=1e-4)


def test_targets_stand_at_the_centres_of_the_excerpts(data, tmp_path, monkeypatch):
    config = tiny(data, tmp_path)
    material = gather(config.data, crop=config.crop, augmentation=config.augmentation,
                      rng=np.random.default_rng(0), report=lambda progress: None)
    truth = torch.arange(config.crop)[None] % 2 == 0
    monkeypatch.setattr(material.augmenter, "batch", lambda size: (torch.zeros(1, 80, config.crop), truth))
    asked = []
    monkeypatch.setattr(train_svd, "update", lambda state, S, targets, decay: asked.append(targets) or 0.0)
    state = train_svd.State.fresh(config, material, np.random.default_rng(0))
    train_svd.learn(state, material.augmenter, config, 0.0, Place(torch.device("cpu"), print))
    (targets,) = asked
    centres = [EXCERPT // 2 + STRIDE * i for i in range(16)]
    assert targets.cpu().numpy() == pytest.approx(np.array([[0.98 if c % 2 == 0 else 0.02 for c in centres]]))
    assert state.step == 1


def test_it_learns(data, tmp_path):
    result = train(tiny(data, tmp_path, steps=16, batch=4, lr=0.03, validate_every=8))
    first, last = result["history"]
    assert last["valid_loss"] < first["valid_loss"]
    assert result["best"]["valid_error"] < 0.35    # always "no singing" is wrong in 0.44 of the frames
    assert result["steps"] == 16


def test_the_end_is_validated_even_between_two_validations(data, tmp_path):
    result = train(tiny(data, tmp_path, steps=3))
    assert [h["step"] for h in result["history"]] == [2, 3]


def test_interrupted_and_resumed_equals_uninterrupted(data, whole, tmp_path):
    def stop_at(step):
        def report(progress):
            if progress.message.startswith("loss") and progress.done == step:
                raise Cancelled
        return report

    config = tiny(data, tmp_path)
    for step in (3, 5):   # after the validations at 2 and 4: a step each is lost and done again
        with pytest.raises(Cancelled):
            train(config, stop_at(step))
    resumed, uninterrupted = train(config), whole[0]
    assert [h["step"] for h in resumed["history"]] == [h["step"] for h in uninterrupted["history"]] == [2, 4, 6]
    for figure in ("valid_loss", "valid_error", "threshold"):
        assert [h[figure] for h in resumed["history"]] == pytest.approx([h[figure] for h in uninterrupted["history"]])
    assert resumed["best"]["step"] == uninterrupted["best"]["step"]
    assert resumed["tensors"].keys() == uninterrupted["tensors"].keys()
    for key, value in uninterrupted["tensors"].items():
        torch.testing.assert_close(resumed["tensors"][key], value, atol=1e-6, rtol=0, msg=key)


def test_a_finished_training_is_not_done_again(data, whole):
    result, work = whole
    steps = []
    again = train(tiny(data, work), lambda progress: steps.append(progress.message.startswith("loss")))
    assert not any(steps)
    assert again["history"] == result["history"]
    assert all(torch.equal(again["tensors"][key], value) for key, value in result["tensors"].items())


def test_another_seed_gives_other_weights_and_starts_anew(data, whole, tmp_path):
    (tmp_path / "svd.checkpoint").write_bytes((whole[1] / "svd.checkpoint").read_bytes())
    other = train(tiny(data, tmp_path, seed=1, steps=2))
    assert [h["step"] for h in other["history"]] == [2]
    assert not torch.equal(other["tensors"]["dense.0.weight"], whole[0]["tensors"]["dense.0.weight"])


def test_the_checkpoint_runs_no_code_when_it_is_loaded(whole):
    saved = torch.load(whole[1] / "svd.checkpoint", weights_only=True)
    assert saved.keys() == {"config", "step", "net", "average", "optimiser", "rng", "torch_rng", "history", "best"}
    assert json.loads(saved["config"]).keys() == {
        "data", "seed", "batch", "crop", "lr", "weight_decay", "average", "validate_every", "patience", "targets",
        "augmentation"}
    assert not (whole[1] / "svd.part").exists()


@pytest.mark.parametrize("damage", [b"", b"not a checkpoint", None])
def test_a_damaged_checkpoint_is_named(data, whole, tmp_path, damage):
    content = (whole[1] / "svd.checkpoint").read_bytes()
    (tmp_path / "svd.checkpoint").write_bytes(content[: len(content) // 2] if damage is None else damage)
    with pytest.raises(InputError, match=r"svd\.checkpoint: expected the checkpoint .* delete it to start again$"):
        train(tiny(data, tmp_path))


def test_training_stops_when_nothing_gets_better(data, tmp_path, monkeypatch):
    monkeypatch.setattr(train_svd, "validate", lambda *known: (0.5, 0.3, 0.7))
    result = train(tiny(data, tmp_path, steps=100, validate_every=1, patience=3))
    assert (result["steps"], result["best"]["step"]) == (4, 1)


def test_a_model_is_shipped_with_its_card(data, whole, tmp_path):
    card = train_and_ship(tiny(data, whole[1]), tmp_path / "out", "python main.py train svd --data DIR")
    listener = catalogue.read(tmp_path / "out" / "svd.json")
    text = (tmp_path / "out" / "svd.json").read_text(encoding="utf-8")
    assert text == json.dumps({**card, "sha256": listener.card["sha256"]}, indent=1, ensure_ascii=False,
                              allow_nan=False) + "\n"
    assert card["data"]["songs"] == {"train": ["s0", "s1"], "valid": ["s2", "s3"], "test": ["s4", "s5"]}
    assert card["data"]["licences_of_training_songs"] == {"CC0": 4}
    assert card["threshold"] == listener.threshold == whole[0]["best"]["threshold"]
    assert [s["id"] for s in card["test"]["songs"]] == ["s4", "s5"]
    assert "work" not in card["config"]
    again = evaluate_svd(listener, str(data))
    assert again["error"] == card["test"]["error"]
    shipped = listener.net.state_dict()
    assert all(torch.allclose(shipped[key], whole[0]["tensors"][key], atol=1e-3) for key in shipped)


def test_standardised_training_songs_have_mean_zero_and_no_dead_band(data, tmp_path):
    silent = tmp_path / "voice"
    for part in ("audio", "labels"):
        (silent / part).mkdir(parents=True)
    (silent / "songs.csv").write_text("id,artist,split\na,x,train\nb,y,valid\n")
    for name in "ab":
        sf.write(silent / "audio" / f"{name}.wav", np.zeros(4 * SR, np.float32), SR)
        (silent / "labels" / f"{name}.csv").write_text("1,2\n")
    nothing = gather(str(silent), crop=250, augmentation=Config("", "").augmentation, rng=np.random.default_rng(0),
                     report=lambda progress: None)
    assert all(torch.isfinite(S).all() for S in nothing.valid_mels)
    material = gather(str(data), crop=250, augmentation=Config("", "").augmentation, rng=np.random.default_rng(0),
                      report=lambda progress: None)
    songs = torch.cat(material.valid_mels, dim=1)
    assert songs.mean(1).numpy() == pytest.approx(0, abs=0.7)
    assert songs.std(1).numpy() == pytest.approx(1, abs=0.5)
    assert float(material.silence.max()) < material.data_minimum


def test_too_short_a_song_is_named(tmp_path, data):
    short = replace(voice_songs(data, "train")[0], audio=tmp_path / "short.wav")
    sf.write(short.audio, np.zeros(SR, np.float32), SR)
    with pytest.raises(InputError, match=r"^short\.wav: .*less than one excerpt"):
        hear([short], MelFrontEnd(), lambda progress: None)


def test_one_artist_does_not_fill_what_is_seen(data):
    first, second = voice_songs(data, "train")
    heard = [Heard(replace(first, artist="a"), torch.zeros(1, 900), np.zeros(900, bool)) for _ in range(4)]
    heard.append(Heard(copy.copy(second), torch.zeros(1, 900), np.zeros(900, bool)))
    weights = sampling_weights(heard)
    assert weights[:4].sum() / weights[4] == pytest.approx(2)   # four times the minutes, twice as often
