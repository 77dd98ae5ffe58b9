"""Performances as Standard MIDI Files."""

from __future__ import annotations

import io
from collections.abc import Iterable

import mido

from engine.folk.decorations import printable
from engine.folk.keys import Key
from engine.folk.performance import Performance, PlayedNote
from engine.folk.tempo import quarter_at

TICKS = 480                         # per quarter note
MELODY, CHORDS, CLICKS = 0, 1, 9    # channels, counted from 0; 9 is for percussion
FLUTE, GUITAR = 73, 24              # programs of General MIDI, counted from 0
_KEYS = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_VOLUME, _EXPRESSION = 7, 11        # controllers


def midi_bytes(performance: Performance, *, program: int = FLUTE, tail_s: float = 0.0) -> bytes:
    """A Standard MIDI File of format 1.

    Parameters
    ----------
    performance : Performance
        Its melody, chords and clicks become a track each, if there are any.
    program : int
        Of General MIDI for the melody, counted from 0.
    tail_s : float
        Silence at the end, in seconds.
    """
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS, charset="utf-8")
    end = performance.seconds + tail_s
    file.tracks.append(_conductor(performance, end))
    for notes, channel, of_track in ((performance.notes, MELODY, program), (performance.chords, CHORDS, GUITAR),
                                     (performance.clicks, CLICKS, None)):
        if notes or channel == MELODY:
            file.tracks.append(_track(performance, notes, channel, of_track, end))
    data = io.BytesIO()
    file.save(file=data)
    return data.getvalue()


def _ticks(performance: Performance, seconds: float) -> int:
    return round(quarter_at(seconds, performance.tempi) * TICKS)


def _conductor(performance: Performance, end: float) -> mido.MidiTrack:
    events = [(0, mido.MetaMessage("track_name", name=printable(performance.title)))]
    if performance.meter.bar:
        over, under = map(int, performance.meter.text.split("/"))
        events.append((0, mido.MetaMessage("time_signature", numerator=over, denominator=under)))
    events.append((0, mido.MetaMessage("key_signature", key=_key_name(performance.key))))
    events += [(round(tempo.quarter * TICKS), mido.MetaMessage("set_tempo", tempo=round(60e6 / tempo.rate)))
               for tempo in performance.tempi]
    return _written(events, _ticks(performance, end))


def _key_name(key: Key) -> str:
    """The major key with as many accidentals, for a Standard MIDI File knows no modes."""
    return _KEYS[min(max(sum(key.signature), -7), 7) + 7]


def _track(performance: Performance, notes: Iterable[PlayedNote], channel: int, program: int | None,
           end: float) -> mido.MidiTrack:
    events = [(0, mido.Message("control_change", channel=channel, control=control, value=127))
              for control in (_VOLUME, _EXPRESSION)]
    if program is not None:
        events.insert(0, (0, mido.Message("program_change", channel=channel, program=program)))
    for start, stop, note in _one_at_a_time(performance, notes):
        events.append((start, mido.Message("note_on", channel=channel, note=note.midi, velocity=note.velocity)))
        events.append((stop, mido.Message("note_off", channel=channel, note=note.midi)))
    return _written(events, _ticks(performance, end))


def _one_at_a_time(performance: Performance, notes: Iterable[PlayedNote]) -> list[tuple[int, int, PlayedNote]]:
    """Start and stop in ticks; where voices meet on a pitch, it ends with the last of them, for a key is but one."""
    found: list[tuple[int, int, PlayedNote]] = []
    last: dict[int, int] = {}       # place among those found, by pitch
    for note in sorted(notes, key=lambda note: note.start_s):
        start, stop = (_ticks(performance, s) for s in (note.start_s, note.start_s + note.seconds))
        stop = max(stop, start + 1)
        place = last.get(note.midi)
        if place is not None and found[place][1] > start:
            begun, ends, before = found[place]
            if begun == start:
                found[place] = begun, max(stop, ends), before
                continue
            found[place], stop = (begun, start, before), max(stop, ends)
        last[note.midi] = len(found)
        found.append((start, stop, note))
    return found


def _written(events: list[tuple[int, mido.Message]], end: int) -> mido.MidiTrack:
    """A track in the order of time; notes end before others begin."""
    track, now = mido.MidiTrack(), 0
    for at, message in sorted(events, key=lambda event: (event[0], event[1].type == "note_on")):
        message.time, now = at - now, at
        track.append(message)
    track.append(mido.MetaMessage("end_of_track", time=max(end - now, 0)))
    return track
