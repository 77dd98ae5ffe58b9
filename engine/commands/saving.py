"""`--save FILE.oto`, of every command: what was asked and answered goes into a session."""

from __future__ import annotations

import argparse
import itertools
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.checks import InputError, shown
from engine.commands.output import output_folder
from engine.job import Report
from engine.models import catalogue, folk_lstm, mel_gan
from engine.models.foreign_card import is_card
from engine.sessions import SUFFIX, AudioRef, ModelRef, Result, Session, fingerprint, read, reference, versions, write

INPUTS = ("audio", "path", "vocal", "instrumental", "data", "tune", "real", "elsewhere")
"""Options and arguments that name files or folders to read, by their names in the parsers; `model` may, too."""
OUTPUTS = ("out", "work", "into_card")
"""Those that name what is written."""
OURS = ("json", "debug", "save", "help", "trust", "device")
"""Those that have no part in the answer. Consent to run a model is not handed on."""
FOLK = ("compose", "folk-stats")
WITHOUT_MODEL = ("train", "horse", "score", "bench")


@dataclass
class Saving:
    """A session file that a result is to go into.

    Parameters
    ----------
    path
        Of the session file; it need not exist.
    began
        When the work began: seconds, monotonic, and in words.
    """

    path: Path
    began: float = field(default_factory=time.perf_counter)
    made: str = field(default_factory=lambda: datetime.now().astimezone().isoformat(timespec="seconds"))

    @classmethod
    def to(cls, name: str) -> Saving:
        """Look at the file before the work.

        Raises
        ------
        InputError
            When it cannot be written, or what lies there is no session that could be written again without loss.
        """
        path = Path(name)
        if path.suffix.lower() != SUFFIX:
            raise InputError(f"--save: expected a name that ends in {SUFFIX}, got {shown(path)!r}")
        try:
            folder = output_folder(str(path.parent))
        except argparse.ArgumentTypeError as error:
            raise InputError(f"--save: {error}") from None
        if not folder.exists():
            raise InputError(f"--save: there is no folder {shown(folder)}; make it first")
        if path.exists():
            _whole(path)
        return cls(path)

    def keep(self, command: str, arguments: Mapping[str, Any], answer: Mapping[str, Any], report: Report) -> None:
        """Add a result to the session, which is read again: others may have added to it meanwhile.

        Raises
        ------
        InputError
            When the file cannot be read or written any more.
        """
        seconds = round(time.perf_counter() - self.began, 3)
        said, files = saved_arguments(arguments, report)
        result = Result(command, said, answer, models_of(command, arguments), self.made, seconds)
        session = _whole(self.path) if self.path.exists() else Session()
        session = replace(session.adding(result, *files), tunes=_with_tunes(session.tunes, answer),
                          made_with=versions())
        write(session, self.path, report=report)


def _whole(path: Path) -> Session:
    opened = read(path, hashed=False)
    if not opened.whole:
        raise InputError(f"--save: {shown(path)} would lose what could not be read in it; save to another name "
                         f"({opened.missing[0]})")
    return opened.session


def saved_arguments(arguments: Mapping[str, Any], report: Report) -> tuple[dict[str, Any], tuple[AudioRef, ...]]:
    """A command's options as `Result.arguments` has them, and the files among them."""
    files: dict[str, AudioRef] = {}

    def said(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [said(one) for one in value]
        if os.path.isfile(value):
            ref = reference(value, report=report)
            files[ref.key] = ref
            return {"audio": ref.key}
        return {"path": os.path.abspath(value)} if os.path.exists(value) else str(value)

    known: dict[str, Any] = {}
    for name, value in arguments.items():
        if name in OURS:
            continue
        if value is None or isinstance(value, (bool, int, float)):
            known[name] = value
        elif name in OUTPUTS or (name == "model" and os.path.exists(value) and (
                isinstance(value, Path) or is_card(value))):
            known[name] = {"path": os.path.abspath(value)}
        else:
            known[name] = said(value) if name in INPUTS else value if isinstance(value, list) else str(value)
    return known, tuple(files.values())


def models_of(command: str, arguments: Mapping[str, Any]) -> tuple[ModelRef, ...]:
    """The models that took part in an answer.

    Raises
    ------
    InputError
        When one cannot be read.
    """
    name = arguments.get("model", "svd" if command == "demo" else None)
    if command in FOLK:
        return (_folk(name),)
    if command in WITHOUT_MODEL or name is None:
        return ()
    listener = catalogue.opened(str(name))
    prior = [mel_gan.load()] if command == "maximise" and arguments.get("prior") == "gan" else []
    return (ModelRef(listener.name, str(listener.card.get("sha256", ""))),
            *(ModelRef("gan", str(one.card.get("sha256", ""))) for one in prior))


def _folk(path: Path | str | None) -> ModelRef:
    if path is not None:
        try:
            return ModelRef(Path(path).stem, fingerprint(Path(path))[0])
        except OSError as error:
            raise InputError(f"{shown(path)}: could not be read ({error.strerror or error})") from None
    model = folk_lstm.load()
    return ModelRef(model.name, str(model.card.get("sha256", "")))


def _with_tunes(known: Mapping[str, str], answer: Mapping[str, Any]) -> dict[str, str]:
    """The tunes of a session and those that an answer holds, by their titles."""
    tunes = dict(known)
    for one in answer.get("tunes", ()):
        if isinstance(abc := one.get("abc"), str) and abc not in tunes.values():
            title = next((line[2:].strip() for line in abc.splitlines() if line.startswith("T:")), "tune")
            names = (title if i == 1 else f"{title} ({i})" for i in itertools.count(1))
            tunes[next(name for name in names if name not in tunes)] = abc
    return tunes
