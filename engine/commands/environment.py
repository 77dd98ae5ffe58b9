"""Otoscope's own environment: found, or prepared after saying so.

Everything here runs before any package is installed, so it knows the standard library only. The environment
is `.venv` beside main.py, or lies in the user's cache where that cannot be written; the system's Python stays
as it is. An environment without a stamp was not finished, and is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from engine.commands.output import say
from engine.commands.system_libraries import apt_install

ROOT = Path(__file__).resolve().parents[2]
STAMP = "otoscope.json"     # in the environment: which lists of packages are installed
MARK = "otoscope.lock"      # in the environment: it is ours, and who holds this file is preparing it
READY = "OTOSCOPE_READY"    # tells the restarted process that the environment was prepared for it
TORCH_INDEX = "OTOSCOPE_TORCH_INDEX"
DISK_NEEDED = 4e9           # bytes: 2.2 GB of packages, and their downloads for a while
LARGE_FETCH = re.compile(
    r"\s*(?:Downloading|Using cached) (?:\S*/)?([^-\s]+)-([^-\s]+)\S* \((\d\d+(?:\.\d+)? MB)\)")


class StartError(Exception):
    """Otoscope cannot start. The message says what to do; `code` is the exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


def requirements(group: str) -> list[str]:
    """What pyproject.toml asks for, to "run" or to "test"; nothing where Otoscope is an installed package."""
    import tomllib

    try:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        project = {}
    if project.get("project", {}).get("name") != "otoscope":
        return []
    wanted: list[str] = project["project"]["dependencies"]
    return wanted + project["dependency-groups"]["test"] if group == "test" else wanted


def met(requirement: str) -> bool:
    """Whether this interpreter has `requirement`, written as a name, then ==, >= or < versions."""
    parts = re.fullmatch(r"([\w.-]+)((?:(?:==|>=|<)[\d.]+(?:,|$))+)", requirement)
    if not parts:
        raise StartError(f"pyproject.toml: expected a name and ==, >= or < versions, got {requirement!r}.", 1)
    try:
        have = release(metadata.version(parts[1]))
    except metadata.PackageNotFoundError:
        return False
    compare = {"==": have.__eq__, ">=": have.__ge__, "<": have.__lt__}
    return all(compare[sign](release(limit)) for sign, limit in re.findall(r"(==|>=|<)([\d.]+)", parts[2]))


def release(version: str) -> tuple[int, ...]:
    """The numbers of a version without trailing zeros: "2.10.0+cpu" -> (2, 10)."""
    numbers = re.split(r"[^\d.]|\.(?!\d)", version, maxsplit=1)[0].split(".")
    while numbers and not int(numbers[-1]):
        numbers.pop()
    return tuple(map(int, numbers))


def enter(group: str, argv: list[str]) -> None:
    """Return if this interpreter has what `group` needs; else prepare one that has, and start over in it."""
    restarted = os.environ.pop(READY, None)
    lacking = [r for r in requirements(group) if not met(r)]
    if not lacking:
        return
    if restarted:
        raise StartError(f"{sys.prefix} lacks {lacking[0]}; delete that folder and start again.", 1)
    try:
        python = prepared(group)
    except OSError as error:
        raise StartError(f"the environment could not be prepared: {error}", 1) from error
    command = [str(python), str(ROOT / "main.py"), *argv]
    os.environ[READY] = "1"
    sys.stderr.flush()
    if sys.platform == "win32":  # exec there returns to the prompt at once
        raise SystemExit(subprocess.call(command))
    os.execv(command[0], command)


def prepared(group: str) -> Path:
    """The interpreter of an environment that has what `group` needs; it is made first where there is none."""
    folders = [ROOT / ".venv", user_cache() / f"venv-{digest([str(ROOT)])[:8]}"]
    # a .venv without our mark is the user's own
    folders = [f for f in folders if (f / MARK).exists() or not (f / "pyvenv.cfg").exists()]
    for folder in folders:
        if is_current(folder, group):
            return interpreter(folder)
    writable = [f for f in folders if is_writable(f)]
    if not writable:
        raise StartError(f"no folder for the packages can be written (tried {', '.join(map(str, folders))}); "
                         "set XDG_CACHE_HOME to one that can.")
    folder = writable[0]
    with locked(folder):
        if not is_current(folder, group):
            build(folder, group)
    return interpreter(folder)


def is_writable(folder: Path) -> bool:
    """Whether the folder can be written, or made."""
    return os.access(next(f for f in (folder, *folder.parents) if f.exists()), os.W_OK)


