"""Writes folk-rnn's tokens as ABC notation that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from engine.checks import InputError
from engine.folk.bars import Count, step
from engine.folk.keys import Key, semitones
from engine.folk.tokens import Speller, Token, mode_of, pitches_of, read_token, style_of

BARS_OF_LINE = 4


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
    known = [_meant(text) for text in tokens]
    mode, v3 = mode_of(tokens), style_of(tokens) == "v3"
    key = key or Key(mode=mode)
    move, speller = key.to_c.inverse, Speller("v2", key)
    first = next((index for index, token in enumerate(known) if token.kind == "meter"), None)
    music = _Music()
    for index, (token, pitch) in enumerate(zip(known, pitches_of(tokens), strict=True)):
        if token.kind in ("bar", "ending"):
            speller.bar()
        spelled = token.text
        if pitch is not None:
            at = _in_mode(*pitch, mode) if v3 else pitch
            spelled = speller.spell(*move.apply(*at))
        elif token.kind == "meter":
            spelled = "" if index == first else f"[{token.text}]"
        music.add(token, spelled)
    fields = [f"X:{number}", f"T:{title}", "M:none" if first is None else known[first].text, "L:1/8",
              *(f"% {line}" for line in comments), f"K:{key}"]
    return "\n".join([*fields, *music.lines()]) + "\n"


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


class _Music:
    """The lines of a tune: four bars each, the notes of a beat together."""

    def __init__(self) -> None:
        self.written = [""]
        self.bars = 0
        self.count = Count()

    def add(self, token: Token, text: str) -> None:
        """Append one token, spelled as `text`."""
        if self._beat_begins(token):
            self.written[-1] += " "
        self.count, _ = step(self.count, token)
        if token.kind in ("bar", "ending"):
            self._bar(token)
        elif token.kind not in ("start", "end", "mode"):
            self.written[-1] += text

    def _beat_begins(self, token: Token) -> bool:
        count = self.count
        if token.kind not in ("pitch", "rest", "open", "tuplet") or count.awaits_note or count.chord is not None:
            return False
        beat = Fraction(3, 8) if count.compound else Fraction(1, 4)
        return bool(count.note) and count.played % beat == 0 and not count.tuplet[1]

    def _bar(self, token: Token) -> None:
        line = self.written[-1].rstrip()
        if token.kind == "ending":
            glued = line.endswith("|") or (not line and len(self.written) > 1 and self.written[-2].endswith(":|"))
            self.written[-1] = f"{line} {'[' if glued else '|'}{token.text[1:]} ".lstrip()
            return
        if token.text == "|:" and line:
            self.written.append("")
            line = ""
        self.written[-1] = f"{line} {token.text} ".lstrip()
        self.bars = 0 if token.text == "|:" else self.bars + 1
        if self.bars >= BARS_OF_LINE or token.text in (":|", "||"):
            self.written[-1] = self.written[-1].rstrip()
            self.written.append("")
            self.bars = 0

    def lines(self) -> list[str]:
        """What was written, without empty lines."""
        return [line.strip() for line in self.written if line.strip()]
