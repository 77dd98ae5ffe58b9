"""A melody as other formats tell it, measure by measure, perhaps with other voices, and its ABC.

    abc_of(Melody("Jig", "6/8", Key(4), [Measure([Sound(Fraction(3, 8), ((4, 0),))])]))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from engine.folk.abc_words import read_meter, tuplet_time
from engine.folk.decorations import printable
from engine.folk.keys import FIFTHS, LETTERS, MODES, SIGNS, Key, plainest, semitones
from engine.folk.tempo import beat_of
from engine.folk.tokens import letter_of
from engine.folk.tune import Meter

BARS_OF_LINE = 4
LONGEST = 999                               # what a number of ABC may be
_EVEN = tuple(2 ** n for n in range(12))    # denominators that need no tuplet
FREE = Meter("none", Fraction(0), False)


class Unusable(ValueError):
    """A file's music cannot become a tune; the message says what was found instead of one."""


@dataclass
class Sound:
    """A note, a chord or a rest."""

    duration: Fraction                              # whole notes, as it sounds
    pitches: tuple[tuple[int, int], ...] = ()       # (diatonic steps above middle C, alteration in semitones)
    tied: bool = False                              # to the next
    factor: Fraction = Fraction(1)                  # of the tuplet: 2/3 of what is written
    graces: tuple[tuple[int, int], ...] = ()
    before: list[str] = field(default_factory=list)     # what ABC has before it: chord symbols, decorations, fields
    after: str = ""                                     # and behind it
    hidden: bool = False                                # a rest that is not seen


@dataclass
class Measure:
    """What stands between two bar lines."""

    sounds: list[Sound] = field(default_factory=list)
    left: str = ""                      # `|:` or nothing
    right: str = "|"                    # `|`, `||`, `:|` or `|]`
    ending: str = ""                    # `1`, `2`, `1,3`: it begins here
    meter: Meter | None = None          # from here on, as are the next two
    key: Key | None = None
    tempo: str = ""                     # as Q: has it


@dataclass
class Part:
    """One voice."""

    measures: list[Measure]
    name: str = ""
    clef: str = ""                      # as ABC names it; empty for the usual one


@dataclass
class Melody:
    """A tune: its melody, and the voices below it."""

    title: str
    measures: list[Measure]
    composer: str = ""
    name: str = ""                      # of the first voice, as its clef
    clef: str = ""
    others: list[Part] = field(default_factory=list)

    @property
    def parts(self) -> list[Part]:
        """All voices, the melody first."""
        return [Part(self.measures, self.name, self.clef), *self.others]


def key_of(sharps: int, mode: str) -> Key:
    """The key with so many sharps (flats below zero) in a mode of `keys.MODES`; major where there is no such key."""
    mode = mode if mode in MODES and -8 <= sharps - MODES[mode] <= 12 else "maj"    # a tonic has one accidental at most
    alter, fifth = divmod(sharps - MODES[mode] + 1, 7)
    return Key(FIFTHS.index(fifth - 1), alter, mode)


def factor_of(duration: Fraction) -> Fraction:
    """In what tuplet a note of this duration would plainly be written: 2/3, 4/5, 4/7, or 1."""
    odd = duration.denominator
    while odd % 2 == 0:
        odd //= 2
    return {3: Fraction(2, 3), 5: Fraction(4, 5), 7: Fraction(4, 7)}.get(odd, Fraction(1))


def abc_of(melody: Melody, *, number: int = 1) -> str:
    """The ABC text of a melody; what it says first of meter, key and tempo is in the header."""
    first = melody.measures[0] if melody.measures else Measure()
    meter, key, unit = first.meter or FREE, first.key or Key(), _unit(melody)
    voices = [_voice(n, part) for n, part in enumerate(melody.parts, 1)] if melody.others else []
    clef = f" clef={melody.clef}" if melody.clef and not voices else ""
    fields = [f"X:{number}", f"T:{_plain(melody.title)}", f"C:{_plain(melody.composer)}" * bool(melody.composer),
              f"M:{meter.text}", f"L:{unit}", f"Q:{first.tempo}" * bool(first.tempo), *voices,
              f"K:{_key_text(key)}{clef}"]
    music = list[str]()
    for n, part in enumerate(melody.parts, 1):
        writer = _Writer(unit, meter, key)
        for index, measure in enumerate(part.measures):
            writer.measure(measure, is_first=n == 1 and not index)
        music += [*([f"V:{n}"] if voices else []), *writer.lines()]
    return "\n".join([*filter(None, fields), *music]) + "\n"


def _voice(n: int, part: Part) -> str:
    """The field of the header that says what a voice is."""
    name = _plain(part.name).replace('"', "'")
    return f"V:{n}" + (f' name="{name}"' if name else "") + (f" clef={part.clef}" if part.clef else "")


def _unit(melody: Melody) -> Fraction:
    """L: is an eighth, or a sixteenth where most notes are so short."""
    lengths = [sound.duration / sound.factor for part in melody.parts for measure in part.measures
               for sound in measure.sounds]
    short = sum(length <= Fraction(1, 16) for length in lengths)
    return Fraction(1, 16) if 2 * short > len(lengths) else Fraction(1, 8)


def _plain(text: str) -> str:
    """Text for a field: one line, in which % would begin a comment."""
    return printable(" ".join(text.split())).replace("%", "％")[:200]


def _key_text(key: Key) -> str:
    extra = " ".join(SIGNS[alter] + LETTERS[step].lower() for step, alter in key.extra)
    return f"{key} {extra}".strip()


