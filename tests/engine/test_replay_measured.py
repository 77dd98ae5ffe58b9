"""Measurements of a session are taken again and come out the same: figures of a model, and a planted horse."""

import functools
import json

import pytest
import soundfile as sf

from engine import commands
from engine.commands import horse as horse_command
from engine.sessions import read
from engine.training import horse_methods
from engine.training.horse_causes import CAUSES
from tests.engine.saved import CLIP, folders  # noqa: F401  (fixtures)

FEW = tuple(cause for cause in CAUSES if cause.name in ("infrasonic", "dc", "register"))


def asked(capsys, *argv):
    assert commands.run([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def songs(tmp_path):
    """A folder of one short song with labels."""
    folder = tmp_path / "data"
    (folder / "audio").mkdir(parents=True)
    (folder / "labels").mkdir()
    y, sr = sf.read(CLIP, stop=2 * 44100)
    sf.write(folder / "audio" / "one.wav", y, sr)
    (folder / "labels" / "one.csv").write_text("start,end\n0.5,1.5\n")
    return folder


def test_figures_of_a_model_are_the_same_again_until_the_data_are_others(songs, tmp_path, capsys):
    session = str(tmp_path / "s.oto")
    first = asked(capsys, "evaluate", "svd", "--data", str(songs), "--save", session)
    assert first["n_songs"] == 1
    (result,) = read(session).session.results
    assert [model.name for model in result.models] == ["svd"]
    assert asked(capsys, "replay", session)["differences"] == []
    (songs / "labels" / "one.csv").write_text("start,end\n0.0,1.5\n")
    told = asked(capsys, "replay", session)["differences"]
    assert "answer.error" in {one["where"] for one in told}


def test_a_planted_horse_is_found_again_at_the_same_place(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(horse_methods, "CAUSES", FEW)
    monkeypatch.setattr(horse_command, "horse", functools.partial(horse_command.horse, train=8, test=2))
    session, out = str(tmp_path / "s.oto"), tmp_path / "out"
    first = asked(capsys, "horse", "--plant", "dc", "--seed", "3", "--out", str(out), "--save", session)
    assert first["methods"]
    for path in out.iterdir():
        path.unlink()
    again = asked(capsys, "replay", session)
    assert (again["results"], again["differences"], again["skipped"]) == (1, [], [])
    assert list(out.iterdir()) == [], "what is asked again is written nowhere"
