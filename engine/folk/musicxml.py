"""Tunes as MusicXML, through music21."""

from __future__ import annotations

import importlib
from fractions import Fraction
from typing import Any

from engine.checks import InputError
from engine.folk.abc_words import read_meter
from engine.folk.clefs import TREBLE, clef_in, clef_of, name_of
from engine.folk.decorations import chord_symbol, decoration, grace_pitches, printable
from engine.folk.keys import LETTERS, Key, read_key
from engine.folk.lyrics import lyrics
from engine.folk.tempo import beat_of, read_tempo
from engine.folk.tune import Bar, Ending, Event, Field, Mark, Meter, Note, Pitch, Tune
from engine.folk.unfold import turns

LONGEST = 128       # whole notes of a bar
MOST_SIGNS = 1000   # of a bar
_ARTICULATIONS = {"staccato": "Staccato", "accent": "Accent", "tenuto": "Tenuto", "upbow": "UpBow",
                  "downbow": "DownBow"}
_MODES = {"maj": "major", "min": "minor", "dor": "dorian", "mix": "mixolydian", "lyd": "lydian", "phr": "phrygian",
          "loc": "locrian"}
_JUMPS = {"d.c.": "DaCapo", "d.c.alfine": "DaCapoAlFine", "d.c.alcoda": "DaCapoAlCoda", "d.s.": "DalSegno",
          "d.s.alfine": "DalSegnoAlFine", "d.s.alcoda": "DalSegnoAlCoda", "fine": "Fine", "segno": "Segno",
          "coda": "Coda"}
_EXPRESSIONS = {"roll": "Turn", "trill": "Trill", "fermata": "Fermata", "lowermordent": "Mordent",
                "uppermordent": "InvertedMordent"}


def musicxml_bytes(tune: Tune) -> bytes:
    """A tune as MusicXML; its problems are passed over.

    Raises
    ------
    InputError
        When it has notes that music21 cannot write: hundreds of bars long, or of lengths that no sign names.
    """
    from music21.exceptions21 import Music21Exception
    from music21.musicxml.m21ToXml import GeneralObjectExporter

    sizes = [_longest_bar(voice) for voice in tune.voices]
    longest, most = max(length for length, _ in sizes), max(signs for _, signs in sizes)
    if most > MOST_SIGNS:
        raise InputError(f"the tune cannot be written as MusicXML: expected bars of at most {MOST_SIGNS:,} notes and "
                         f"signs, found {most:,}; put bar lines in")
    if longest > LONGEST:       # music21 looks through all of a bar for each of its notes
        raise InputError(f"the tune cannot be written as MusicXML: expected bars of at most {LONGEST} whole notes, "
                         f"found {float(longest):,.0f}; put bar lines in")
    try:
        return bytes(GeneralObjectExporter(stream_of(tune)).parse())
    except (Music21Exception, RecursionError) as error:
        reason = printable(str(error).replace("\n", " "))[:120].rstrip(".")
        raise InputError(f"the tune cannot be written as MusicXML (music21: {reason}); "
                         "take out what is very long or very short") from None


def _longest_bar(voice: Tune) -> tuple[Fraction, int]:
    """Whole notes of the longest bar, and signs of the one that has most."""
    longest = bar = Fraction(0)
    signs = most = 0
    for event in voice.events:
        signs = 0 if isinstance(event, Bar) else signs + 1
        most = max(most, signs)
        bar = Fraction(0) if isinstance(event, Bar) else bar + (event.duration if isinstance(event, Note) else 0)
        longest = max(longest, bar)
    return longest, most


def stream_of(tune: Tune) -> Any:
    """A tune as a `music21.stream.Score` with a part for each voice, and its measures."""
    m21: Any = importlib.import_module("music21")   # it is slow to import, and half typed
    score = m21.stream.Score([_part(voice, m21) for voice in tune.voices])
    score.metadata = m21.metadata.Metadata()
    score.metadata.title = printable(tune.title)
    score.metadata.composer = printable(tune.field("C")) or None
    return score


def _part(voice: Tune, m21: Any) -> Any:
    builder = _Builder(voice, m21)
    for event in voice.events:
        builder.event(event)
    return builder.finished()


