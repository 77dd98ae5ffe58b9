"""Writes folk-rnn's tokens as ABC notation that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from engine.checks import InputError
from engine.folk.bars import Count, step
from engine.folk.keys import SIGNS, Interval, Key, plainest, semitones
from engine.folk.tokens import Speller, Token, letter_of, mode_of, pitches_of, read_token, style_of
from engine.folk.tune import Bar, Note, Tune

BARS_OF_LINE = 4
LEAST_GAPS = 12       # between notes that stand side by side: fewer do not show how they are spaced


def text_of(tokens: Sequence[str], *, title: str = "", number: int = 1, key: Key | None = None,
            comments: Sequence[str] = ()) -> str:
    """ABC text of a tune's tokens.

    Parameters
    ----------
    tokens : sequence of str
        Start and end are passed over.
    title, number : str, int
        T: and X:.
    key : Key, optional
        Where to transpose it, by default C with the mode of the tokens.
    comments : sequence of str
        Lines behind `%` in the header.

    Raises
    ------
    InputError
        When a token has no meaning.
    """
    key = key or Key(mode=mode_of(tokens))
    meter = next((text for text in tokens if text.startswith("M:")), "M:none")
    music = Music()
    write(music, Hand(key), tokens, sounding(tokens), move=key.to_c.inverse)
    fields = [f"X:{number}", f"T:{title}", meter, "L:1/8", *(f"% {line}" for line in comments), f"K:{key}"]
    return "\n".join([*fields, *([music.text] if music.text else [])]) + "\n"


def _meant(text: str) -> Token:
    if (token := read_token(text)) is None:
        raise InputError(f"token {text[:40]!r}: expected a token of folk-rnn such as G, 2, (3 or |:")
    return token


def _in_mode(step: int, alter: int, mode: str) -> tuple[int, int]:
    """A pitch spelled with sharps as the mode spells it: `^D` in C minor is E flat."""
    height, signature = semitones(step, alter), Key(mode=mode).signature
    for near in (step, step + 1, step - 1):
        if semitones(near, signature[near % 7]) == height:
            return near, signature[near % 7]
    return step, alter


@dataclass(frozen=True)
class Spacing:
    """Where white space stands among the notes of a text."""

    notes: str = "beats"         # "beats": between beats; "apart": between all notes; "joined": nowhere in a bar
    before_line: str = " "       # before a bar line
    behind_line: str = " "


def spacing_of(tune: Tune, text: str) -> Spacing:
    """How the music of a text is spaced; what it is too short to tell is as `text_of` has it.

    Parameters
    ----------
    tune : Tune
        As parsed.
    text : str
        What it was parsed from.
    """
    lines = [event for event in tune.events if isinstance(event, Bar)]
    before = [text[bar.start - 1].isspace() for bar in lines if bar.start]
    behind = [text[bar.stop].isspace() for bar in lines if bar.stop < len(text) and text[bar.stop] not in "\r\n"]
    gaps = [first.stop < second.start for first, second in pairwise(tune.events)
            if isinstance(first, Note) and isinstance(second, Note)]
    share = sum(gaps) / len(gaps) if len(gaps) >= LEAST_GAPS else 0.5
    return Spacing("joined" if share == 0 else "apart" if share > 0.9 else "beats",
                   *("" if len(found) > 1 and 2 * sum(found) < len(found) else " " for found in (before, behind)))


class Hand(Speller):
    """Spells pitches as ABC wherever in a tune it takes over.

    Parameters
    ----------
    key : Key
        The signature that counts there.
    altered : dict
        Alterations by name of the note that the bar has had.
    tied : dict
        By step, of the last note where it is tied; `over_line` says that the bar line stands behind it already.
    """

    def __init__(self, key: Key, altered: dict[int, int] | None = None, tied: dict[int, int] | None = None, *,
                 over_line: bool = False) -> None:
        super().__init__("v2", key)
        self.key = key
        self.altered, self.tied = dict(altered or {}), dict(tied or {})
        self.over = dict(self.tied) if over_line else {}

    def bar(self) -> None:
        """A bar line: accidentals are over, except on the note tied over it."""
        super().bar()
        self.over = dict(self.tied)

    def sounded(self, tied: dict[int, int] | None = None) -> None:
        """A note or chord is complete, which may be tied to the next."""
        self.over, self.tied = {}, dict(tied or {})

    def spell(self, step: int, alter: int, *, shown: bool = False) -> str:
        """The pitch, with its accidental where it is needed or to be `shown`."""
        if abs(alter) > 2:
            step, alter = plainest(semitones(step, alter))
        if not shown and step in self.over and self.over[step] == alter:
            return letter_of(step)
        if shown or step in self.over:
            self.altered[step % 7] = alter
            return SIGNS[alter] + letter_of(step)
        return super().spell(step, alter)


def length_text(length: Fraction) -> str:
    """What stands behind a note of so many unit lengths: nothing, `2`, `/2`, `3/2`.

    Raises
    ------
    InputError
        When it has more than three digits.
    """
    over, under = length.numerator, length.denominator
    if not 0 < over <= 999 or under > 999:
        raise InputError(f"note length {length}: expected numbers of three digits at most; change the field L:")
    return ("" if over == 1 else str(over)) + ("" if under == 1 else f"/{under}")


class Music:
    """Notes as text: four bars a line, the notes of a beat together.

    Parameters
    ----------
    count : Count
        Where the tune stands when this begins.
    bars : int
        That are on the line already.
    fresh : bool
        Whether nothing stands on the line yet.
    gap : str, optional
        White space that is due first; None: as the beat has it.
    spacing : Spacing
        How it is spaced.

    Attributes
    ----------
    text : str
        What was written.
    ends : list of int
        Offsets in it, behind the lines that end bars with notes.
    gap : str or None
        White space that is due before anything else.
    """

    def __init__(self, count: Count | None = None, *, bars: int = 0, fresh: bool = True, gap: str | None = "",
                 spacing: Spacing | None = None) -> None:
        self.count, self.bars, self.fresh, self.gap = count or Count(), bars, fresh, gap
        self.spacing = spacing or Spacing()
        self.text, self.ends = "", list[int]()
        self.played, self.behind_line = False, self.count.before in ("bar", "ending")

    def add(self, token: Token, text: str) -> None:
        """Append one token, spelled as `text`; it may be spelled in the text of the token before it."""
        if token.kind in ("bar", "ending"):
            self._line(token)
        elif text and token.kind not in ("start", "end", "mode"):
            if self.gap is None:
                self.gap = " " if self._apart(token) else ""
            self.text += self.gap + text
            self.gap, self.fresh, self.behind_line = None, False, False
            self.played |= token.kind in ("pitch", "rest")
        self.count, _ = step(self.count, token)

    def _apart(self, token: Token) -> bool:
        """Whether a space separates it from what is before."""
        count = self.count
        if token.kind not in ("pitch", "rest", "open", "tuplet") or count.awaits_note or count.chord is not None:
            return False
        if self.spacing.notes != "beats":
            return self.spacing.notes == "apart" and count.before != "tuplet"
        beat = Fraction(3, 8) if count.compound else Fraction(1, 4)
        return bool(count.note) and count.played % beat == 0 and not count.tuplet[1]

    def _line(self, token: Token) -> None:
        sign = token.text
        fresh = self.fresh or self.gap == "\n"
        before = (self.gap or "") if fresh else " " if self.behind_line else self.spacing.before_line
        if token.kind == "ending":
            sign = ("[" if self.behind_line else "|") + sign[1:]
        elif sign == "|:" and not fresh:
            before = "\n"
        self.text += before + sign
        self.fresh, self.behind_line = False, True
        self.gap = self.spacing.behind_line if token.kind == "bar" else " "
        if token.kind == "bar":
            self.bars = 0 if sign == "|:" else self.bars + 1
            if self.bars >= BARS_OF_LINE or sign in (":|", "||"):
                self.gap, self.bars = "\n", 0
        if self.played:
            self.ends.append(len(self.text))
            self.played = False


def write(music: Music, hand: Hand, tokens: Sequence[str], pitches: Sequence[tuple[int, int] | None], *,
          move: Interval, scale: Fraction = Fraction(1)) -> None:
    """Write tokens as ABC.

    Parameters
    ----------
    music, hand : Music, Hand
        Where and how.
    tokens : sequence of str
        Known ones.
    pitches : sequence
        (step, alter) in C of each token that is a pitch, None for the others (`sounding`).
    move : Interval
        From C to the key of the tune.
    scale : Fraction
        What a length of one is written as: the unit length of the tokens by that of the text.
    """
    known = [_meant(text) for text in tokens]
    for token, pitch, after in zip(known, pitches, [*known[1:], None], strict=True):
        text = token.text
        if token.kind in ("bar", "ending"):
            hand.bar()
        elif token.kind == "meter":
            text = f"[{text}]" if music.text else ""
        if pitch is not None:
            text = hand.spell(*move.apply(*pitch))
        if token.kind in ("pitch", "rest"):
            text += length_text((after.length if after is not None and after.kind == "length" else 1) * scale)
            if music.count.chord is None:
                hand.sounded()
        elif token.kind == "close":
            hand.sounded()
        elif token.kind == "length" and music.text:
            text = ""  # the note has it
        music.add(token, text)


def sounding(tokens: Sequence[str]) -> list[tuple[int, int] | None]:
    """(step, alter) of each token that is a pitch, spelled as its mode spells it also where tokens do not."""
    mode, v3 = mode_of(tokens), style_of(tokens) == "v3"
    return [pitch if pitch is None or not v3 else _in_mode(*pitch, mode) for pitch in pitches_of(tokens)]
