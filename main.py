"""Otoscope's door: prepares its own environment on first start, then opens the window or runs a command.

    python3 main.py                     the window (without a display: a demo clip, explained headless)
    python3 main.py song.ogg            the window, with that file
    python3 main.py --help              the commands
    python3 main.py test                lint, types and tests (with arguments: pytest with these)
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import shlex
import subprocess
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (an older one gets as far as this)
    sys.exit("otoscope: Python 3.11 or later is needed, this is {}.{}.".format(*sys.version_info[:2]))

from engine import commands
from engine.commands import environment, system_libraries
from engine.commands.environment import ROOT, StartError
from engine.commands.output import say
from engine.commands.system_libraries import QT, QT_ON_X11, SOUND

SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile")  # pytest: files of tests share the cores


def main(argv: list[str] | None = None) -> int:
    """Start what `argv` (default: the command line) asks for; return the exit code."""
    try:
        return start(sys.argv[1:] if argv is None else argv)
    except StartError as error:
        say(f"otoscope: {error}")
        return error.code
    except KeyboardInterrupt:
        return 130


def start(argv: list[str]) -> int:
    """The window, the tests or a command; what needs no environment (help, a misspelt name) gets none."""
    name = argv[0] if argv else ""
    if name == "test":
        environment.enter("test", argv)
        return test(argv[1:])
    if all(map(os.path.isfile, argv)):
        environment.enter("run", argv)
        tune_process()
        return window(argv)
    if name in commands.COMMANDS:
        environment.enter("run", argv)
        tune_process()
    return commands.run(argv)


def window(files: list[str]) -> int:
    """Open the window; where there is no display, explain a demo clip without one."""
    if not has_display():
        if files:
            name, session = shlex.quote(files[0]), files[0].lower().endswith(".oto")
            raise StartError("the window needs a display, and neither DISPLAY nor WAYLAND_DISPLAY is set; without one: "
                             f"python3 main.py {f'replay {name}' if session else f'explain {name} --start 0'}")
        say("No display was found, so there is no window: a demo clip is explained without one.")
        return commands.run(["demo"])
    on_x11 = not os.environ.get("WAYLAND_DISPLAY") and os.environ.get("QT_QPA_PLATFORM", "xcb") == "xcb"
    if without := system_libraries.provide(QT | QT_ON_X11 if on_x11 else QT):
        raise StartError(f"the window cannot open without {', '.join(without)}; commands (--help) can.")
    if on_x11 and sys.platform == "linux" and not display_answers():
        raise StartError(f"the display {os.environ.get('DISPLAY', '')!r} does not answer; is DISPLAY right?")
    if system_libraries.provide(SOUND):
        say("Until then Otoscope runs without sound.")
    return int(importlib.import_module("gui.main_window").run(files))


def test(arguments: list[str]) -> int:
    """Lint, types and tests, or pytest alone with `arguments`; the first exit code that is not 0 stays."""
    if not (ROOT / "tests").is_dir():
        raise StartError("the tests come with the source code, not with the installed package.")
    if QT.keys() & system_libraries.provide(QT | SOUND):
        if not arguments:
            raise StartError("the window cannot be tested without them; the rest: python3 main.py test tests/engine")
        arguments = [*arguments, "-p", "no:pytest-qt"]  # it would end pytest at once
    checks = [["pytest", *arguments]] if arguments else [["ruff", "check"], ["mypy"], ["pytest", *SIDE_BY_SIDE]]
    codes = [subprocess.call([sys.executable, "-m", *check], cwd=ROOT) for check in checks]
    return next((code for code in codes if code), 0)


def has_display() -> bool:
    """Whether a window could be shown (Qt's offscreen platform counts)."""
    wanted = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform in ("win32", "darwin") or any(os.environ.get(name) for name in wanted)


def display_answers() -> bool:
    """Whether the X server that DISPLAY names can be reached; where it cannot, Qt would end the process."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = not xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return answers


def tune_process() -> None:
    """Let glibc keep large blocks: giving them back after every layer can halve a network's speed.

    And let OpenMP's threads sleep while they wait: spinning, they are eight times slower than one thread alone as
    soon as another program uses a core, and the window and the sound wait with them.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with contextlib.suppress(OSError, TypeError, AttributeError):  # other C libraries have no such thing
        for threshold in (-3, -1):  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
            ctypes.CDLL(None).mallopt(threshold, 1 << 30)


if __name__ == "__main__":
    sys.exit(main())
