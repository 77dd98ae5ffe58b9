"""What the network makes of a tune that somebody wrote by hand: it may know neither its meter nor all of its notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.checks import InputError
from engine.folk import bars
from engine.folk.bars import ONE, ZERO, Count, replace
from engine.folk.grammar import NEVER
from engine.folk.keys import Key, semitones
from engine.folk.prime import WILDCARD, PrimeError, Slot
from engine.folk.rules import WholeTunes
from engine.folk.tokens import Token, kind_of, mode_of, pitches_of, read_token

MEMORY = 1024           # tokens that are read before it goes on: more than almost all tunes have


class Behind(WholeTunes):
    """Goes on from where a tune really stands, which the forced tokens may tell but in part.

    Parameters
    ----------
    before : sequence of str
        The tokens of the tune so far; odd bars are passed over.
    closed : bool
        Whether the last note has got its length.
    spaced : bool
        Whether white space stands behind it: no `>` follows then.
    read : int
        Number of forced tokens that tell what stands in `before`; those behind them are new.
    """

    def __init__(self, vocabulary: tuple[str, ...], stop: str, before: Sequence[str], *, closed: bool = False,
                 spaced: bool = False, read: int = 0) -> None:
        super().__init__(vocabulary, stop)
        state = super().start()
        for token in map(read_token, before):
            if token is not None and token.kind != "end":
                state = state.then(bars.step(state.count, token)[0], token, drawn=False)
        if closed and state.count.before in ("pitch", "rest"):
            state.count = replace(state.count, before="length", twin=None)
        if state.count.short:
            state.count = replace(state.count, short=ZERO, phase=ZERO)
        state.count = self._possible(state.count)
        self.begun, self.spaced, self.read = state, spaced, read

    def check(self, slots: Sequence[Slot], left: int) -> None:
        """Refuse a place behind which there is no room."""
        cost, slots = self.cost(self.begun.count), tuple(slots)
        if cost >= NEVER:
            raise InputError("the tune so far: expected bars that notes of this model can fill; change its meter, or "
                             "switch the grammar off")
        if self._can(self.begun.count, slots, self.read, left):
            return
        if not self._can(self.begun.count, slots, self.read, NEVER - 1):
            said = " ".join(slot or WILDCARD for slot in slots[self.read:])
            raise PrimeError(f"prime: {said[:60]} does not fit behind the tune so far; change it, or switch the "
                             "grammar off")
        raise InputError(f"at most {left} tokens: expected room to the end of this {self.stop}; allow more")

    def start(self) -> Any:
        """Before the first token that the network reads."""
        return 0 if self.read else self.begun

    def forced(self, state: Any, index: int) -> Any:
        """One token further; those that the network reads are counted already."""
        if isinstance(state, int):
            return self.begun if state + 1 == self.read else state + 1
        return super().forced(state, index)

    def admitted(self, state: Any, index: int, slots: tuple[Slot, ...], place: int, left: int) -> Any | None:
        """The state behind the token, if all is well with it."""
        token = self.grammar.tokens[index]
        if state is self.begun and self.spaced and token is not None and token.kind == "broken":
            return None
        return super().admitted(state, index, slots, place, left)

    def _possible(self, count: Count) -> Count:
        """The count itself; where nothing can go on behind it, as if its bar were full, or a new one had begun."""
        ended = replace(count, note=ZERO, tuplet=(ONE, 0), broken=ONE, awaits_note=False, chord=None, twin=None,
                        written=ONE, short=ZERO)
        full = replace(ended, phase=count.meter, before="length")
        new = Count(meter=count.meter, compound=count.compound, start=ZERO, repeat=ZERO, played_since=True,
                    before="bar")
        ways = [count, *([full, new] if count.before not in ("", "start", "meter") else [])]
        return next((way for way in ways if self.cost(way) < NEVER), count)


def readable(vocabulary: Sequence[str], tokens: Sequence[str]) -> tuple[str, ...]:
    """What of a tune's tokens a network can read.

    A pitch it does not know gives way to the nearest, a meter to one whose bars are as long. Bars with anything else
    that it does not know are left out, but for the last one, of which only that is missing.
    """
    known, heights = set(vocabulary), _heights(vocabulary, mode_of(tokens))
    kept, bar = list[str](), list[str | None]()
    for text, pitch in zip(tokens, pitches_of(tokens), strict=True):
        token, near = read_token(text), text
        if text not in known and pitch is not None and heights:
            near = _nearest(pitch, heights)
        elif text not in known and token is not None and token.kind == "meter":
            near = _alike(token, vocabulary)
        bar.append(near if near in known else None)
        if token is not None and token.kind in ("bar", "ending"):
            kept += _whole(bar, kept)
            bar = []
    return (*kept, *(text for text in bar if text is not None))


def recent(tokens: Sequence[str], most: int = MEMORY) -> tuple[str, ...]:
    """What a network needs to have read of a long tune: its header, and the last tokens from behind a bar line on."""
    if len(tokens) <= most:
        return tuple(tokens)
    kinds = [kind_of(text) for text in tokens]
    first = len(tokens) - most
    first = next((place for place in range(first, len(tokens)) if kinds[place - 1] in ("bar", "ending")), first)
    header = [text for text, kind in zip(tokens[:first], kinds, strict=False) if kind in ("meter", "mode")]
    return (*header, *tokens[first:])


def _whole(bar: Sequence[str | None], kept: Sequence[str]) -> list[str]:
    """A bar with its line, if it can be read."""
    if None not in bar:
        return [text for text in bar if text is not None]
    header = [text for text in bar if text is not None and text[:2] in ("M:", "K:")]
    line = bar[-1]
    return [*header, *([line] if line is not None and line != "|" else [])]


def _heights(vocabulary: Sequence[str], mode: str) -> dict[str, int]:
    """Semitones above middle C of the pitches of a vocabulary, under a key of that mode."""
    signature, found = Key(mode=mode).signature, {}
    for text in vocabulary:
        token = read_token(text)
        if token is not None and token.kind == "pitch":
            found[text] = semitones(token.step, signature[token.step % 7] if token.accidental is None
                                    else token.accidental)
    return found


def _nearest(pitch: tuple[int, int], heights: dict[str, int]) -> str:
    """The known pitch that sounds nearest, of several the one that is written nearest."""
    height = semitones(*pitch)
    return min(heights, key=lambda other: (abs(heights[other] - height), abs(_step(other) - pitch[0])))


def _step(text: str) -> int:
    token = read_token(text)
    return token.step if token is not None else 0


def _alike(meter: Token, vocabulary: Sequence[str]) -> str:
    """A known meter whose bars are as long; the same token where there is none."""
    known = [token for token in map(read_token, vocabulary) if token is not None and token.kind == "meter"]
    alike = [token.text for token in known if token.length == meter.length != ZERO]
    return min(alike, key=lambda text: abs(_beat(text) - _beat(meter.text)), default=meter.text)


def _beat(text: str) -> int:
    return int(text.rpartition("/")[2])
