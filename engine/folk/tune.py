"""What an ABC text says: fields, notes, bar lines, and where in the text each of them stands."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from engine.folk.keys import Key, semitones


@dataclass(frozen=True)
class Meter:
    """A time signature; `none` is free time."""

    text: str           # as a token has it: 4/4 also for C and C|
    bar: Fraction       # duration of a bar in whole notes; 0 in free time
    compound: bool      # counted in threes (6/8, 9/8, 12/8)


@dataclass(frozen=True, slots=True)
class Pitch:
    """A pitch as it is written and as it sounds."""

    step: int                 # diatonic steps above middle C: `C` is 0, `c` is 7, `B,` is -1
    alter: int                # semitones, as it sounds
    accidental: int | None    # semitones, as written before this very note; None where nothing is written

    @property
    def midi(self) -> int:
        """MIDI number: 60 is middle C."""
        return 60 + semitones(self.step, self.alter)


@dataclass(frozen=True, slots=True)
class Note:
    """A note, a chord (several pitches, in the order written) or a rest (none)."""

    pitches: tuple[Pitch, ...]
    length: Fraction          # as written, of the unit length L:
    duration: Fraction        # whole notes, as it sounds: tuplets and broken rhythm are in it
    tied: bool
    start: int                # offsets in the text: text[start:stop] wrote it
    stop: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar line: `|`, `||`, `|:`, `:|` or `::`."""

    sign: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Ending:
    """The beginning of a first or second ending: `1`, `2`, `1,3`."""

    numbers: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Tuplet:
    """`notes` notes from here on (`span` of them) take the time of `time`."""

    notes: int
    time: int
    span: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Broken:
    """`>` or `<` between two notes, up to three of them."""

    sign: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What is engraved but changes neither pitch nor time: grace notes, chord symbols, slurs, decorations."""

    text: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Field:
    """An information field, in the header, on a line of its own or in brackets."""

    letter: str
    text: str
    start: int
    stop: int


Event = Note | Bar | Ending | Tuplet | Broken | Mark | Field


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the text that cannot be understood; reading went on behind it."""

    message: str
    line: int           # from 1
    column: int         # from 1, in characters
    start: int
    stop: int

    def __str__(self) -> str:
        """`line 3, column 7: ...`."""
        return f"line {self.line}, column {self.column}: {self.message}"


@dataclass(frozen=True)
class Tune:
    """One tune of an ABC text: the first of its voices, and the others."""

    fields: tuple[Field, ...]         # of the header, in the order written
    events: tuple[Event, ...]
    problems: tuple[Problem, ...]
    meter: Meter                      # at the beginning, as are the next two
    unit: Fraction                    # of a whole note: what a note without a number lasts
    key: Key
    start: int
    stop: int
    voice: str = ""                   # what V: says of its voice: `name="Fiddle" clef=bass`
    others: tuple[Tune, ...] = ()     # the other voices, with the same header

    @property
    def title(self) -> str:
        """The first T: field, empty where there is none."""
        return self.field("T")

    def field(self, letter: str) -> str:
        """Text of the first header field of that letter, empty where there is none."""
        return next((field.text for field in self.fields if field.letter == letter), "")

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes, chords and rests."""
        return tuple(event for event in self.events if isinstance(event, Note))

    @property
    def voices(self) -> tuple[Tune, ...]:
        """The first voice, which counts where one is meant, and the others."""
        return self, *self.others

    @property
    def all_notes(self) -> tuple[Note, ...]:
        """Notes, chords and rests of all voices, in the order of the text."""
        if not self.others:
            return self.notes
        return tuple(sorted((note for voice in self.voices for note in voice.notes), key=lambda note: note.start))
