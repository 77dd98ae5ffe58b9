"""Whose models may run: those that somebody agreed to, remembered by the sha256 of their bytes.

A model is a program. Nothing of it is opened before.
"""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import platformdirs

from engine.checks import InputError, shown
from engine.disk import write_chosen

LARGEST_MODEL = 1_900_000_000   # bytes: what one message to its process can hold
FILE = "own-models.json"


def model_bytes(path: Path) -> tuple[bytes, str]:
    """A model's bytes and their sha256: what is agreed to is what runs, whatever becomes of the file meanwhile.

    Raises
    ------
    InputError
        When the file cannot be read or is too large.
    """
    try:
        if path.stat().st_size > LARGEST_MODEL:
            raise InputError(f"{shown(path)}: expected a model of at most {LARGEST_MODEL / 1e9:.1f} GB, got "
                             f"{path.stat().st_size / 1e9:.1f} GB")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror})") from None
    return data, hashlib.sha256(data).hexdigest()


def agreed(path: Path) -> bool:
    """Whether somebody agreed that this model, as it is now, may run."""
    return agreed_to(model_bytes(path)[1])


def agreed_to(sha256: str) -> bool:
    """Whether somebody agreed to a model of this sha256."""
    return sha256 in _known()


def agree(path: Path) -> None:
    """Remember that this model, as it is now, may run.

    Raises
    ------
    InputError
        When it cannot be read, or nothing can be written to the user's folder of settings.
    """
    known = {**_known(), model_bytes(path)[1]: {"file": path.name, "agreed": time.strftime("%Y-%m-%d")}}
    place = _place()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{shown(place.parent)}: could not be made ({error.strerror}), so no consent can be kept"
                         ) from None
    write_chosen(place, (json.dumps(known, indent=1) + "\n").encode())


def _place() -> Path:
    return Path(platformdirs.user_config_dir("otoscope")) / FILE


def _known() -> dict[str, Any]:
    """What was agreed to; nothing where the list is missing or damaged, for that asks again and harms nobody."""
    try:
        found = json.loads(_place().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
