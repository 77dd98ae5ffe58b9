"""What a user meets on the command line: each command on real sound, and one sentence for what cannot be used."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from engine.explain.fills import FILLS
from engine.explain.methods import METHODS
from engine.explain.segments import SEGMENTATIONS
from engine.models import catalogue

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo"
SONG = DEMO / "fantasma.ogg"
SOUNDS = ("original.wav", "kept.wav", "removed.wav", "heard.wav")
WRITTEN = {"explanation.png", "explanation.json", "report.html", "segments.txt", *SOUNDS}
WINDOW = 115 / 70        # seconds
MIDDLE = 57              # frames: an excerpt of 115 is about this one
TRUST = {"agreement", "flips", "deletion_auc", "insertion_auc", "infidelity", "max_sensitivity"}


def start(*argv, cwd, **environment):
    """The real program, in a process of its own."""
    env = {key: value for key, value in os.environ.items()
           if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run([sys.executable, str(ROOT / "main.py"), *map(str, argv)], cwd=cwd, text=True,
                          encoding="utf-8", capture_output=True, timeout=100, env={**env, **environment}, check=False)


def noise(seconds=1.0, sr=44100, channels=1, level=0.1):
    rng = np.random.default_rng(0)
    return (level * rng.standard_normal((round(seconds * sr), channels))).astype(np.float32)


def written(path, y, sr=44100, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, y, sr, **options)
    return path


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


# what cannot be used

def of_bytes(path, content):
    path.write_bytes(content)
    return path


def half_of(path):
    return of_bytes(path, path.read_bytes()[: path.stat().st_size // 2])


UNUSABLE = {
    "gone": (lambda folder: folder / "gone.wav", "no such file"),
    "a link to nothing": (lambda folder: (folder / "link.wav").symlink_to("gone") or folder / "link.wav", "no such"),
    "empty": (lambda folder: of_bytes(folder / "empty.wav", b""), "empty file"),
    "renamed": (lambda folder: of_bytes(folder / "song.wav", b"%PDF-1.7 " * 500), "renamed"),
    "a header alone": (lambda folder: of_bytes(folder / "song.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0"),
                       "found none in it"),
    "no samples": (lambda folder: written(folder / "none.wav", noise()[:0]), "length zero"),
    "cut off": (lambda folder: half_of(written(folder / "cut.flac", noise())), "damaged"),
    "NaN": (lambda folder: written(folder / "nan.wav", np.where(np.arange(44100) == 22050, np.nan, noise()[:, 0]),
                                   subtype="FLOAT"), "holds NaN or infinity at 0.500 s"),
    "beyond all": (lambda folder: written(folder / "huge.wav", noise(level=3e37), subtype="FLOAT"),
                   "samples are about -1 to 1"),
    "a folder": (lambda folder: folder, "folder"),
    "too long a name": (lambda folder: folder / ("x" * 5000 + ".wav"), "too long"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_is_no_sound_gets_one_sentence(refused, tmp_path, case):
    make, said = UNUSABLE[case]
    path = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for argv in (["predict", path, "--json"], ["explain", path, "--start", "0.2", "--out", tmp_path / "out"]):
        assert said in (sentence := refused(*argv))
        assert len(sentence) < 300
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="this system has no /proc")
def test_what_cannot_be_read_gets_one_sentence(refused):
    assert "mem: " in refused("predict", "/proc/self/mem")


@pytest.mark.parametrize(("arguments", "said"), [
    ("--start 28", r"start=28 s is not in fantasma\.ogg \(28\.0 s\)$"),
    ("--start 4410", r"start=4410 s is not in fantasma\.ogg \(28\.0 s\); was it given in samples\?"),
    ("--start 29", r"\(28\.0 s\)$"),
    ("--start 123456789", r"start=123456789 s .*\(28\.0 s\)$"),
    ("--start -1", "start=-1 s is not in"), ("--start nan", "start=nan s is not in"),
    ("--start inf", "start=inf s is not in"), ("--start soon", "--start.*'soon'"), ("", "--start"),
    ("--start 5 --segments 0", "at least 1, got 0"), ("--start 5 --segments -3", "at least 1, got -3"),
    ("--start 5 --segments 13", "at most 12 for an exact method, got 13"),
    ("--start 5 --segments 200 --method slime", "1 to 115 in frames.*got 200"),
    ("--start 5 --segments 81 --method slime --segmentation spectral", "1 to 80 in bands.*got 81"),
    ("--start 5 --segments 2.5", "--segments.*'2.5'"),
    ("--start 5 --target singin", "'singin'; did you mean singing"),
    ("--start 5 --method lime", "--method.*'lime'.*slime-exact"), ("--start 5 --fill meen", "--fill.*'meen'.*mean"),
    ("--start 5 --segmentation time", "--segmentation.*'time'.*temporal"),
    ("--start 5 --model svdd", "'svdd'; did you mean svd"),
    ("--start 5 --samples 0", "--samples.*got 0"), ("--start 5 --seed -1", "--seed.*got -1"),
    ("--start 5 --segmnts 5", "--segmnts"),
])
def test_an_unusable_question_gets_one_sentence(refused, arguments, said):
    assert re.search(said, refused("explain", SONG, *arguments.split()).rstrip())


@pytest.mark.parametrize("every", ["0", "-1", "nan", "inf", "x"])
def test_an_unusable_average_gets_one_sentence(refused, every):
    assert "--every" in refused("predict", SONG, "--every", every)


@pytest.mark.parametrize("command", [["explain", SONG, "--start", "5"], ["attack", SONG], ["demo"],
                                     ["train", "svd", "--data", DEMO], ["fills"]])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(refused, tmp_path, monkeypatch, command):
    monkeypatch.setattr("engine.models.catalogue.load", lambda name: pytest.fail("work has begun"))
    file = of_bytes(tmp_path / "taken", b"mine")
    for out in (file, file / "below"):
        assert "expected a folder, taken is a file" in refused(*command, "--out", out)
    monkeypatch.setattr("os.access", lambda path, mode: False)  # for a superuser everything can be written
    assert "nothing can be written to" in refused(*command, "--out", tmp_path / "new" / "folder")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"taken": b"mine"}


def test_without_models_a_command_says_so(refused, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    catalogue.load.cache_clear()
    for argv in (["predict", SONG], ["demo", "--out", tmp_path], ["evaluate", "svd", "--data", tmp_path]):
        assert "found no model there" in refused(*argv)


# evaluate

@pytest.fixture
def labelled(tmp_path):
    """Two songs with singing and one without, as voice data lies on disk."""
    for part in ("audio", "labels"):
        (tmp_path / part).mkdir()
    for name in ("fantasma", "on-the-run"):
        shutil.copy(DEMO / f"{name}.ogg", tmp_path / "audio")
        shutil.copy(DEMO / f"{name}.csv", tmp_path / "labels")
    written(tmp_path / "audio" / "noise.wav", noise(5, 22050), 22050)
    (tmp_path / "labels" / "noise.csv").write_text("start,end\n")
    return tmp_path


def test_an_evaluation_has_the_promised_form(ask, labelled):
    found = ask("evaluate", "svd", "--data", labelled)
    figures = {"error", "precision", "recall", "f1", "auroc", "threshold"}
    assert figures | {"songs"} <= found.keys()
    assert all(0 <= found[name] <= 1 for name in figures)
    assert found["threshold"] == ask("predict", SONG)["threshold"]
    assert [(song["id"], song["auroc"] is None) for song in found["songs"]] == [
        ("fantasma", False), ("noise", True), ("on-the-run", False)]
    assert all(song.keys() == {"id", "error", "auroc", "minutes"} for song in found["songs"])
    assert found["songs"][0]["minutes"] == pytest.approx(28 / 60)
    frames = [1961, 351, 1891]
    errors = [song["error"] for song in found["songs"]]
    assert found["error"] == pytest.approx(np.average(errors, weights=frames), abs=1e-4)
    assert found["error"] < 0.25, "the model is hardly better than guessing"


def test_the_split_decides_what_is_evaluated(ask, refused, labelled):
    def songs(*options):
        return [song["id"] for song in ask("evaluate", "svd", "--data", labelled, *options)["songs"]]
    (labelled / "songs.csv").write_text("id,artist,split\nfantasma,a,train\non-the-run,b,test\nnoise,c,train\n")
    assert songs() == ["on-the-run"]
    assert songs("--split", "train") == ["fantasma", "noise"]
    assert songs("--split", "all") == ["fantasma", "noise", "on-the-run"]
    assert "'valid', found none" in refused("evaluate", "svd", "--data", labelled, "--split", "valid")
    (labelled / "songs.csv").write_text("id,artist\nfantasma,a\non-the-run,b\nnoise,c\n")
    assert songs() == ["fantasma", "noise", "on-the-run"]


def test_a_folder_of_one_class_has_no_auroc(ask, run, labelled):
    (labelled / "songs.csv").write_text("id,split\nnoise,test\n")
    found = ask("evaluate", "svd", "--data", labelled)
    assert found["auroc"] is None
    assert found["recall"] is None
    code, out, _ = run("evaluate", "svd", "--data", labelled)
    assert code == 0
    assert "nan" not in out.lower().replace("fantasma", "")


@pytest.mark.parametrize(("damage", "said"), [
    (lambda folder: (folder / "songs.csv").write_text("name\nx\n"), "songs.csv"),
    (lambda folder: (folder / "labels" / "noise.csv").unlink(), "labels/noise.csv"),
    (lambda folder: (folder / "labels" / "noise.csv").write_text("0,1\n3,x\n"), "noise.csv, line 2"),
    (lambda folder: (folder / "audio" / "noise.wav").write_bytes(b"RIFF"), "noise.wav"),
    (lambda folder: shutil.rmtree(folder / "labels"), "audio/ and labels/"),
])
def test_a_damaged_folder_gets_one_sentence(refused, labelled, damage, said):
    damage(labelled)
    for song in ("fantasma", "on-the-run"):
        (labelled / "audio" / f"{song}.ogg").unlink()
    assert said in refused("evaluate", "svd", "--data", labelled)


# fills

@pytest.fixture
def keen(tmp_path, monkeypatch):
    """A model that calls nearly everything singing: its card says so."""
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path / "models")
    shutil.copytree(ROOT / "resources" / "models", tmp_path / "models")
    card = tmp_path / "models" / "svd.json"
    card.write_text(json.dumps({**json.loads(card.read_text(encoding="utf-8")), "threshold": 0.002}))
    catalogue.load.cache_clear()
    yield
    catalogue.load.cache_clear()


def test_the_fill_experiment_has_the_promised_form(ask, run, keen, tmp_path):
    stems = DEMO / "tailwind_vocals.ogg", DEMO / "tailwind_instrumental.ogg"
    found = ask("fills", *stems, "--excerpts", 5, "--fills", "mean,zero,noise", "--out", tmp_path / "out")
    assert [row["fill"] for row in found["fills"]] == ["mean", "zero", "noise"]
    for row in found["fills"]:
        assert row.keys() == {"fill", "mean_hits", "all_three", "n", "low", "high"}
        assert 0 <= row["low"] <= row["mean_hits"] <= row["high"] <= 3
        assert 0 <= row["all_three"] <= 1
        assert 1 <= row["n"] <= 5
    assert found["recommended"] == max(found["fills"], key=lambda row: row["mean_hits"])["fill"]
    assert json.loads((tmp_path / "out" / "fills.json").read_text(encoding="utf-8")) == found
    assert (tmp_path / "out" / "fills.png").read_bytes().startswith(b"\x89PNG")
    same = ask("fills", "--data", DEMO, "--excerpts", 5, "--fills", "mean,zero,noise")  # the bundled pair lies there
    assert same["fills"] == found["fills"]
    assert "Recommended: " in run("fills", "--excerpts", 2, "--fills", "mean")[1]


@pytest.mark.parametrize(("arguments", "said"), [
    ([SONG], "got one file"), ([SONG, SONG, "--data", DEMO], "got both"), ([SONG, "gone.wav"], "gone.wav"),
    (["--fills", "meen"], "'meen'; did you mean mean"), (["--fills", ","], "got none"),
    (["--excerpts", "0"], "excerpts"), (["--data", ROOT / "engine"], "no two of one name"),
    ([SONG, DEMO / "on-the-run.ogg"], "one length"),
])
def test_unusable_stems_get_one_sentence(refused, arguments, said):
    assert said in refused("fills", *arguments)


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
