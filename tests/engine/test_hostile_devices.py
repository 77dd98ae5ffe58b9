"""Devices and pipes in place of files, and commands of a stranger's session that would change the computer."""

import json
import os
from pathlib import Path

import pytest

from engine import commands
from engine.audio.labels import read_intervals
from engine.audio.waveform import AudioFile
from engine.commands import COMMANDS, OF_SESSIONS, again, install_desktop
from engine.composing.tunebook import read_book
from engine.disk import bytes_up_to
from engine.folk.files import read_text
from engine.folk.importing import imported
from engine.models import foreign_consent
from engine.models.folk_pickle import read_checkpoint
from engine.models.foreign_card import read_card
from engine.sessions import Result, Session, read, write
from tests.engine.hostile import refusal

ENDLESS = Path("/dev/zero")
pytestmark = pytest.mark.skipif(not ENDLESS.is_char_device(), reason="needs /dev/zero")


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    for name in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))


@pytest.mark.parametrize("reader", [AudioFile, read_intervals, read_text, read_book, imported, read_card, read])
def test_what_never_ends_is_read_up_to_a_limit(reader):
    assert "zero" in refusal(reader, ENDLESS)


def test_large_limits_hold_too(monkeypatch):
    monkeypatch.setattr("engine.models.folk_pickle.LARGEST", 1 << 20)
    monkeypatch.setattr(foreign_consent, "LARGEST_MODEL", 1 << 20)
    assert "it is larger" in refusal(read_checkpoint, ENDLESS)
    assert "it is larger" in refusal(foreign_consent.model_bytes, ENDLESS)


@pytest.mark.parametrize(("size", "most", "found"), [(0, 0, True), (5, 5, True), (6, 5, False), (10**7, 10**7, True)])
def test_up_to_a_limit(tmp_path, size, most, found):
    (tmp_path / "x").write_bytes(bytes(size))
    assert bytes_up_to(tmp_path / "x", most) == (bytes(size) if found else None)


def replayed(capsys, tmp_path, *results):
    write(Session(results=results), tmp_path / "s.oto")
    assert commands.run(["replay", str(tmp_path / "s.oto"), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_session_names_devices_and_pipes(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.abc")
    answer = replayed(capsys, tmp_path, Result("score", {"tune": {"path": str(ENDLESS)}, "out": {"path": "x.mid"}}, {}),
                      Result("score", {"tune": {"path": str(tmp_path / "pipe.abc")}, "out": {"path": "x.mid"}}, {}),
                      Result("compose", {"model": {"path": "/dev/tty"}}, {}))
    assert [one["result"] for one in answer["differences"]] == [1, 2, 3]
    assert all("a device or a pipe" in one["is"] for one in answer["differences"])


@pytest.mark.parametrize("remove", [False, True])
def test_a_session_changes_no_menu(tmp_path, capsys, monkeypatch, remove):
    monkeypatch.setattr(install_desktop, "run", lambda *arguments: pytest.fail("was run"))
    answer = replayed(capsys, tmp_path, Result("install-desktop", {"remove": remove}, {}))
    assert [one["command"] for one in answer["skipped"]] == ["install-desktop"]
    assert answer["differences"] == []


def test_commands_that_leave_something_behind_are_known():
    """A new one belongs into `NEVER`, or among those that only answer and write where `again` lets them."""
    answering = {"predict", "explain", "maximise", "layers", "attack", "dissect", "horse", "evaluate", "fills", "score",
                 "compose", "folk-stats", "demo"}
    assert {*COMMANDS} == answering | {*again.NEVER} | {*OF_SESSIONS}
