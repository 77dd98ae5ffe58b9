"""ABC tunes as the tokens of folk-rnn, and back (Sturm, Santos, Ben-Tal and Korshunova, CSMC 2016, section 3).

A tune is `M:6/8 K:Cdor |: G 2 E (3 ^A /2 > | :|`: meter, mode, and one token for each pitch, length, tuplet, broken
rhythm and bar line; the unit length is an eighth. All tunes stand in C. Two styles are told apart by the key token:

- v2, `K:Cdor`: pitches follow the signature of the mode; an accidental is written where they differ, and holds
  until the bar line;
- v3, `K:dor`: every pitch has its `=` or `^`, whatever the mode and whatever came before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from engine.checks import InputError
from engine.folk.abc_words import TURNS, read_length, read_meter, read_unit, tuplet_time
from engine.folk.keys import ACCIDENTALS, LETTERS, SIGNS, STEPS, Key, plainest, read_key, semitones
from engine.folk.tune import Bar, Broken, Ending, Field, Note, Pitch, Tune, Tuplet

START, END = "<s>", "</s>"
UNIT = Fraction(1, 8)  # of a whole note: the length of a token without a number
STYLES = ("v2", "v3")
BARS = ("|", "||", "|:", ":|")
_PITCH = re.compile(r"(\^{1,2}|_{1,2}|=)?([A-Ga-g])(,*|'*)")
_LENGTH = re.compile(r"\d{1,3}(?:/\d{1,3})?|/\d{1,3}")
_ENDING = re.compile(rf"\|{TURNS}")


@dataclass(frozen=True)
class Token:
    """What a token means; the fields that its kind does not need keep their defaults."""

    kind: str                          # meter mode pitch rest length tuplet broken bar ending open close start end
    text: str
    step: int = 0                      # pitch: diatonic steps above middle C
    accidental: int | None = None      # pitch: as written
    length: Fraction = Fraction(1)     # length: of an eighth note; meter: the bar in whole notes
    number: int = 0                    # tuplet: notes
    style: str = ""                    # mode: v2 or v3


@lru_cache(maxsize=4096)
def read_token(text: str) -> Token | None:
    """The meaning of one token, None where it has none."""
    if text in BARS or text == "|]":
        return Token("bar", text)
    if match := _PITCH.fullmatch(text):
        step = STEPS[match[2]] + 7 * (match[3].count("'") - match[3].count(","))
        return Token("pitch", text, step=step, accidental=ACCIDENTALS[match[1] or ""])
    if _LENGTH.fullmatch(text) and (length := read_length(text)):
        return Token("length", text, length=length)
    if text in (">", "<", ">>", "<<", ">>>", "<<<"):
        return Token("broken", text)
    if re.fullmatch(r"\([2-9]", text):
        return Token("tuplet", text, number=int(text[1]))
    if text.startswith("M:") and (meter := read_meter(text[2:])):
        return Token("meter", text, length=meter.bar)
    if text.startswith("K:"):
        return _mode_token(text)
    if _ENDING.fullmatch(text):
        return Token("ending", text)
    kind = {"z": "rest", "[": "open", "]": "close", START: "start", END: "end"}.get(text)
    return Token(kind, text) if kind else None


def kind_of(text: str) -> str:
    """The kind of one token, empty where it has no meaning."""
    token = read_token(text)
    return token.kind if token is not None else ""


def _mode_token(text: str) -> Token | None:
    if re.fullmatch(r"K:(maj|min|dor|mix|lyd|phr|loc)", text):
        return Token("mode", text, style="v3")
    key = read_key(text[2:])
    return Token("mode", text, style="v2") if key and (key.step, key.alter) == (0, 0) else None


def style_of(vocabulary: Iterable[str]) -> str:
    """`v3` where a vocabulary or a tune names modes as `K:maj`, else `v2`."""
    return "v3" if any((t := read_token(text)) is not None and t.style == "v3" for text in vocabulary) else "v2"


def mode_of(tokens: Iterable[str]) -> str:
    """The mode that a tune's tokens name: maj where none does."""
    for text in tokens:
        if (token := read_token(text)) is not None and token.kind == "mode":
            key = read_key(text[2:] if token.style == "v2" else "C" + text[2:])
            return key.mode if key else "maj"
    return "maj"


def tokens_of(tune: Tune, *, style: str = "v2", chords: str = "top") -> tuple[str, ...]:
    """The tokens of a tune, transposed to C, without start and end.

    Parameters
    ----------
    tune : Tune
        Its problems are passed over.
    style : "v2" or "v3"
        How pitches and modes are written.
    chords : "top" or "all"
        Keep the highest note of a chord, or all of them in brackets.

    Raises
    ------
    InputError
        When the tune has something that no token says: uncommon tuplets, notes shorter than a 256th.
    """
    mode = tune.key.folk_mode
    speller, move = Speller(style, Key(mode=mode)), tune.key.to_c
    line = _Line([f"M:{tune.meter.text}", f"K:C{mode}" if style == "v2" else f"K:{mode}"])
    scale, compound = tune.unit / UNIT, tune.meter.compound
    for event in tune.events:
        if isinstance(event, Note):
            spelled = [speller.spell(*move.apply(p.step, p.alter)) for p in _kept(event, chords)]
            line.note(spelled or ["z"], _length_tokens(event.length * scale))
        elif isinstance(event, Bar | Ending):
            speller.bar()
            line.bars(event)
        elif isinstance(event, Broken):
            line.append(event.sign)
        elif isinstance(event, Tuplet):
            line.append(_tuplet_token(event, compound))
        elif isinstance(event, Field) and event.letter == "L":
            scale = (read_unit(event.text) or UNIT) / UNIT
        elif isinstance(event, Field) and event.letter == "M" and (meter := read_meter(event.text)):
            compound = meter.compound
            line.append(f"M:{meter.text}")
    return tuple(line.ended())


