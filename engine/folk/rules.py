"""What may be written where: everything, or what keeps a tune whole."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from engine.checks import InputError
from engine.folk import bars
from engine.folk.bars import ONE, ZERO, Count, replace
from engine.folk.grammar import NEVER, grammar_of
from engine.folk.prime import PrimeError, Slot
from engine.folk.tokens import UNIT, Token, read_token

STOPS = ("tune", "phrase", "bar")
PHRASE = 4                # bars
REMEMBERED = 100_000      # places in primes
MOST_LOOKED_AT = 4000     # places, before a way through a prime is given up: some tenths of a second


class Rule(Protocol):
    """Follows a tune as it is written; its states are its own affair."""

    def check(self, slots: Sequence[Slot], left: int) -> None:
        """Refuse slots behind which nothing can be written within `left` tokens."""

    def start(self) -> Any:
        """The state before the first token."""

    def forced(self, state: Any, index: int) -> Any:
        """The state behind a token that is forced."""

    def admitted(self, state: Any, index: int, slots: tuple[Slot, ...], place: int, left: int) -> Any | None:
        """The state behind a token that may be drawn; None if it may not.

        `slots[place:]` and `left` drawn tokens must suffice for what is to follow.
        """

    def over(self, state: Any, index: int, left: int) -> bool:
        """Whether this drawn token was the last."""


class _Progress:
    """Where a tune is: its count, and what has passed since drawing began."""

    __slots__ = ("bars", "count", "notes")

    def __init__(self, count: Count, bars: int = 0, notes: int = 0) -> None:
        self.count, self.bars, self.notes = count, bars, notes

    def then(self, count: Count, token: Token | None, *, drawn: bool) -> _Progress:
        line = token is not None and token.kind in ("bar", "ending")
        sign = line and token is not None and token.text != "|"
        note = token is not None and token.kind in ("pitch", "rest")
        whole = line and bool(self.count.note)
        return _Progress(count, 0 if sign else self.bars + whole, self.notes + (note and drawn))


class _GivenUp(Exception):
    """It takes too long to find out whether anything fits."""


class Anything:
    """No rule but where to stop."""

    def __init__(self, vocabulary: tuple[str, ...], stop: str = "tune") -> None:
        self.tokens, self.stop = tuple(map(read_token, vocabulary)), stop

    def check(self, slots: Sequence[Slot], left: int) -> None:
        """Everything may follow everything."""

    def start(self) -> _Progress:
        """Nothing has passed."""
        return _Progress(Count())

    def forced(self, state: _Progress, index: int) -> _Progress:
        """One token further."""
        return state.then(self._count(state.count, index), self.tokens[index], drawn=False)

    def admitted(self, state: _Progress, index: int, slots: tuple[Slot, ...], place: int, left: int) -> _Progress:
        """One token further."""
        return state.then(self._count(state.count, index), self.tokens[index], drawn=True)

    def over(self, state: _Progress, index: int, left: int) -> bool:
        """At the end, or where it was asked to stop."""
        return _stops(self.tokens[index], state, self.stop)

    def _count(self, count: Count, index: int) -> Count:
        """Only whether there were notes is needed."""
        token = self.tokens[index]
        if token is None or token.kind not in ("pitch", "rest", "bar", "ending"):
            return count
        return replace(count, note=UNIT if token.kind in ("pitch", "rest") else ZERO)


class WholeTunes:
    """Every bar fills the meter, everything that opens closes, and there is a way to the end at any time.

    Parameters
    ----------
    vocabulary : tuple of str
        Of the model.
    stop : "tune", "phrase" or "bar"
        To where there must be a way.
    forgiving : bool
        Pass over what is at fault with the forced tokens before the first wildcard: hand-written bars may be odd.
    """

    def __init__(self, vocabulary: tuple[str, ...], stop: str = "tune", *, forgiving: bool = False) -> None:
        self.vocabulary, self.stop, self.forgiving = vocabulary, stop, forgiving
        self.grammar = grammar_of(vocabulary)
        self.cost = self.grammar.to_end if stop == "tune" else self.grammar.to_line
        self.kinds = _one_of_each(self.grammar.tokens)
        self._recalled = lru_cache(REMEMBERED)(self._reachable)
        self._looked_at = 0

    def check(self, slots: Sequence[Slot], left: int) -> None:
        """Name the first forced token that does not fit."""
        slots, count, first = tuple(slots), Count(), 0
        for first, slot in enumerate((*slots, None)):
            if slot is None:
                break
            token = self._meant(slot)
            after = self.grammar.step(count, token)
            if after is None and not self.forgiving:
                raise PrimeError(f"prime: {slot} does not fit at place {first + 1}{_why(count, token)}; "
                                 "change it, or switch the grammar off")
            count = after or bars.step(count, token)[0]
        if self._can(count, slots, first, left):
            return
        for length in range(first, len(slots) + 1):
            if not self._can(count, slots[:length], first, NEVER - 1):
                last = slots[length - 1] if length else "it"
                raise PrimeError(f"prime: {last} does not fit at place {length}: no whole tune goes on behind it; "
                                 "change it, or switch the grammar off")
        raise InputError(f"at most {left} tokens: expected room for a whole {self.stop} behind the prime; allow more")

    def start(self) -> _Progress:
        """Before the first token."""
        return _Progress(Count())

    def forced(self, state: _Progress, index: int) -> _Progress:
        """One token further, which `check` has seen."""
        token = self._meant(self.vocabulary[index])
        after = self.grammar.step(state.count, token) or bars.step(state.count, token)[0]
        return state.then(after, token, drawn=False)

    def admitted(self, state: _Progress, index: int, slots: tuple[Slot, ...], place: int,
                 left: int) -> _Progress | None:
        """The state behind the token, if all is well with it."""
        token = self.grammar.tokens[index]
        after = self.grammar.step(state.count, token) if token is not None else None
        try:
            if after is None or not (self._can(after, slots, place, left) if place < len(slots) else
                                     self.cost(after) <= left and self.grammar.to_end(after) < NEVER):
                return None
        except InputError:
            return None     # there are tokens of which it is known that they fit: those that were found before
        return state.then(after, token, drawn=True)

    def over(self, state: _Progress, index: int, left: int) -> bool:
        """At the end, where it was asked to stop, or at a line if there is no room for another bar."""
        if _stops(self.grammar.tokens[index], state, self.stop):
            return True
        at_line = self.stop != "tune" and state.count.before in ("bar", "ending") and state.notes
        return bool(at_line and not self._room(state.count, left))

    def _room(self, count: Count, left: int) -> bool:
        return any(self.cost(after) < left for token in self.kinds
                   if (after := self.grammar.step(count, token)) is not None and self.grammar.to_end(after) < NEVER)

    def _can(self, count: Count, slots: tuple[Slot, ...], place: int, left: int) -> bool:
        """Whether slots from `place` on can be filled and followed within `left` drawn tokens."""
        self._looked_at = 0
        try:
            return self._recalled(count, slots, place, left)
        except _GivenUp:
            raise PrimeError(f"prime: no way was found through its {slots[place:].count(None)} wildcards; take fewer, "
                             "or switch the grammar off") from None

    def _reachable(self, count: Count, slots: tuple[Slot, ...], place: int, left: int) -> bool:
        self._looked_at += 1
        if self._looked_at > MOST_LOOKED_AT:
            raise _GivenUp
        for at, slot in enumerate(slots[place:], place):
            if slot is None:
                return left > 0 and any(
                    self._recalled(after, slots, at + 1, left - 1) for token in self.kinds
                    if (after := self.grammar.step(count, token)) is not None and self.grammar.to_end(after) < NEVER)
            after = self.grammar.step(count, self._meant(slot))
            if after is None:
                return False
            count = after
        return self.cost(count) <= left and self.grammar.to_end(count) < NEVER

    def _meant(self, text: str) -> Token:
        token = read_token(text)
        if token is None:
            raise PrimeError(f"prime: {text[:40]!r} means nothing to the grammar; switch it off to use this token")
        return token


def _why(count: Count, token: Token) -> str:
    _, faults = bars.step(count, token)
    return f" ({faults[0]})" if faults else ""


def _one_of_each(tokens: Sequence[Token | None]) -> list[Token]:
    """One token of each kind that the grammar tells apart: it does not care for pitches."""
    kinds = {(t.kind, "" if t.kind == "pitch" else t.text): t for t in tokens if t is not None}
    return sorted(kinds.values(), key=lambda token: (token.kind != "pitch", token.length != ONE))


def _stops(token: Token | None, state: _Progress, stop: str) -> bool:
    if token is None or token.kind == "end":
        return token is not None
    if stop == "tune" or token.kind not in ("bar", "ending") or not state.notes:
        return False
    return stop == "bar" or token.text != "|" or state.bars >= PHRASE
