"""Which token may come next, so that a tune can still become whole within so many tokens.

A token is admitted when nothing is at fault with it (`engine.folk.bars`), when it is written as tunes write it, and
when the tune can be ended behind it. The last is found as a shortest way: fill the bar with notes, write a line, and
so on until `</s>`. All ways are made of single notes; whatever token such a way begins with leads to the rest of it,
which is why there are no dead ends.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from engine.folk.bars import ONE, ZERO, Count, at_end, replace, step
from engine.folk.tokens import UNIT, Token, read_token

NEVER = 10**6            # tokens: there is no way
MOST_GRAINS = 4096       # of the table of note lengths; longer bars are not filled
AT_LINE = ("mode", "bar", "ending")
REMEMBERED = 200_000     # places in tunes


class Grammar:
    """The rules for one vocabulary.

    Attributes
    ----------
    tokens : tuple of Token or None
        What each token of the vocabulary means; None where it has no meaning, and is never admitted.
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.tokens = tuple(map(read_token, vocabulary))
        known = [token for token in self.tokens if token is not None]
        self.signs = [token for token in known if token.kind in ("bar", "ending")]
        self.lengths = sorted({token.length for token in known if token.kind == "length"})
        notes = [(ONE, 1), *((length, 2) for length in self.lengths if length != 1)]
        self.notes = notes if any(token.kind == "pitch" for token in known) else []
        self.grain = math.lcm(*(length.denominator for length, _ in notes))
        self.table = self._table(max((token.length for token in known if token.kind == "meter"), default=ONE))
        self.to_end, self.to_line = remembered(self._to_end), remembered(self._to_line)
        self._from_line, self._lines = remembered(self._search), remembered(self._written_lines)
        self._fills: dict[tuple[int, ...], int] = {}
        self._tuplets = [[0] + [NEVER] * (5 * len(self.table))]  # nine notes in the time of two: 4.5 times as many

    def step(self, count: Count, token: Token) -> Count | None:
        """The count behind a token; None where the token is out of place, whatever follows."""
        if not _in_place(count, token):
            return None
        if token.kind == "end":
            return replace(count, before="end")
        after, faults = step(count, token)
        return None if faults else after

    def _to_end(self, count: Count) -> int:
        """Fewest tokens that end a tune behind `count`, `</s>` among them; `NEVER` where none do."""
        if count.before == "end":
            return 0
        if count.before in ("", "start", "meter"):
            header = "mode" if count.before == "meter" else "meter"
            ways = (self.step(count, token) for token in self.tokens if token is not None and token.kind == header)
            return min((1 + self.to_end(after) for after in ways if after is not None), default=NEVER)
        if count.before in AT_LINE:
            return self._from_line(count)
        return min((cost + 1 + self._from_line(after) for full, cost in self.full_bars(count)
                    for after in self._lines(full)), default=NEVER)

    def _to_line(self, count: Count) -> int:
        """Fewest tokens up to the next line of any kind, behind which the tune can be ended."""
        if count.before in ("", "start", "meter"):
            return self.to_end(count)
        if count.before in ("bar", "ending", "end"):
            return 0
        return min((cost + 1 for full, cost in self.full_bars(count)
                    if any(self._from_line(after) < NEVER for after in self._lines(full))), default=NEVER)

    def full_bars(self, count: Count) -> Iterator[tuple[Count, int]]:
        """Where a bar may stand when its line is due, and the fewest tokens that fill it so far."""
        if count.short:
            return
        needs = count.before in AT_LINE or count.awaits_note or count.tuplet[1] > 0 or count.chord == 0
        closing = 0 if count.chord is None else 1 if count.chord > 1 else 2  # a chord has two notes, then its ]
        ways = [(count.played, closing)]
        if count.before in ("pitch", "rest") and (count.chord or 1) == 1:
            fitting = [length for length in self.lengths if count.twin in (None, length)]
            ways = [way for way in ways if count.twin in (None, count.written)] + [
                (count.phase + count.note * length, closing + 1) for length in fitting]
        found: dict[tuple[int, int], tuple[int, Fraction]] = {}
        for played, cost in ways:
            for goal in self._goals(count, played, needs):
                if goal > played or (goal == played and not needs):
                    key, cost_there = goal.as_integer_ratio(), cost + self.filling(count, goal - played)
                    if key not in found or cost_there < found[key][0]:
                        found[key] = (cost_there, goal)
        for cost, goal in found.values():
            if cost < NEVER:
                yield replace(count, phase=goal, note=ZERO, tuplet=(ONE, 0), broken=ONE, awaits_note=False, chord=None,
                              before="pitch", played_since=True, written=ONE, twin=None), cost

    def filling(self, count: Count, time: Fraction) -> int:
        """Fewest tokens that fill `time` (whole notes), with what `count` has begun."""
        factor, left = count.tuplet
        if not count.awaits_note:
            return self._fill(time, left, factor)
        rest = time - UNIT * count.broken * factor * count.written  # behind `>` stands the like of what stands before
        if rest < 0 or (count.written != 1 and count.written not in self.lengths):
            return NEVER
        return 1 + (count.written != 1) + self._fill(rest, max(0, left - 1), factor if left > 1 else ONE)

    def _goals(self, count: Count, played: Fraction, needs: bool) -> list[Fraction]:
        goals = [goal for goal in (count.meter, count.repeat, count.start, count.ending) if goal]
        if not count.meter or count.start is None:  # any length will do: the least
            factor, left = count.tuplet
            first = count.broken * count.written if count.awaits_note else ONE
            goals.append(played + UNIT * factor * (first + max(0, left - 1)) if needs else played)
        return goals

    def _fill(self, time: Fraction, left: int, factor: Fraction) -> int:
        """Fewest tokens for exactly `time`: the rest of a tuplet, then plain notes."""
        if not left:
            grains = time * (8 * self.grain)
            return self.table[int(grains)] if grains.denominator == 1 and grains < len(self.table) else NEVER
        key = (left, *time.as_integer_ratio(), *factor.as_integer_ratio())
        if key not in self._fills:
            if len(self._fills) >= REMEMBERED:
                self._fills.clear()
            self._fills[key] = self._fill_tuplet(time, left, factor)
        return self._fills[key]

    def _fill_tuplet(self, time: Fraction, left: int, factor: Fraction) -> int:
        """As `_fill`, in whole numbers of grains over a common denominator: tuplets can be filled in many ways."""
        over, under = (time * (8 * self.grain)).as_integer_ratio()
        p, q = factor.as_integer_ratio()
        best, common = NEVER, under * q
        for grains, cost in enumerate(self._tuplet_table(left)):
            rest, odd = divmod(over * q - p * grains * under, common)
            if rest < 0:
                break
            if cost < best and not odd and rest < len(self.table):
                best = min(best, cost + self.table[rest])
        return best

    def _tuplet_table(self, notes: int) -> list[int]:
        """Fewest tokens of exactly so many notes, for each number of grains."""
        while len(self._tuplets) <= notes:
            fewer = self._tuplets[-1]
            steps = [(int(length * self.grain), cost) for length, cost in self.notes]
            self._tuplets.append([
                min((fewer[grains - note] + cost for note, cost in steps if note <= grains), default=NEVER)
                for grains in range(len(fewer))])
        return self._tuplets[notes]

    def _table(self, longest: Fraction) -> list[int]:
        """Fewest tokens for each number of grains, by single notes."""
        table = [0]
        notes = [(int(length * self.grain), cost) for length, cost in self.notes]
        for grains in range(1, min(MOST_GRAINS, int(longest / UNIT * self.grain)) + 1):
            table.append(min((cost + table[grains - note] for note, cost in notes if note <= grains), default=NEVER))
        return table

    def _written_lines(self, count: Count) -> tuple[Count, ...]:
        ways = (self.step(count, sign) for sign in self.signs)
        return tuple(way for way in ways if way is not None)

    def _search(self, count: Count) -> int:
        """Fewest tokens from a line to the end: Dijkstra's search, one step for each bar."""
        number = itertools.count()
        waiting, seen = [(0, next(number), count)], set[Key]()
        while waiting:
            cost, _, here = heapq.heappop(waiting)
            if here.before == "end":
                return cost
            if (key := key_of(here)) in seen:
                continue
            seen.add(key)
            if here.before == "bar" and here.start is not None and not at_end(here):
                heapq.heappush(waiting, (cost + 1, next(number), replace(here, before="end")))
            for after in self._lines(here):
                heapq.heappush(waiting, (cost + 1, next(number), after))
            for full, more in self.full_bars(here):
                for after in self._lines(full):
                    heapq.heappush(waiting, (cost + more + 1, next(number), after))
        return NEVER


