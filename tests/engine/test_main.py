"""The door: what is started, how the environment is prepared, and what a command leaves on stdout."""

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import main
from engine import commands
from engine.checks import InputError
from engine.commands import environment, output
from engine.commands.environment import StartError
from engine.job import Cancelled, Progress

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="uses a shell script as a stand-in")


def script(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


# what this interpreter has

@pytest.mark.parametrize(("requirement", "installed", "expected"), [
    ("torch==2.13.0", "2.13.0+cpu", True),
    ("torch==2.13.0", "2.13.1", False),
    ("a>=0.10.2,<2", "0.9.5", False),       # numbers, not text
    ("a>=0.10.2,<2", "0.11.0", True),
    ("a>=2.10,<3", "2.10.0.post1", True),
    ("a>=1.26,<3", "3.0.0", False),
    ("a>=1.26,<3", "3.0rc1", False),
    ("lime>=0.2.0.1,<0.3", "0.2.0.1", True),
    ("a>=1", None, False),
])
def test_requirements_are_compared_as_pip_compares_them(monkeypatch, requirement, installed, expected):
    def version(name):
        if installed is None:
            raise environment.metadata.PackageNotFoundError(name)
        return installed
    monkeypatch.setattr(environment.metadata, "version", version)
    assert environment.met(requirement) is expected


def test_requirements_in_another_notation_are_refused():
    with pytest.raises(StartError, match="expected a name"):
        environment.met("torch~=2.13")


def test_every_requirement_of_the_project_is_understood():
    run, test = environment.requirements("run"), environment.requirements("test")
    assert len(run) > 5
    assert set(run) < set(test)
    assert all(environment.met(r) in (True, False) for r in test)


# the environment

@pytest.fixture
def house(tmp_path, monkeypatch):
    """A project with two requirements, no environment, and a record of what set-up did."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text(
        '[project]\nname = "otoscope"\ndependencies = ["torch==1", "absent>=2"]\n'
        '[dependency-groups]\ntest = ["pytest>=1"]\n')
    monkeypatch.setattr(environment, "ROOT", root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(environment.READY, raising=False)
    monkeypatch.delenv(environment.TORCH_INDEX, raising=False)
    monkeypatch.setattr(environment, "DISK_NEEDED", 0)
    done = []

    def make_venv(folder):
        done.append("venv")
        environment.interpreter(folder).parent.mkdir(parents=True, exist_ok=True)
        environment.interpreter(folder).touch()
    monkeypatch.setattr(environment, "make_venv", make_venv)
    monkeypatch.setattr(environment, "pip", lambda python, title, arguments: done.append(arguments))
    return types.SimpleNamespace(root=root, done=done)


def test_an_environment_is_prepared_once(house):
    python = environment.prepared("run")
    assert python == environment.interpreter(house.root / ".venv")
    assert house.done == ["venv", ["torch==1"], ["torch==1", "absent>=2"]]
    assert environment.prepared("run") == python
    assert len(house.done) == 3


def test_an_interrupted_set_up_is_repeated_from_the_start(house, monkeypatch):
    with monkeypatch.context() as broken:
        def interrupt(*_):
            raise KeyboardInterrupt
        broken.setattr(environment, "pip", interrupt)
        with pytest.raises(KeyboardInterrupt):
            environment.prepared("run")
    environment.prepared("run")
    assert house.done == ["venv", "venv", ["torch==1"], ["torch==1", "absent>=2"]]


def test_only_a_changed_list_is_installed_again(house):
    environment.prepared("run")
    house.done.clear()
    project = house.root / "pyproject.toml"
    project.write_text(project.read_text() + "# a remark\n")
    environment.prepared("run")
    assert house.done == []
    project.write_text(project.read_text().replace("absent>=2", "absent>=3"))
    environment.prepared("run")
    assert house.done == [["torch==1"], ["torch==1", "absent>=3"]]  # into the environment that is there


def test_tests_add_their_packages_and_keep_the_rest(house):
    environment.prepared("run")
    house.done.clear()
    environment.prepared("test")
    assert house.done == [["torch==1"], ["torch==1", "absent>=2", "pytest>=1"]]
    assert environment.is_current(house.root / ".venv", "run")


@pytest.mark.parametrize("damage", [
    lambda venv: (venv / environment.STAMP).write_text("{"),
    lambda venv: environment.interpreter(venv).unlink(),
])
def test_a_damaged_environment_is_made_anew(house, damage):
    environment.prepared("run")
    house.done.clear()
    damage(house.root / ".venv")
    environment.prepared("run")
    assert house.done[0] == "venv"


def test_the_users_own_venv_is_left_alone(house):
    own = house.root / ".venv"
    own.mkdir()
    (own / "pyvenv.cfg").write_text("home = /usr/bin")
    python = environment.prepared("run")
    assert own not in python.parents
    assert environment.user_cache() in python.parents
    assert [p.name for p in own.iterdir()] == ["pyvenv.cfg"]


def test_a_folder_that_cannot_be_written_sends_it_to_the_cache(house, monkeypatch):
    monkeypatch.setattr(environment, "is_writable", lambda folder: house.root not in folder.parents)
    assert environment.user_cache() in environment.prepared("run").parents
    monkeypatch.setattr(environment, "is_writable", lambda folder: False)
    (house.root / "pyproject.toml").write_text('[project]\nname = "otoscope"\ndependencies = ["other>=1"]\n')
    with pytest.raises(StartError, match="XDG_CACHE_HOME"):
        environment.prepared("run")


def test_torch_may_come_from_an_index_of_its_own(house, monkeypatch):
    monkeypatch.setenv(environment.TORCH_INDEX, "file:///wheels")
    environment.prepared("run")
    assert house.done[1:] == [["torch==1", "--index-url", "file:///wheels"], ["torch==1", "absent>=2"]]


def test_too_little_disk_is_said_before_anything_is_made(house, monkeypatch):
    monkeypatch.setattr(environment, "DISK_NEEDED", 1e18)
    with pytest.raises(StartError, match="free disk"):
        environment.prepared("run")
    assert house.done == []


def test_a_lock_keeps_a_second_start_waiting(tmp_path):
    with environment.locked(tmp_path), open(tmp_path / environment.MARK, "a") as second:
        assert not environment.try_lock(second.fileno())
    with open(tmp_path / environment.MARK, "a") as second:
        assert environment.try_lock(second.fileno())


@posix
def test_a_second_start_waits_for_the_first_and_says_so(tmp_path, capsys, monkeypatch):
    first = contextlib.ExitStack()
    first.enter_context(environment.locked(tmp_path))
    monkeypatch.setattr(environment.time, "sleep", lambda seconds: first.close())
    with environment.locked(tmp_path):
        assert capsys.readouterr().err.count("waiting") == 1


def test_a_venv_replaces_what_an_interrupted_start_left(tmp_path):
    folder = tmp_path / ".venv"
    with environment.locked(folder):
        (folder / "half").mkdir()
        (folder / "half" / "done").touch()
        environment.make_venv(folder)
    assert not (folder / "half").exists()
    assert (folder / environment.MARK).exists()
    found = subprocess.run([environment.interpreter(folder), "-c", "import pip, sys; print(sys.prefix)"],
                           capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).samefile(folder)


@posix
def test_a_missing_venv_module_is_one_line_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(environment, "apt_install", lambda packages: False)
    with pytest.raises(StartError, match=r"sudo apt install python3\.\d+-venv") as error:
        environment.make_venv(tmp_path)
    assert error.value.code == 2


@posix
def test_pip_tells_of_large_packages_and_of_errors(tmp_path, capsys):
    line = "  Downloading https://x/torch-2.13.0-cp311-linux.whl (526.6 MB)"
    environment.pip(script(tmp_path / "good", f"echo '{line}'", "echo 'Downloading tiny-1-py3.whl (9.1 MB)'"), "T", [])
    assert "torch 2.13.0, 526.6 MB" in (said := capsys.readouterr().err)
    assert "tiny" not in said
    with pytest.raises(StartError, match="ERROR: No matching") as error:
        environment.pip(script(tmp_path / "bad", "echo 'ERROR: No matching x' >&2", "exit 1"), "T", [])
    assert error.value.code == 1


@posix
def test_start_over_in_the_prepared_environment_but_never_in_a_circle(house, monkeypatch):
    ran = []
    monkeypatch.setattr(environment.os, "execv", lambda path, command: ran.append(command))
    environment.enter("run", ["song.ogg"])
    assert ran == [[str(environment.interpreter(house.root / ".venv")), str(house.root / "main.py"), "song.ogg"]]
    assert os.environ[environment.READY]
    with pytest.raises(StartError, match=r"lacks torch==1; delete that folder"):
        environment.enter("run", [])
    assert environment.READY not in os.environ


def test_an_interpreter_that_has_everything_is_used_as_it_is(house):
    (house.root / "pyproject.toml").write_text('[project]\nname = "otoscope"\ndependencies = ["pytest>=1"]\n')
    environment.enter("run", [])
    (house.root / "pyproject.toml").write_text('[project]\nname = "other"\n')  # strayed into site-packages
    environment.enter("run", [])
    (house.root / "pyproject.toml").unlink()  # installed as a package
    environment.enter("run", [])
    assert house.done == []


# system libraries

def test_missing_libraries_are_installed_by_root_or_named(monkeypatch, capsys):
    present, asked = set(), []
    monkeypatch.setattr(environment.sys, "platform", "linux")
    monkeypatch.setattr(environment, "loads", lambda name: name in present)
    monkeypatch.setattr(environment, "apt_install", asked.append)
    assert environment.provide({"liba.so": "liba1", "libb.so": "libb2"}) == ["liba.so", "libb.so"]
    assert "sudo apt install liba1 libb2" in capsys.readouterr().err

    def install(packages):
        present.update({"liba.so"})
        return True
    monkeypatch.setattr(environment, "apt_install", install)
    assert environment.provide({"liba.so": "liba1"}) == []
    assert asked == [["liba1", "libb2"]]


@posix
def test_apt_get_updates_its_lists_only_when_it_must(tmp_path, monkeypatch):
    log = tmp_path / "log"
    lists = tmp_path / "lists"
    script(tmp_path / "apt-get", f'echo "$2" >> {log}',
           f'case "$2" in update) touch {lists};; *) [ -e {lists} ];; esac')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(environment.os, "geteuid", lambda: 0)
    assert environment.apt_install(["a"])
    assert environment.apt_install(["a"])
    assert log.read_text().split() == ["install", "update", "install", "install"]
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000)
    assert not environment.apt_install(["a"])
    assert len(log.read_text().split()) == 4


# what is started

@pytest.fixture
def no_set_up(monkeypatch):
    monkeypatch.setattr(environment, "enter", lambda group, argv: None)
    monkeypatch.setattr(environment, "provide", lambda libraries: [])
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
@pytest.mark.skipif(not environment.loads("libxcb.so.1"), reason="there is no X library")
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
    monkeypatch.setattr(environment, "provide", lambda libraries: ["libEGL.so.1"])
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


# commands

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


@posix
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
    monkeypatch.setattr(output.time, "monotonic", lambda: now.seconds)
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
