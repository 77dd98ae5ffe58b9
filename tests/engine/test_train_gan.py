"""A small training of the prior: its losses are those of the papers, it learns, it resumes, its card is true."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch
from torch import nn

from engine.checks import InputError
from engine.explain import fid
from engine.job import Cancelled
from engine.models import catalogue, mel_bank, mel_gan
from engine.models.mel_gan import FRAMES, LATENT, MelGenerator
from engine.training import gan_judge, ship_gan, train_gan
from engine.training.gan_judge import Judge, hidden, settled
from engine.training.gan_material import Heard, Material, Piece, gather, pieces
from engine.training.train_gan import CONFIGS, Config, Critic, State, cool, penalty, train

SR = 22050


def heard(name, artist, seed, frames=400, held_out=False):
    rng = np.random.default_rng(seed)
    S = np.repeat(rng.normal(-1.0, 1.0, size=(80, 1)), frames, axis=1) + 0.3 * rng.normal(size=(80, frames))
    return Heard(Piece(name, artist, None, held_out, "CC0"), torch.from_numpy(S).half())


@pytest.fixture
def material():
    train_set = [heard(f"t{i}", f"a{i % 2}", i) for i in range(4)]
    held_out = [heard(f"h{i}", "b", 10 + i, held_out=True) for i in range(4)]
    return Material(train_set, held_out, torch.full((4,), 0.25), torch.full((80, 1), -1.0), torch.ones(80, 1))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(gan_judge, "JUDGED", 6)
    monkeypatch.setattr(gan_judge, "SETTLING", 2)


def tiny(work, **changes):
    return replace(Config(data=("x",), work=str(work), width=2, batch=4, steps=4, minutes=1e6, judge_minutes=0.0),
                   **changes)


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


def test_interrupted_and_resumed_equals_uninterrupted(material, listener, tmp_path):
    whole = train(tiny(tmp_path / "whole"), material, listener)

    def stop(progress):
        if progress.done == 3 and "generator" in progress.message:
            raise Cancelled
    with pytest.raises(Cancelled):
        train(tiny(tmp_path / "parts"), material, listener, stop)
    resumed = train(tiny(tmp_path / "parts"), material, listener)
    assert [h["step"] for h in resumed["history"]] == [1, 2, 3, 4]
    assert [h["fid"] for h in resumed["history"]] == [h["fid"] for h in whole["history"]]
    assert same(resumed["tensors"], whole["tensors"])


def test_another_configuration_starts_again_and_a_damaged_checkpoint_is_refused(material, listener, tmp_path):
    train(tiny(tmp_path, steps=2), material, listener)
    other = train(tiny(tmp_path, steps=2, lr=1e-3), material, listener)
    assert [h["step"] for h in other["history"]] == [1, 2]
    (tmp_path / "gan.checkpoint").write_bytes(b"nothing")
    with pytest.raises(InputError, match="expected the checkpoint of an interrupted training, found it damaged"):
        train(tiny(tmp_path), material, listener)


def test_the_minutes_end_it(material, listener, tmp_path):
    result = train(tiny(tmp_path, minutes=1e-6, steps=1000), material, listener)
    assert result["steps"] == 1


def test_learning_rates_fall_at_the_end(tmp_path):
    state, config = State.fresh(tiny(tmp_path)), tiny(tmp_path, cooling=0.2, lr=1e-3, critic_lr=2e-3)
    for share, rate in ((0.0, 1.0), (0.8, 1.0), (0.9, 0.5), (1.0, 0.0)):
        cool(state, config, share)
        assert state.generator_optimiser.param_groups[0]["lr"] == pytest.approx(1e-3 * rate, abs=1e-12)
        assert state.critic_optimiser.param_groups[0]["lr"] == pytest.approx(2e-3 * rate, abs=1e-12)


def test_what_was_nearest_to_real_music_is_kept(material, listener, tmp_path, monkeypatch):
    judged = iter([5.0, 2.0, 3.0, 4.0])
    monkeypatch.setattr(Judge, "distance", lambda self, net: next(judged))
    stopped = train(tiny(tmp_path / "two", steps=2, cooling=0.0), material, listener)
    judged = iter([5.0, 2.0, 3.0, 4.0])
    whole = train(tiny(tmp_path / "four", steps=4, cooling=0.0), material, listener)
    assert (whole["best_step"], whole["steps"]) == (2, 4)
    assert same(whole["tensors"], stopped["tensors"])


def test_the_papers_configuration_runs(material, listener, tmp_path):
    config = tiny(tmp_path, **{**CONFIGS["paper"], "width": 2, "batch": 4, "steps": 2})
    assert (config.critic_steps, config.penalty, config.penalty_every, config.objective) == (5, 10, 1, "wasserstein")
    result = train(config, material, listener)
    assert result["steps"] == 2
    assert all(bool(t.isfinite().all()) for t in result["tensors"].values())


class Slope(nn.Module):
    """A critic whose gradient is `slope` everywhere."""

    def __init__(self, slope):
        super().__init__()
        self.slope = nn.Parameter(slope)

    def forward(self, S):
        return (S * self.slope).sum(dim=(1, 2))


def test_penalties_are_those_of_the_papers():
    slope = torch.randn(80, 115) / 100
    real, made = torch.randn(3, 80, 115), torch.randn(3, 80, 115)
    length = float(slope.norm())
    assert penalty(Slope(slope), real, made, "logistic").item() == pytest.approx(length**2 / 2, rel=1e-4)
    assert penalty(Slope(slope), real, made, "wasserstein").item() == pytest.approx((length - 1) ** 2, rel=1e-3)
    assert penalty(Slope(slope / length), real, made, "wasserstein").item() == pytest.approx(0, abs=1e-8)


def test_the_critic_sees_each_kind_for_itself():
    torch.manual_seed(0)
    critic = Critic(2)
    real, made = torch.randn(4, 80, 115), 0.1 * torch.randn(4, 80, 115)
    both = critic(torch.cat([real, made]), kinds=2)
    torch.testing.assert_close(both, torch.cat([critic(real), critic(made)]), atol=1e-5, rtol=1e-4)


def test_a_critic_learns_to_tell_and_a_generator_to_please(material, tmp_path):
    torch.manual_seed(0)
    config = tiny(tmp_path, lr=2e-3, critic_lr=2e-3)
    state = State.fresh(config)
    real, fixed = material.draw(4), torch.randn(4, 80, 115)
    losses = [train_gan.learn_critic(state, config, real, fixed) for _ in range(30)]
    assert losses[-1] < 0.5 * losses[0]
    state.critic_optimiser = torch.optim.SGD(state.critic.parameters(), lr=0.0)
    pleased = [train_gan.learn_generator(state, config, torch.randn(4, LATENT))[0] for _ in range(40)]
    assert np.mean(pleased[-5:]) < np.mean(pleased[:5])


def test_with_little_memory_it_learns_in_smaller_batches_and_says_so(material, listener, tmp_path, monkeypatch):
    sizes, said, learn = [], [], train_gan.learn_critic

    def hungry(state, config, real, made):
        if len(real) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        assert len(made) == len(real)
        sizes.append(len(real))
        return learn(state, config, real, made)
    monkeypatch.setattr(train_gan, "learn_critic", hungry)
    result = train(tiny(tmp_path, steps=3), material, listener, lambda progress: said.append(progress.message))
    assert (result["steps"], sizes) == (3, [2] * 6)
    assert said.count("The computer ran out of memory with 4 at once: going on with 2") == 1


def test_the_running_average_is_used_with_statistics_of_its_own():
    torch.manual_seed(0)
    average = MelGenerator(2)
    for doubling in average.doublings:
        doubling.norm.running_mean.fill_(9.0)   # of other weights
    net = settled(average, batch=8)
    assert not net.training
    assert float(net.doublings[0].norm.running_mean.abs().max()) < 5
    assert float(average.doublings[0].norm.running_mean[0]) == 9.0


def test_the_judge_knows_real_music_from_noise(material, listener):
    judge = Judge.of(listener, material)
    held_out = material.excerpts(material.held_out, 12, seed=0)
    noise = fid.distance(hidden(listener, 3 * torch.randn(6, 80, 115)).numpy(), judge.real)
    real = fid.distance(hidden(listener, held_out[6:]).numpy(), judge.real)
    assert real == pytest.approx(judge.floor)
    assert noise > 2 * judge.floor


def test_excerpts_are_standardised_and_never_silent(material):
    silent = Heard(Piece("s", "a", None, False, ""), torch.full((80, 300), -16.0).half())
    mixed = replace(material, train=[material.train[0], silent], drawn=torch.tensor([0.5, 0.5]))
    S = mixed.draw(20)
    assert S.shape == (20, 80, FRAMES)
    assert float(S.mean(dim=(1, 2)).min()) > -4
    assert len(mixed.excerpts(mixed.train, 100, seed=0)) == 400 // FRAMES


@pytest.fixture
def folders(tmp_path):
    """A folder of voice data and one of style data; "Both" sings in the one's test part and plays in the other."""
    voice, styles = tmp_path / "voice", tmp_path / "styles"
    rng = np.random.default_rng(0)
    for folder in (voice / "audio", voice / "labels", styles / "audio" / "x", styles / "audio" / "y"):
        folder.mkdir(parents=True)
    songs, tracks = ["id,artist,split,license"], ["id,class,track,license,split,split_random,split_artist,artist"]
    for name, artist, split in (("one", "Alone", "train"), ("two", "Both (the band)", "test")):
        sf.write(voice / "audio" / f"{name}.wav", 0.1 * rng.normal(size=18 * SR), SR)
        (voice / "labels" / f"{name}.csv").write_text("start,end\n0,1\n")
        songs.append(f"{name},{artist},{split},CC0")
    for name, label, artist, split in (("a", "x", "Both", "train"), ("b", "y", "Other", "train"),
                                       ("c", "x", "Last", "test")):
        sf.write(styles / "audio" / label / f"{name}.wav", 0.1 * rng.normal(size=9 * SR), SR)
        tracks.append(f"{name},{label},{name},MIT,{split},{split},{split},{artist}")
    (voice / "songs.csv").write_text("\n".join(songs))
    (styles / "tracks.csv").write_text("\n".join(tracks))
    return str(voice), str(styles)


