"""Standard MIDI Files as a `Melody`: events read by music21, notes put on a grid, bars made where the meter says.

The melody is the line of highest notes of the first track and channel with notes, percussion aside. A file made from a
score has its onsets on a grid of sixteenths and triplets, or of a finer one; one that somebody played has them nowhere,
and gets the coarse one. Gaps of at most a quarter of a note and a sixteenth are how it was played, not rests. Where
loud notes show where bars begin, a pickup is found by them; a file says nothing of it otherwise.
"""

from __future__ import annotations

import importlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from engine.folk.keys import FIFTHS, NATURALS, Key
from engine.folk.melody import Measure, Melody, Sound, Unusable, factor_of, key_of, meter_of
from engine.folk.tune import Meter

LONGEST = 20_000                    # quarter notes
MOST_NOTES = 100_000
GRIDS = ((4, 3), (8, 6), (16, 12))  # parts of a quarter note
EXACT = Fraction(1, 100)            # of a quarter: so near the grid are the onsets of a score
PERCUSSION = 10                     # channel, counted from 1
ACCENT = 0.5                        # mean velocity that a pickup must gain
_SIXTEENTH = Fraction(1, 4)         # of a quarter note


@dataclass
class _Heard:
    """One note; times in quarter notes."""

    start: Fraction
    stop: Fraction
    midi: int
    velocity: int


@dataclass
class _Said:
    """What the file says beside its notes, with the place in quarter notes."""

    meters: list[tuple[Fraction, Meter]] = field(default_factory=list)
    keys: list[tuple[Fraction, Key]] = field(default_factory=list)
    tempi: list[tuple[Fraction, float]] = field(default_factory=list)   # quarter notes per minute
    title: str = ""


def melody_of(data: bytes) -> tuple[Melody, list[str]]:
    """The melody of a Standard MIDI File, and what of it was left out.

    Raises
    ------
    Unusable
        When it has no notes, or is longer than any tune.
    """
    base, read = (importlib.import_module(f"music21.midi.{name}") for name in ("base", "translate"))
    file = base.MidiFile()
    file.ticksPerQuarterNote = 0
    file.readstr(data)
    if not file.ticksPerQuarterNote:
        raise Unusable("its times are not counted in quarter notes")
    said, parts = _Said(), dict[tuple[int, int], list[_Heard]]()
    for number, track in enumerate(file.tracks):
        events = read.getTimeForEvents(track)
        if events and events[-1][0] > LONGEST * file.ticksPerQuarterNote:
            raise Unusable(f"it lasts more than {LONGEST:,} quarter notes")
        _listen(said, events, file.ticksPerQuarterNote, base.MetaEvents, first=not number)
        for on, off, event in read.getNotesFromEvents(events):
            start, stop = (Fraction(ticks, file.ticksPerQuarterNote) for ticks in (on, off))
            parts.setdefault((number, event.channel), []).append(
                _Heard(start, stop, event.pitch, event.velocity))
    pitched = [part for (_, channel), part in sorted(parts.items()) if channel != PERCUSSION]
    if not pitched:
        raise Unusable("found none" + (" but percussion" if parts else ""))
    if len(pitched[0]) > MOST_NOTES:
        raise Unusable(f"it has more than {MOST_NOTES:,} notes")
    heard = quantised(pitched[0])
    line, below = skyline(heard)
    notes = [f"{count} {what} left out" for count, what in (
        (len(parts) - 1, "more part was" if len(parts) == 2 else "more parts were"),
        (below, "note below the melody was" if below == 1 else "notes below the melody were")) if count]
    return Melody(said.title, measures(line, said, pickup_of(heard, said))), notes


def _listen(said: _Said, events: Sequence[tuple[int, Any]], ticks: int, kinds: Any, *, first: bool) -> None:
    """Note down meters, keys, tempi and the name of the first track."""
    for tick, event in events:
        at, data = Fraction(tick, ticks), event.data
        if not isinstance(data, bytes):
            continue
        if event.type == kinds.TIME_SIGNATURE and len(data) >= 2 and data[1] < 7:
            said.meters.append((at, meter_of(f"{data[0]}/{2 ** data[1]}")))
        elif event.type == kinds.KEY_SIGNATURE and len(data) >= 2:
            sharps = int.from_bytes(data[:1], "big", signed=True)
            if -7 <= sharps <= 7:
                said.keys.append((at, key_of(sharps, "min" if data[1] else "maj")))
        elif event.type == kinds.SET_TEMPO and len(data) == 3 and any(data):
            said.tempi.append((at, 60e6 / int.from_bytes(data, "big")))
        elif event.type == kinds.SEQUENCE_TRACK_NAME and first and not said.title:
            said.title = data.decode("utf-8", "replace").strip()


def quantised(notes: Sequence[_Heard]) -> list[_Heard]:
    """The notes on the coarsest grid on which they are, the coarsest of all if there is none; by onset."""
    grid = next((grid for grid in GRIDS if all(abs(_nearest(note.start, grid) - note.start) <= EXACT
                                               for note in notes)), GRIDS[0])
    found = []
    for note in notes:
        start, stop = _nearest(note.start, grid), _nearest(note.stop, grid)
        if abs(stop - note.stop) > EXACT and start * grid[0] % 1 == 0:  # played short: no reason to see a triplet in it
            stop = _nearest(note.stop, grid[:1])
        found.append(_Heard(start, stop if stop > start else start + Fraction(1, grid[0]), note.midi, note.velocity))
    return sorted(found, key=lambda note: (note.start, -note.midi))


def _nearest(time: Fraction, grid: Sequence[int]) -> Fraction:
    return min((Fraction(round(time * parts), parts) for parts in grid), key=lambda place: abs(place - time))


