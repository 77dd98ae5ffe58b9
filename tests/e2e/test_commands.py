"""The real program: predictions, explanations and what cannot be listened to, as promised to people and to scripts."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
import soundfile as sf

from engine.explain.fills import FILLS
from engine.explain.methods import METHODS
from engine.explain.segments import SEGMENTATIONS
from tests.e2e.demos import DEMO, ROOT, SONG, WINDOW, noise, written

SOUNDS = ("original.wav", "kept.wav", "removed.wav", "heard.wav")
WRITTEN = {"explanation.png", "explanation.json", "report.html", "segments.txt", *SOUNDS}
MIDDLE = 57              # frames: an excerpt of 115 is about this one
TRUST = {"agreement", "flips", "deletion_auc", "insertion_auc", "infidelity", "max_sensitivity"}


def start(*argv, cwd, **environment):
    """The real program, in a process of its own."""
    env = {key: value for key, value in os.environ.items()
           if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run([sys.executable, str(ROOT / "main.py"), *map(str, argv)], cwd=cwd, text=True,
                          encoding="utf-8", capture_output=True, timeout=100, env={**env, **environment}, check=False)


# the real program

def test_an_explanation_is_written_for_eyes_and_ears(tmp_path):
    out = tmp_path / "Ausgabe ü 音"
    shutil.copy(SONG, tmp_path / "Größe 音.ogg")
    done = start("explain", "Größe 音.ogg", "--start", "13.3", "--segments", "5", "--out", out, "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert result["file"] == "Größe 音.ogg"
    assert json.loads((out / "explanation.json").read_text(encoding="utf-8")) == result
    assert {path.name for path in out.iterdir()} == WRITTEN
    excerpt, sr = sf.read(out / "original.wav")
    assert (sr, len(excerpt)) == (sf.info(SONG).samplerate, round(WINDOW * sr))
    song, _ = sf.read(SONG, start=round(13.3 * sr), frames=len(excerpt))
    np.testing.assert_allclose(excerpt[sr // 10 : -sr // 10], song[sr // 10 : -sr // 10], atol=1e-6)
    for name in SOUNDS:
        sound, _ = sf.read(out / name)
        assert len(sound) == len(excerpt)
        assert 0 < np.sqrt(np.mean(sound**2)) < 2 * np.sqrt(np.mean(excerpt**2))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href|srcset)=\"(?!data:|#)", page), "the page needs something that is not in it"
    assert "http-equiv=\"Content-Security-Policy\"" in page
    assert page.count("data:audio/wav;base64,") == len(SOUNDS) + 5
    pictures = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", page)
    assert base64.b64encode((out / "explanation.png").read_bytes()).decode() in pictures


def test_without_a_display_the_demo_is_explained(tmp_path):
    done = start(cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no window" in done.stderr
    assert {path.name for path in (tmp_path / "otoscope-output").iterdir()} == WRITTEN
    result = json.loads((tmp_path / "otoscope-output" / "explanation.json").read_text(encoding="utf-8"))
    assert result["file"] == SONG.name
    assert result["score_full"] > 0.5


def test_a_song_that_is_not_there_is_one_line_and_code_2(tmp_path):
    done = start("predict", "no such song.ogg", "--json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "otoscope: no such song.ogg: there is no such file; was it moved or renamed?\n"


# predict

def test_a_prediction_has_the_promised_form(ask):
    found = ask("predict", SONG)
    assert list(found) == ["model", "file", "seconds", "labels", "probability", "label", "threshold", "curve",
                           "segments"]
    assert (found["model"], found["file"], found["seconds"]) == ("svd", "fantasma.ogg", 28.0)
    assert found["labels"] == ["no singing", "singing"]
    assert found["label"] in found["labels"]
    assert 0 < found["threshold"] < 1
    times, probability = np.array(found["curve"]["times"]), np.array(found["curve"]["probability"])
    assert probability.shape == (len(times), 2) == (28 * 70 + 1, 2)
    assert np.diff(times) == pytest.approx(1 / 70, abs=1e-3)
    assert probability.sum(1) == pytest.approx(1, abs=1e-4)
    assert found["probability"] == pytest.approx(probability.mean(0), abs=1e-4)
    parts = found["segments"]
    assert all(part.keys() == {"start", "end", "label"} for part in parts)
    assert (parts[0]["start"], parts[-1]["end"]) == (0.0, 28.0)
    assert all(a["end"] == b["start"] and a["label"] != b["label"] for a, b in pairwise(parts))
    sung = sum(part["end"] - part["start"] for part in parts if part["label"] == "singing")
    assert (found["label"] == "singing") == (sung > 14)


def test_the_singing_of_a_song_is_heard(ask):
    found = ask("predict", SONG, "--every", 0.5)
    truth = np.loadtxt(SONG.with_suffix(".csv"), delimiter=",", skiprows=1)
    times = np.array(found["curve"]["times"])
    sung = ((times[:, None] >= truth[:, 0]) & (times[:, None] < truth[:, 1])).any(1)
    heard = np.array(found["curve"]["probability"])[:, 1]
    assert heard[sung].mean() > 2 * heard[~sung].mean()


@pytest.mark.parametrize("every", [0.1, 1, 3.5, 28, 100])
def test_a_curve_is_averaged_over_the_seconds_asked_for(ask, every):
    fine, coarse = ask("predict", SONG), ask("predict", SONG, "--every", every)
    curve, times = np.array(fine["curve"]["probability"]), np.array(fine["curve"]["times"])
    assert len(coarse["curve"]["times"]) == max(1, round(28 / every))
    first = len(times) if every >= 28 else (times > every - 1e-3).argmax()
    assert coarse["curve"]["probability"][0] == pytest.approx(curve[:first].mean(0), abs=1e-4)
    assert {**coarse, "curve": None} == {**fine, "curve": None}


def test_people_get_a_label_track(run):
    code, out, _ = run("predict", SONG)
    assert code == 0
    for line in out.splitlines():
        assert re.fullmatch(r"\d+\.\d+\t\d+\.\d+\t(no )?singing", line)


# explain

def test_an_explanation_has_the_promised_form(ask):
    found = ask("explain", SONG, "--start", 13.3)
    assert [key for key in found if key != "settings"] == [
        "model", "file", "start", "target", "units", "probability", "score_full", "score_empty", "method", "fill",
        "segments", "top", "trust", "seconds"]
    assert (found["model"], found["file"], found["start"], found["target"]) == ("svd", "fantasma.ogg", 13.3, "singing")
    assert (found["units"], found["method"], found["fill"]) == ("probability", "slime-exact", "mean")
    assert found["probability"] == found["score_full"]
    parts = found["segments"]
    assert all(list(part) == ["index", "start", "end", "fmin", "fmax", "weight", "stderr"] for part in parts)
    assert [part["index"] for part in parts] == list(range(10))
    assert all(part["stderr"] is None and (part["fmin"], part["fmax"]) == (27.5, 8000) for part in parts)
    assert parts[0]["start"] == 13.3
    assert parts[-1]["end"] == pytest.approx(13.3 + WINDOW)
    assert all(a["end"] == b["start"] for a, b in pairwise(parts))
    assert found["top"] == np.argsort([-part["weight"] for part in parts], kind="stable")[:3].tolist()
    assert found["trust"].keys() == TRUST
    assert isinstance(found["trust"]["flips"], bool)
    assert all(isinstance(found["trust"][name], float) for name in TRUST - {"flips"})
    assert found["seconds"] > 0


@pytest.mark.parametrize("segmentation", SEGMENTATIONS)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_explains_every_segmentation(ask, monkeypatch, method, segmentation):
    monkeypatch.setattr("engine.explain.trust.max_sensitivity", lambda *_, **__: 0.0)  # explains eleven times more
    found = ask("explain", SONG, "--start", 13.3, "--method", method, "--segmentation", segmentation, "--segments", 4,
                "--samples", 50, "--seed", 7)
    weights = [part["weight"] for part in found["segments"]]
    assert (found["method"], len(weights)) == (method, 4)
    assert found["top"] == np.argsort([-weight for weight in weights], kind="stable")[:3].tolist()
    assert all((part["stderr"] is not None) == (method == "slime") for part in found["segments"])
    if method == "shapley":
        assert sum(weights) == pytest.approx(found["score_full"] - found["score_empty"], abs=1e-6)
    if method == "ig":  # 50 steps along a steep path
        assert sum(weights) == pytest.approx(found["score_full"] - found["score_empty"], abs=0.1)


@pytest.mark.parametrize("fill", FILLS)
def test_every_fill_hides(ask, fill):
    found = ask("explain", SONG, "--start", 13.3, "--segments", 3, "--method", "shapley", "--fill", fill)
    assert found["fill"] == fill
    assert found["score_empty"] < found["score_full"]
    # where each mask is tried by itself, explaining eleven times more would take minutes
    assert (found["trust"]["max_sensitivity"] is None) == (fill == "neighbour")


def test_the_two_labels_are_two_sides(ask):
    sung, silent = (ask("explain", SONG, "--start", 13.3, "--segments", 3, "--target", target) for target in
                    ("singing", "no singing"))
    assert silent["target"] == "no singing"
    assert sung["score_full"] + silent["score_full"] == pytest.approx(1, abs=1e-5)
    assert [part["weight"] for part in sung["segments"]] == pytest.approx(
        [-part["weight"] for part in silent["segments"]], abs=1e-5)


def test_a_seed_draws_the_same_again(ask):
    first, again, other = (ask("explain", SONG, "--start", 13.3, "--method", "slime", "--segments", 6, "--samples", 40,
                               "--seed", seed)["segments"] for seed in (1, 1, 2))
    assert first == again != other


@pytest.fixture(scope="module")
def curve_of():
    """Reads a prediction's curve of singing, and listens to each file once."""
    known = {}

    def curve(ask, path):
        if path not in known:
            found = ask("predict", path)
            known[path] = found["seconds"], np.array(found["curve"]["probability"])[:, 1]
        return known[path]
    return curve