class _Speller:
    """Writes pitches; remembers, as the reader will, what was altered in the bar and tied into it."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.in_bar: dict[int, int] = {}
        self.tied: dict[int, int] = {}

    def bar(self, last: Sound | None) -> None:
        """A bar line behind `last`."""
        self.in_bar = {}
        self.tied = dict(last.pitches) if last is not None and last.tied else {}

    def spell(self, step: int, alter: int) -> str:
        """One note; its accidental is written where it is not understood, also behind a tie."""
        step, alter = (step, alter) if abs(alter) <= 2 else plainest(semitones(step, alter))
        name, sign = step % 7, ""
        if self.in_bar.get(name, self.key.signature[name]) != alter or self.tied.get(step, alter) != alter:
            sign, self.in_bar[name] = SIGNS[alter], alter
        return sign + letter_of(step)

    def grace(self, step: int, alter: int) -> str:
        """A grace note, which follows the key alone and is forgotten."""
        step, alter = (step, alter) if abs(alter) <= 2 else plainest(semitones(step, alter))
        return ("" if self.key.signature[step % 7] == alter else SIGNS[alter]) + letter_of(step)


class _Writer:
    """The lines of music: four bars each, the notes of a beat together."""

    def __init__(self, unit: Fraction, meter: Meter, key: Key) -> None:
        self.unit, self.meter = unit, meter
        self.speller = _Speller(key)
        self.written = [""]
        self.bars = 0
        self.last: Sound | None = None

    def measure(self, measure: Measure, *, is_first: bool) -> None:
        """Append one measure with its bar lines."""
        if self.bars >= BARS_OF_LINE or (measure.left and self.bars):
            self.written.append("")
            self.bars = 0
        pieces = [measure.left, *([] if is_first else self.changes(measure)),
                  f"[{measure.ending}" if measure.ending else "", *self.beats(measure.sounds), measure.right]
        self.written[-1] = " ".join(filter(None, [self.written[-1], *pieces]))
        self.speller.bar(self.last)
        self.bars = BARS_OF_LINE if measure.right in (":|", "||") else self.bars + 1

    def changes(self, measure: Measure) -> Iterator[str]:
        """Fields in brackets."""
        if measure.meter is not None and measure.meter != self.meter:
            self.meter = measure.meter
            yield f"[M:{measure.meter.text}]"
        if measure.key is not None and measure.key != self.speller.key:
            self.speller.key = measure.key
            yield f"[K:{_key_text(measure.key)}]"
        if measure.tempo:
            yield f"[Q:{measure.tempo}]"

    def beats(self, sounds: Sequence[Sound]) -> list[str]:
        """The notes of a measure, those of a beat as one word."""
        beat, now, words = beat_of(self.meter), Fraction(0), [""]
        for group in _groups(sounds):
            if words[-1] and now % beat == 0:
                words.append("")
            words[-1] += _tuplet_sign(group, self.meter.compound)
            for sound in group:
                if words[-1] and now % beat == 0 and sound is not group[0]:
                    words.append("")
                words[-1] += self.sound(sound)
                now += sound.duration
        return words

    def sound(self, sound: Sound) -> str:
        """One note, chord or rest with what belongs to it."""
        graces = "".join(self.speller.grace(*pitch) for pitch in sound.graces)
        pitches = [self.speller.spell(*pitch) for pitch in dict.fromkeys(sound.pitches)]
        head = ("x" if sound.hidden else "z") if not pitches else pitches[0] if len(pitches) == 1 else (
            f"[{''.join(pitches)}]")
        length = _number(sound.duration / _factor(sound) / self.unit)
        self.last, self.speller.tied = sound, {}
        return "".join([*sound.before, f"{{{graces}}}" if graces else "", head, length,
                        "-" if sound.tied and pitches else "", sound.after])

    def lines(self) -> list[str]:
        """What was written; the tune ends with a bar line that says so."""
        lines = [line for line in self.written if line]
        if lines and lines[-1].endswith("|"):
            lines[-1] = lines[-1].rstrip("|") + "|]"
        return lines


def _factor(sound: Sound) -> Fraction:
    """The factor of a tuplet that ABC can write, else 1: the note has an uncommon length then."""
    return sound.factor if sound.factor.denominator <= 9 and sound.factor.numerator <= 9 else Fraction(1)


def _groups(sounds: Iterable[Sound]) -> Iterator[list[Sound]]:
    """The notes one by one, but those of a tuplet together: at most nine, until they fill a plain time."""
    group: list[Sound] = []
    for sound in sounds:
        if group and (_factor(sound) != _factor(group[0]) or len(group) == 9
                      or sum(s.duration for s in group).denominator in _EVEN):
            yield group
            group = []
        group.append(sound)
        if _factor(sound) == 1:
            yield group
            group = []
    if group:
        yield group


def _tuplet_sign(group: Sequence[Sound], compound: bool) -> str:
    factor = _factor(group[0])
    if factor == 1:
        return ""
    notes, time, span = factor.denominator, factor.numerator, len(group)
    if notes == 1:
        notes, time = 2, 2 * time
    plain = time == tuplet_time(notes, compound) and span == notes
    return f"({notes}" if plain else f"({notes}:{time}:{span}"


def _number(length: Fraction) -> str:
    """A length behind a note, as near as three digits come to it."""
    length = max(length.limit_denominator(LONGEST), Fraction(1, LONGEST))
    over, under = min(length.numerator, LONGEST), length.denominator
    return (str(over) if over > 1 else "") + (f"/{under}" if under > 1 else "")


def meter_of(text: str) -> Meter:
    """The meter that `6/8` says; free time where our reader knows no such meter."""
    return read_meter(text) or FREE