def skyline(notes: Sequence[_Heard]) -> tuple[list[tuple[Fraction, Fraction, tuple[int, ...]]], int]:
    """The line of the highest notes as (start, stop, MIDI numbers), and how many notes lie below it.

    What begins together is a chord, as long as its highest note. What begins below a note that sounds on for at least
    half of it is below the melody; else the note before ends there.
    """
    chords: list[tuple[Fraction, Fraction, tuple[int, ...]]] = []
    below = index = 0
    while index < len(notes):
        top, last = notes[index], index
        while last < len(notes) and notes[last].start == top.start:
            last += 1
        pitches, count = tuple(sorted({note.midi for note in notes[index:last]})), last - index
        index = last
        if chords:
            start, stop, before = chords[-1]
            if top.midi < before[-1] and 2 * (min(stop, top.stop) - top.start) >= top.stop - top.start:
                below += count
                continue
            gap = top.start - stop
            close = gap <= min(_SIXTEENTH, (top.start - start) / 4)
            chords[-1] = (start, top.start if close else stop, before)
        chords.append((top.start, top.stop, pitches))
    return chords, below


def pickup_of(notes: Sequence[_Heard], said: _Said) -> Fraction:
    """How long a first bar, in quarter notes, has the loudest notes on the bars behind it; 0 where no accents tell."""
    if any(at for at, _ in said.meters):
        return Fraction(0)
    bar = 4 * (said.meters[0][1].bar if said.meters else Fraction(1)) or Fraction(4)
    mean = sum(note.velocity for note in notes) / len(notes)
    gain = {Fraction(half, 2): 0.0 for half in range(int(2 * bar))}
    for note in notes:
        if note.start % bar in gain:
            gain[note.start % bar] += (note.velocity - mean) / len(notes)
    best = max(gain, key=lambda place: (gain[place], -place), default=Fraction(0))
    return best if gain and gain[best] > gain[Fraction(0)] + ACCENT else Fraction(0)


def measures(line: Sequence[tuple[Fraction, Fraction, tuple[int, ...]]], said: _Said,
             pickup: Fraction = Fraction(0)) -> list[Measure]:
    """The line in bars, the first of them perhaps short; notes that a bar line cuts are tied."""
    keys = said.keys or [(Fraction(0), _likely_key(line))]
    pieces = list(_pieces(line))
    bars = list(_bars(said, pieces[-1][1], pickup))
    made, tempo = [], ""
    index = 0
    for number, (start, stop, meter) in enumerate(bars):
        measure = Measure(meter=meter, key=_at(keys, start))
        if (now := _tempo(_at(said.tempi, start))) != tempo:
            measure.tempo = tempo = now
        while index < len(pieces) and pieces[index][0] < stop:
            begin, end, midi = pieces[index]
            pitches = tuple(spelled(number, _at(keys, begin)) for number in midi)
            duration = (min(end, stop) - max(begin, start)) / 4
            measure.sounds.append(Sound(duration, pitches, bool(midi) and end > stop, factor_of(duration)))
            if end > stop:
                break
            index += 1
        if number < len(bars) - 1 or measure.sounds:
            made.append(measure)
    return made


def _pieces(line: Sequence[tuple[Fraction, Fraction, tuple[int, ...]]]) -> Iterator[
        tuple[Fraction, Fraction, tuple[int, ...]]]:
    """The line with its rests."""
    now = Fraction(0)
    for start, stop, midi in line:
        if start > now:
            yield now, start, ()
        yield start, stop, midi
        now = stop


def _bars(said: _Said, end: Fraction, pickup: Fraction) -> Iterator[tuple[Fraction, Fraction, Meter]]:
    """From where to where each bar goes, and its meter; 4/4 where the file names none."""
    meters = {Fraction(0): meter_of("4/4"), **dict(said.meters)}
    changes = [*sorted(item for item in meters.items() if item[0] < end), (end, meter_of("4/4"))]
    for (start, meter), (stop, _) in pairwise(changes):
        bar = 4 * (meter.bar or Fraction(1))
        at = start - bar + pickup if pickup and not start else start
        while at < stop:
            yield max(at, start), min(at + bar, stop) if stop < end else at + bar, meter
            at += bar


def _at(said: Sequence[tuple[Fraction, Any]], place: Fraction) -> Any:
    """What was said last at or before a place, or first of all; None where nothing was."""
    return said[max(0, bisect_right(said, place, key=lambda item: item[0]) - 1)][1] if said else None


def _tempo(rate: float | None) -> str:
    return f"1/4={min(max(rate, 1), 9999):.5g}" if rate is not None else ""


def spelled(midi: int, key: Key) -> tuple[int, int]:
    """(step, alter) of a pitch in a key: the nearest of its twelve names on the circle of fifths."""
    low = sum(key.signature) - 3        # in C major from E flat to G sharp
    fifth = low + (7 * midi - low) % 12
    alter, place = divmod(fifth + 1, 7)
    step = FIFTHS.index(place - 1)
    return 7 * ((midi - alter - 60 - NATURALS[step]) // 12) + step, alter


def _likely_key(line: Sequence[tuple[Fraction, Fraction, tuple[int, ...]]]) -> Key:
    """The major key whose scale has most of the sound, or its minor where the last note says so."""
    weight = [Fraction(0)] * 12
    for start, stop, midi in line:
        for pitch in midi:
            weight[pitch % 12] += stop - start
    sharps = max(range(-5, 7), key=lambda s: (sum(weight[7 * fifth % 12] for fifth in range(s - 1, s + 6)), -abs(s)))
    final = line[-1][2][0] % 12
    return key_of(sharps, "min" if final == 7 * (sharps + 3) % 12 else "maj")