class _Builder:
    """Fills measures of music21 with the events of a tune."""

    def __init__(self, tune: Tune, m21: Any) -> None:
        self.m21 = m21
        self.tune, self.meter, self.key = tune, tune.meter, tune.key
        self.part = self.m21.stream.Part()
        self.number, self.phase = 1, Fraction(0)
        self.measure = self.new_measure()
        self.marks: list[Mark] = []
        self.ending: tuple[Ending, list[Any]] | None = None
        self.tied = False
        self.sung, self.clef = lyrics(tune.events), clef_of(tune)
        self.part.partName = name_of(tune) or None
        if tune.others or self.clef != TREBLE:
            self.put_clef()
        self.put_key(tune.key)
        self.put_meter(tune.meter)
        if (rate := read_tempo(tune.field("Q"), tune.unit)) is not None:
            beat = self.m21.duration.Duration(float(4 * beat_of(tune.meter)))
            self.measure.append(self.m21.tempo.MetronomeMark(number=rate / beat.quarterLength, referent=beat))

    def new_measure(self) -> Any:
        """An empty measure."""
        return self.m21.stream.Measure(number=self.number)

    def event(self, event: Event) -> None:
        """Take one event over."""
        if isinstance(event, Field) and event.letter in "KV" and (clef := clef_in(event.text)) not in (None, self.clef):
            assert clef is not None
            self.clef = clef
            self.put_clef()
        if isinstance(event, Note):
            self.note(event)
        elif isinstance(event, Bar):
            self.bar(event)
        elif isinstance(event, Ending):
            self.close()
            self.end_ending()
            self.ending = (event, [])
        elif isinstance(event, Field) and event.letter == "K" and (key := read_key(event.text)) is not None:
            self.key = key
            self.put_key(key)
        elif isinstance(event, Field) and event.letter == "M" and (meter := read_meter(event.text)) is not None:
            self.meter = meter
            self.put_meter(meter)
        elif isinstance(event, Mark):
            self.marks.append(event)

    def put_clef(self) -> None:
        """A clef, here."""
        name = f"{self.clef.shape}{self.clef.line}" if len(self.clef.shape) == 1 else self.clef.shape
        self.measure.append(self.m21.clef.clefFromString(name, self.clef.octave))

    def put_key(self, key: Key) -> None:
        """A key with its mode, here; a signature beyond the circle of fifths is spelled out."""
        plain = self.m21.key.KeySignature(max(-7, min(7, sum(key.signature))))
        if not key.extra and abs(key.alter) <= 1:
            plain = self.m21.key.Key(f"{LETTERS[key.step]}{('', '#', '-')[key.alter]}", _MODES[key.mode])
        if tuple(self.altered(plain)) != key.signature:
            plain = self.m21.key.KeySignature(None)
            plain.alteredPitches = [f"{LETTERS[step]}{'#' if alter > 0 else '-'}"
                                    for step, alter in enumerate(key.signature) if alter]
        self.measure.append(plain)

    def altered(self, signature: Any) -> list[int]:
        """Alterations of C D E F G A B."""
        by_step = {pitch.step: int(pitch.alter) for pitch in signature.alteredPitches}
        return [by_step.get(letter, 0) for letter in LETTERS]

    def put_meter(self, meter: Meter) -> None:
        """A time signature, here; none in free time."""
        if meter.bar:
            self.measure.append(self.m21.meter.TimeSignature(meter.text))

    def pitch(self, pitch: Pitch) -> Any:
        """A pitch, its accidental drawn where it was written."""
        made = self.m21.pitch.Pitch(step=LETTERS[pitch.step % 7], octave=4 + pitch.step // 7 + self.clef.octave)
        if pitch.alter or pitch.accidental is not None:
            made.accidental = self.m21.pitch.Accidental(pitch.alter)
            made.accidental.displayStatus = pitch.accidental is not None
        return made

    def note(self, event: Note) -> None:
        """A note, a chord or a rest with what belongs to it."""
        for mark in self.marks:
            self.before(mark)
        length = 4 * event.duration
        pitches = [self.pitch(pitch) for pitch in event.pitches]
        made = (self.m21.note.Rest() if not pitches else self.m21.note.Note(pitches[0]) if len(pitches) == 1
                else self.m21.chord.Chord(pitches))
        made.quarterLength = length
        if pitches and (self.tied or event.tied):
            kind = "continue" if self.tied and event.tied else "stop" if self.tied else "start"
            made.tie = self.m21.tie.Tie(kind)
        for name in (decoration(mark.text) for mark in self.marks):
            if pitches and name in _ARTICULATIONS:
                made.articulations.append(getattr(self.m21.articulations, _ARTICULATIONS[name])())
            elif pitches and name in _EXPRESSIONS:
                made.expressions.append(getattr(self.m21.expressions, _EXPRESSIONS[name])())
        for one in self.sung.get(event.start, ()):
            made.lyrics.append(self.m21.note.Lyric(one.text, number=one.verse, syllabic=one.place, applyRaw=True))
        self.measure.append(made)
        self.phase += event.duration
        self.tied, self.marks = event.tied and bool(pitches), []

    def before(self, mark: Mark) -> None:
        """Chord symbols, words, signs of where to go, and grace notes."""
        if (name := decoration(mark.text)) in _JUMPS:
            self.measure.append(getattr(self.m21.repeat, _JUMPS[name])())
        if chord := chord_symbol(mark):
            figure = chord.replace("b", "-", 1) if chord[1:2] == "b" else chord
            try:
                self.measure.append(self.m21.harmony.ChordSymbol(figure))
            except (ValueError, self.m21.exceptions21.Music21Exception):
                self.measure.append(self.m21.expressions.TextExpression(chord))
        elif mark.text.startswith('"') and (words := printable(mark.text.strip('"').lstrip("^_<>@"))):
            self.measure.append(self.m21.expressions.TextExpression(words))
        for _, pitch in grace_pitches(mark, self.key) if mark.text.startswith("{") else ():
            self.measure.append(self.m21.note.Note(self.pitch(pitch), type="16th").getGrace())

    def bar(self, event: Bar) -> None:
        """A bar line of any kind."""
        measures = self.part.getElementsByClass("Measure")
        last = self.close(ends=event.sign == "|") or (measures.last() if measures else None)
        if last is not None and event.sign in (":|", "::"):
            last.rightBarline = self.m21.bar.Repeat(direction="end")
        elif last is not None and event.sign == "||" and last.rightBarline is None:
            last.rightBarline = self.m21.bar.Barline("double")
        if event.sign != "|":
            self.end_ending()
        if event.sign in ("|:", "::"):
            self.measure.leftBarline = self.m21.bar.Repeat(direction="start")

    def close(self, *, ends: bool = False) -> Any:
        """The measure is full; None if it is empty."""
        measure = self.measure
        if not measure.notesAndRests:
            return None
        behind = [mark for mark in self.marks if decoration(mark.text) in _JUMPS or (
            mark.text.startswith('"') and not chord_symbol(mark))]      # "D.C." stands before the bar line
        for mark in behind:
            self.before(mark)
        self.marks = [mark for mark in self.marks if mark not in behind]
        bar, first, played = self.meter.bar, not len(self.part), Fraction(measure.duration.quarterLength) / 4
        if played < bar:    # music21 would fill a part of a bar with rests
            begins = not first and self.phase == played
            setattr(measure, "paddingRight" if begins else "paddingLeft", 4 * (bar - played))
        if first and bar and self.phase < bar:
            measure.number, self.phase = 0, Fraction(0)
        else:
            measure.number = self.number
            if ends or self.phase >= bar:
                self.number, self.phase = self.number + 1, Fraction(0)
        self.part.append(measure)
        if self.ending is not None:
            self.ending[1].append(measure)
        self.measure = self.new_measure()
        return measure

    def end_ending(self) -> None:
        """The ending that has begun is over."""
        if self.ending is not None and self.ending[1]:
            numbers = ",".join(map(str, sorted(turns(self.ending[0])))) or "1"
            self.part.insert(0, self.m21.spanner.RepeatBracket(self.ending[1], number=numbers))
        self.ending = None

    def finished(self) -> Any:
        """The part, once all events are taken over."""
        last = self.close()
        self.end_ending()
        if last is not None:
            last.rightBarline = self.m21.bar.Barline("final")
        elif not len(self.part):
            self.measure.append(self.m21.note.Rest())
            self.part.append(self.measure)
        return self.part
