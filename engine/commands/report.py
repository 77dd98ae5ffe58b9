"""`report SESSION --out DIR`: all results of a saved session as one page to look at and listen to, DIR/report.html.

What has a report of its own (explain, attack, maximise, dissect) is made again for its sounds and pictures, which
takes as long as at first; where that gives another answer, or is left out, what was saved is told in words.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import commands
from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError, shown
from engine.commands.again import ask_again, state_of, used
from engine.commands.output import output_folder, plain
from engine.commands.patience import Patience, TooLong, add_patience, patience_of
from engine.composing.writing import Workshop
from engine.disk import write_whole
from engine.folk.abc_text import parse_book
from engine.folk.files import read_text
from engine.job import Cancelled, Progress, Report
from engine.report.files import encoded, folder_made
from engine.report.session_page import Chapter, in_words, of_page, session_page, trials
from engine.report.web import Player
from engine.sessions import AudioRef, Opened, Result, read
from engine.sessions.differences import differences
from engine.sessions.values import PAINTED

FILE = "report.html"
WITH_PAGE = ("explain", "attack", "maximise", "dissect")
WITHOUT = ("grid", "every_label", "experiment", PAINTED)    # with these they write none, take hours, or cannot
LONGEST_HEARD = 30.0    # seconds of a sound
MOST_HEARD = 12         # tunes of a chapter
LONGEST_WORDS = 20_000  # characters
NOT_AGAIN = "It was not asked again for its sounds and pictures: {}."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The session and the folder."""
    parser.add_argument("session", metavar="SESSION", help="a session (.oto)")
    parser.add_argument("--out", type=output_folder, required=True, metavar="DIR", help=f"write {FILE} here")
    add_patience(parser)