def user_cache() -> Path:
    """Where this platform keeps a user's caches."""
    home = os.path.expanduser("~")
    usual = {"win32": os.environ.get("LOCALAPPDATA", home), "darwin": f"{home}/Library/Caches"}
    return Path(os.environ.get("XDG_CACHE_HOME") or usual.get(sys.platform, f"{home}/.cache"), "otoscope")


def interpreter(folder: Path) -> Path:
    """The Python of the environment in `folder`."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def digest(lines: list[str]) -> str:
    """A hash that changes with the lines."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def is_current(folder: Path, group: str) -> bool:
    """Whether the environment in `folder` has what `group` needs today."""
    return installed(folder).get(group) == digest(requirements(group))


def installed(folder: Path) -> dict[str, str]:
    """The stamp of the environment in `folder`; empty where there is none that was finished."""
    try:
        stamp: dict[str, str] = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if interpreter(folder).exists() else {}


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder alone; the system lets go of it should this process die."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / MARK, "a", encoding="utf-8") as file:
        told = False
        while not try_lock(file.fileno()):
            if not told:
                say("Another start of Otoscope is preparing the environment; waiting for it.")
                told = True
            time.sleep(0.5)
        yield


def try_lock(descriptor: int) -> bool:
    """Whether the file could be locked at once."""
    try:
        if sys.platform == "win32":
            import msvcrt
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def build(folder: Path, group: str) -> None:
    """Make the environment in `folder`, or bring it up to date. Only a finished one has a stamp."""
    stamp, started = folder / STAMP, time.monotonic()
    index = os.environ.get(TORCH_INDEX)
    if installed(folder):
        say(f"The list of packages has grown or changed: bringing {folder} up to date.")
    else:
        announce(folder, ask_for_index=not index)
        make_venv(folder)
    stamp.unlink(missing_ok=True)
    wanted = requirements(group)
    torch = [r for r in wanted if re.match(r"torch\b", r)]
    pip(interpreter(folder), "PyTorch", torch + (["--index-url", index] if index else []))
    pip(interpreter(folder), "The other packages", wanted)
    done = {name: digest(requirements(name)) for name in ("run", group)}
    (folder / "stamp.new").write_text(json.dumps(done), encoding="utf-8")
    os.replace(folder / "stamp.new", stamp)
    say(f"Prepared in {time.monotonic() - started:.0f} s.")


def announce(folder: Path, *, ask_for_index: bool) -> None:
    """Say what a first start is about to do."""
    if shutil.disk_usage(folder).free < DISK_NEEDED:
        raise StartError(f"Otoscope's packages need {DISK_NEEDED / 1e9:.0f} GB of free disk in {folder}.")
    say(f"First start: Otoscope puts what it needs into {folder}. The system's Python stays as it is.\n"
        "This downloads 0.7 to 3 GB, fills 2 to 6 GB of disk and takes 2 to 10 minutes, once.")
    gpu = shutil.which("nvidia-smi") or os.path.exists("/proc/driver/nvidia")
    if sys.platform == "linux" and ask_for_index and not gpu:
        say("No NVIDIA GPU was seen, yet PyTorch brings 3 GB for one by default. Without it (0.2 GB):\n"
            f"  {TORCH_INDEX}=https://download.pytorch.org/whl/cpu python3 main.py")


def make_venv(folder: Path) -> None:
    """An empty virtual environment, whatever an interrupted start left behind."""
    for old in folder.iterdir():
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        elif old.name != MARK:
            old.unlink()
    if not importlib.util.find_spec("ensurepip"):  # Debian keeps it in a package of its own
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not apt_install([package]):
            raise StartError(f"Python lacks its venv module; start again after: sudo apt install {package}")
    # the real name, so that an environment whose Python was replaced by a newer one is seen to be broken
    base = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    run = subprocess.run([base, "-m", "venv", str(folder)], check=False, capture_output=True, text=True)
    if run.returncode:
        raise StartError(f"no virtual environment could be made in {folder}: {run.stdout}{run.stderr}", 1)


def pip(python: Path, title: str, arguments: list[str]) -> None:
    """Install, with one line for each large package that is fetched."""
    say(f"{title} …")
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
               "--progress-bar", "off", *arguments]
    lines, started = [], time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                          errors="replace", env=os.environ | {"PIP_USER": "0"}) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if fetched := LARGE_FETCH.match(line):
                say("  {} {}, {}".format(*fetched.groups()))
            elif line.startswith("Installing collected packages"):
                say(f"  installing {line.count(',') + 1} packages")
    if process.returncode:
        errors = "\n".join([line for line in lines if line.startswith("ERROR")] or lines[-5:])
        raise StartError(f"pip could not install the packages; start again to repeat it.\n{errors}", 1)
    say(f"  done in {time.monotonic() - started:.0f} s")
