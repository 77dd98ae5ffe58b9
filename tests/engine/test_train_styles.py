"""A small training from sounds to shipped style classifiers: it learns, it resumes, its card says what it is worth."""
# ruff: noqa: F811

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.commands import answer
from engine.job import Cancelled, silent
from engine.models import catalogue
from engine.models.frame_mlp import FrameMlp
from engine.training import ship_styles, train_styles
from engine.training.evaluate_styles import evaluate_styles
from engine.training.ship_styles import choose, train_and_ship
from engine.training.style_data import in_part, style_excerpts
from engine.training.styles_material import gather
from engine.training.train_styles import adversaries, loss_of, train
from tests.engine.styles import CLASSES, data, library, tiny  # noqa: F401  (fixtures)


@pytest.mark.parametrize(("kind", "steps", "lr"), [("frame_mlp", 60, 5e-3), ("patch_cnn", 40, 2e-3)])
def test_it_learns(data, library, tmp_path, kind, steps, lr):
    config = tiny(data, tmp_path, kind, steps=steps, lr=lr, validate_every=steps // 2, dropout=0.0)
    if kind == "patch_cnn":
        config = replace(config, batch=6)
    result = train(config, library)
    assert result["labels"] == tuple(CLASSES)
    assert result["best"]["valid_recall"] == 1
    assert result["history"][-1]["valid_loss"] < result["history"][0]["valid_loss"] + 0.2


@pytest.mark.parametrize("kind", ["frame_mlp", "patch_cnn"])
def test_interrupted_and_resumed_equals_uninterrupted(data, library, tmp_path, kind):
    def stop_at(step):
        def report(progress):
            if progress.message.startswith("loss") and progress.done == step:
                raise Cancelled
        return report

    extra = {"adversarial": 0.5} if kind == "frame_mlp" else {}
    uninterrupted = train(tiny(data, tmp_path / "whole", kind, **extra), library)
    config = tiny(data, tmp_path / "parts", kind, **extra)
    for step in (3, 5):   # after the validations at 2 and 4: a step each is lost and done again
        with pytest.raises(Cancelled):
            train(config, library, stop_at(step))
    resumed = train(config, library)
    assert [h["step"] for h in resumed["history"]] == [h["step"] for h in uninterrupted["history"]] == [2, 4, 6]
    for figure in ("valid_loss", "valid_recall"):
        assert [h[figure] for h in resumed["history"]] == pytest.approx([h[figure] for h in uninterrupted["history"]])
    assert resumed["tensors"].keys() == uninterrupted["tensors"].keys()
    for key, value in uninterrupted["tensors"].items():
        torch.testing.assert_close(resumed["tensors"][key], value, atol=1e-6, rtol=0, msg=key)
    steps = []
    train(config, library, lambda progress: steps.append(progress.message.startswith("loss")))
    assert not any(steps)   # a finished training is not done again


def test_a_damaged_or_foreign_checkpoint(data, library, tmp_path):
    train(tiny(data, tmp_path, steps=2), library)
    other = train(tiny(data, tmp_path, steps=2, seed=1), library)
    assert [h["step"] for h in other["history"]] == [2]     # another configuration starts anew
    (tmp_path / "style.checkpoint").write_bytes(b"not a checkpoint")
    with pytest.raises(InputError, match=r"style\.checkpoint: expected the checkpoint .* delete it to start again$"):
        train(tiny(data, tmp_path, steps=2), library)


def test_training_stops_when_nothing_gets_better(data, library, tmp_path, monkeypatch):
    monkeypatch.setattr(train_styles, "validate", lambda *known: (0.5, 0.7))
    result = train(tiny(data, tmp_path, steps=100, validate_every=1, patience=3), library)
    assert (result["steps"], result["best"]["step"]) == (4, 1)


def test_the_best_validation_ships_the_surer_of_equals(data, library, tmp_path, monkeypatch):
    found = iter([(0.5, 0.7), (0.75, 0.9), (0.75, 0.8), (0.75, 0.85), (0.5, 0.1)])
    monkeypatch.setattr(train_styles, "validate", lambda *known: next(found))
    result = train(tiny(data, tmp_path, steps=5, validate_every=1), library)
    assert (result["best"]["step"], result["best"]["valid_loss"]) == (3, 0.8)


@pytest.mark.parametrize("kind", ["frame_mlp", "patch_cnn"])
def test_adversaries_are_worse_and_keep_their_constraints(data, library, tmp_path, kind):
    config = tiny(data, tmp_path, kind, adversarial=1.0, snr_db=(20.0, 20.0), ascents=4)
    torch.manual_seed(0)
    material = gather(library, "artist")
    net = train_styles.fresh_net(config, 3)
    X, truth = material.draw(12, config.frames)
    kept = X.clone()
    found = adversaries(net, X, truth, material, config)
    assert torch.equal(X, kept)
    assert float(found.min()) >= 0
    snr_db = 20 * torch.log10(X.flatten(1).norm(dim=1) / (found - X).flatten(1).norm(dim=1))
    assert float(snr_db.min()) >= 20 - 0.01
    before, after = (float(loss_of(net, material.standardised(at), truth, config).detach()) for at in (X, found))
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(X.shape, generator=generator)
    noise *= (X.flatten(1).norm(dim=1) / noise.flatten(1).norm(dim=1)).view(-1, 1, 1) / 10
    by_chance = float(loss_of(net, material.standardised((X + noise).clamp_min(0)), truth, config).detach())
    assert after > before
    assert after - before > 1.5 * abs(by_chance - before)


def test_adversarial_training_makes_the_same_attack_weaker(data, library, tmp_path):
    material = gather(library, "artist")

    def loss_under_attack(adversarial):
        config = tiny(data, tmp_path / str(adversarial), steps=80, validate_every=80, lr=5e-3, dropout=0.0,
                      adversarial=adversarial, snr_db=(0.0, 5.0), average=0.9)
        tensors = train(config, library)["tensors"]
        net = FrameMlp(16, 3)
        net.load_state_dict({key: value for key, value in tensors.items() if key.startswith("dense")})
        torch.manual_seed(5)
        X, truth = material.draw(200, 1)
        attacked = adversaries(net, X, truth, material, config)
        return float(loss_of(net, material.standardised(attacked), truth, config).detach())

    assert loss_under_attack(0.75) < loss_under_attack(0.0) - 0.05


@pytest.mark.parametrize("name", ["style-mlp-50-artist", "style-cnn-random"])
def test_a_model_is_shipped_with_its_card(data, library, tmp_path, monkeypatch, name):
    system = ship_styles.SYSTEMS[name]
    monkeypatch.setitem(ship_styles.SEEDS, name, 2 if "mlp" in name else 1)
    config = tiny(data, tmp_path / "work", system["kind"], partition=system["partition"], steps=2)
    card = train_and_ship(name, config, library, tmp_path / "out", "python main.py train styles --data DIR")
    path = tmp_path / "out" / f"{name}.json"
    listener = catalogue.read(path)
    assert path.read_text(encoding="utf-8") == json.dumps({**card, "sha256": listener.card["sha256"]}, indent=1,
                                                          ensure_ascii=False, allow_nan=False) + "\n"
    assert listener.labels == tuple(CLASSES)
    assert card["data"]["train"] == {"excerpts": 6, "tracks": 3 if "artist" in name else 6,
                                     "artists": 3 if "artist" in name else 6, "per_class": dict.fromkeys(CLASSES, 2)}
    assert card["data"]["licences_of_train_excerpts"] == {"CC0": 6}
    assert ("faulty on purpose" in card["limits"]) == ("random" in name)
    assert not {"work", "data"} & card["config"].keys()
    again = evaluate_styles(listener, str(data))
    assert {**again, "mean_recall_interval": list(again["mean_recall_interval"])} == listener.card["test"]
    expected = [int(listener.verdict(listener.votes(listener.front_end.spectrogram_of_file(AudioFile(e.audio)).S))
                    .argmax()) for e in in_part(style_excerpts(data), system["partition"], "test")]
    assert np.sum(again["confusion"], axis=0).tolist() == np.bincount(expected, minlength=3).tolist()
    spread = card["seeds"]
    assert spread["test_mean_recall"][0] == card["test"]["mean_recall"]
    assert len(spread["test_mean_recall"]) == ship_styles.SEEDS[name]
    assert (spread["sd"] is None) == (ship_styles.SEEDS[name] == 1)


def test_the_apps_choice_is_the_best_on_validation_with_artists_filtered(tmp_path, monkeypatch):
    recalls = {"style-mlp-50-artist": 0.5, "style-mlp-500-artist": 0.7, "style-mlp-adv-artist": 0.6,
               "style-mlp-500-random": 0.9, "style-cnn-artist": 0.4, "style-cnn-adv-artist": 0.8}
    for name, recall in recalls.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name, "valid": {"mean_recall": recall}}))
    assert choose(tmp_path) == {"style-cnn": "style-cnn-adv-artist", "style-mlp": "style-mlp-500-artist"}
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    assert catalogue.aliases() == choose(tmp_path)
    assert choose(tmp_path / "nothing") == {}


