"""Evaluations and the fill experiment from the command line."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from engine.models import catalogue
from tests.e2e.demos import DEMO, ROOT, SONG, noise, written

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
