"""What style classifiers learn from: parts, folders, figures of known decisions."""
# ruff: noqa: F811

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.checks import InputError
from engine.job import silent
from engine.models import catalogue
from engine.training.evaluate_styles import evaluate_styles, figures, interval_over_tracks
from engine.training.ship_styles import train_and_ship
from engine.training.style_data import Excerpt, style_excerpts
from engine.training.styles_material import drawing_weights, gather, read_library
from engine.training.train_styles import equalised
from tests.engine.styles import CLASSES, SR, data, library, sound, tiny  # noqa: F401  (fixtures)


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