def test_the_commands_train_choose_and_evaluate(data, tmp_path, monkeypatch):
    def asked(*arguments):
        return answer(arguments[0], [*arguments[1:], "--data", str(data)], silent)

    monkeypatch.setitem(ship_styles.SYSTEMS, "style-mlp-50-artist", {"units": 8, "batch": 32})
    monkeypatch.setitem(ship_styles.SYSTEMS, "style-mlp-500-artist", {"units": 8, "batch": 32, "lr": 1e-9})
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path / "out")
    options = ("--out", str(tmp_path / "out"), "--work", str(tmp_path / "work"), "--steps", "40", "--seed", "3")
    result = json.loads(asked("train", "styles", *options, "--json", "--only",
                              "style-mlp-500-artist, style-mlp-50-artist"))
    assert [card["name"] for card in result["models"]] == ["style-mlp-500-artist", "style-mlp-50-artist"]
    assert result["models"][1]["command"] == ("python main.py train styles --data DIR --only style-mlp-50-artist "
                                              "--seed 3 --minutes 120 --steps 40")
    assert [card["seeds"]["first"] for card in result["models"]] == [3, 3]
    assert result["aliases"] == {"style-mlp": "style-mlp-50-artist"}
    assert "style-mlp is style-mlp-50-artist" in asked("train", "styles", *options, "--only", "style-mlp-50-artist")
    with pytest.raises(InputError, match=r"^--only: .* got 'style-mlp-5-artist'; did you mean style-mlp-5"):
        asked("train", "styles", *options, "--only", "style-mlp-5-artist")

    catalogue.load.cache_clear()
    by_alias = json.loads(asked("evaluate", "style-mlp", "--json", "--split", "test"))
    assert by_alias == result["models"][1]["test"]
    assert json.loads(asked("evaluate", "style-mlp", "--json", "--split", "all"))["n_excerpts"] == 18
    table = asked("evaluate", "style-mlp").splitlines()
    assert [line.split()[0] for line in table[1:4]] == list(CLASSES)
    assert table[4].startswith(f"mean recall {by_alias['mean_recall']:.3f} (")
    catalogue.load.cache_clear()
