"""A gallery on disk says what the answer says, failed examples too, and its page needs nothing else."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.audio.waveform import Waveform, write_wav
from engine.checks import InputError
from engine.explain.maximise import Settings
from engine.explain.maximise_grid import Ranked
from engine.listening.maximise_nearest import Nearest
from engine.listening.maximise_real import RealExcerpt
from engine.listening.maximise_values import Example, MaximiseAnswer, MaximiseQuestion
from engine.models.mel_bank import Source
from engine.report.maximise import LOUDNESS, levelled, write_maximise, write_ranking


def tone(hz, loud=0.1):
    return Waveform((loud * np.sin(2 * np.pi * hz * np.arange(8000) / 22050)).astype(np.float32), 22050)


def example(seed, *, failed=None):
    nothing = math.nan if failed is not None else None
    source = Source("a <song>", "" if seed else "Étude", "Zoë", "CC BY 4.0")
    near = Nearest(source, 12.0, 0.1 if seed == 1 else 0.4, 0.3, np.zeros((16, 23), np.float32))
    return Example(seed, nothing or 4.5 + seed, nothing or 3.25, nothing or 0.9, np.linspace(0, 4.5 + seed, 11),
                   np.arange(11), failed, torch.zeros(128), torch.randn(80, 115), tone(300 + seed), near)


@pytest.fixture
def answer(tmp_path):
    write_wav(tmp_path / "real&.wav", tone(500))
    real = RealExcerpt(tmp_path / "real&.wav", 0.1, 5.0, torch.randn(80, 115))
    return MaximiseAnswer("svd", "logit", 0, "singing", MaximiseQuestion(seeds=3), Settings(0.01, 0.1, 10),
                          (example(0), example(1), example(2, failed=4)), None, None, "dense2", 2, 5.0, (real,), 1.5)


def test_every_file_says_what_the_answer_says(answer, listener, tmp_path):
    out = tmp_path / "out"
    written = write_maximise(out, answer, listener)
    assert [path.name for path in written] == ["seed-0.wav", "seed-1.wav", "gallery.png", "examples.csv",
                                               "maximise.json", "report.html"]
    y, sr = sf.read(out / "seed-1.wav")
    assert sr == 22050
    np.testing.assert_allclose(y, answer.examples[1].sound.y, atol=1e-7)
    rows = list(csv.DictReader((out / "examples.csv").open(encoding="utf-8")))
    assert [(row["seed"], row["activation"], row["failed_at"]) for row in rows] == [
        ("0", "4.5", ""), ("1", "5.5", ""), ("2", "", "4")]
    assert [rows[0][f"nearest_{name}"] for name in ("file", "title", "artist", "licence", "start")] == [
        "a <song>", "Étude", "Zoë", "CC BY 4.0", "12.0"]
    stored = json.loads((out / "maximise.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(answer.as_json()))
    assert (stored["failed"], stored["fid"], stored["real_max"]) == (1, None, 5.0)
    assert [one["nearest"]["is_copy"] for one in stored["examples"]] == [False, True, False]


def test_the_page_holds_its_sounds_and_escapes_names(answer, listener, tmp_path):
    write_maximise(tmp_path / "out", answer, listener)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("data:audio/wav") == 3        # two examples and a real one
    assert "a &lt;song&gt;" in page
    assert "a <song>" not in page
    assert "Zoë · Étude (CC BY 4.0): a &lt;song&gt;, 12.0 s" in page
    assert "real&amp;.wav" in page
    assert "failed at 4" in page
    assert "src=\"http" not in page


def test_a_ranking_is_a_table(tmp_path):
    write_ranking(tmp_path / "new", [Ranked(0.1, 0.01, 100, 2.5, 7.0, 50, 0), Ranked(1.0, 0.0, 10, None, None, 0, 50)])
    rows = list(csv.DictReader((tmp_path / "new" / "ranking.csv").open()))
    assert [(row["lr"], row["fid"], row["failed"]) for row in rows] == [("0.1", "2.5", "0"), ("1.0", "", "50")]


def test_sounds_of_the_page_are_of_one_level():
    assert float(np.abs(levelled(tone(300, 0.001)).y).max()) == pytest.approx(LOUDNESS, rel=1e-4)
    silence = Waveform(np.zeros(10, np.float32), 22050)
    assert levelled(silence) is silence


def test_a_place_that_cannot_be_written_is_refused(answer, listener, tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputError, match="expected a folder that can be written"):
        write_maximise(Path(tmp_path / "taken"), answer, listener)
