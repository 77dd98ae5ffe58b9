"""Asking a saved question again: the options of a session, through the parser of their command.

A session may come from anybody. Its options are taken only if the parser takes them; what would write goes to a
folder that is thrown away or nowhere; consent to run a model is not in a session, and is asked for as ever.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from engine.checks import InputError, choice, shown
from engine.commands import COMMANDS, OF_SESSIONS, command, parser_of
from engine.commands.saving import OURS, OUTPUTS
from engine.job import Report
from engine.sessions import AudioRef, Result, fingerprint
from engine.sessions.values import PAINTED

NEVER = {"train": "a training takes long and writes its checkpoints", "bench": "speeds are others in each run",
         "batch": "a batch writes a table, and goes on with one that it finds",
         "install-desktop": "the menu of the desktop is nothing to compare"}
"""Commands that are not run again, and why."""
NUMBER = re.compile(r"-?[\d.]+(e[+-]?\d+)?")
PLAIN = re.compile(r"\w[\w .()-]{0,100}")       # a name that leads nowhere else
_NOTHING = object()


def not_again(result: Result) -> str:
    """Why a result is not asked again; empty where it is."""
    return "the window alone knows what was painted" if result.arguments.get(PAINTED) else NEVER.get(result.command, "")


def ask_again(result: Result, audio: Mapping[str, AudioRef], scratch: Path, report: Report, *,
              out: Path | None = None) -> Any:
    """The answer of a command to the question of a saved result, today.

    Parameters
    ----------
    result
        One that `not_again` has nothing against.
    audio
        Of the session.
    scratch
        A folder to be thrown away; what the command cannot but write goes there.
    out
        Of commands with an option --out: where they write their report; None for nowhere.

    Raises
    ------
    InputError
        When the command or its options are not such as its parser takes, or its own `run` refuses them.
    """
    name = choice(result.command, [name for name in COMMANDS if name not in OF_SESSIONS], "command")
    args = namespace(name, result.arguments, audio, scratch)
    if out is not None:
        args.out = out
    return command(name).run(args, report)


def namespace(name: str, saved: Mapping[str, Any], audio: Mapping[str, AudioRef], scratch: Path
              ) -> argparse.Namespace:
    """The options of a command as its parser makes them of saved ones.

    Raises
    ------
    InputError
        When one of them is unknown, of another type, or refused by the parser.
    """
    parser = parser_of(name)
    actions = [action for action in parser._actions if action.dest not in OURS]
    if unknown := sorted(saved.keys() - {action.dest for action in actions}):
        raise InputError(f"{name}: expected options that it has, got {shown(unknown[0])!r}")
    options: list[str] = []
    places: list[str] = []
    for action in actions:
        given = written(action, saved.get(action.dest), scratch) if action.dest in OUTPUTS else (
            saved.get(action.dest, _NOTHING))
        if given is _NOTHING or given is None:
            continue
        words = list(_words(action, given, audio))
        (options if action.option_strings else places).extend(words)
    return parser.parse_args([*options, *(["--", *places] if places else [])])


def written(action: argparse.Action, saved: Any, scratch: Path) -> Any:
    """Where a command writes that is run again: nowhere, or to the scratch folder where it must write somewhere."""
    if action.dest == "into_card" or (action.dest == "out" and not action.required and action.default is None):
        return None
    name = str(saved["path"]) if isinstance(saved, Mapping) and "path" in saved else ""
    ending = PurePath(name).suffix
    stem = PurePath(name).stem if PLAIN.fullmatch(PurePath(name).stem) else action.dest
    return {"path": str(scratch / f"{stem}{ending if PLAIN.fullmatch(ending[1:]) else ''}")}


def _words(action: argparse.Action, value: Any, audio: Mapping[str, AudioRef]) -> Iterator[str]:
    """An option with its value as one would type it."""
    option = action.option_strings[-1] if action.option_strings else None
    if option and action.nargs == 0:
        if not isinstance(value, bool):
            raise InputError(f"{option}: expected true or false, got {_told(value)}")
        yield from [option] if value else []
        return
    several = isinstance(action, argparse._AppendAction) or action.nargs in ("+", "*")
    if isinstance(value, list) != several:
        raise InputError(f"{action.dest}: expected {'a list' if several else 'one value'}, got {_told(value)}")
    texts = [_text(action.dest, one, audio) for one in (value if several else [value])]
    if option is None:
        yield from texts
    elif action.nargs in ("+", "*"):
        if odd := [text for text in texts if text.startswith("-") and not NUMBER.fullmatch(text)]:
            raise InputError(f"{option}: expected values, got an option among them ({shown(odd[0])})")
        yield from [option, *texts] if texts else []
    else:       # joined by =, no value is taken for an option
        yield from (f"{option}={text}" if option.startswith("--") else f"{option}{text}" for text in texts)


def _text(name: str, value: Any, audio: Mapping[str, AudioRef]) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    if isinstance(value, Mapping) and value.keys() == {"path"} and isinstance(value["path"], str):
        if os.path.exists(value["path"]) and not os.path.isfile(value["path"]) and not os.path.isdir(value["path"]):
            raise InputError(f"{name}: expected a file or a folder, got {_told(value['path'])}, a device or a pipe")
        return value["path"]
    if isinstance(value, Mapping) and value.keys() == {"audio"} and value["audio"] in audio:
        return str(audio[value["audio"]].path)
    raise InputError(f"{name}: expected text, a number, or a file of the session, got {_told(value)}")


def _told(value: Any) -> str:
    return shown(repr(value))


def used(result: Result, audio: Mapping[str, AudioRef]) -> Iterator[AudioRef]:
    """The files that a result was made of."""
    for value in result.arguments.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping) and isinstance(key := one.get("audio"), str) and key in audio:
                yield audio[key]


def state_of(ref: AudioRef) -> str:
    """What has become of a file: its SHA-256, or that it is missing, or why it cannot be read."""
    try:
        return fingerprint(ref.path)[0]
    except FileNotFoundError:
        return "missing"
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
