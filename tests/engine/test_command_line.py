"""What a command leaves on stdout, says on stderr and returns, and how it tells of progress."""

import dataclasses
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from engine import commands, job
from engine.checks import InputError
from engine.commands import output
from engine.job import Cancelled, Progress

ROOT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Answer:
    """A result as the engine makes them."""

    file: Path
    curve: np.ndarray
    best: np.float32
    auroc: float | None = None


@pytest.fixture
def toy(monkeypatch):
    """A command that does whatever its `work` does."""
    module = types.ModuleType("toy", "A toy.")
    module.add_arguments = lambda parser: parser.add_argument("--number", type=float, default=1.0)
    module.work = lambda args, report: {"number": args.number}

    def run(args, report):
        return module.work(args, report)
    module.run = run
    monkeypatch.setitem(sys.modules, "toy", module)
    monkeypatch.setitem(commands.COMMANDS, "toy", ("toy", "a toy"))
    return module


def test_stdout_is_one_json_object_whatever_libraries_print(toy, capfd):
    def work(args, report):
        sys.stdout.write("chatter\n")
        os.write(1, b"chatter from C\n")
        return Answer(Path("Bögen/\udcff.wav"), np.array([0.5, 1.0]), np.float32(0.25))
    toy.work = work
    assert commands.run(["toy", "--json"]) == 0
    captured = capfd.readouterr()
    assert captured.out.count("\n") == 1
    assert "Bögen" in captured.out
    expected = {"file": str(Path("Bögen/\udcff.wav")), "curve": [0.5, 1.0], "best": 0.25, "auroc": None}
    assert json.loads(captured.out) == expected
    assert "chatter from C" in captured.err


def test_people_get_text_where_a_command_has_it(toy, capsys):
    toy.show = lambda result: f"number: {result['number']:g}"
    assert commands.run(["toy", "--number", "3"]) == 0
    assert capsys.readouterr().out == "number: 3\n"
    assert commands.run(["toy", "--number", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"number": 3.0}


@pytest.mark.parametrize(("raised", "code", "said"), [
    (InputError("expected a song,\ngot a fish"), 2, "expected a song, got a fish"),
    (PermissionError(13, "Permission denied", "/out"), 2, "/out: Permission denied"),
    (ZeroDivisionError("division by zero\nmore"), 1, "ZeroDivisionError: division by zero); --debug"),
    (MemoryError(), 1, "memory"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (Cancelled(), 130, "interrupted"),
])
def test_errors_are_one_sentence_and_a_code(toy, capsys, raised, code, said):
    def work(args, report):
        raise raised
    toy.work = work
    assert commands.run(["toy", "--json"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1


def test_debug_shows_where(toy, capsys):
    def work(args, report):
        raise ZeroDivisionError
    toy.work = work
    assert commands.run(["toy", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("bad", [float("nan"), np.array([0.0, np.inf]), {"deep": [np.float32("nan")]}])
def test_json_never_holds_a_number_json_cannot_say(toy, capsys, bad):
    toy.work = lambda args, report: {"value": bad}
    assert commands.run(["toy", "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "result.value" in captured.err


@pytest.mark.parametrize("arguments", [["--number", "x"], ["--unknown"], ["--num", "1"], ["stray"]])
def test_malformed_arguments_are_refused_in_one_line(toy, capsys, arguments):
    assert commands.run(["toy", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("otoscope: ")
    assert len(captured.err.splitlines()) == 1


def test_help_is_on_stdout(toy, capsys):
    assert commands.run(["--help"]) == commands.run([]) == 0
    assert capsys.readouterr().out.count("a toy") == 2
    assert commands.run(["toy", "--help"]) == 0
    assert "--number" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is told otherwise there")
@pytest.mark.parametrize("options", [[], ["-u"]])
def test_a_reader_that_went_away_is_no_error(options):
    program = ("import sys, types; from engine import commands; toy = types.ModuleType('toy')\n"
               "toy.add_arguments = lambda parser: None; toy.run = lambda args, report: list(range(10**6))\n"
               "sys.modules['toy'] = toy; commands.COMMANDS['toy'] = ('toy', '')\n"
               "sys.exit(commands.run(['toy']))")
    with subprocess.Popen([sys.executable, *options, "-c", program], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


# progress

class Stream:
    """Remembers what is written to it."""

    def __init__(self, tty):
        self.isatty = lambda: tty
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.fixture
def clock(monkeypatch):
    now = types.SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(job.time, "monotonic", lambda: now.seconds)
    return now


def test_a_terminal_sees_how_far_it_is_and_how_long_it_takes(clock):
    stream = Stream(tty=True)
    progress = output.ProgressLine(stream)
    progress(Progress(0, 200, "listening"))
    clock.seconds += 10
    progress(Progress(50, 200, "listening"))
    assert stream.text == "\rlistening, 0%\rlistening, 25%, 30 s left"
    for _ in range(50):
        progress(Progress(51, 200, "listening"))  # all at once: not drawn
    assert stream.text.count("\r") == 2
    progress.close()
    assert stream.text.endswith(f"\r{'':<{len('listening, 25%, 30 s left')}}\r")


def test_a_log_gets_a_few_plain_lines(clock):
    stream = Stream(tty=False)
    progress = output.ProgressLine(stream)
    for i in range(36000):
        clock.seconds += 1
        progress(Progress(i, 36000, "training"))
    progress.close()
    assert 5 < len(stream.text.splitlines()) < 15
    assert "\r" not in stream.text


def test_short_work_leaves_a_log_alone(clock):
    progress = output.ProgressLine(stream := Stream(tty=False))
    for i in range(100):
        clock.seconds += 0.1
        progress(Progress(i, 100))
    assert stream.text == ""
