"""Lets the folk network write: temperature, truncation, a grammar, forced tokens, several streams at once.

A token is drawn by the Gumbel trick (Gumbel 1954; Maddison, Tarlow and Minka, NIPS 2014): the largest of
log p / T + noise. The first that the grammar admits, in falling order, is a draw from the admitted ones alone. Each
stream has its own noise, a generator keyed by seed and number of the stream, so that neighbours change nothing.
A product of matrices rounds otherwise for one stream than for sixteen: where two tokens are nearer than `DOUBT`, about
once in ten thousand draws, the stream's logits are computed again alone. Batches thus write what single streams write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.checks import choice, within
from engine.folk.prime import Slot
from engine.folk.rules import STOPS, Rule
from engine.job import Progress, Report, silent
from engine.models.folk_lstm import END, START, FolkLstm, Memory

DOUBT = 1e-4          # of scores and probabilities; logits of different batch sizes agree to 1e-5 and better
Logits = NDArray[np.float64]


@dataclass(frozen=True)
class Manner:
    """How to draw.

    Attributes
    ----------
    temperature : float
        0 to 10; 0 takes the most probable token, 1 is the model's own distribution.
    top_k : int
        Draw from that many of the most probable tokens; 0: from all.
    top_p : float
        Draw from the most probable tokens that together have this probability, above 0 and up to 1.
    seed : int
        0 to 2**64 - 1.
    max_tokens : int
        Most tokens that are drawn for a tune, `</s>` included; forced ones do not count.
    stop : "tune", "phrase" or "bar"
        Where to stop: at the end of the tune, at the end of a phrase (a repeat, an ending, a double bar line or four
        bars), or at the next bar line; each behind a note at least.

    Raises
    ------
    InputError
        When a value is out of range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    max_tokens: int = 512
    stop: str = "tune"

    def __post_init__(self) -> None:
        """Check the ranges."""
        within(self.temperature, 0, 10, "temperature")
        within(self.top_k, 0, 10**6, "top_k")
        within(self.top_p, 1e-6, 1, "top_p")
        within(self.seed, 0, 2**64 - 1, "seed")
        within(self.max_tokens, 1, 100_000, "max_tokens")
        choice(self.stop, STOPS, "stop")


@dataclass(frozen=True)
class Said:
    """One token of one stream, as soon as it is there."""

    stream: int
    token: str
    log_probability: float | None   # natural, of the model itself at temperature 1; None: the token was forced
    over: bool                      # nothing more will come in this stream


@dataclass(frozen=True)
class Sample:
    """What a stream wrote.

    Attributes
    ----------
    tokens : tuple of str
        All of the tune: forced and drawn, without start and end.
    drawn : tuple of str
        Only those that were drawn, `</s>` included.
    log_probabilities : tuple of float
        Of each drawn token, natural, under the model itself: no grammar, no truncation, temperature 1.
    places : tuple of int
        Where in `tokens` each drawn token stands; `</s>` stands behind the last.
    """

    stream: int
    tokens: tuple[str, ...]
    drawn: tuple[str, ...]
    log_probabilities: tuple[float, ...]
    places: tuple[int, ...]

    @property
    def ended(self) -> bool:
        """Whether the model ended the tune itself."""
        return self.drawn[-1:] == (END,)


def sample(model: FolkLstm, rule: Rule, slots: Sequence[Slot], *, n: int = 1, manner: Manner,
           report: Report = silent, heard: Callable[[Said], None] | None = None) -> list[Sample]:
    """Write `n` tunes.

    Parameters
    ----------
    model : FolkLstm
        Who writes.
    rule : Rule
        What may be written (`engine.folk.rules`).
    slots : sequence of str or None
        What the tunes begin with, None for tokens that are drawn (`engine.folk.prime`).
    n : int
        Streams, 1 to 10,000.
    manner : Manner
        How to draw.
    report : Report
        Called for every token.
    heard : callable, optional
        Called with every token of every stream as soon as it is there.

    Raises
    ------
    InputError
        When the forced tokens are unknown, or no tune within `max_tokens` begins with them.
    """
    written: list[list[Said]] = [[] for _ in range(int(within(n, 1, 10_000, "number of tunes")))]
    for said in stream(model, rule, slots, n=n, manner=manner, report=report):
        written[said.stream].append(said)
        if heard is not None:
            heard(said)
    return [_collected(index, said) for index, said in enumerate(written)]


def _collected(stream: int, said: Sequence[Said]) -> Sample:
    drawn = [(place, one) for place, one in enumerate(said) if one.log_probability is not None]
    return Sample(stream, tuple(one.token for one in said if one.token != END), tuple(one.token for _, one in drawn),
                  tuple(float(one.log_probability or 0.0) for _, one in drawn), tuple(place for place, _ in drawn))


