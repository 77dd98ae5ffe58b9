"""`score TUNE --out FILE`: a tune of ABC, MusicXML or MIDI engraved, as MIDI, as MusicXML or as sound."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.checks import InputError, choice, shown, within
from engine.commands.output import output_folder
from engine.composing.writing import FORMATS, Sounding, Workshop
from engine.folk.abc_text import parse_book
from engine.folk.files import read_text
from engine.folk.importing import ENDINGS, imported
from engine.folk.synth import INSTRUMENTS
from engine.folk.tune import Tune
from engine.job import Progress, Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("tune", metavar="TUNE", help="ABC notation, one tune or several; or the melody of a file in "
                        f"MusicXML or MIDI ({', '.join(ENDINGS)})")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE",
                        help=f"{', '.join(FORMATS)}; several tunes get their numbers between name and ending")
    parser.add_argument("--number", metavar="X", help="only the tune whose X: field says so")
    parser.add_argument("--instrument", default="flute", choices=INSTRUMENTS, help="of .wav and .mid (default: flute)")
    parser.add_argument("--tempo", type=float, metavar="BPM",
                        help="beats a minute; a beat is a quarter note, a dotted one in 6/8, 9/8 and 12/8")
    parser.add_argument("--chords", action="store_true", help="play chord symbols too")
    parser.add_argument("--metronome", action="store_true", help="click on every beat")


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Write the files; what was written, what could not be read in the ABC, what an import left out."""
    ending = choice(args.out.suffix.lower().lstrip("."), FORMATS, "ending of --out")
    output_folder_of(args.out)
    if args.tempo is not None:
        within(args.tempo, 10, 1000, "--tempo")
    path = Path(args.tune)
    text, left_out = text_of(path)
    tunes = chosen(list(parse_book(text)), args.number, path)
    names = file_names(args.out, tunes)
    workshop = Workshop(Sounding(args.instrument, args.tempo, args.chords, args.metronome))
    written = []
    try:
        for done, (tune, name) in enumerate(zip(tunes, names, strict=True)):
            report(Progress(done, len(tunes), f"writing {shown(name)}"))
            try:
                files = workshop.write(tune, text, name, ending)
            except InputError as error:
                line = "" if imports(path) else f", line {line_of(text, tune)}"
                raise InputError(f"{shown(path)}{line}: {error}") from None
            written.append({"number": tune.field("X"), "title": tune.title, "files": files, "problems": [
                {"file": path.name, "line": p.line, "column": p.column, "message": p.message} for p in tune.problems]})
    finally:
        workshop.close()
    return {"tunes": written, **({"left_out": left_out} if imports(path) else {})}


def show(result: dict[str, Any]) -> str:
    """The files, what could not be read, and what was left out."""
    lines = [str(file) for tune in result["tunes"] for file in tune["files"]]
    lines += [f"{p['file']}, line {p['line']}, column {p['column']}: {p['message']}"
              for tune in result["tunes"] for p in tune["problems"]]
    lines += result.get("left_out", ())
    return "\n".join(lines)


def output_folder_of(out: Path) -> None:
    """Make the folder that a file goes to, or refuse."""
    try:
        folder = output_folder(str(out.parent))
    except argparse.ArgumentTypeError as error:
        raise InputError(f"--out: {error}") from None
    if out.is_dir():
        raise InputError(f"--out: expected the name of a file, {shown(out)} is a folder")
    folder.mkdir(parents=True, exist_ok=True)


def imports(path: Path) -> bool:
    """Whether a file is of another notation, by its ending."""
    return path.suffix.lower() in ENDINGS


def text_of(path: Path) -> tuple[str, list[str]]:
    """ABC text of a file, and what of it was left out."""
    if not imports(path):
        return read_text(path), []
    found = imported(path)
    return found.text, list(found.notes)


def chosen(tunes: list[Tune], number: str | None, path: Path) -> list[Tune]:
    """The tunes to write: all with notes, or the one with that number."""
    if number is not None:
        known = [tune.field("X") for tune in tunes]
        if number not in known:
            listed = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
            raise InputError(f"--number: {shown(path)} has no tune X:{number}; its numbers are {listed or 'none'}")
        tunes = [tunes[known.index(number)]]
    with_notes = [tune for tune in tunes if tune.notes]
    if not with_notes:
        first = next((problem for tune in tunes for problem in tune.problems), None)
        where = f"{shown(path)}, line {first.line}, column {first.column}: {first.message}" if first else (
            f"{shown(path)}, line 1, column 1: expected a tune in ABC notation, beginning with X:, found none")
        raise InputError(where)
    return with_notes


def file_names(out: Path, tunes: list[Tune]) -> list[Path]:
    """A name for each tune: `out` for a single one, with its number (or its place) for several."""
    if len(tunes) == 1:
        return [out]
    numbers = [tune.field("X").strip() for tune in tunes]
    if len(set(numbers)) < len(numbers) or not all(number.isdecimal() for number in numbers):
        numbers = [str(place) for place in range(1, len(tunes) + 1)]
    return [out.with_stem(f"{out.stem}-{number}") for number in numbers]


def line_of(text: str, tune: Tune) -> int:
    """The line on which a tune begins, from 1."""
    return text.count("\n", 0, tune.start) + 1
