"""A small training from sounds to shipped style classifiers: it learns, it resumes, its card says what it is worth."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.commands import answer
from engine.job import Cancelled, silent
from engine.models import catalogue
from engine.models.frame_mlp import FrameMlp
from engine.training import ship_styles, train_styles
from engine.training.evaluate_styles import evaluate_styles, figures, interval_over_tracks
from engine.training.ship_styles import choose, train_and_ship
from engine.training.style_data import Excerpt, in_part, style_excerpts
from engine.training.styles_material import drawing_weights, gather, read_library
from engine.training.train_styles import Config, adversaries, equalised, loss_of, train

SR = 22050
CLASSES = {"high": 2400.0, "low": 150.0, "middle": 600.0}


def sound(frequency, seed, seconds=3.0):
    """Noise of an octave around a frequency, over soft noise."""
    rng = np.random.default_rng(seed)
    noise = np.fft.rfft(rng.standard_normal(round(seconds * SR)))
    octaves = np.log2(np.maximum(np.fft.rfftfreq(round(seconds * SR), 1 / SR), 1) / frequency)
    noise *= np.where(np.abs(octaves) < 0.5, (0.5 + rng.random()) * np.sqrt(1000 / frequency), 0.01)
    return 0.1 * np.fft.irfft(noise).astype(np.float32)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Two excerpts of one track of each class in each part; `random` deals the second ones one part further."""
    folder = tmp_path_factory.mktemp("styles")
    rows = ["id,class,track,game,license,split,split_random,split_artist,artist"]
    parts = ("train", "valid", "test")
    for c, (label, frequency) in enumerate(CLASSES.items()):
        (folder / "audio" / label).mkdir(parents=True)
        for p, part in enumerate(parts):
            for i in range(2):
                name = f"{label}-{part}-{i}"
                sf.write(folder / "audio" / label / f"{name}.wav", sound(frequency, 100 * c + 10 * p + i), SR)
                rows.append(f"{name},{label},the {part} tune,Game,CC0,{part},{parts[(p + i) % 3]},{part},"
                            f"{label} {part}")
    (folder / "tracks.csv").write_text("\n".join(rows))
    return folder


@pytest.fixture(scope="module")
def library(data):
    return read_library(str(data))


def tiny(data, work, kind="frame_mlp", **changes):
    shape = {"units": 16, "batch": 64} if kind == "frame_mlp" else {"batch": 3, "frames": 108}
    return replace(Config(data=str(data), work=str(work), kind=kind, steps=6, minutes=1e6, validate_every=2,
                          average=0.5, **shape), **changes)


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


def test_equalisers_are_smooth_and_one_for_each_piece():
    torch.manual_seed(0)
    X = torch.ones(40, 5, 513)
    gain = 20 * torch.log10(equalised(X, 4.0))
    assert torch.equal(gain[:, 0], gain[:, 4])                              # the same all along
    assert float(gain.diff(dim=2).abs().max()) < 2.5                        # dB from bin to bin
    assert 2 < float(gain[:, 0].mean(1).std()) < 8
    assert torch.equal(equalised(X, 0.0), X)


def test_every_class_is_drawn_equally_often_and_no_artist_fills_one():
    def excerpt(i, label, artist):
        return Excerpt(str(i), label, "t", artist, None, "", {})

    excerpts = [excerpt(i, "a", "one") for i in range(9)] + [excerpt(9, "a", "two"), excerpt(10, "b", "three")]
    drawn = drawing_weights(excerpts)
    assert float(drawn[:10].sum()) == pytest.approx(0.5)
    assert float(drawn[10]) == pytest.approx(0.5)
    assert float(drawn[:9].sum() / drawn[9]) == pytest.approx(3)     # nine times the excerpts, three times as often


def test_the_material_is_that_of_the_parts(library):
    material = gather(library, "artist")
    assert sorted(h.excerpt.id for h in material.train) == sorted(f"{c}-train-{i}" for c in CLASSES for i in (0, 1))
    assert sorted(h.excerpt.id for h in material.valid) == sorted(f"{c}-valid-{i}" for c in CLASSES for i in (0, 1))
    X, truth = material.draw(300, 7)
    assert X.shape == (300, 7, 513)
    loudest = X.sum(1).argmax(1) * SR / 1024
    nearest = [list(CLASSES)[int(np.abs(np.array(list(CLASSES.values())) - f).argmin())] for f in loudest.tolist()]
    assert nearest == [material.labels[i] for i in truth.tolist()]
    features = material.standardised(torch.cat([h.magnitude.float() for h in material.train]))
    assert features.mean(0).numpy() == pytest.approx(0, abs=0.01)
    assert float(features.std(0).max()) == pytest.approx(1, abs=0.01)
    assert float(features.min()) == pytest.approx(material.data_minimum, abs=1e-4)


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


def test_figures_of_known_decisions():
    truth = np.array([0, 0, 0, 0, 1, 1])
    found = figures(truth, np.array([0, 0, 0, 1, 1, 2]), ["a", "b", "c"])
    assert found["confusion"] == [[3, 1, 0], [0, 1, 1], [0, 0, 0]]
    assert found["recall"] == {"a": 0.75, "b": 0.5, "c": None}
    assert found["mean_recall"] == 0.625
    assert found["accuracy"] == pytest.approx(4 / 6)


