"""Put Otoscope into the menu of the desktop (Linux): an entry and icons in your data folder; --remove undoes it."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from engine.checks import InputError
from engine.job import Report

ROOT = Path(__file__).resolve().parents[2]
ICONS = ROOT / "resources" / "icons"
NAME = "otoscope"
ENTRY = """[Desktop Entry]
Type=Application
Name=Otoscope
GenericName=Machine listening explained
Comment=See and hear why a music-listening model says what it says
Exec={run} %F
Icon=otoscope
Terminal=false
Categories=AudioVideo;Audio;Science;Music;
Keywords=music;explain;XAI;MIR;ABC;spectrogram;
MimeType=audio/x-wav;audio/wav;audio/flac;audio/ogg;audio/mpeg;audio/x-aiff;text/vnd.abc;
StartupNotify=true
StartupWMClass=otoscope
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options."""
    parser.add_argument("--remove", action="store_true", help="take it out of the menu again")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Write or remove the files."""
    if sys.platform != "linux":
        raise InputError(f"install-desktop: expected Linux, found {sys.platform}; pin the program by hand there")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    entry = data / "applications" / f"{NAME}.desktop"
    icons = {ICONS / f"{NAME}.svg": data / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"}
    icons |= {path: data / "icons" / "hicolor" / f"{side}x{side}" / "apps" / f"{NAME}.png"
              for path in ICONS.glob(f"{NAME}-*.png") for side in [path.stem.rpartition("-")[2]]}
    written = [entry, *icons.values()]
    if args.remove:
        for path in written:
            path.unlink(missing_ok=True)
        return {"removed": [str(path) for path in written]}
    for source, target in icons.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    entry.parent.mkdir(parents=True, exist_ok=True)
    entry.write_text(ENTRY.format(run=" ".join(map(quoted, starter()))), encoding="utf-8")
    return {"written": [str(path) for path in written]}


def starter() -> list[str]:
    """The words that start this very Otoscope: frozen, installed, or from its sources."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    if (ROOT / "pyproject.toml").exists():
        return [sys.executable, str(ROOT / "main.py")]
    return [str(Path(sys.executable).with_name(NAME))]


def quoted(word: str) -> str:
    """A word of an Exec line (Desktop Entry Specification 1.5, section 7)."""
    for sign in '\\"`$':
        word = word.replace(sign, f"\\{sign}")
    return f'"{word}"'.replace("\\", "\\\\").replace("%", "%%")


def show(result: dict[str, Any]) -> str:
    """For people."""
    done, paths = next(iter(result.items()))
    return f"{'Written' if done == 'written' else 'Removed'}: {paths[0]} and {len(paths) - 1} icons"