@pytest.mark.parametrize("where", [0, 0.31, 14, -1.7, -1.2, -0.9])  # from the end where negative
@pytest.mark.parametrize("name", ["fantasma.ogg", "on-the-run.ogg"])
def test_an_excerpt_is_heard_as_in_the_whole_song(ask, curve_of, name, where):
    seconds, curve = curve_of(ask, DEMO / name)
    at = where if where >= 0 else seconds + where
    found = ask("explain", DEMO / name, "--start", at, "--segments", 1, "--method", "occlusion")
    assert found["score_full"] == pytest.approx(curve[round(at * 70) + MIDDLE], abs=1e-3)


# sound as it comes

LIKE_NOISE = {
    "a.wav": (44100, 2, {}), "a.flac": (96000, 1, {}), "a.ogg": (48000, 2, {}), "a.mp3": (32000, 2, {}),
    "a.aiff": (22050, 1, {}), "low.wav": (8000, 1, {}), "high.wav": (192_000, 2, {}), "eight.flac": (48000, 8, {}),
    "u8.wav": (11025, 1, {"subtype": "PCM_U8"}), "double.wav": (44100, 1, {"subtype": "DOUBLE"}),
    "ünï 音 🎵 '\".wav": (44100, 1, {}), "d" * 150 + "/" + "e" * 200 + "/" + "f" * 200 + ".wav": (44100, 1, {}),
}


