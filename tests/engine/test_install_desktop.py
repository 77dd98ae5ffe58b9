"""Otoscope in the menu of the desktop, and out of it again."""

import argparse
import configparser
import shlex
import sys

import pytest

from engine.checks import InputError
from engine.commands import install_desktop


def ask(remove=False):
    return install_desktop.run(argparse.Namespace(remove=remove), lambda progress: None)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


def test_entry_and_icons_are_written_and_removed(data):
    written = ask()["written"]
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(data / "applications" / "otoscope.desktop", encoding="utf-8")
    desktop = entry["Desktop Entry"]
    program, script, files = shlex.split(desktop["Exec"])
    assert (program, files) == (sys.executable, "%F")
    assert script.endswith("main.py")
    assert desktop["Icon"] == "otoscope"
    assert (data / "icons" / "hicolor" / "48x48" / "apps" / "otoscope.png").read_bytes().startswith(b"\x89PNG")
    assert (data / "icons" / "hicolor" / "scalable" / "apps" / "otoscope.svg").exists()
    assert ask(remove=True)["removed"] == written
    assert not [path for path in data.rglob("*") if path.is_file()]
    assert "0 icons" not in install_desktop.show(ask(remove=True))


@pytest.mark.parametrize(("word", "written"), [
    ("/a b/c", '"/a b/c"'), ('q"', '"q\\\\""'), ("50%", '"50%%"'), ("$HOME", '"\\\\$HOME"')])
def test_words_of_a_command_are_quoted_as_the_specification_asks(word, written):
    assert install_desktop.quoted(word) == written


def test_elsewhere_it_says_so(data, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(InputError, match="expected Linux"):
        ask()
