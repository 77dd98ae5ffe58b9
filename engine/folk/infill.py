"""Writes selected bars anew, given what stands on both sides of them.

The network knows only what came before. So several fillings are drawn from what it expects behind the left side, and
each is weighed by how likely it makes the right side: importance sampling of the filling given both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray

from engine.checks import InputError, within
from engine.folk import bars as bar_rules
from engine.folk.bars import Count, at_end
from engine.folk.grammar import AT_LINE, NEVER, Key, grammar_of, key_of
from engine.folk.prime import Slot
from engine.folk.sampling import Manner, Said, sample
from engine.folk.tokens import Token, read_token
from engine.job import Progress, Report, silent
from engine.models.folk_lstm import START, FolkLstm

AHEAD = 64   # tokens of the right side that are weighed
MUSIC = ("pitch", "rest", "length", "tuplet", "broken", "open", "close")
State = tuple[Count, int]


@dataclass(frozen=True)
class Filling:
    """A filling of the gap.

    Attributes
    ----------
    tokens, log_probabilities : tuple
        Of the gap alone, natural logarithms under the model itself, given the left side.
    after : float
        Natural logarithm of the probability of what follows, at most `AHEAD` tokens of it.
    """

    tokens: tuple[str, ...]
    log_probabilities: tuple[float, ...]
    after: float


def infill(model: FolkLstm, left: Sequence[str], right: Sequence[str], *, bars: int, n: int = 16, manner: Manner,
           report: Report = silent, heard: Callable[[Said], None] | None = None) -> list[Filling]:
    """Fillings of a gap of so many bars, the one that leads best to the right side first.

    Parameters
    ----------
    model : FolkLstm
        Who writes.
    left : sequence of str
        Tokens before the gap, from meter and mode on; the last is the mode or a bar line.
    right : sequence of str
        Tokens behind it; the first is the line that ends the last of the bars.
    bars : int
        1 to 64.
    n : int
        Fillings that are drawn; equal ones are returned once.
    manner : Manner
        How to draw.

    Raises
    ------
    InputError
        When the gap does not lie between bar lines, or nothing fits into it.
    """
    rule = Gap(model.vocabulary, left, right, int(within(bars, 1, 64, "bars")))
    drawn = sample(model, rule, tuple(left), n=n, manner=manner, report=report, heard=heard)
    gaps = {one.drawn[:-1]: one.log_probabilities[:-1] for one in drawn}
    right = tuple(right)[:AHEAD]
    weighed = log_probabilities_behind(model, left, [(*gap, *right) for gap in gaps], report)
    found = [Filling(gap, logs, float(row[len(gap):].sum()))
             for (gap, logs), row in zip(gaps.items(), weighed, strict=True)]
    return sorted(found, key=lambda filling: -filling.after)


def log_probabilities_behind(model: FolkLstm, left: Sequence[str], continuations: Sequence[Sequence[str]],
                             report: Report = silent) -> list[NDArray[np.float64]]:
    """Natural logarithm of the probability of every token of some continuations of `left`, all read side by side."""
    memory = model.memory()
    for index in model.encode([START, *left]):
        logits, memory = model.step(torch.tensor([index]), memory)
    n, longest = len(continuations), max(map(len, continuations))
    coded = [model.encode(one) for one in continuations]
    padded = torch.tensor([[*one, *[0] * (longest - len(one))] for one in coded], dtype=torch.long)
    logits, memory = logits.expand(n, -1), memory.pick([0] * n)
    columns = []
    for place in range(longest):
        report(Progress(place, longest, "weighing"))
        columns.append(logits.double().log_softmax(1).gather(1, padded[:, place, None]))
        logits, memory = model.step(padded[:, place], memory)
    table = torch.cat(columns, 1).numpy()
    return [table[row, :len(one)] for row, one in enumerate(coded)]


class Gap:
    """The rule for a gap: so many bars, each full, and the last one ends where the right side goes on."""

    def __init__(self, vocabulary: tuple[str, ...], left: Sequence[str], right: Sequence[str], bars: int) -> None:
        self.grammar, self.bars = grammar_of(vocabulary), bars
        self.count = _counted(Count(), left)[0]
        self.ends = right[0] if right else "|"
        ending = read_token(self.ends)
        if self.count.before not in AT_LINE or ending is None or ending.kind not in ("bar", "ending"):
            raise InputError("gap: expected whole bars, from behind one bar line up to another; select them so")
        self.goals = self._goals(right or ("|",))
        self._costs: dict[tuple[Key, int], int] = {}

    def _goals(self, right: Sequence[str]) -> list[Fraction]:
        """How full the last bar must be so that the right side has the fewest faults."""
        count = self.count
        for _ in range(self.bars - 1):
            line = [after for full, _ in self.grammar.full_bars(count) if (after := self._line(full)) is not None]
            count = line[0] if line else count
        found = {full.phase: len(_counted(full, right)[1]) for full, _ in self.grammar.full_bars(count)}
        least = min(found.values(), default=0)
        return [phase for phase, faults in found.items() if faults == least]

    def check(self, slots: Sequence[Slot], left: int) -> None:
        """Refuse a gap that cannot be filled."""
        if (least := self.cost(self.count, self.bars)) > left:
            room = f"{least} tokens at least" if least < NEVER else "note lengths that the model does not know"
            raise InputError(f"at most {left} tokens: the gap takes {room}")

    def start(self) -> State:
        """Before the first token."""
        return Count(), self.bars

    def forced(self, state: State, index: int) -> State:
        """A token of the left side."""
        token = self.grammar.tokens[index]
        return (bar_rules.step(state[0], token)[0] if token is not None else state[0]), self.bars

    def admitted(self, state: State, index: int, slots: tuple[Slot, ...], place: int, left: int) -> State | None:
        """Notes, bar lines between the bars, and in the end the first token of the right side."""
        (count, bars), token = state, self.grammar.tokens[index]
        if token is None:
            return None
        if token.kind not in MUSIC:
            full = next((full for full, cost in self.grammar.full_bars(count) if cost == 0), None)
            if full is None or token.text != (self.ends if bars == 1 else "|"):
                return None
            if bars == 1:
                return (count, 0) if full.phase in self.goals else None
            after = self._line(full)
        else:
            after = self.grammar.step(count, token)
        bars -= token.kind not in MUSIC
        return (after, bars) if after is not None and self.cost(after, bars) <= left else None

    def over(self, state: State, index: int, left: int) -> bool:
        """The right side has begun."""
        return state[1] == 0

    def cost(self, count: Count, bars: int) -> int:
        """Fewest tokens that fill so many bars, with their lines."""
        key = (key_of(count), bars)
        if key not in self._costs:
            ways = [NEVER]
            for full, cost in self.grammar.full_bars(count):
                if bars > 1 and (after := self._line(full)) is not None:
                    ways.append(cost + 1 + self.cost(after, bars - 1))
                elif bars == 1 and full.phase in self.goals:
                    ways.append(cost + 1)
            self._costs[key] = min(ways)
        return self._costs[key]

    def _line(self, full: Count) -> Count | None:
        """Behind a plain bar line; None where the bar is not full."""
        after = self.grammar.step(full, Token("bar", "|"))
        return None if after is None or after.short else after


def _counted(count: Count, tokens: Sequence[str]) -> tuple[Count, tuple[str, ...]]:
    """The count behind some tokens, and all that is at fault with them, the end of the tune included."""
    faults: tuple[str, ...] = ()
    for text in tokens:
        if (token := read_token(text)) is not None and token.kind != "end":
            count, more = bar_rules.step(count, token)
            faults += more
    return count, faults + at_end(count)
