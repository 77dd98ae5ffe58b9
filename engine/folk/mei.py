"""A tune as MEI (Music Encoding Initiative, version 5), the format that Verovio engraves.

Every note, rest and chord has an xml:id that tells where in the ABC text it stands: `n120` was written from offset 120
on. What is drawn in several pieces or has several heads appends to it: `n120t1` is the second of tied notes, `n120c0`
the first head of a chord. Grace notes are `g` with an offset of their own, measures `m` with that of their first note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from html import escape

from engine.folk.abc_words import read_meter
from engine.folk.clefs import clef_in, clef_of
from engine.folk.decorations import ARTICULATIONS, CONTROLS, annotation, decoration, grace_pitches, jump_of, printable
from engine.folk.keys import read_key
from engine.folk.lyrics import lyrics
from engine.folk.mei_measure import Leaf, Measure, Span, key_signature, meter_signature, note, values, verse
from engine.folk.mei_staves import Section, clef_xml, document
from engine.folk.tempo import tempo_words
from engine.folk.tune import Bar, Ending, Event, Field, Mark, Note, Pitch, Tune, Tuplet

ID = re.compile(r"[ngm](\d+)(?:t\d+)?(?:c\d+)?")
_RIGHT = {"|": "single", "||": "dbl", "|:": "single", ":|": "rptend", "::": "rptend"}
_BEHIND = ("d.c.", "d.s.", "d.c.alfine", "d.s.alfine", "d.c.alcoda", "d.s.alcoda", "fine")  # the notes of a bar


def place_of(identifier: str) -> int:
    """The offset in the ABC text of what an xml:id names.

    Raises
    ------
    ValueError
        When it is no id of `mei_of`.
    """
    match = ID.fullmatch(identifier)
    if match is None:
        raise ValueError(f"{identifier!r} is the id of nothing in a tune")
    return int(match[1])


def id_of(event: Note) -> str:
    """The xml:id of a note, chord or rest."""
    return f"n{event.start}"


def mei_of(tune: Tune, text: str) -> str:
    """The MEI document of a tune.

    Parameters
    ----------
    tune : Tune
        Its problems are passed over.
    text : str
        What it was parsed from: spaces end beams, and a system may end where a line does.
    """
    return document(tune, [_Writer(voice, text, leads=voice is tune).section_of_all() for voice in tune.voices])


@dataclass
class _Tuplet:
    num: int
    base: int
    left: int                   # notes to come
    span: Span | None = None    # in the measure that is being filled


class _Writer:
    """Takes the events of one voice one after another; the voice that leads has what is said of all."""

    def __init__(self, tune: Tune, text: str, *, leads: bool) -> None:
        self.tune, self.text, self.leads = tune, text, leads
        self.meter, self.key = tune.meter, tune.key
        self.section: Section = []
        self.measure = Measure(0)
        self.number, self.phase = 1, Fraction(0)            # of the bar; a bar may have several measures
        self.ending_at: int | None = None                   # where in the section it began
        self.tuplet: _Tuplet | None = None
        self.marks: list[Mark] = []                         # that wait for their note
        self.signs = [self.tempo(tune.field("Q"))]          # of tempo and parts, that wait, too
        self.clef, self.new_clef = clef_of(tune), False     # which may wait for a note, too
        self.sung = lyrics(tune.events)
        self.ties: dict[tuple[int, int], tuple[Measure, str]] = {}   # by step and alter: where it was, and its id
        self.slurs: list[tuple[Measure, str]] = []
        self.last, self.read, self.parted = "", tune.events[0].start if tune.events else 0, True

    def event(self, event: Event) -> None:
        """Take one event over."""
        gap = self.text[self.read:event.start]
        self.read = event.stop
        self.parted = self.parted or bool(gap.strip("`"))
        if "\n" in gap.replace("\\\n", "") and not self.measure.leaves and self.section:
            self.end_ending()   # its bracket need not go on, and Verovio loses what has a break inside
            self.section.append("<sb/>")
        if isinstance(event, Note):
            self.note(event)
        elif isinstance(event, Bar):
            self.bar(event)
        elif isinstance(event, Ending):
            self.ending(event)
        elif isinstance(event, Tuplet):
            self.tuplet = _Tuplet(event.notes, event.time, event.span)
        elif isinstance(event, Field):
            self.change(event)
        elif isinstance(event, Mark):
            self.mark(event)

    def note(self, event: Note) -> None:
        """A note, a chord or a rest."""
        measure, first, tuplet = self.measure, len(self.measure.leaves), self.tuplet
        measure.start = measure.start if measure.leaves else event.start
        if self.new_clef:
            measure.leaves.append(Leaf(clef_xml(self.clef)))
            self.new_clef = False
        length = event.duration * tuplet.num / tuplet.base if tuplet else event.duration
        if event.pitches:
            self.pieces(event, length)
        else:
            self.rest(event, length)
        if tuplet is not None:
            if tuplet.span is None:
                tuplet.span = Span(first, first, tuplet.num, tuplet.base)
                measure.tuplets.append(tuplet.span)
            tuplet.span.last, tuplet.left = len(measure.leaves), tuplet.left - 1
            self.tuplet = tuplet if tuplet.left else None
        measure.controls += [sign.format(id=id_of(event)) for sign in self.signs if sign]
        for mark in self.marks:
            self.control(mark, id_of(event))
        measure.time += event.duration
        self.marks, self.signs, self.last, self.parted = [], [], id_of(event), False

    def pieces(self, event: Note, length: Fraction) -> None:
        """A note or a chord, as several tied ones where its length is uncommon."""
        artics = " ".join(ARTICULATIONS[name] for m in self.marks if (name := decoration(m.text)) in ARTICULATIONS)
        graces, parted = self.graces(), self.parted
        for index, (value, dots, whole_notes) in enumerate(values(length)):
            name = id_of(event) + (f"t{index}" if index else "")
            pitches = [self.sounding(replace(p, accidental=None) if index else p) for p in event.pitches]
            heads = [name if len(pitches) == 1 else f"{name}c{i}" for i in range(len(pitches))]
            attributes = f'dur="{value}" dots="{dots}"' + (f' artic="{artics}"' if artics and not index else "")
            verses = "" if index else "".join(verse(one) for one in self.sung.get(event.start, ()))
            inner = [note(pitch, f'xml:id="{head}" {attributes if len(pitches) == 1 else ""}',
                          verses if len(pitches) == 1 else "") for pitch, head in zip(pitches, heads, strict=True)]
            xml = inner[0] if len(inner) == 1 else (
                f'<chord xml:id="{name}" {attributes}>{"".join(inner)}{verses}</chord>')
            self.measure.leaves.append(Leaf(xml, whole_notes < Fraction(1, 4), bool(index) or not parted, graces))
            self.tie([(pitch.step, pitch.alter) for pitch in pitches], heads)
            graces = ()
        if not event.tied:
            self.ties = {}

    def tie(self, pitches: list[tuple[int, int]], heads: list[str]) -> None:
        """Tie these notes to those before, and remember them for those behind."""
        for pitch, head in zip(pitches, heads, strict=True):
            if pitch in self.ties:
                measure, start = self.ties[pitch]
                measure.controls.append(f'<tie startid="#{start}" endid="#{head}"/>')
        self.ties = {pitch: (self.measure, head) for pitch, head in zip(pitches, heads, strict=True)}

    def rest(self, event: Note, length: Fraction) -> None:
        """A rest; nothing to be seen for `x`."""
        name, sign = id_of(event), self.text[event.start]
        if sign == "Z" and length == self.meter.bar and not self.measure.leaves:
            self.measure.leaves.append(Leaf(f'<mRest xml:id="{name}"/>'))
            return
        tag = "space" if sign in "xX" else "rest"
        for index, (value, dots, _) in enumerate(values(length)):
            more = f"t{index}" if index else ""
            self.measure.leaves.append(Leaf(f'<{tag} xml:id="{name}{more}" dur="{value}" dots="{dots}"/>'))

    def graces(self) -> tuple[str, ...]:
        """The grace notes that wait."""
        written = []
        for mark in (mark for mark in self.marks if mark.text.startswith("{")):
            pitches, kind = grace_pitches(mark, self.key), "unacc" if mark.text.startswith("{/") else "acc"
            value = "8" if len(pitches) == 1 else "16"
            written += [note(self.sounding(pitch), f'xml:id="g{at}" grace="{kind}" dur="{value}"')
                        for at, pitch in pitches]
        return tuple(written)

    def sounding(self, pitch: Pitch) -> Pitch:
        """A pitch as it sounds, which is what MEI wants: under a clef with an 8 it was written elsewhere."""
        return replace(pitch, step=pitch.step + 7 * self.clef.octave) if self.clef.octave else pitch

    def mark(self, mark: Mark) -> None:
        """What belongs to the next note, but for the end of a slur."""
        if mark.text != ")":
            self.marks.append(mark)
        elif self.slurs and self.last:
            measure, start = self.slurs.pop()
            if start != self.last:
                measure.controls.append(f'<slur startid="#{start}" endid="#{self.last}"/>')

    def control(self, mark: Mark, at: str) -> None:
        """What stands above or below the note `at`."""
        name = decoration(mark.text)
        if mark.text == "(":
            self.slurs.append((self.measure, at))
        elif mark.text.startswith('"'):
            self.measure.controls.append(annotation(mark, at))
        elif name in CONTROLS:
            self.measure.controls.append(CONTROLS[name].format(id=at))

    def behind(self, marks: list[Mark]) -> None:
        """What stands behind the last note of its bar."""
        for mark in marks:
            self.control(mark, self.last)
        self.marks = [mark for mark in self.marks if mark not in marks]

    def bar(self, event: Bar) -> None:
        """A bar line of any kind."""
        if self.measure.leaves:
            self.behind([mark for mark in self.marks
                         if jump_of(mark.text) in _BEHIND or decoration(mark.text) == "dacoda"])
        if self.measure.leaves:
            self.close(_RIGHT[event.sign], ends=event.sign == "|")
        elif event.sign in (":|", "::", "||"):  # as in `A2| |]`: the line before is made stronger
            before = next((item for item in reversed(self.section) if isinstance(item, Measure)), None)
            if before is not None and before.right in ("single", "invis"):
                before.right = _RIGHT[event.sign]
        if event.sign != "|":
            self.end_ending()
        if event.sign in ("|:", "::"):
            self.measure.left = "rptstart"

    def close(self, right: str, *, ends: bool) -> None:
        """The measure is full; `ends` says that the bar is over whatever its time."""
        measure, bar = self.measure, self.meter.bar
        measure.right, measure.whole = right, measure.time == bar
        first = not any(isinstance(item, Measure) for item in self.section)
        self.phase += measure.time
        if first and bar and measure.time < bar and right != "invis":  # a pickup
            measure.number, self.phase = 0, Fraction(0)
        else:
            measure.number = self.number
            if ends or self.phase >= bar:
                self.number, self.phase = self.number + 1, Fraction(0)
        self.section.append(measure)
        self.measure, self.parted = Measure(0), True
        if self.tuplet is not None:
            self.tuplet.span = None

    def ending(self, event: Ending) -> None:
        """A first or second ending begins."""
        if self.measure.leaves:
            self.close("invis", ends=False)
        self.end_ending()
        self.ending_at = len(self.section)
        self.section.append(f'<ending n="{event.numbers}" label="{event.numbers}.">')

    def end_ending(self) -> None:
        """The ending that has begun is over; one without a measure never was."""
        start, self.ending_at = self.ending_at, None
        if start is not None:
            if any(isinstance(item, Measure) for item in self.section[start:]):
                self.section.append("</ending>")
            else:
                del self.section[start]

    def tempo(self, text: str) -> str:
        """A tempo, for a note that is not known yet."""
        words = escape(printable(tempo_words(text, self.tune.unit))).replace("{", "(").replace("}", ")")
        return f'<tempo startid="#{{id}}" place="above">{words}</tempo>' if words and self.leads else ""

    def change(self, event: Field) -> None:
        """Another key, meter, clef or tempo, or another part."""
        meter, key = read_meter(event.text), read_key(event.text)
        if event.letter in "KV" and (clef := clef_in(event.text)) is not None and clef != self.clef:
            self.clef, self.new_clef = clef, True
        if event.letter == "Q":
            self.signs.append(self.tempo(event.text))
        elif event.letter == "P" and self.leads and (name := printable(event.text)):
            named = escape(name).replace("{", "(").replace("}", ")")
            self.signs.append(f'<reh startid="#{{id}}" place="above"><rend rend="box">{named}</rend></reh>')
        if event.letter == "M" and meter is not None:
            self.meter, inside = meter, meter_signature(meter, event.text)
        elif event.letter == "K" and key is not None:
            self.key, inside = key, key_signature(key)
        else:
            return
        if self.measure.leaves:
            self.close("invis", ends=False)
        if inside:
            self.section.append(f"<scoreDef>{inside}</scoreDef>")

    def section_of_all(self) -> Section:
        """Measures and what stands between them, from all events."""
        for event in self.tune.events:
            self.event(event)
        if self.last:
            self.behind(self.marks)     # no note follows them
        if self.measure.leaves:
            self.close("invis", ends=True)  # whoever writes it is not through yet
        self.end_ending()
        return self.section
