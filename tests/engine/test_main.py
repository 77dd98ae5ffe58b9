"""The door: what is started."""

import subprocess
import sys
import types
from pathlib import Path

import pytest

import main
from engine import commands
from engine.commands import environment, system_libraries

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def no_set_up(monkeypatch):
    monkeypatch.setattr(environment, "enter", lambda group, argv: None)
    monkeypatch.setattr(system_libraries, "provide", lambda libraries: [])
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(main.sys, "platform", "linux")


@pytest.mark.usefixtures("no_set_up")
def test_the_window_gets_the_files(monkeypatch, tmp_path):
    opened = []


    def run(files):
        opened.append(files)
        return 0
    monkeypatch.setitem(sys.modules, "gui.main_window", types.SimpleNamespace(run=run))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    song = tmp_path / "Lied ü.ogg"
    song.touch()
    assert main.main([str(song)]) == main.main([]) == 0
    assert opened == [[str(song)], []]


@pytest.mark.usefixtures("no_set_up")
def test_without_a_display_a_demo_is_explained(monkeypatch, tmp_path, capsys):
    ran = []
    monkeypatch.setattr(commands, "run", lambda argv: ran.append(argv) or 0)
    assert main.main([]) == 0
    assert ran == [["demo"]]
    song = tmp_path / "a song.ogg"
    song.touch()
    assert main.main([str(song)]) == 2
    assert "explain '" in capsys.readouterr().err


@pytest.mark.usefixtures("no_set_up")
@pytest.mark.skipif(not system_libraries.loads("libxcb.so.1"), reason="there is no X library")
def test_a_display_that_does_not_answer_is_said_so(monkeypatch, capsys):
    monkeypatch.setenv("DISPLAY", ":4711")
    assert main.main([]) == 2
    assert "':4711' does not answer" in capsys.readouterr().err


@pytest.mark.usefixtures("no_set_up")
@pytest.mark.parametrize(("codes", "expected"), [([0, 0, 0], 0), ([0, 3, 1], 3), ([0, 0, 1], 1)])
def test_test_keeps_the_code_of_a_failure(monkeypatch, codes, expected):
    left = iter(codes)
    monkeypatch.setattr(main.subprocess, "call", lambda command, cwd: next(left))
    assert main.main(["test"]) == expected
    assert not list(left)


@pytest.mark.usefixtures("no_set_up")
def test_tests_without_qt_libraries_are_not_called_passed(monkeypatch):
    ran = []

    def call(command, cwd):
        ran.append(command)
        return 0
    monkeypatch.setattr(system_libraries, "provide", lambda libraries: ["libEGL.so.1"])
    monkeypatch.setattr(main.subprocess, "call", call)
    assert main.main(["test"]) == 2
    assert main.main(["test", "tests/engine"]) == 0
    assert [command[2:] for command in ran] == [["pytest", "tests/engine", "-p", "no:pytest-qt"]]


def test_tuning_is_quiet_where_there_is_nothing_to_tune(monkeypatch):
    main.tune_process()
    monkeypatch.setattr(main.ctypes, "CDLL", lambda name: object())
    main.tune_process()


@pytest.mark.parametrize(("argv", "hint"), [(["predcit"], "predict"), (["no.wav"], "neither"), (["--jso"], "neither"),
                                            (["é" * 5000], "neither"), (["pre\ndict"], "predict")])
def test_what_is_neither_file_nor_command_is_refused_in_one_line(argv, hint):
    result = subprocess.run([sys.executable, "main.py", *argv], cwd=ROOT, capture_output=True, encoding="utf-8",
                            check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert hint in result.stderr