def test_an_artist_is_on_one_side_over_all_folders(folders):
    sides = {piece.id: piece.held_out for piece in pieces(folders)}
    assert sides == {"one": False, "two": True, "a": True, "b": False, "c": True}


def test_an_artist_with_four_times_the_minutes_is_drawn_twice_as_often(folders):
    for name, artist, seconds in (("b", "Other", 3), ("d", "Other", 6), ("e", "Fourth", 36)):
        sf.write(Path(folders[1]) / "audio" / "y" / f"{name}.wav", 0.1 * np.ones(seconds * SR), SR)
        if name != "b":
            with (Path(folders[1]) / "tracks.csv").open("a") as table:
                table.write(f"\n{name},y,{name},MIT,train,train,train,{artist}")
    material = gather(folders, torch.zeros(80, 1), torch.ones(80, 1))
    shares = {heard.piece.id: float(share) for heard, share in zip(material.train, material.drawn, strict=True)}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["e"] == pytest.approx(2 * (shares["b"] + shares["d"]), rel=0.01)
    assert shares["d"] == pytest.approx(2 * shares["b"], rel=0.01)


def test_data_without_a_side_is_refused(folders):
    table = Path(folders[0]) / "songs.csv"
    table.write_text(table.read_text().replace("test", "train"))
    with pytest.raises(InputError, match="held-out ones to judge by, found 2 and 0"):
        gather([folders[0]], torch.zeros(80, 1), torch.ones(80, 1))