def test_the_interval_is_over_tracks_of_each_class():
    assert interval_over_tracks(["a", "b"], [3, 0], [3, 3]) == (0.5, 0.5)     # one track each: nothing varies
    low, high = interval_over_tracks(["a", "a", "a", "b"], [3, 0, 0, 3], [3, 3, 3, 3])
    assert (low, high) == (0.5, 1.0)     # class a: 0 to 1, class b: 1
    few = interval_over_tracks(["a"] * 4, [1, 1, 0, 0], [1] * 4)
    many = interval_over_tracks(["a"] * 100, [1, 0] * 50, [1] * 100)
    assert few[1] - few[0] > 2 * (many[1] - many[0])


def folders(folder, files=6):
    """Files in folders that are named like their class, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for c, (label, frequency) in enumerate(CLASSES.items()):
        (folder / label).mkdir()
        for i in range(files):
            sf.write(folder / label / f"{i}.wav", sound(frequency, 10 * c + i, 2.5), SR)
    return folder


def test_a_folder_without_a_table_is_dealt_out_by_hash(tmp_path):
    data = folders(tmp_path / "a")
    excerpts = style_excerpts(data)
    assert [(e.label, e.track) for e in excerpts][:2] == [("high", "high/0"), ("high", "high/1")]
    for label in CLASSES:
        parts = [e.parts["artist"] for e in excerpts if e.label == label]
        assert sorted(parts) == ["test", "test", "train", "train", "train", "valid"]
    assert all(e.parts["artist"] == e.parts["random"] == e.parts["track"] for e in excerpts)
    by_content = {e.audio.read_bytes(): e.parts["artist"] for e in excerpts}
    for label in CLASSES:
        for path in sorted((data / label).iterdir()):
            path.rename(path.with_name(f"z{9 - int(path.stem)}.wav"))      # another order of names
    assert {e.audio.read_bytes(): e.parts["artist"] for e in style_excerpts(data)} == by_content


def test_a_folder_without_a_table_can_be_learnt_and_its_card_says_how_it_was_split(data, tmp_path):
    dealt = data
    data = folders(tmp_path / "a")
    config = tiny(data, tmp_path / "work", steps=40, lr=5e-3, dropout=0.0)
    card = train_and_ship("style-mlp-500-artist", config, read_library(str(data)), tmp_path / "out", "")
    assert "sha256" in card["data"]["split"]
    assert card["test"]["mean_recall"] == 1
    assert card["data"]["licences_of_train_excerpts"] == {"not stated": 9}
    shipped = catalogue.read(tmp_path / "out" / "style-mlp-500-artist.json")
    assert evaluate_styles(shipped, str(data))["split"] == "test"       # it learnt from the others
    assert evaluate_styles(shipped, str(dealt))["split"] == "test"      # that table says so
    shipped.card = {}
    assert evaluate_styles(shipped, str(data))["n_excerpts"] == 18      # new to it, all of it


def test_what_is_wrong_with_a_folder_is_said(data, tmp_path):
    def refused(folder, match):
        with pytest.raises(InputError, match=match):
            gather(read_library(str(folder), silent), "artist")

    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", r"^empty: expected music of two or more classes .*, found 0$")
    refused(folders(tmp_path / "one", files=1), r"^data: expected excerpts of the part 'train' .*, found none$")
    text = (data / "tracks.csv").read_text()
    for name, table, match in [
            ("gone", text.replace("low-test-1,", "low-test-9,"), r"^tracks\.csv: expected the audio of 'low-test-9'"),
            ("columns", text.replace("class", "clas", 1), r"^tracks\.csv: expected a CSV table with the columns id"),
            ("untold", text.replace("split_artist", "other", 1), "expected excerpts of the part 'train' of the"),
            ("unbalanced", "\n".join(line for line in text.splitlines() if "low-valid" not in line),
             r"^data: expected every class in the valid part of the partition 'artist', found nothing of low$")]:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "audio").symlink_to(data / "audio")
        (folder / "tracks.csv").write_text(table)
        refused(folder, match)
    short = folders(tmp_path / "short", files=2)
    sf.write(short / "low" / "0.wav", sound(150, 0, 1.0), SR)
    refused(short, r"^0\.wav: expected music to learn from, found less than one patch \(2\.3 s\)")


def test_evaluating_on_other_classes_is_refused(data, library, tmp_path):
    train_and_ship("style-mlp-50-track", tiny(data, tmp_path / "w", steps=1, partition="track"), library, tmp_path, "")
    listener = catalogue.read(tmp_path / "style-mlp-50-track.json")
    other = folders(tmp_path / "b", files=1)
    (other / "low").rename(other / "bass")
    with pytest.raises(InputError, match=r"classes of style-mlp-50-track \(high, low, middle\), found bass"):
        evaluate_styles(listener, str(other), "all")
    sf.write(other / "bass" / "0.wav", sound(150, 0, 1.0), SR)
    (other / "bass").rename(other / "low")
    with pytest.raises(InputError, match=r"^0\.wav: expected 2\.3 s of music or more, got 1\.0 s"):
        evaluate_styles(listener, str(other), "all")


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