def _kept(note: Note, chords: str) -> tuple[Pitch, ...]:
    top = len(note.pitches) > 1 and chords == "top"
    return (max(note.pitches, key=lambda pitch: pitch.midi),) if top else note.pitches


def _tuplet_token(event: Tuplet, compound: bool) -> str:
    if event.span != event.notes or event.time != tuplet_time(event.notes, compound):
        raise InputError(f"tuplet ({event.notes}:{event.time}:{event.span}: folk-rnn's tokens have plain tuplets only; "
                         f"write it as ({event.notes}")
    return f"({event.notes}"


def _length_tokens(length: Fraction) -> list[str]:
    over, under = length.numerator, length.denominator
    if over > 999 or under > 32:
        raise InputError(f"note length {length}: expected at most 999 eighths and no less than a 256th note")
    if under == 1:
        return [] if over == 1 else [str(over)]
    return [f"/{under}" if over == 1 else f"{over}/{under}"]


class _Line(list[str]):
    """Tokens of a tune; bar lines that meet become one."""

    def note(self, spelled: list[str], length: list[str]) -> None:
        """Append a note, a chord or a rest with its length."""
        flat = [token for pitch in spelled for token in (pitch, *length)]
        self.extend(flat if len(spelled) == 1 else ["[", *flat, "]"])

    def bars(self, event: Bar | Ending) -> None:
        """Append what one sign of ABC says."""
        if isinstance(event, Ending):
            self.bar("|" + event.numbers)
        else:
            for sign in (":|", "|:") if event.sign == "::" else (event.sign,):
                self.bar(sign)

    def bar(self, sign: str) -> None:
        """Append a bar line, a repeat or an ending."""
        last = self[-1]
        plain = last in ("|", "||")
        if sign in ("|", "||"):
            if plain:
                self[-1] = max(last, sign, key=len)
            elif last not in ("|:", ":|") and not last.startswith(("M:", "K:", "|")):
                self.append(sign)
        elif last != sign:
            if plain:
                self.pop()
            self.append(sign)

    def ended(self) -> list[str]:
        """The tokens with one bar line at the end."""
        self.bar("|")
        if self[-1] == "||":
            self[-1] = "|"
        return self


class Speller:
    """Writes pitches as tokens or as ABC; remembers what was altered earlier in the bar."""

    def __init__(self, style: str, key: Key) -> None:
        self.style, self.signature = style, key.signature
        self.altered: dict[int, int] = {}

    def bar(self) -> None:
        """A bar line: accidentals are over."""
        self.altered = {}

    def spell(self, step: int, alter: int) -> str:
        """The pitch `step` diatonic steps above middle C, altered by `alter`."""
        if self.style == "v3" or abs(alter) > 2:
            step, alter = plainest(semitones(step, alter))
        sign = SIGNS[alter]
        if self.style == "v2":
            name = step % 7
            if self.altered.get(name, self.signature[name]) == alter:
                sign = ""
            else:
                self.altered[name] = alter
        return sign + letter_of(step)


@lru_cache(maxsize=256)
def letter_of(step: int) -> str:
    """`C`, `c` or `c'` of a number of diatonic steps above middle C."""
    octave, name = divmod(step, 7)
    return LETTERS[name] + "," * -octave if octave < 1 else LETTERS[name].lower() + "'" * (octave - 1)


def pitches_of(tokens: Sequence[str]) -> Iterator[tuple[int, int] | None]:
    """(step, alter) as it sounds for every token that is a pitch, None for the others."""
    signature, altered, v3 = Key(mode=mode_of(tokens)).signature, dict[int, int](), style_of(tokens) == "v3"
    for text in tokens:
        token = read_token(text)
        if token is None or token.kind != "pitch":
            if token is not None and token.kind in ("bar", "ending"):
                altered = {}
            yield None
            continue
        name = token.step % 7
        if token.accidental is not None and not v3:
            altered[name] = token.accidental
        default = 0 if v3 else altered.get(name, signature[name])
        yield token.step, token.accidental if token.accidental is not None else default


def spelled(tokens: Sequence[str], pitches: Sequence[tuple[int, int] | None]) -> tuple[str, ...]:
    """The tokens of a tune as `tokens_of` writes them, without accidentals that nobody needs.

    Parameters
    ----------
    tokens : sequence of str
        Of the tune, from its meter and mode on.
    pitches : sequence
        (step, alter) as it is to sound of each token that is a pitch, None for the others.
    """
    speller, found = Speller(style_of(tokens), Key(mode=mode_of(tokens))), list[str]()
    for text, pitch in zip(tokens, pitches, strict=True):
        if text[:1] in "|:":
            speller.bar()
        found.append(text if pitch is None else speller.spell(*pitch))
    return tuple(found)
