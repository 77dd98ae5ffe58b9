"""Changes of a tune's text that keep everything else in it: transposing, octaves, longer and shorter notes.

Each change is a list of edits, one for each word that becomes another. Notes are read and written again in their order,
so that accidentals stand where the bar and the key call for them; those written out of courtesy stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import copy
from fractions import Fraction

from engine.checks import InputError, within
from engine.folk.abc_words import INSIDE, MUSIC, read_length
from engine.folk.abc_writing import Hand, length_text
from engine.folk.context import Context, contexts
from engine.folk.decorations import grace_pitches
from engine.folk.edits import Edit
from engine.folk.key_moves import Course, moved_chord, moved_field
from engine.folk.keys import Key
from engine.folk.keys import semitones as height_of
from engine.folk.tune import Bar, Field, Mark, Note, Pitch, Tune

MOST_OCTAVES = 5                                        # of the signs , and ' that a note may have
Move = Callable[[int, int], tuple[int, int]]            # (step, alter) before and after


def transposed(tune: Tune, text: str, *, key: Key | None = None, semitones: int | None = None) -> list[Edit]:
    """Moves all of a tune: notes, grace notes, chord symbols and keys.

    Parameters
    ----------
    tune, text : Tune, str
        As parsed, and what it was parsed from.
    key : Key, optional
        With the tonic it is to stand on; the mode stays. It goes the nearest way: at most six semitones down, five up.
    semitones : int, optional
        How far, -48 to 48; instead of a key.

    Raises
    ------
    InputError
        When neither or both are given, or a note leaves what ABC can write.
    """
    if (key is None) == (semitones is None):
        raise InputError("transpose: expected either a key or a number of semitones; give one of them")
    course = Course.to(tune.key, key) if key is not None else Course.by(tune.key, int(within(
        semitones or 0, -48, 48, "transpose, in semitones")))
    if not course.semitones and course.interval.steps == 0:
        return []
    edits = list[Edit]()
    for field in tune.fields:
        if field.letter == "K":
            edits += moved_field(field, text, course)
    for voice in tune.voices:
        edits += _transposed(voice, text, copy(course))
    return _real(edits, text)


def _transposed(tune: Tune, text: str, course: Course) -> list[Edit]:
    """One voice, behind the header."""
    edits, hand = list[Edit](), Hand(course.target)
    for context, event in contexts(tune):
        if isinstance(event, Field) and event.letter == "K":
            edits += moved_field(event, text, course)
            hand = Hand(course.target, hand.altered, hand.tied, over_line=bool(hand.over))
        elif isinstance(event, Mark) and event.text.startswith('"'):
            edits += moved_chord(event, course)
        else:
            edits += _respelled(event, text, context, hand, course.apply)
    return edits


def octave(tune: Tune, text: str, up: bool, start: int, stop: int) -> list[Edit]:
    """Moves the notes that a range of the text touches an octave up or down, grace notes too.

    Raises
    ------
    InputError
        When a note leaves what ABC can write.
    """
    edits = list[Edit]()

    def move(step: int, alter: int) -> tuple[int, int]:
        return step + (7 if up else -7), alter

    for voice in tune.voices:
        hand = Hand(tune.key)
        for context, event in contexts(voice):
            if isinstance(event, Field) and event.letter == "K":
                hand = Hand(context.behind(event).key, hand.altered, hand.tied, over_line=bool(hand.over))
            touched = event.start < stop and event.stop > start
            edits += _respelled(event, text, context, hand, move if touched else _stay)
    return _real(edits, text)


def lengths_scaled(tune: Tune, text: str, factor: Fraction, *, start: int | None = None,
                   stop: int | None = None) -> list[Edit]:
    """Multiplies the written lengths of the notes and rests that a range touches; meter and unit length stay.

    Parameters
    ----------
    tune, text : Tune, str
        As parsed, and what it was parsed from.
    factor : Fraction
        Such as 2 or 1/2.
    start, stop : int, optional
        The range, by default the whole tune.

    Raises
    ------
    InputError
        When the factor is not above zero, or a length cannot be written.
    """
    if factor <= 0:
        raise InputError(f"lengths: expected a factor above 0 such as 2 or 1/2, got {factor}")
    low, high = 0 if start is None else start, len(text) if stop is None else stop
    edits = list[Edit]()
    for voice in tune.voices:
        for context, event in contexts(voice):
            if isinstance(event, Note) and event.start < high and event.stop > low:
                edits += _scaled(event, text, factor, context)
    return _real(edits, text)


def _scaled(note: Note, text: str, factor: Fraction, context: Context) -> Iterator[Edit]:
    """The edits of one note, rest or chord."""
    match = MUSIC.match(text, note.start)
    assert match is not None  # it was parsed
    kind = match.lastgroup or ""
    if kind == "rest" and match[0][0] in "ZX":
        bars = (read_length(match["rest_length"]) or Fraction(1)) * factor
        units = context.meter.bar / context.unit or Fraction(1)
        yield (Edit(match.start() + 1, match.end("rest_length"), length_text(bars)) if bars.denominator == 1 else
               Edit(match.start(), match.end("rest_length"), match[0][0].lower() + length_text(bars * units)))
        return
    if kind == "chord" and not match["chord_length"]:
        inner = list(INSIDE.finditer(text, match.start("inside"), match.end("inside")))
        if any(one["length"] for one in inner):
            yield from (_longer(one, "length", factor) for one in inner)
            return
    yield _longer(match, {"note": "length", "rest": "rest_length", "chord": "chord_length"}[kind], factor)


def _longer(match: re.Match[str], group: str, factor: Fraction) -> Edit:
    return Edit(*match.span(group), length_text((read_length(match[group]) or Fraction(1)) * factor))


def _stay(step: int, alter: int) -> tuple[int, int]:
    return step, alter


def _respelled(event: object, text: str, context: Context, hand: Hand, move: Move) -> list[Edit]:
    """The edits of what is no field: pitches go where `move` says, and are spelled by what `hand` has written."""
    if isinstance(event, Bar):
        hand.bar()
    if isinstance(event, Mark) and event.text.startswith("{"):
        return [Edit(at, at + _word(text, at), _grace(*move(pitch.step, pitch.alter), pitch, context, hand))
                for at, pitch in grace_pitches(event, context.key)]
    if not isinstance(event, Note):
        return []
    edits, tied = list[Edit](), dict[int, int]()
    for at, pitch in zip(_places(event, text), event.pitches, strict=True):
        step, alter = move(pitch.step, pitch.alter)
        courtesy = pitch.accidental is not None and pitch.accidental == _expected(pitch, context)
        edits.append(Edit(at, at + _word(text, at), _within(hand.spell(step, alter, shown=courtesy), step, alter)))
        if event.tied:
            tied[step] = alter
    hand.sounded(tied)
    return edits


def _places(note: Note, text: str) -> list[int]:
    """Where each pitch of a note or chord is written."""
    if text[note.start] != "[":
        return [note.start][:len(note.pitches)]
    match = MUSIC.match(text, note.start)
    assert match is not None  # it was parsed
    return [one.start() for one in INSIDE.finditer(text, match.start("inside"), match.end("inside"))]


def _word(text: str, at: int) -> int:
    """How many letters sign, name and octave take."""
    match = INSIDE.match(text, at)
    assert match is not None  # it was parsed
    return match.end("octave") - at


def _expected(pitch: Pitch, context: Context) -> int:
    """What the pitch would be altered by, were nothing written."""
    if context.over_line and pitch.step in context.tied:
        return context.tied[pitch.step]
    return context.altered.get(pitch.step % 7, context.key.signature[pitch.step % 7])


def _grace(step: int, alter: int, pitch: Pitch, context: Context, hand: Hand) -> str:
    """A grace note: its accidental is its own affair."""
    courtesy = pitch.accidental is not None and pitch.accidental == context.key.signature[pitch.step % 7]
    return _within(Hand(hand.key).spell(step, alter, shown=courtesy), step, alter)


def _within(word: str, step: int, alter: int) -> str:
    if max(word.count(","), word.count("'")) > MOST_OCTAVES or not 0 <= 60 + height_of(step, alter) <= 127:
        raise InputError(f"{word}: expected notes from C,,,,, to g'''', which is what can be played; move it the other "
                         "way")
    return word


def _real(edits: list[Edit], text: str) -> list[Edit]:
    """Those that change something, in the order of the text."""
    return sorted((edit for edit in edits if text[edit.start:edit.stop] != edit.text), key=lambda edit: edit.start)