def run(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Where the page is, and what is missing in it."""
    patience = patience_of(args)
    opened = read(args.session, report=report)
    writer = _Writer(opened, patience, report)
    try:
        chapters = [*writer.results(), *writer.others()]
    finally:
        writer.workshop.close()
    session = opened.session
    lines = [", ".join(_counted(len(found), name) for found, name in (
                 (session.results, "result"), (session.audio, "file"), (session.tunes, "tune"))),
             ", ".join(f"{name} {version}" for name, version in session.made_with.items())]
    page = session_page(f"Session {shown(Path(args.session).stem)}", [line for line in lines if line], opened.missing,
                        chapters)
    with folder_made(args.out):
        write_whole(args.out / FILE, encoded(page))
    return {"written": [str(args.out / FILE)], "results": len(session.results), "missing": list(opened.missing)}


class _Writer:
    """Makes chapters of a session's results and tunes."""

    def __init__(self, opened: Opened, patience: Patience, report: Report) -> None:
        self.session, self.patience, self.report, self.workshop = opened.session, patience, report, Workshop()

    def results(self) -> Iterator[Chapter]:
        """One for each result."""
        for number, result in enumerate(self.session.results, 1):
            self.report(Progress(number - 1, len(self.session.results), f"reporting {shown(result.command)}"))
            files = list(used(result, self.session.audio))
            title = result.command + (f": {files[0].name}" if files else "")
            yield self._result(f"r{number}", title, result, files)

    def others(self) -> Iterator[Chapter]:
        """Tunes that are in no answer, and listening tests."""
        answered = {abc for result in self.session.results for abc in _abc_of(result.answer)}
        own = {name: abc for name, abc in self.session.tunes.items() if abc not in answered}
        for number, (name, abc) in enumerate(own.items(), 1):
            players, faults = self._tunes([abc])
            yield in_words(f"t{number}", f"tune: {name}", name, faults, words=abc, players=players)
        if self.session.trials:
            yield trials("abx", self.session.trials)

    def _result(self, chapter: str, title: str, result: Result, files: list[AudioRef]) -> Chapter:
        when = [f"Asked {result.made.replace('T', ' ') or 'at an unknown time'}; it took {result.seconds:.1f} s."]
        changed = [f"{ref.name} is not what it was ({state})." if state == "missing" else f"{ref.name} has changed."
                   for ref in files if (state := state_of(ref)) != ref.sha256]
        page, why = "", ""
        if not changed and result.command in WITH_PAGE and not any(map(result.arguments.get, WITHOUT)):
            page, why = self._page(result)
        if page:
            return of_page(chapter, title, page, when)
        players, faults = ([], []) if changed else self._players(result, files)
        made = {**{name.replace("_", " "): _told(value, self.session.audio) for name, value in result.arguments.items()
                   if value is not None and value is not False and value not in ("", [])},
                **{f"SHA-256 of {model.name}": model.sha256 for model in result.models}}
        lines = [*when, *changed, *([why] if why else []), *faults]
        return in_words(chapter, title, title, lines, words=_words(result), players=players, made=made)

    def _page(self, result: Result) -> tuple[str, str]:
        """The method's own page of the answer, or why there is none."""
        if late := self.patience.too_long(result):
            return "", NOT_AGAIN.format(late)
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            try:
                answer = plain(ask_again(result, self.session.audio, Path(folder),
                                         self.patience.heard_by(self.report), out=out))
                if next(differences(result.answer, answer), None) is not None:
                    return "", ("Asked again it is answered otherwise today, so that what was saved is shown in words; "
                                "replay tells the differences.")
                page = out / FILE
                return (page.read_text(encoding="utf-8"), "") if page.exists() else ("", "")
            except TooLong as late_today:
                return "", NOT_AGAIN.format(late_today)
            except Cancelled:
                raise
            except Exception as error:  # of a session from anywhere; the other chapters are written
                return "", f"It could not be asked again: {commands.sentence(error)[0]}"

    def _players(self, result: Result, files: list[AudioRef]) -> tuple[list[Player], list[str]]:
        """Sounds of a result: of the files that it is about, of the tunes that it holds."""
        players, faults = self._tunes(_abc_of(result.answer))
        for number, ref in enumerate(files, 1):
            try:
                if ref.seconds is None:
                    if result.command == "score" and ref.path.suffix.lower() == ".abc":
                        of_file, odd = self._tunes([read_text(ref.path)])
                        players, faults = players + of_file, faults + odd
                    continue
                sound, says = _part(AudioFile(ref.path), result.arguments)
                players.append(Player(f"file-{number}", ref.name, says, sound))
            except InputError as error:
                faults.append(str(error))
        return players, faults

    def _tunes(self, texts: list[str]) -> tuple[list[Player], list[str]]:
        """Tunes in ABC as sounds, and what could not be made into one."""
        players: list[Player] = []
        faults: list[str] = []
        tunes = [(tune, text) for text in texts[:MOST_HEARD] for tune in parse_book(text) if tune.notes][:MOST_HEARD]
        with tempfile.TemporaryDirectory() as folder:
            for number, (tune, text) in enumerate(tunes, 1):
                try:
                    (path,) = self.workshop.write(tune, text, Path(folder) / f"{number}.wav")
                    sound = AudioFile(path).read(0, LONGEST_HEARD).mono()
                except InputError as error:
                    faults.append(f"{tune.title} cannot be heard: {error}")
                    continue
                players.append(Player(f"tune-{number}", tune.title or "A tune", "Played on a flute.", sound))
        return players, faults


def _part(file: AudioFile, arguments: Any) -> tuple[Waveform, str]:
    """What of a file is heard, and in words which part that is."""
    start, seconds = (arguments.get(name) for name in ("start", "seconds"))
    start = float(start) if isinstance(start, (int, float)) and 0 <= start < file.seconds else 0.0
    heard = min(LONGEST_HEARD, seconds) if isinstance(seconds, (int, float)) and seconds > 0 else LONGEST_HEARD
    stop = min(file.seconds, start + heard)
    return file.read(start, stop), f"{start:.1f} to {stop:.1f} s of the file."


def _counted(n: int, name: str) -> str:
    return f"{n} {name}{'' if n == 1 else 's'}"


def _abc_of(answer: Any) -> list[str]:
    tunes = answer.get("tunes")
    return [one["abc"] for one in (tunes if isinstance(tunes, list) else ())
            if isinstance(one, dict) and isinstance(one.get("abc"), str)]


def _words(result: Result) -> str:
    """The answer as its command prints it; as JSON where it is not one that this command gives."""
    try:
        words = str(commands.command(result.command).show(dict(result.answer)))
    except Exception:   # an answer from anywhere may lack anything
        words = json.dumps(result.answer, ensure_ascii=False, indent=1)
    return words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]} …"


def _told(value: Any, audio: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_told(one, audio) for one in value)
    if isinstance(value, dict):
        ref = audio.get(value.get("audio")) if isinstance(value.get("audio"), str) else None
        return f"{ref.name}, SHA-256 {ref.sha256}" if ref else str(value.get("path", value))
    return str(value)


def show(result: dict[str, Any]) -> str:
    """Where the page is, and what is missing in it."""
    return "\n".join([*result["written"], *result["missing"]])