def test_what_is_shipped_is_what_is_judged(folders, listener, tmp_path, monkeypatch):
    monkeypatch.setitem(listener.card, "sha256", "abc")
    monkeypatch.setattr(catalogue, "load", lambda name: listener)
    config = tiny(tmp_path / "work", data=folders, steps=2)
    card = ship_gan.train_and_ship(config, tmp_path / "out", "the command")
    stored = json.loads((tmp_path / "out" / "gan.json").read_text())
    assert {key: value for key, value in stored.items() if key not in ("sha256", "kind")} == json.loads(
        json.dumps(card))
    assert (card["steps"], card["command"], len(card["history"])) == (2, "the command", 2)
    assert card["data"]["train"]["artists"] == ["Alone", "Other"]
    gan, bank = mel_gan.read(tmp_path / "out" / "gan.json"), mel_bank.read(tmp_path / "out" / "real.npz")
    assert bank.detector == "abc"
    assert set(bank.files) == {"one", "b"}
    z = torch.randn(bank.n, 128, generator=torch.Generator().manual_seed(1))
    made = listener.activations(((gan.spectrogram(z) - gan.mean) / gan.std), "dense2").detach().numpy()
    real = fid.Gaussian(bank.means["dense2"], bank.factors["dense2"])
    assert card["fid"] == pytest.approx(fid.distance(made, real), rel=0.05)
    picture = (tmp_path / "out" / "gan.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
