"""Performs tunes: what sounds when.

Repeats are unfolded, tied notes are one, accidentals hold through the bar as they were read. Bars keep strict time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from engine.checks import within
from engine.folk.abc_words import read_meter, read_unit
from engine.folk.clefs import clef_in, clef_of
from engine.folk.decorations import chord_symbol, decoration, grace_pitches
from engine.folk.keys import Key, read_key
from engine.folk.mei import id_of
from engine.folk.ornaments import Piece, chord_of, graced, ornamented
from engine.folk.tempo import Tempo, beat_of, read_tempo, seconds_at, usual
from engine.folk.tune import Bar, Field, Mark, Meter, Note, Tune
from engine.folk.unfold import performed

HIGH_CLICK, LOW_CLICK = 76, 77      # wood blocks of General MIDI
LOUD, MIDDLE, SOFT = 100, 92, 84    # velocities on the first beat, on the others, between
CHORD_VELOCITY, CLICK_VELOCITY = 60, 100
STACCATO = Fraction(1, 2)
MOST_BEATS = 10_000                 # of the metronome: some text names bars by the million


@dataclass(frozen=True, slots=True)
class PlayedNote:
    """One sounding note."""

    start_s: float
    seconds: float
    midi: int               # 60 is middle C
    velocity: int           # 1 to 127
    id: str                 # of the note in the score (`mei.id_of`); empty for chords and clicks


@dataclass(frozen=True, slots=True)
class Step:
    """A written note, chord or rest in its turn."""

    start_s: float
    seconds: float
    id: str


@dataclass(frozen=True)
class Performance:
    """A tune as it is played."""

    notes: tuple[PlayedNote, ...]       # by onset, of all voices
    chords: tuple[PlayedNote, ...]
    clicks: tuple[PlayedNote, ...]
    steps: tuple[Step, ...]
    tempi: tuple[Tempo, ...]
    seconds: float
    title: str
    meter: Meter
    key: Key
    others: tuple[tuple[Step, ...], ...] = ()   # of the other voices

    def at(self, seconds: float) -> str | None:
        """Id of what is played at a time, None before and after."""
        index = bisect_right(self.steps, seconds, key=lambda step: step.start_s) - 1
        return self.steps[index].id if index >= 0 and seconds < self.seconds else None

    def span(self, ids: Iterable[str]) -> tuple[float, float] | None:
        """From when to when these are played in a row for the first time; None if none of them ever is."""
        wanted = set(ids)
        spans = [span for steps in (self.steps, *self.others) if (span := _span(steps, wanted)) is not None]
        return (min(start for start, _ in spans), max(stop for _, stop in spans)) if spans else None


def _span(steps: Sequence[Step], wanted: Container[str]) -> tuple[float, float] | None:
    """Of one voice."""
    first = next((i for i, step in enumerate(steps) if step.id in wanted), None)
    if first is None:
        return None
    last = first
    while last + 1 < len(steps) and steps[last + 1].id in wanted:
        last += 1
    return steps[first].start_s, steps[last].start_s + steps[last].seconds


def perform(tune: Tune, *, tempo: float | None = None, chords: bool = False, metronome: bool = False,
            ornaments: bool = True) -> Performance:
    """Play a tune.

    Parameters
    ----------
    tune : Tune
        Its problems are passed over.
    tempo : float, optional
        Beats per minute for all of it; a beat is a quarter note, a dotted one in 6/8, 9/8 and 12/8. By default what
        Q: says, or what is usual for the meter.
    chords : bool
        Play chord symbols.
    metronome : bool
        Click on every beat.
    ornaments : bool
        Play grace notes and decorations.

    Raises
    ------
    InputError
        When the tempo is out of range.
    """
    if tempo is not None:
        within(tempo, 10, 1000, "tempo in beats a minute")
    first = _played(_Player(tune, tempo, ornaments), chords=chords, metronome=metronome)
    if not tune.others:
        return first
    voices = [first, *(_played(_Player(other, tempo, ornaments, first.tempi), chords=chords, metronome=False)
                       for other in tune.others)]
    return replace(
        first, others=tuple(voice.steps for voice in voices[1:]), seconds=max(voice.seconds for voice in voices),
        notes=tuple(sorted((note for voice in voices for note in voice.notes), key=lambda note: note.start_s)),
        chords=next((voice.chords for voice in voices if voice.chords), ()))


def _played(player: _Player, *, chords: bool, metronome: bool) -> Performance:
    """One voice."""
    for event in performed(player.tune):
        if isinstance(event, Note):
            player.note(event)
        elif isinstance(event, Bar):
            player.bar(event)
        elif isinstance(event, Field):
            player.field(event)
        elif isinstance(event, Mark):
            player.marks.append(event)
    return player.finished(chords=chords, metronome=metronome)


@dataclass
class _Sound:
    start: Fraction         # quarter notes
    length: Fraction
    midi: int
    id: str
    velocity: int = MIDDLE


class _Player:
    """Where a performance has come to; times are in quarter notes."""

    def __init__(self, tune: Tune, tempo: float | None, ornaments: bool, tempi: Sequence[Tempo] = ()) -> None:
        self.tune, self.fixed, self.ornaments = tune, tempo is not None or bool(tempi), ornaments
        self.meter, self.key, self.unit = tune.meter, tune.key, tune.unit
        self.raised = 12 * clef_of(tune).octave
        rate = read_tempo(tune.field("Q"), tune.unit) or usual(tune.meter)
        if tempo is not None:
            rate = tempo * float(4 * beat_of(tune.meter))
        self.tempi = list(tempi) or [Tempo(Fraction(0), 0.0, rate)]     # those of the first voice lead the others
        self.now = self.bar_start = Fraction(0)
        self.phase: Fraction | None = None          # of the bar at `bar_start`; None: it may be a pickup
        self.bar_first = 0                          # index of its first sound
        self.marks: list[Mark] = []
        self.sounds: list[_Sound] = []
        self.steps: list[tuple[Fraction, Fraction, str]] = []
        self.tied: dict[int, _Sound] = {}           # by MIDI number
        self.chord: tuple[int, ...] = ()
        self.strikes: list[tuple[Fraction, tuple[int, ...]]] = []
        self.beats: list[tuple[Fraction, bool]] = []

    def note(self, event: Note) -> None:
        """Play a note, a chord or a rest."""
        length = 4 * event.duration
        self.steps.append((self.now, length, id_of(event)))
        self.strike()
        names = {decoration(mark.text) for mark in self.marks} if self.ornaments else set()
        graces = [pitch.midi for mark in self.marks if mark.text.startswith("{")
                  for _, pitch in grace_pitches(mark, self.key)] if self.ornaments else []
        tied: dict[int, _Sound] = {}
        for pitch in event.pitches:
            if pitch.midi in self.tied:
                tied[pitch.midi] = self.tied[pitch.midi]
                tied[pitch.midi].length += length
            elif 0 <= pitch.midi + self.raised <= 127:
                pieces = ornamented(pitch, length, names if len(event.pitches) == 1 else set(), self.key)
                tied[pitch.midi] = self.play(graced(graces, pieces), id_of(event), short="staccato" in names)
                graces = []
        self.tied = tied if event.tied else {}
        self.now += length
        self.marks = []

    def play(self, pieces: list[Piece], name: str, *, short: bool) -> _Sound:
        """Sound these one after another; the last of them is returned."""
        start = self.now
        for midi, length in pieces:
            if 0 <= midi + self.raised <= 127:
                self.sounds.append(_Sound(start, length * STACCATO if short else length, midi + self.raised, name))
            start += length
        return self.sounds[-1]

    def strike(self) -> None:
        """Strike the chord that a symbol names here, or the last one again where a bar begins."""
        symbols = [chord for mark in self.marks if (chord := chord_symbol(mark))]
        if symbols:
            self.chord = chord_of(symbols[-1])
        if symbols or self.now == self.bar_start:
            self.strikes.append((self.now, self.chord))

    def bar(self, event: Bar) -> None:
        """A bar line: beats and accents are known now."""
        length, bar = self.now - self.bar_start, 4 * self.meter.bar
        if not length:
            return
        phase = self.phase if self.phase is not None else max(bar - length, Fraction(0))
        beat = 4 * beat_of(self.meter)
        first, behind = int(-(-phase // beat)), int(-(-(phase + length) // beat))
        for index in range(first, min(behind, first + MOST_BEATS - len(self.beats))):
            self.beats.append((self.bar_start + index * beat - phase, bool(bar) and not index * beat % bar))
        for sound in self.sounds[self.bar_first:]:
            place = phase + sound.start - self.bar_start
            sound.velocity = LOUD if bar and not place % bar else SOFT if place % beat else MIDDLE
        self.phase = Fraction(0) if event.sign == "|" or not bar else (phase + length) % bar
        self.bar_start, self.bar_first = self.now, len(self.sounds)

    def field(self, event: Field) -> None:
        """Another meter, key, clef or tempo."""
        if event.letter in "KV" and (clef := clef_in(event.text)) is not None:
            self.raised = 12 * clef.octave
        if event.letter == "M" and (meter := read_meter(event.text)) is not None:
            self.bar(Bar("|", event.start, event.start))
            self.meter = meter
        elif event.letter == "K" and (key := read_key(event.text)) is not None:
            self.key = key
        elif event.letter == "L" and (unit := read_unit(event.text)) is not None:
            self.unit = unit
        elif event.letter == "Q" and not self.fixed and (rate := read_tempo(event.text, self.unit)) is not None:
            self.tempi.append(Tempo(self.now, seconds_at(self.now, self.tempi), rate))

    def finished(self, *, chords: bool, metronome: bool) -> Performance:
        """The performance, once all is played."""
        self.bar(Bar("|", 0, 0))
        struck = list(self.struck()) if chords else []
        click = Fraction(1, 8)
        clicks = [_Sound(at, click, HIGH_CLICK if first else LOW_CLICK, "", CLICK_VELOCITY)
                  for at, first in self.beats] if metronome else []
        tune, tempi = self.tune, tuple(self.tempi)
        times = ((name, seconds_at(start, tempi), seconds_at(start + length, tempi))
                 for start, length, name in self.steps)
        steps = tuple(Step(start, stop - start, name) for name, start, stop in times)
        return Performance(
            notes=_in_seconds(self.sounds, tempi), chords=_in_seconds(struck, tempi),
            clicks=_in_seconds(clicks, tempi), steps=steps,
            tempi=tempi, seconds=seconds_at(self.now, tempi), title=tune.title, meter=tune.meter, key=tune.key)

    def struck(self) -> Iterator[_Sound]:
        """The notes of the chords, each until the next one."""
        for (start, chord), (stop, _) in pairwise([*self.strikes, (self.now, ())]):
            for midi in chord if stop > start else ():
                yield _Sound(start, stop - start, midi, "", CHORD_VELOCITY)


def _in_seconds(sounds: Iterable[_Sound], tempi: tuple[Tempo, ...]) -> tuple[PlayedNote, ...]:
    notes = []
    for sound in sorted(sounds, key=lambda sound: sound.start):
        start = seconds_at(sound.start, tempi)
        notes.append(PlayedNote(start, seconds_at(sound.start + sound.length, tempi) - start, sound.midi,
                                sound.velocity, sound.id))
    return tuple(notes)
