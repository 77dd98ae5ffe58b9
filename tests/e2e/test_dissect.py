"""`dissect` and `horse` as they are typed: the shapes that are promised, and one sentence for what cannot be done."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
import soundfile as sf

from engine.models import catalogue
from engine.training.style_data import style_excerpts

MODEL = "style-mlp"      # the quickest of those that are shipped
KEYS = {"files", "recall_before", "recall_after"}


def music(folder, name, *, infrasonic=0.0, seconds=3.0, sr=22050):
    rng = np.random.default_rng(len(name))
    t = np.arange(round(seconds * sr)) / sr
    y = 0.2 * np.sin(2 * np.pi * 330 * t) * (1 + np.sin(2 * np.pi * 4 * t)) + 0.01 * rng.standard_normal(len(t))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    sf.write(folder / name, y + infrasonic * np.sin(2 * np.pi * 9 * t), sr, subtype="FLOAT")
    return folder / name


@pytest.fixture(scope="module")
def labels():
    return catalogue.load(MODEL).labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory, labels):
    """Two classes of two files each."""
    folder = tmp_path_factory.mktemp("music")
    for label in labels[:2]:
        for i in range(2):
            music(folder, f"{label}/{i}.wav", infrasonic=0.05 * i)
    return folder


def test_one_change_of_a_folder(ask, folder, labels):
    result = ask("dissect", folder, "--model", MODEL, "--highpass", "20")
    assert result.keys() >= KEYS
    assert [one["label"] for one in result["files"]] == [labels[0]] * 2 + [labels[1]] * 2
    for one in result["files"]:
        assert one.keys() >= {"file", "before", "after", "audible"}
        assert one["before"] in labels
        assert one["audible"]["audible"] is False
        assert one["audible"]["margin_db"] < 0
    recalls = [np.mean([one["before"] == one["label"] for one in result["files"] if one["label"] == label])
               for label in labels[:2]]
    assert result["recall_before"] == pytest.approx(np.mean(recalls))
    assert 0 <= result["recall_after"] <= 1


def test_one_file_by_the_name_of_its_folder_and_of_one_that_says_nothing(ask, folder, labels, tmp_path):
    result = ask("dissect", folder / labels[1] / "0.wav", "--model", MODEL, "--lowpass", "100")
    assert len(result["files"]) == 1
    assert result["files"][0]["label"] == labels[1]
    assert result["files"][0]["audible"]["audible"] is True
    nameless = ask("dissect", music(tmp_path / "things", "a.wav"), "--model", MODEL, "--highpass", "20")
    assert (nameless["recall_before"], nameless["recall_after"], nameless["files"][0]["label"]) == (None, None, None)


def test_labels_come_from_a_table(ask, folder, labels, tmp_path):
    (tmp_path / "audio").symlink_to(folder)
    rows = [f"{i},{label},{label} {i},test" for label in labels[:2] for i in range(2)]
    (tmp_path / "tracks.csv").write_text("id,class,track,split_artist\n" + "\n".join([*rows, ""]))
    assert len(style_excerpts(tmp_path)) == 4
    result = ask("dissect", tmp_path, "--model", MODEL, "--do", "polarity", "--split", "test")
    assert result["n_labelled"] == 4
    assert result["recall_before"] == result["recall_after"]        # magnitudes do not know of polarity
    assert result["change_interval"] is None, "of two tracks a class"
    assert "too few for an interval" in result["sentence"]
    with_limit = ask("dissect", tmp_path, "--model", MODEL, "--do", "polarity", "--limit", "2")
    assert [one["label"] for one in with_limit["files"]] == list(labels[:2])


def test_a_sweep_is_a_curve_of_each_file_and_of_all(ask, folder, labels, tmp_path):
    out = tmp_path / "out"
    result = ask("dissect", folder, "--model", MODEL, "--highpass", "20", "500", "4000", "--out", out)
    sweep = result["sweep"]
    assert (sweep["values"], sweep["unit"]) == ([20.0, 500.0, 4000.0], "Hz")
    assert len(sweep["recall"]) == 3
    assert result["recall_after"] == min(sweep["recall"])
    assert np.shape(sweep["mean_probability"]) == (3, len(labels))
    assert len(sweep["curves"]) == 4
    assert {path.name for path in out.iterdir()} == {"dissect.csv", "dissect.json", "dissect.png", "report.html"}
    rows = list(csv.DictReader((out / "dissect.csv").open(newline="")))
    assert len(rows) == 4
    assert rows[0]["500 Hz"] == sweep["curves"][0]["decided"][1]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    assert "mean recall" in result["sentence"]


def test_a_whole_sweep_by_name(ask, folder, labels):
    result = ask("dissect", folder / labels[0] / "0.wav", "--model", MODEL, "--sweep", "highpass")
    assert (len(result["sweep"]["values"]), result["sweep"]["values"][0]) == (30, 5.0)


def test_changes_one_after_the_other(ask, folder, labels):
    result = ask("dissect", folder / labels[0] / "0.wav", "--model", MODEL, "--gain", "-6", "--do",
                 "band-stop:low_hz=45,high_hz=55", "--do", "dc-removed")
    assert result["treatment"].count(", then ") == 2
    assert result["treatment"].startswith("gain (change -6 dB)")


def test_the_search_answers_in_a_sentence(ask, folder, labels):
    result = ask("dissect", folder / labels[0] / "0.wav", "--model", MODEL, "--search")
    assert result.keys() >= KEYS
    assert all(one["margin_db"] <= 0 for one in result["search"]["tried"])
    assert result["sentence"]


@pytest.mark.skipif("scattering-tree-artist" not in catalogue.scattering_names(), reason="no tree is shipped")
def test_a_tree_is_read_aloud(ask, run, folder, labels):
    options = ("--model", "scattering-tree-artist", "--tree", "--highpass", "25")
    result = ask("dissect", folder / labels[0] / "1.wav", *options)
    nodes = result["tree"]["nodes"]
    assert sum(node["importance"] for node in nodes) == pytest.approx(1)
    assert all(re.fullmatch(r"[\d.,]+ Hz(, modulated at [\d.,]+ Hz)?", node["name"]) for node in nodes if node["hz"])
    assert sum(one["importance"] for one in result["tree"]["told_by_band"]) == pytest.approx(1)
    _, out, _ = run("dissect", folder / labels[0] / "1.wav", *options)
    assert "importance" in out


@pytest.mark.parametrize(("options", "message"), [
    ((), "expected a change such as --highpass 20"),
    (("--highpass", "20", "--search"), "expected one experiment, got --search and --highpass; run it twice"),
    (("--highpass", "20", "40", "--sweep", "tempo"), "expected one experiment"),
    (("--highpass", "15000"), r"0\.wav: high-pass: expected a frequency .* half the sample rate \(11,025 Hz\)"),
    (("--highpass", "-3"), "cut-off in Hz: expected 1 to 20,000"),
    (("--do", "hihg-pass"), "did you mean high-pass"),
    (("--do", "gain:gain_db"), "expected PARAMETER=NUMBER, got 'gain_db', without ="),
    (("--do", "gain:decibel=3"), "parameter"),
    (("--polarity",), "--help"),
    (("--highpass", "20", "--tree"), "expected one that decides by a tree"),
    (("--highpass", "20", "--limit", "3"), "expected a folder with it, got the file 0.wav"),
])
def test_what_cannot_be_asked_is_one_sentence(refused, folder, labels, options, message):
    assert re.search(message, refused("dissect", folder / labels[0] / "0.wav", "--model", MODEL, *options))


def test_folders_without_sound_and_files_too_short(refused, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "found none" in refused("dissect", empty, "--model", MODEL, "--highpass", "20")
    short = music(tmp_path, "short.wav", seconds=0.01)
    assert "take a longer sound" in refused("dissect", short, "--model", "style-cnn", "--highpass", "20")
    assert "no such file" in refused("dissect", tmp_path / "none.wav", "--model", MODEL, "--highpass", "20")


def test_a_class_of_one_file_is_one_sentence_when_learnt_from(refused, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.training.scattering_material.cache_folder", lambda: tmp_path / "cache")
    for i in range(4):
        music(tmp_path / "data", f"many/{i}.wav", seconds=1.0)
    music(tmp_path / "data", "one/0.wav", seconds=1.0)
    message = refused("train", "scattering", "--data", tmp_path / "data", "--only", "scattering-tree-artist", "--out",
                      tmp_path / "out")
    assert "found nothing of one; has each three files or more?" in message


# the horse

def test_the_horse_has_the_shape_that_is_promised(ask, run, monkeypatch):
    from engine.training import horse

    real = horse.horse
    monkeypatch.setattr("engine.commands.horse.horse", lambda *a, **k: real(*a, **{**k, "train": 4, "test": 1}))
    monkeypatch.setattr(horse, "QUICK", ("tree",))
    result = ask("horse", "--plant", "infrasonic")
    assert result["plant"] == "infrasonic"
    assert result["audible"] is False
    assert {*result["methods"][0]} >= {"method", "rank", "seconds"}
    assert result["methods"][0]["rank"] is not None
    monkeypatch.setattr(horse, "QUICK", ("tree", "occlusion"))
    code, out, _ = run("horse", "--plant", "dc", "--seeds", "2")
    assert code == 0
    assert "rank" in next(line for line in out.splitlines() if line.startswith("tree "))
    assert "no rank" in next(line for line in out.splitlines() if line.startswith("occlusion "))


def test_a_plant_that_is_not_known_is_refused(refused):
    assert "invalid choice" in refused("horse", "--plant", "carrot")
    assert "--seeds" in refused("horse", "--seeds", "0")
