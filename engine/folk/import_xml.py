"""MusicXML as a `Melody`, read by music21: the top voice of each part that has notes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

from engine.folk.decorations import printable
from engine.folk.keys import LETTERS, MODES, Key
from engine.folk.melody import FREE, Measure, Melody, Part, Sound, Unusable, factor_of, key_of, meter_of
from engine.folk.tune import Meter

LONGEST_BAR = 64            # whole notes
MOST_NOTES = 100_000     # of a part
MOST_PARTS = 16
_CLEFS = {("G", 2): "treble", ("F", 4): "bass", ("C", 3): "alto", ("C", 4): "tenor"}
_UNTITLED, _NOBODY = "Music21 Fragment", "Music21"      # what music21 writes where there is no title, no composer
_SIGNS = ("ChordSymbol", "RepeatExpression", "MetronomeMark", "TextExpression")
_MODES = {"major": "maj", "minor": "min", "ionian": "maj", "aeolian": "min"}
_MARKS = {"Staccato": ".", "Accent": "L", "UpBow": "u", "DownBow": "v", "Tenuto": "!tenuto!", "Fermata": "H",
          "Trill": "T", "Turn": "~", "Mordent": "M", "InvertedMordent": "P", "Segno": "!segno!", "Coda": "!coda!",
          "Fine": "!fine!", "DaCapo": "!D.C.!", "DalSegno": "!D.S.!", "DaCapoAlFine": "!D.C.alfine!",
          "DalSegnoAlFine": "!D.S.alfine!", "DaCapoAlCoda": "!D.C.alcoda!", "DalSegnoAlCoda": "!D.S.alcoda!"}


def melody_of(text: str) -> tuple[Melody, list[str]]:
    """The melody of a MusicXML document, and what of it was left out.

    Raises
    ------
    Unusable
        When it has no notes.
    """
    importer = importlib.import_module("music21.musicxml.xmlToM21").MusicXMLImporter()
    importer.xmlText = text
    importer.parseXMLText()
    score, parts = importer.stream, list(importer.stream.parts)
    with_notes = [part for part in parts if _has_notes(part)]
    if not with_notes:
        raise Unusable("found none")
    readers = [_Reader(part) for part in with_notes[:MOST_PARTS]]
    first, *others = [reader.whole(part) for reader, part in zip(readers, with_notes, strict=False)]
    measures = first.measures
    if measures and not measures[0].tempo:
        measures[0].tempo = next(filter(None, map(_tempo, score.recurse().getElementsByClass("MetronomeMark"))), "")
    about = score.metadata
    title, composer = ((about.title or about.movementName or "", about.composer or "") if about else ("", ""))
    melody = Melody("" if title == _UNTITLED else title, measures, "" if composer == _NOBODY else composer,
                    first.name, first.clef, others)
    return melody, [*_left_out(len(with_notes) - len(readers), "part"), *_notes(readers)]


def _left_out(count: int, what: str) -> Iterator[str]:
    if count:
        yield f"{count} more {what}{'s were' if count > 1 else ' was'} left out"


def _has_notes(part: Any) -> bool:
    return any(element.pitches and "ChordSymbol" not in element.classes for element in part.recurse().notes)


def _notes(readers: Sequence[_Reader]) -> Iterator[str]:
    """What was left out, as sentences."""
    if bars := sum(reader.voices for reader in readers):
        yield f"lower voices were left out in {bars} bar{'s' * (bars > 1)}"
    if any(reader.lyrics for reader in readers):
        yield "lyrics were left out"


def _clef(clef: Any) -> str:
    """As ABC names it, empty for the usual one and for those that it has no name for."""
    name = _CLEFS.get((clef.sign, clef.line), "")
    moved = {-1: "-8", 1: "+8"}.get(clef.octaveChange or 0, "")
    return "" if name == "treble" and not moved else f"{name}{moved}" if name else ""


class _Reader:
    """Turns the measures of one part, one after another, into ours."""

    def __init__(self, part: Any) -> None:
        self.voices = self.lyrics = self.count = self.octave = 0    # octaves that are written above what sounds
        self.slurs: dict[int, tuple[int, int]] = {}         # by the id of a note: how many begin and end there
        self.endings: dict[int, tuple[str, bool]] = {}      # by that of a measure: the number if it begins, if it ends
        self.meter, self.tempo = FREE, ""
        for spanner in part.recurse().getElementsByClass("Spanner"):
            first, last = spanner.getFirst(), spanner.getLast()
            if "RepeatBracket" in spanner.classes and first is not None:
                numbers = ",".join(str(n) for n in spanner.numberRange if 1 <= n <= 9)
                self.endings[id(first)] = (numbers, first is last)
                if first is not last:
                    self.endings[id(last)] = ("", True)
            elif "Slur" in spanner.classes and first is not last and not any(
                    getattr(note, "duration", None) is None or note.duration.isGrace for note in (first, last)):
                for note, begins in ((first, True), (last, False)):
                    opened, closed = self.slurs.get(id(note), (0, 0))
                    self.slurs[id(note)] = (opened + begins, closed + (not begins))

    def whole(self, part: Any) -> Part:
        """All of its part."""
        found = part.recurse().getElementsByClass("Clef").first()
        clef = _clef(found) if found is not None else ""
        self.octave = {"-8": 1, "+8": -1}.get(clef[-2:], 0)
        return Part([self.measure(measure) for measure in part.getElementsByClass("Measure")],
                    str(part.partName or ""), clef)

    def measure(self, measure: Any) -> Measure:
        """One measure.

        Raises
        ------
        Unusable
            When it is longer than any bar, or the part than any tune.
        """
        made = Measure(left="|:" if _repeats(measure.leftBarline, "start") else "", right=_right(measure.rightBarline))
        made.ending, ends = self.endings.get(id(measure), ("", False))
        made.right = "||" if ends and made.right == "|" else made.right
        for element in measure.getElementsByClass(("TimeSignature", "KeySignature", "MetronomeMark")):
            if "TimeSignature" in element.classes:
                made.meter = self.meter = _meter(element)
            elif "KeySignature" in element.classes:
                made.key = _key(element)
            elif not element.offset and self.new_tempo(element):
                made.tempo = self.tempo
        made.sounds = list(self.sounds(measure, self.voice(measure)))
        self.marks(measure, made.sounds)
        self.count += len(made.sounds)
        if sum(sound.duration for sound in made.sounds) > LONGEST_BAR:
            raise Unusable(f"bar {measure.number} lasts more than {LONGEST_BAR} whole notes")
        if self.count > MOST_NOTES:
            raise Unusable(f"it has more than {MOST_NOTES:,} notes")
        return made

    def new_tempo(self, mark: Any) -> bool:
        """Whether a mark of tempo says something that was not said before."""
        before, self.tempo = self.tempo, _tempo(mark) or self.tempo
        return self.tempo != before

    def voice(self, measure: Any) -> list[Any]:
        """Notes and rests of the top voice: the first that has notes."""
        voices = [list(voice.notesAndRests) for voice in measure.voices] or [list(measure.notesAndRests)]
        filled = [voice for voice in voices if any(_pitched(element) for element in voice)]
        self.voices += len(filled) > 1
        return (filled or voices)[0]

    def sounds(self, measure: Any, voice: Sequence[Any]) -> Iterator[Sound]:
        """The sounds of a voice; where it is silent without a rest, a hidden rest."""
        now, graces = Fraction(0), list[tuple[int, int]]()
        for element in voice:
            if "ChordSymbol" in element.classes:
                continue
            if element.duration.isGrace:
                graces += self.pitches(element)
                continue
            start, length = _whole(element.offset), _whole(element.quarterLength)
            if start < now or not length:
                continue
            if start > now:
                yield Sound(start - now, factor=factor_of(start - now), hidden=True)
            yield self.sound(element, length, graces)
            now, graces = start + length, []
        if not now:
            yield Sound(self.meter.bar or Fraction(1))

    def sound(self, element: Any, length: Fraction, graces: Sequence[tuple[int, int]]) -> Sound:
        """One note, chord or rest with its marks."""
        self.lyrics += bool(element.lyrics)
        marks = [sign for mark in [*element.expressions, *element.articulations]
                 for name in mark.classes if (sign := _MARKS.get(name))]
        opened, closed = self.slurs.get(id(element), (0, 0))
        pitches = tuple(self.pitches(element))
        return Sound(length, pitches, bool(pitches) and _tied(element), _tuplet(element), tuple(graces),
                     ["(" * opened, *marks] if opened else marks, ")" * closed,
                     not pitches and bool(element.style.hideObjectOnPrint))

    def pitches(self, element: Any) -> list[tuple[int, int]]:
        """As they are written under the clef."""
        return [(step + 7 * self.octave, alter) for step, alter in _pitches(element)]

    def marks(self, measure: Any, sounds: Sequence[Sound]) -> None:
        """Put chord symbols, words and signs before the sound where they stand, or the next, or behind the last."""
        starts = [Fraction(0), *accumulate(sound.duration for sound in sounds[:-1])]
        for element in measure.recurse().getElementsByClass(_SIGNS):
            if "MetronomeMark" in element.classes:
                sign = f"[Q:{_tempo(element)}]" if self.new_tempo(element) else ""
            elif "ChordSymbol" in element.classes:
                sign = _chord(element)
            elif "TextExpression" in element.classes:
                words = printable(element.content.replace('"', ""))[:60]
                sign = f'"^{words}"' if words else ""
            else:
                sign = next((_MARKS[name] for name in element.classes if name in _MARKS), "")
            at = next((i for i, start in enumerate(starts) if start >= _whole(element.offset)), None)
            if at is not None:
                sounds[at].before.insert(0, sign)
            elif "ChordSymbol" in element.classes:
                sounds[-1].before.insert(0, sign)
            else:
                sounds[-1].after += f" {sign}" * bool(sign)


def _pitched(element: Any) -> bool:
    return bool("ChordSymbol" not in element.classes and getattr(element, "pitches", ()))


def _pitches(element: Any) -> Iterator[tuple[int, int]]:
    for pitch in element.pitches:
        octave = pitch.octave if pitch.octave is not None else 4
        yield LETTERS.index(pitch.step) + 7 * (min(max(octave, -1), 9) - 4), round(pitch.alter)


def _whole(quarters: Any) -> Fraction:
    return Fraction(quarters).limit_denominator(960) / 4


def _tied(element: Any) -> bool:
    ties = [element.tie, *(note.tie for note in getattr(element, "notes", ()))]
    return any(tie is not None and tie.type in ("start", "continue") for tie in ties)


def _tuplet(element: Any) -> Fraction:
    """How much of what is written a note of a tuplet lasts; where tuplets nest, what is plainest for its duration."""
    tuplets = element.duration.tuplets
    if len(tuplets) == 1:
        factor = Fraction(tuplets[0].tupletMultiplier())
        if factor > 0:
            return factor
    return factor_of(_whole(element.quarterLength))


def _repeats(barline: Any, direction: str) -> bool:
    return barline is not None and "Repeat" in barline.classes and barline.direction == direction


def _right(barline: Any) -> str:
    if barline is None:
        return "|"
    return ":|" if _repeats(barline, "end") else {"final": "|]", "double": "||"}.get(barline.type, "|")


def _meter(signature: Any) -> Meter:
    """A meter; free time where our reader knows no such one."""
    return meter_of(signature.ratioString)


def _key(signature: Any) -> Key:
    if signature.sharps is None or not -7 <= signature.sharps <= 7:
        extra = {LETTERS.index(pitch.step): round(pitch.alter) for pitch in signature.alteredPitches}
        return Key(extra=tuple((step, alter) for step, alter in extra.items() if abs(alter) <= 2))
    mode = getattr(signature, "mode", None) or "major"
    return key_of(signature.sharps, _MODES.get(mode, mode[:3] if mode[:3] in MODES else "maj"))


def _tempo(mark: Any) -> str:
    words = printable((mark.text or "").replace('"', "")) if not mark.textImplicit else ""
    quoted = f'"{words}"' if words else ""
    beat = Fraction(mark.referent.quarterLength).limit_denominator(64) / 4
    if mark.number is None or not 1 <= mark.number <= 9999 or max(beat.numerator, beat.denominator) > 999 or not beat:
        return quoted
    return f"{quoted} {beat.numerator}/{beat.denominator}={mark.number:.6g}".strip()


def _chord(symbol: Any) -> str:
    figure = str(symbol.figure)
    if "Identified" in figure or not figure[:1].isalpha():
        return ""
    root, rest = figure[0], figure[1:]
    words = printable((root + rest.replace("-", "b")).replace('"', ""))
    return f'"{words}"' if words else ""
