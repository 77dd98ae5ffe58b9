"""Opens users' models: only those that somebody agreed to run, each in a process that is kept for the next question."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from dataclasses import asdict
from pathlib import Path

from engine.checks import InputError, shown
from engine.models.foreign import ForeignListener
from engine.models.foreign_card import Card, read_card, weights_of
from engine.models.foreign_consent import NotAgreed, agree, agreed_to, forget, model_bytes
from engine.models.foreign_inputs import SampleListener, SpectralListener
from engine.models.foreign_worker import Worker

MOST_PROCESSES = 4      # that wait for questions; one ended too many starts again when it is asked
IN_THE_PROCESS = ("format", "layout", "arguments", "output", "output_layout", "pool", "chunk", "context", "state",
                  "reset", "batch", "memory_mb")
_loaded: dict[str, ForeignListener] = {}
_hashes: dict[Path, tuple[tuple[int, int], str]] = {}   # model -> its time and size, its sha256
_locks: dict[str, threading.Lock] = {}
_door = threading.Lock()


def load(path: Path, name: str = "") -> ForeignListener:
    """The listener of a card; its process starts, and opens the model only if somebody agreed to it.

    Parameters
    ----------
    path
        The card.
    name
        Of the listener; that of the card's file if it is empty.

    Raises
    ------
    NotAgreed
        When nobody agreed to the model.
    InputError
        When card or model cannot be used.
    """
    card, name = read_card(path), name or path.stem
    weights = weights_of(card, path)
    sha256 = _sha256(weights)
    _permitted(card, path, weights, sha256)
    key = hashlib.sha256(json.dumps([name, str(path.resolve()), asdict(card), sha256]).encode()).hexdigest()
    with _lock(key):
        if key not in _loaded:
            data, sha256 = model_bytes(weights)
            _permitted(card, path, weights, sha256)
            made = _made(card, name, data, sha256)
            made.origin = path.resolve()
            _loaded[key] = made
            _spare(key)
        return _loaded[key]


def tried(card: Card, folder: Path, name: str) -> ForeignListener:
    """The listener of a card that is no file yet, with a process of its own, which whoever tries closes.

    Raises
    ------
    NotAgreed
        When nobody agreed to the model.
    InputError
        When card and model do not fit.
    """
    path = folder / f"{name}.yaml"
    weights = weights_of(card, path)
    data, sha256 = model_bytes(weights)
    _permitted(card, path, weights, sha256)
    return _made(card, name, data, sha256)


def trusted(path: Path, sha256: str = "") -> None:
    """Agree that the model of this card may run, as its file is now, or as it was when it had this sha256.

    Raises
    ------
    InputError
        When card or model cannot be read, or consent cannot be kept.
    """
    agree(weights_of(read_card(path), path), sha256)


def drop(path: Path) -> None:
    """End the processes of a card's models, and withdraw the consent to its model where that can be read."""
    for key, one in list(_loaded.items()):
        if one.origin == path.resolve():
            _loaded.pop(key).worker.close()
    with contextlib.suppress(InputError):
        forget(model_bytes(weights_of(read_card(path), path))[1])


def _made(card: Card, name: str, data: bytes, sha256: str) -> ForeignListener:
    spec = {key: value for key, value in asdict(card).items() if key in IN_THE_PROCESS}
    worker = Worker(name, data, spec, seconds=card.seconds)
    try:
        return (SampleListener if card.input == "waveform" else SpectralListener)(name, card, worker, sha256)
    except BaseException:
        worker.close()
        raise


def _permitted(card: Card, path: Path, weights: Path, sha256: str) -> None:
    """Raise unless this is the model of the card, and somebody agreed to run it."""
    if card.sha256 and card.sha256.lower() != sha256:
        raise InputError(f"{shown(weights)}: expected the model whose sha256 its card names ({card.sha256[:12]}…), got "
                         f"another ({sha256[:12]}…); take the right one, or the line out of the card")
    if not agreed_to(sha256):
        raise NotAgreed(path, weights, sha256)


def _sha256(weights: Path) -> str:
    """Of a model; one whose time and size are those of last time is not read again."""
    try:
        stat = weights.stat()
    except OSError as error:
        raise InputError(f"{shown(weights)}: could not be read ({error.strerror})") from None
    mark = (stat.st_mtime_ns, stat.st_size)
    known = _hashes.get(weights)
    if known is None or known[0] != mark:
        known = _hashes[weights] = (mark, model_bytes(weights)[1])
    return known[1]


def _lock(key: str) -> threading.Lock:
    """One a model: who wants it while it starts waits, and does not start it twice."""
    with _door:
        return _locks.setdefault(key, threading.Lock())


def _spare(key: str) -> None:
    """End processes beyond so many, but of none that is at work."""
    idle = [other for other, one in _loaded.items() if other != key and not one.worker.busy]
    for other in idle[: max(0, len(_loaded) - MOST_PROCESSES)]:
        _loaded.pop(other).worker.close()
