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
from engine.disk import bytes_up_to, write_chosen

LARGEST_MODEL = 1_900_000_000   # bytes: what one message to its process can hold
FILE = "own-models.json"


class NotAgreed(InputError):
    """Nobody agreed to run the model of a card as its file is now."""

    def __init__(self, card: Path, weights: Path, sha256: str) -> None:
        super().__init__(f"{shown(weights)}: a model is a program with your rights, and nobody agreed to run this one "
                         f"(sha256 {sha256[:12]}…); if you trust where it comes from, say --trust")
        self.card, self.weights, self.sha256 = card, weights, sha256


def model_bytes(path: Path) -> tuple[bytes, str]:
    """A model's bytes and their sha256: what is agreed to is what runs, whatever becomes of the file meanwhile.

    Raises
    ------
    InputError
        When the file cannot be read or is too large.
    """
    try:
        data = bytes_up_to(path, LARGEST_MODEL)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror})") from None
    if data is None:
        raise InputError(f"{shown(path)}: expected a model of at most {LARGEST_MODEL / 1e9:.1f} GB, it is larger")
    return data, hashlib.sha256(data).hexdigest()


def agreed(path: Path) -> bool:
    """Whether somebody agreed that this model, as it is now, may run."""
    return agreed_to(model_bytes(path)[1])


def agreed_to(sha256: str) -> bool:
    """Whether somebody agreed to a model of this sha256."""
    return sha256 in _known()


def agree(path: Path, sha256: str = "") -> None:
    """Remember that this model may run: as it is now, or as it was looked at when it had this sha256.

    Raises
    ------
    InputError
        When it cannot be read or is another one meanwhile, or nothing can be written to the user's folder of settings.
    """
    now = model_bytes(path)[1]
    if sha256 not in ("", now):
        raise InputError(f"{shown(path)}: expected the model that you agreed to, found that it has changed meanwhile; "
                         "look at it again")
    _keep({**_known(), now: {"file": path.name, "agreed": time.strftime("%Y-%m-%d")}})


def forget(sha256: str) -> None:
    """Withdraw the consent to a model.

    Raises
    ------
    InputError
        When nothing can be written to the user's folder of settings.
    """
    known = _known()
    if known.pop(sha256, None) is not None:
        _keep(known)


def _keep(known: dict[str, Any]) -> None:
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