Key = tuple[object, ...]
T = TypeVar("T")


def key_of(count: Count) -> Key:
    """What tells counts apart, of integers: the hash of a fraction is dear."""
    factor, left = count.tuplet
    return (*count.meter.as_integer_ratio(), *count.phase.as_integer_ratio(), *count.note.as_integer_ratio(),
            count.start and count.start.as_integer_ratio(), *count.short.as_integer_ratio(),
            count.repeat and count.repeat.as_integer_ratio(), *count.ending.as_integer_ratio(),
            *factor.as_integer_ratio(), left, *count.broken.as_integer_ratio(), count.compound, count.open_repeat,
            count.played_since, count.number, count.awaits_note, count.chord, count.before,
            *(() if count.before in AT_LINE else (count.written.as_integer_ratio(),
                                                  count.twin and count.twin.as_integer_ratio())))


def remembered(method: Callable[[Count], T]) -> Callable[[Count], T]:
    """A method that computes each place of a tune once."""
    known: dict[Key, T] = {}

    def recalled(count: Count) -> T:
        key = key_of(count)
        if key not in known:
            if len(known) >= REMEMBERED:
                known.clear()
            known[key] = method(count)
        return known[key]

    return recalled


@lru_cache(16)
def grammar_of(vocabulary: tuple[str, ...]) -> Grammar:
    """The rules for a vocabulary, made once: what it found out is kept."""
    return Grammar(vocabulary)


def _in_place(count: Count, token: Token) -> bool:
    """Whether tunes write such a token here; the counting of bars would let more pass."""
    before, kind = count.before, token.kind
    if kind == "meter":
        return before in ("", "start")
    if kind == "mode":
        return before == "meter"
    if before in ("", "start", "meter", "end") or kind == "start":
        return False
    if kind == "length":
        return before in ("pitch", "rest") and (count.twin in (None, token.length) or (count.chord or 1) > 1)
    if count.twin not in (None, count.written):
        return False  # a length is due
    if count.chord is not None:
        return kind == "pitch" or (kind == "close" and count.chord > 1)
    if count.awaits_note:
        return kind in ("pitch", "rest", "open")
    if kind == "broken":  # between notes of one length, the standard says; and not twice
        return count.note == UNIT * count.written * (count.tuplet[0] if count.tuplet[1] else 1)
    if kind == "end":
        return before == "bar" and count.start is not None and not at_end(count)
    behind_repeat = before == "bar" and not count.played_since and count.start is not None
    if kind == "bar":
        return before not in AT_LINE or (token.text == "|:" and (before == "mode" or behind_repeat))
    if kind == "ending":
        return before not in AT_LINE if token.text[1] == "1" else behind_repeat
    return True