def stream(model: FolkLstm, rule: Rule, slots: Sequence[Slot], *, n: int = 1, manner: Manner,
           report: Report = silent) -> Iterator[Said]:
    """Write `n` tunes, token by token; see `sample`. Closing the iterator ends the work."""
    slots = tuple(slots)
    model.encode([token for token in slots if token is not None])
    rule.check(slots, manner.max_tokens)
    logits, memory = model.step(torch.tensor([model.index[START]]), model.memory())
    pens = [Pen(model, rule, slots, number, manner, alone=n == 1) for number in range(n)]
    forced = next((i for i, slot in enumerate(slots) if slot is None), len(slots))
    for done, token in enumerate(slots[:forced], 1):  # all streams begin alike
        report(Progress(done, forced, "reading"))
        assert token is not None  # up to the first slot that is
        yield from (pen.force(token) for pen in pens)
        logits, memory = model.step(torch.tensor([model.index[token]]), memory)
    logits, memory = logits.expand(n, -1), memory.pick([0] * n)
    for drawn in range(len(slots) - forced + manner.max_tokens):
        report(Progress(drawn, manner.max_tokens, "composing"))
        place = forced + drawn
        token = slots[place] if place < len(slots) else None
        rows = logits.double().numpy()
        for row, pen in zip(rows, pens, strict=True):
            yield pen.force(token) if token is not None else pen.draw(row)
        pens, memory = _going_on(pens, memory)
        if not pens:
            return
        logits, memory = model.step(torch.tensor([pen.history[-1] for pen in pens]), memory)


def _going_on(pens: list[Pen], memory: Memory) -> tuple[list[Pen], Memory]:
    rest = [index for index, pen in enumerate(pens) if not pen.over]
    return ([pens[index] for index in rest], memory if len(rest) == len(pens) else memory.pick(rest))


class Pen:
    """Writes one stream."""

    def __init__(self, model: FolkLstm, rule: Rule, slots: tuple[Slot, ...], number: int, manner: Manner, *,
                 alone: bool) -> None:
        self.model, self.rule, self.slots, self.number, self.manner = model, rule, slots, number, manner
        self.alone = alone                      # its logits are those of a single stream
        self.noise = np.random.Generator(np.random.Philox(key=np.array([manner.seed, number], dtype=np.uint64)))
        self.history = [model.index[START]]
        self.state, self.left, self.over = rule.start(), manner.max_tokens, False

    def force(self, token: str) -> Said:
        """Write a token that was asked for."""
        index = self.model.index[token]
        self.state = self.rule.forced(self.state, index)
        self.history.append(index)
        self.over = token == END
        return Said(self.number, token, None, self.over)

    def draw(self, logits: Logits) -> Said:
        """Write a token that is drawn."""
        noise = -np.log(-np.log(self.noise.random(len(logits))))
        index, state, doubtful = self.choose(logits, noise)
        if doubtful and not self.alone:
            logits = self.logits_alone()
            index, state, _ = self.choose(logits, noise)
        self.state, self.left = state, self.left - 1
        self.history.append(index)
        self.over = self.left == 0 or self.rule.over(state, index, self.left)
        return Said(self.number, self.model.vocabulary[index], float(logits[index] - log_sum(logits)), self.over)

    def choose(self, logits: Logits, noise: Logits) -> tuple[int, object, bool]:
        """The token, the state of the rule behind it, and whether another was too near to tell."""
        scores, cut = scored(logits, noise, self.manner)
        order = np.argsort(-scores, kind="stable")
        place = len(self.history) - 1
        for rank, index in enumerate(order):
            state = self.rule.admitted(self.state, int(index), self.slots, place + 1, self.left - 1)
            if state is not None:
                near = rank + 1 < len(order) and scores[index] - scores[order[rank + 1]] < DOUBT
                return int(index), state, bool(near or cut < DOUBT)
        raise AssertionError("the rule leaves a way wherever it admits a token")

    def logits_alone(self) -> Logits:
        """The logits as a single stream has them."""
        memory = self.model.memory()
        for index in self.history:
            logits, memory = self.model.step(torch.tensor([index]), memory)
        return logits[0].double().numpy()


def scored(logits: Logits, noise: Logits, manner: Manner) -> tuple[Logits, float]:
    """What to sort tokens by: those that are kept come first, by their draw, then the others, by their probability.

    Returns
    -------
    scores : array
        (tokens,)
    cut : float
        How far off truncation is from keeping one token more or less; infinite without truncation.
    """
    if manner.temperature == 0:
        return logits, np.inf
    z = logits / manner.temperature
    if not manner.top_k and manner.top_p == 1:
        return z + noise, np.inf
    order = np.argsort(-z, kind="stable")
    below = np.cumsum(np.exp(z[order] - log_sum(z)))  # probability of this and all more probable ones
    kept = min(manner.top_k or len(z), int(np.searchsorted(below, manner.top_p - 1e-12)) + 1, len(z))
    kept_ones, dropped = order[:kept], order[kept:]
    cut = z[kept_ones[-1]] - z[dropped[0]] if len(dropped) else np.inf
    if manner.top_p < 1:
        cut = min(cut, float(np.abs(below - manner.top_p).min()))
    scores = np.empty_like(z)
    scores[kept_ones] = z[kept_ones] + noise[kept_ones]
    scores[dropped] = z[dropped] - z.max() + scores[kept_ones].min() - 1
    return scores, float(cut)


def log_sum(logits: Logits) -> float:
    """Logarithm of the sum of exponentials."""
    top = logits.max()
    return float(top + np.log(np.exp(logits - top).sum()))
