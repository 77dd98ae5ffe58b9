"""How the environment and the system libraries are prepared, without touching what is not ours."""

import contextlib
import os
import subprocess
import types
from pathlib import Path

import pytest

from engine.commands import environment, system_libraries
from engine.commands.environment import StartError

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
    monkeypatch.setattr(system_libraries.sys, "platform", "linux")
    monkeypatch.setattr(system_libraries, "loads", lambda name: name in present)
    monkeypatch.setattr(system_libraries, "apt_install", asked.append)
    assert system_libraries.provide({"liba.so": "liba1", "libb.so": "libb2"}) == ["liba.so", "libb.so"]
    assert "sudo apt install liba1 libb2" in capsys.readouterr().err

    def install(packages):
        present.update({"liba.so"})
        return True
    monkeypatch.setattr(system_libraries, "apt_install", install)
    assert system_libraries.provide({"liba.so": "liba1"}) == []
    assert asked == [["liba1", "libb2"]]


@posix
def test_apt_get_updates_its_lists_only_when_it_must(tmp_path, monkeypatch):
    log = tmp_path / "log"
    lists = tmp_path / "lists"
    script(tmp_path / "apt-get", f'echo "$2" >> {log}',
           f'case "$2" in update) touch {lists};; *) [ -e {lists} ];; esac')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 0)
    assert system_libraries.apt_install(["a"])
    assert system_libraries.apt_install(["a"])
    assert log.read_text().split() == ["install", "update", "install", "install"]
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 1000)
    assert not system_libraries.apt_install(["a"])
    assert len(log.read_text().split()) == 4
