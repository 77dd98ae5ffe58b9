"""What a command saves, and of which options."""
# ruff: noqa: F811

import os
import sys
from pathlib import Path

import pytest

from engine import commands
from engine.checks import InputError
from engine.commands.saving import INPUTS, OURS, OUTPUTS, saved_arguments
from engine.job import silent
from engine.sessions import read
from tests.engine.saved import HOSTILE, ask, folders, saved  # noqa: F401  (fixtures)

PATHLIKE = {"AUDIO", "DIR", "FILE", "PATH", "TUNE", "VOCAL", "INSTRUMENTAL", "DATA", "TABLE"}


def test_what_was_asked_and_answered_is_in_the_session(saved):
    session = read(saved).session
    assert [result.command for result in session.results] == ["explain", "attack", "compose"]
    (ref,) = session.audio.values()
    assert (ref.name, ref.seconds) == (HOSTILE, 28.0)
    explain, attack, compose = session.results
    assert explain.arguments["audio"] == {"audio": ref.key}
    assert explain.arguments["start"] == 1.0
    assert explain.answer["segments"]
    assert [model.name for model in explain.models] == ["svd"]
    assert len(explain.models[0].sha256) == 64
    assert attack.arguments["seconds"] == 2.0
    assert list(session.tunes.values()) == [tune["abc"] for tune in compose.answer["tunes"]]
    assert not {"trust", "save", "json", "debug"} & set().union(*(one.arguments for one in session.results))


@pytest.mark.parametrize(("name", "words"), [
    ("s.zip", "ends in .oto"), ("nowhere/s.oto", "no folder"), ("damaged.oto", "expected a session"),
    ("folder.oto", "found a folder"), ("partly.oto", "would lose")])
def test_a_bad_path_is_refused_before_the_work(tmp_path, capsys, monkeypatch, saved, name, words):
    (tmp_path / "damaged.oto").write_bytes(b"no session")
    (tmp_path / "folder.oto").mkdir()
    (tmp_path / "partly.oto").write_bytes(saved.read_bytes()[:-60])
    monkeypatch.setattr("engine.commands.layers.run", lambda *_: pytest.fail("it was asked"))
    code, _, said = ask(capsys, "layers", "svd", "--save", str(tmp_path / name))
    assert code == 2
    assert words in said


def test_an_answer_that_cannot_be_saved_is_printed_all_the_same(tmp_path, capsys, monkeypatch):
    def full(*_, **__):
        raise InputError("the disk is full")
    monkeypatch.setattr("engine.commands.saving.write", full)
    code, answer, said = ask(capsys, "layers", "svd", "--save", str(tmp_path / "s.oto"))
    assert code == 2
    assert answer["layers"]
    assert "the disk is full" in said


def test_tunes_of_one_name_do_not_replace_each_other(tmp_path, capsys):
    for temperature in ("1", "0.5", "0.5"):
        ask(capsys, "compose", "--max-tokens", "30", "--temperature", temperature, "--save", str(tmp_path / "s.oto"))
    session = read(tmp_path / "s.oto").session
    assert len(session.results) == 3
    assert list(session.tunes) == ["folk 0.0", "folk 0.0 (2)"]


def test_every_option_that_names_a_path_is_known_to_be_one():
    for name in set(commands.COMMANDS) - set(commands.OF_SESSIONS):
        for action in commands.parser_of(name)._actions:
            if action.metavar in PATHLIKE or action.type is Path:
                assert action.dest in {*INPUTS, *OUTPUTS, *OURS, "model"}, f"{name} {action.dest}"


def test_every_command_but_those_of_sessions_can_be_saved():
    for name in commands.COMMANDS:
        options = {action.dest for action in commands.parser_of(name)._actions}
        assert ("save" in options) == (name not in commands.OF_SESSIONS)


def test_folders_are_paths_and_what_is_not_there_is_text(tmp_path):
    known, files = saved_arguments({"data": [str(tmp_path), "music21"], "model": "svd", "trust": True, "do": ["a:b=1"],
                                    "out": "there"}, silent)
    assert known == {"data": [{"path": str(tmp_path)}, "music21"], "model": "svd", "do": ["a:b=1"],
                     "out": {"path": os.path.abspath("there")}}
    assert files == ()


def test_saving_needs_nothing_before_the_environment_is_there():
    assert commands.Parser
    assert "engine.commands.saving" not in vars(sys.modules["engine.commands"])