@pytest.mark.parametrize("name", LIKE_NOISE)
def test_any_sound_is_listened_to_and_explained(ask, tmp_path, name):
    sr, channels, options = LIKE_NOISE[name]
    path = written(tmp_path / name, noise(2.2, sr, channels), sr, **options)
    found = ask("predict", path)
    assert found["seconds"] == pytest.approx(2.2, abs=0.1)
    assert len(found["curve"]["times"]) == pytest.approx(2.2 * 70, abs=8)
    assert found["probability"][0] + found["probability"][1] == pytest.approx(1, abs=1e-4)
    assert ask("explain", path, "--start", 0.5, "--segments", 1)["score_full"] == pytest.approx(
        found["curve"]["probability"][35 + MIDDLE][1], abs=2e-3)


@pytest.mark.parametrize(("name", "y"), [
    ("short.wav", noise(0.1)), ("one sample.wav", noise(1)[:1]), ("silent.wav", 0 * noise(2)),
    ("clipped.wav", np.sign(noise(2))), ("beyond.wav", 100 * noise(2)), ("constant.wav", 0 * noise(2) + 1),
])
def test_extreme_sound_gives_finite_answers(ask, tmp_path, name, y):
    path = written(tmp_path / name, y, subtype="FLOAT")
    found = ask("predict", path)
    assert found["segments"][-1]["end"] == found["seconds"] == len(y) / 44100
    result = ask("explain", path, "--start", 0, "--segments", 3, "--out", tmp_path / "out")
    assert {file.name for file in (tmp_path / "out").iterdir()} == WRITTEN
    assert len(result["segments"]) == 3
