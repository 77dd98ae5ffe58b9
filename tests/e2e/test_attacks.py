"""Attacks from the command line, on a file and on a folder."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
import soundfile as sf

from engine.models import catalogue
from tests.e2e.demos import ROOT, SONG, WINDOW, noise, of_bytes, written

# attack

ATTACKED = {"adversarial.wav", "original.wav", "residual.wav", "adversary.png", "attack.json", "report.html"}
TREATMENTS = ["wav-16", "ogg", "mp3", "resample", "low-pass", "gain", "shift", "noise"]


def test_an_attack_has_the_promised_form_and_files(ask, tmp_path):
    out = tmp_path / "new" / "folder"
    found = ask("attack", SONG, "--model", "svd", "--start", 13.3, "--method", "waveform", "--out", out)
    assert {"before", "after", "target", "snr_db", "iterations", "fooled", "survives", "seconds"} <= found.keys()
    assert found["before"].keys() == found["after"].keys() == {"label", "confidence"}
    assert (found["before"]["label"], found["after"]["label"], found["fooled"]) == ("singing", "no singing", True)
    assert (found["target"], list(found["survives"])) == (None, TREATMENTS)
    assert found["survives"]["gain"] is True
    assert found["span"] == pytest.approx([13.3, 13.3 + WINDOW])
    assert found["snr_db"] >= 15
    assert {path.name for path in out.iterdir()} == ATTACKED
    assert json.loads((out / "attack.json").read_text(encoding="utf-8")) == found
    info = sf.info(out / "adversarial.wav")
    assert (info.samplerate, info.frames, info.subtype) == (sf.info(SONG).samplerate, sf.info(SONG).frames, "FLOAT")
    heard = ask("explain", out / "adversarial.wav", "--start", 13.3, "--segments", 1, "--method", "occlusion")
    assert heard["score_full"] == pytest.approx(1 - found["after"]["confidence"], abs=0.05)
    original, adversarial, residual = (sf.read(out / f"{name}.wav")[0] for name in ("original", "adversarial",
                                                                                     "residual"))
    np.testing.assert_allclose(original + residual, adversarial, atol=1e-6)
    first, last = round(13.3 * info.samplerate), round((13.3 + WINDOW) * info.samplerate)
    assert not residual[: first].any()
    assert not residual[last + 1 :].any()
    power = [np.sum(y[first:last] ** 2) for y in (original, residual)]
    assert found["snr_db"] == pytest.approx(10 * np.log10(power[0] / power[1]), abs=0.01)
    assert "http" not in re.sub("http-equiv|http://www.w3.org/[^\"]*", "",
                                (out / "report.html").read_text(encoding="utf-8"))


def test_style_is_attacked_where_no_model_is_named(ask):
    found = ask("attack", SONG, "--seconds", 4, "--target", "ambient", "--snr", 5)
    assert found["model"] == catalogue.load("style-mlp").name
    assert (found["target"], found["span"]) == ("ambient", [0, 4])
    assert found["after"]["label"] in found["labels"]
    assert found["fooled"] == (found["after"]["label"] == "ambient")
    assert found["snr_db"] >= 4.95


def test_after_is_what_is_read_back_from_disk(ask, monkeypatch):
    """A file that is not what was written is judged as it is."""
    monkeypatch.setattr("engine.commands.attack.write_wav", lambda path, y: written(path, 0 * y.y.T + 0.5, y.sr))
    found = ask("attack", SONG, "--model", "svd", "--start", 13.3, "--method", "waveform")
    assert found["snr_db"] < 0
    assert found["after"] != found["before"]


def test_what_does_not_fool_is_an_answer_too(run):
    code, out, _ = run("attack", SONG, "--model", "svd", "--start", 13.3, "--snr", 100, "--iterations", 2)
    assert code == 0
    assert re.search(r"not fooled: svd says “singing” \(0\.\d\d\), “no singing” reached 0\.\d\d at 1\d\d\.\d dB SNR "
                     "after 2 iterations; ask for a lower SNR or more iterations", out)


def test_an_attack_can_be_repeated(ask):
    first, again = ({**ask("attack", SONG, "--model", "svd", "--start", 13.3, "--iterations", 4, "--seed", 5),
                     "seconds": 0} for _ in range(2))
    assert first == again


@pytest.fixture
def tones(tone_model, tmp_path, monkeypatch):
    """A folder of labelled tones, and the model that knows them as the only one."""
    monkeypatch.setattr(catalogue, "FOLDER", tone_model.parent)
    catalogue.load.cache_clear()
    t = np.arange(4 * 22050) / 22050
    for label, name, low, middle in (("low", "a", .3, .25), ("low", "b", .25, .3), ("middle", "c", .2, .3)):
        y = low * np.sin(2 * np.pi * 1076.66 * t) + middle * np.sin(2 * np.pi * 2153.32 * t)
        written(tmp_path / "data" / label / f"{name}.wav", y, 22050, subtype="FLOAT")
    yield tmp_path / "data"
    catalogue.load.cache_clear()


def test_a_folder_gives_the_published_table(ask, run, tones, tmp_path):
    found = ask("attack", tones, "--model", "tones", "--snr", 10, "--out", tmp_path / "out")
    assert (found["n"], found["mean_recall_before"], found["failed"]) == (3, 0.75, [])
    assert [(one["file"], one["label"], one["before"]) for one in found["files"]] == [
        ("a.wav", "low", "low"), ("b.wav", "low", "middle"), ("c.wav", "middle", "middle")]
    assert (found["fooled_share"], found["fooled_share_of_right"]) == (1, 1)
    assert found["mean_recall_after"] == np.mean(
        [sum(one["after"] == one["label"] == label for one in found["files"]) / n for label, n in
         (("low", 2), ("middle", 1))])
    snrs = [one["snr_db"] for one in found["files"]]
    assert found["snr_db"] == pytest.approx(
        {"mean": np.mean(snrs), "std": np.std(snrs), "min": min(snrs), "max": max(snrs)})
    assert min(snrs) >= 9.9
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"attacks.csv", "attacks.json"}
    code, out, _ = run("attack", tones, "--model", "tones", "--snr", 10, "--limit", 2)
    assert code == 0
    assert "mean recall " in out
    assert "2 files in " in out


def test_the_part_of_a_folder_is_that_of_the_model_s_partition(ask, refused, tones, tone_model, monkeypatch):
    (tones / "tracks.csv").write_text(
        "id,class,track,split,split_artist\na,low,1,test,train\nb,low,2,train,test\nc,middle,3,test,valid\n")

    def files(*options):
        found = ask("attack", tones, "--model", "tones", "--snr", 10, *options)["files"]
        return [one["file"] for one in found]
    assert files() == ["b.wav"]
    assert files("--split", "valid") == ["c.wav"]
    assert files("--split", "all") == ["a.wav", "b.wav", "c.wav"]
    monkeypatch.setitem(catalogue.load("tones").card, "partition", "track")
    assert files() == ["a.wav", "c.wav"]
    assert "'valid'" in refused("attack", tones, "--model", "tones", "--split", "valid")


def test_broken_files_of_a_folder_are_named_and_do_not_end_it(ask, tones):
    of_bytes(tones / "low" / "broken.wav", b"RIFF")
    written(tones / "elsewhere" / "short.wav", noise(0.5))
    shutil.copy(tones / "low" / "a.wav", tones / "elsewhere" / "long.wav")
    found = ask("attack", tones, "--model", "tones", "--snr", 10)
    assert [one["file"] for one in found["failed"]] == ["short.wav", "broken.wav"]
    assert all(one["reason"].startswith(one["file"]) for one in found["failed"])
    assert (found["n"], found["n_labelled"], found["mean_recall_before"]) == (4, 3, 0.75)


def test_a_file_is_made_into_every_label_and_others_are_asked(ask, run, tones, tmp_path):
    song = tones / "low" / "a.wav"
    found = ask("attack", song, "--model", "tones", "--snr", 0, "--every-label", "--out", tmp_path / "out")
    assert [one["target"] for one in found["runs"]] == ["middle", "high"]
    assert found["fooled"] == sum(one["fooled"] for one in found["runs"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"label-1", "label-2"}
    assert {path.name for path in (tmp_path / "out" / "label-1").iterdir()} == ATTACKED
    for name in ("svd.json", "svd.safetensors"):
        shutil.copy(ROOT / "resources" / "models" / name, catalogue.FOLDER)
    alone = ask("attack", song, "--model", "tones", "--snr", 10, "--transfer")
    assert [one["model"] for one in alone["transfer"]] == ["svd"]
    assert "svd: " in run("attack", song, "--model", "tones", "--snr", 10, "--transfer")[1]
    for name in ("svd.json", "svd.safetensors"):
        (catalogue.FOLDER / name).unlink()


@pytest.mark.parametrize(("arguments", "said"), [
    ("--target singin", "'singin'; did you mean singing"), ("--start 13.3 --target singing", "singing to svd already"),
    ("--snr 500", "snr: expected -20 to 120, got 500"), ("--snr nan", "snr"), ("--iterations 0", "iterations"),
    ("--confidence 2", "confidence"), ("--start 27.5", "at least 1.64 s.*got 0.50 s"), ("--start 99", "start=99 s"),
    ("--seconds 1", "at least 1.64 s"), ("--seconds nan", "--seconds"), ("--seed -1", "--seed"),
    ("--method magic", "--method.*'magic'"), ("--split test", "--split: expected a folder"),
    ("--limit 3", "--limit: expected a folder"), ("--every-label --target singing", "got both"),
])
def test_an_unusable_attack_gets_one_sentence(refused, tmp_path, arguments, said):
    assert re.search(said, refused("attack", SONG, "--model", "svd", *arguments.split(), "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("argv", "said"), [
    (lambda folder: [written(folder / "silent.wav", 0 * noise(3))], "found silence"),
    (lambda folder: [written(folder / "short.wav", noise(1))], "at least 1.64 s"),
    (lambda folder: [folder / "gone.wav"], "no such file"), (lambda folder: [""], "got nothing"),
    (lambda folder: [folder], "expected audio files"),
    (lambda folder: [written(folder / "x.wav", noise(0.1)).parent], "none that can (x.wav: expected at least 1.64 s"),
    (lambda folder: [folder, "--every-label"], "--every-label: expected one file"),
])
def test_what_cannot_be_attacked_gets_one_sentence(refused, tmp_path, argv, said):
    assert said in refused("attack", *argv(tmp_path), "--model", "svd")
