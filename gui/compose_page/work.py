"""What is done on the engine's threads for the page: it touches no widget and no state."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from engine.checks import InputError, shown
from engine.composing.suggest import open_model
from engine.composing.tunebook import Book, book_of, read_book
from engine.folk.abc_text import parse
from engine.folk.abc_words import read_meter
from engine.folk.engrave import Engraver, Score
from engine.folk.importing import ENDINGS, imported
from engine.folk.mei import id_of
from engine.folk.novelty import TuneIndex, known_tunes
from engine.folk.performance import Performance, perform
from engine.folk.synth import Synth
from engine.folk.tune import Bar, Field, Note, Problem, Tune
from engine.job import Progress, Report
from engine.models.folk_lstm import FolkLstm
from gui.player import WaveformSource

MORE = re.compile(r"^(?!%)([^\n]*\S)", re.MULTILINE)     # a line that is no comment


@dataclass(frozen=True)
class Paper:
    """What a score is engraved on: size of a page in pixels, scale in percent, and which pages are drawn."""

    width: float
    height: float
    scale: int
    first: int
    most: int


class Places:
    """Where the notes of a tune stand in its text: found by id, and by a part of the text."""

    def __init__(self, tune: Tune) -> None:
        notes = tune.all_notes
        self.names = [id_of(note) for note in notes]
        self._starts, self._stops = [note.start for note in notes], [note.stop for note in notes]
        self._of = dict(zip(self.names, zip(self._starts, self._stops, strict=True), strict=True))

    def of(self, name: str) -> tuple[int, int] | None:
        """Where a note stands; None if it is not there."""
        return self._of.get(name)

    def within(self, start: int, stop: int) -> list[str]:
        """Notes of which a part stands there; where both are equal, the note at that place."""
        touch = start == stop
        first = bisect.bisect_left(self._stops, start) if touch else bisect.bisect_right(self._stops, start)
        last = bisect.bisect_right(self._starts, stop) if touch else bisect.bisect_left(self._starts, stop)
        return self.names[first:last]

    def at(self, start: int) -> str:
        """The note that begins there, or else the last before it; empty where there is none."""
        place = bisect.bisect_right(self._starts, start) - 1
        return self.names[max(0, place)] if self.names else ""


@dataclass(frozen=True)
class Sheet:
    """A tune that was read and engraved."""

    key: int
    text: str
    tune: Tune
    places: Places
    bars: int               # that have notes
    score: Score | None
    fault: str              # why there is no score; empty where there is one
    paper: Paper


@dataclass(frozen=True)
class PlayWishes:
    """How a tune is to be played."""

    instrument: str = "flute"
    tempo: float | None = None      # beats a minute; None: as written, or as usual
    chords: bool = True
    metronome: bool = False


@dataclass(frozen=True)
class Played:
    """A tune as sound."""

    key: int
    text: str
    wishes: PlayWishes
    performance: Performance
    source: WaveformSource


@dataclass(frozen=True)
class Opened:
    """A book that was read, and what is to be said of it."""

    book: Book
    path: Path
    saved: bool                     # whether the file itself can be written again: it is ABC
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """A network that suggests, and the tunes it has learnt from as far as they are known."""

    model: FolkLstm
    known: TuneIndex | None
    path: Path | None               # None for the one that is installed

    @property
    def meters(self) -> list[str]:
        """Metres it knows."""
        return [token[2:] for token in self.model.vocabulary if token.startswith("M:")]

    @property
    def modes(self) -> list[str]:
        """Modes it knows, such as `Cdor`."""
        return [token[2:] for token in self.model.vocabulary if token.startswith("K:")]


def engraved(engraver: Engraver, key: int, text: str, paper: Paper, report: Report) -> Sheet:
    """Read a tune and engrave it; a tune that cannot be engraved is still read."""
    tune = parse(text)
    tune = replace(tune, problems=(*tune.problems, *behind(tune, text)))
    report(Progress(0, 1))
    sheet = Sheet(key, text, tune, Places(tune), bars_of(tune), None, "", paper)
    return drawn(engraver, sheet, paper) if sheet.places.names else sheet


def behind(tune: Tune, text: str) -> tuple[Problem, ...]:
    """What stands in a text behind the empty line that ends its tune, where it looks like music or fields."""
    found = MORE.search(text, tune.stop)
    if found is None:
        return ()
    start, stop = found.span(1)
    return (Problem("expected nothing behind the empty line that ends the tune, found more; take the empty line out, "
                    "or begin another tune for it", text.count("\n", 0, start) + 1, 1, start, stop),)


def drawn(engraver: Engraver, sheet: Sheet, paper: Paper) -> Sheet:
    """Other pages of what was read."""
    try:
        score = engraver.engrave(sheet.tune, sheet.text, width=paper.width, height=paper.height, scale=paper.scale,
                                 first=paper.first, most=paper.most)
    except InputError as error:
        return replace(sheet, score=None, fault=str(error), paper=paper)
    return replace(sheet, score=score, fault="", paper=paper)


def bars_of(tune: Tune) -> int:
    """Bars as musicians count: no pickups, and one that a repeat sign splits is one."""
    bars, time, begun, full, first = 0, Fraction(0), Fraction(0), tune.meter.bar, True
    for event in (*tune.events, Bar("|", tune.stop, tune.stop)):
        if isinstance(event, Note):
            time += event.duration
        elif isinstance(event, Field) and event.letter == "M":
            meter = read_meter(event.text)
            full = meter.bar if meter is not None else full
        elif isinstance(event, Bar) and time:
            if begun and begun + time > full:
                bars, begun = bars + 1, Fraction(0)     # the one before was never completed
            if not first or time >= full:
                begun += time
                bars, begun = (bars + 1, Fraction(0)) if event.sign == "|" or begun >= full else (bars, begun)
            time, first = Fraction(0), False
    return bars + bool(begun) or int(bool(tune.notes))


def played(synth: Synth, key: int, text: str, wishes: PlayWishes, report: Report) -> Played:
    """Play a tune into memory."""
    report(Progress(0, 1))
    performance = perform(parse(text), tempo=wishes.tempo, chords=wishes.chords, metronome=wishes.metronome)
    return Played(key, text, wishes, performance, WaveformSource(synth.render(performance, wishes.instrument)))


def opened(path: Path, report: Report) -> Opened:
    """Read a file of tunes, or what music21 makes of MusicXML and MIDI."""
    report(Progress(0, 1, f"reading {shown(path)}"))
    if path.suffix.lower() in ENDINGS:
        found = imported(path)
        return Opened(book_of(found.text), path, False, found.notes)
    return Opened(read_book(path), path, True, ())


def network(path: Path | None, report: Report) -> Network:
    """Load a network; what the installed one has learnt is known."""
    report(Progress(0, 2, "loading the network"))
    model = open_model(path)
    report(Progress(1, 2, "loading the tunes it has learnt"))
    return Network(model, known_tunes(), path)
