"""Commands as somebody calls them, and what they saved."""

import json
import shutil
from pathlib import Path

import pytest

from engine import commands
from engine.sessions import Result, Session, read, write

CLIP = Path(__file__).resolve().parents[2] / "resources" / "demo" / "fantasma.ogg"
HOSTILE = "\"><script>alert(1)<img src=x onerror='alert(2)'>&amp;.ogg"


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Caches and settings go below tmp_path."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def ask(capsys, *argv):
    """Exit code, JSON of stdout where there is some, stderr."""
    code = commands.run([*argv, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A session of explain, attack and compose, and its sound, whose name is hostile."""
    folder = tmp_path_factory.mktemp("saved")
    song, path = folder / HOSTILE, folder / "s.oto"
    shutil.copy(CLIP, song)
    for argv in (["explain", str(song), "--start", "1"],
                 ["attack", str(song), "--model", "svd", "--start", "2", "--seconds", "2", "--iterations", "3"],
                 ["compose", "-n", "2", "--max-tokens", "60", "--seed", "3"]):
        assert commands.run([*argv, "--json", "--save", str(path)]) == 0
    return path


@pytest.fixture
def copied(saved, tmp_path):
    """A copy of it to change, the sound beside it."""
    folder = tmp_path / "copied"
    shutil.copytree(saved.parent, folder)
    return folder / "s.oto"


def only(path, **changes):
    """The session with those results alone that are named, by their commands, and with the changes to each."""
    session = read(path).session
    results = tuple(Result(**{**vars(result), **changes[result.command](result)}) for result in session.results
                    if result.command in changes)
    write(Session(**{**vars(session), "results": results}), path)
