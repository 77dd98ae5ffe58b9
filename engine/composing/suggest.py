"""Suggestions of the folk network: how a tune may go on, what is likely next, and what surprises it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.checks import InputError
from engine.composing.behind import Behind, readable, recent
from engine.folk.bars import Validity, check
from engine.folk.novelty import Novelty, TuneIndex
from engine.folk.prime import following, slots_of
from engine.folk.rules import Anything, Rule, WholeTunes
from engine.folk.sampling import Manner, Said, Sample, sample
from engine.folk.tokens import pitches_of, spelled
from engine.job import Report, silent
from engine.models import folk_lstm
from engine.models.folk_lstm import END, FolkLstm
from engine.models.folk_pickle import read_checkpoint

INVALID, COPIED = 1.0, 0.5   # nats per token that a tune loses, were all its bars odd or all of it copied
MOST_COMPARED = 4000         # tokens of a tune that is compared with others: longer ones would take seconds


@dataclass(frozen=True)
class Origin:
    """What drew some notes."""

    model: str
    seed: int
    stream: int             # with the seed it decides what is drawn
    temperature: float
    top_p: float


@dataclass(frozen=True)
class Suggestion:
    """How a tune may go on.

    Attributes
    ----------
    tokens : tuple of str
        Those that were drawn, `</s>` included.
    log_probabilities : tuple of float
        Of each of them, natural, under the model itself at temperature 1.
    whole : tuple of str
        The tune with them, without start and end.
    places : tuple of int
        Where in `whole` each drawn token stands.
    stream : int
        With `seed` it decides what is drawn.
    novelty : Novelty or None
        What of the tune is known; None where nothing is known about what was learnt from.
    """

    tokens: tuple[str, ...]
    log_probabilities: tuple[float, ...]
    whole: tuple[str, ...]
    places: tuple[int, ...]
    model: str
    seed: int
    stream: int
    temperature: float
    top_p: float
    constrained: bool
    validity: Validity
    novelty: Novelty | None

    @property
    def per_token(self) -> float:
        """Mean log-probability of the drawn tokens, nats."""
        return float(np.mean(self.log_probabilities)) if self.log_probabilities else 0.0

    @property
    def worth(self) -> float:
        """What suggestions are ranked by: likelihood per token, less for odd bars and for what is copied."""
        odd = 1 - self.validity.bars_valid / max(1, self.validity.bars)
        return self.per_token - INVALID * odd - COPIED * (self.novelty.copied if self.novelty else 0.0)

    @property
    def ended(self) -> bool:
        """Whether the model ended the tune itself."""
        return self.tokens[-1:] == (END,)

    @property
    def origin(self) -> Origin:
        """What drew it."""
        return Origin(self.model, self.seed, self.stream, float(self.temperature), float(self.top_p))


@dataclass(frozen=True)
class Choice:
    """A token that may come next."""

    token: str
    probability: float            # under the model at temperature 1
    admitted: bool                # by the grammar
    text: str = ""                # what it is written as at a cursor, where one was asked about


def open_model(path: Path | None = None) -> FolkLstm:
    """The shipped folk model, a model card (`.json`) or an official checkpoint of folk-rnn (anything else).

    Raises
    ------
    InputError
        When it is missing or cannot be used.
    """
    if path is None:
        if not (folk_lstm.FOLDER / "folk.json").exists():
            raise InputError("no folk model is installed: train one (main.py train folk --help), or open a checkpoint "
                             "of folk-rnn (--model PATH; in the window, menu File)")
        return folk_lstm.load()
    return folk_lstm.read(path) if path.suffix == ".json" else read_checkpoint(path)


def compose(model: FolkLstm, *, prime: Sequence[str] = (), meter: str = "", mode: str = "", n: int = 1,
            manner: Manner, constrained: bool = True, known: TuneIndex | None = None, report: Report = silent,
            heard: Callable[[Said], None] | None = None) -> list[Suggestion]:
    """New tunes, the best first.

    Parameters
    ----------
    prime : sequence of str
        Tokens to begin with; `*` is drawn.
    meter, mode : str
        Such as `6/8` and `dor`; empty: drawn.
    n : int
        Tunes.
    manner : Manner
        How to draw.
    constrained : bool
        Keep to the grammar.
    known : TuneIndex, optional
        Tunes to compare with.

    Raises
    ------
    InputError
        When a token is unknown, or no tune begins so.
    """
    slots = slots_of(model, prime, meter=meter, mode=mode, header=constrained or bool(meter or mode))
    rule = WholeTunes(model.vocabulary, manner.stop) if constrained else Anything(model.vocabulary, manner.stop)
    drawn = sample(model, rule, slots, n=n, manner=manner, report=report, heard=heard)
    return _ranked(_suggestion(one, model.name, manner, constrained, known) for one in drawn)


def suggest(model: FolkLstm, before: Sequence[str], *, n: int = 8, manner: Manner, constrained: bool = True,
            closed: bool = False, spaced: bool = False, prime: Sequence[str] = (), known: TuneIndex | None = None,
            report: Report = silent, heard: Callable[[Said], None] | None = None) -> list[Suggestion]:
    """How a tune that somebody wrote may go on, the best first.

    Parameters
    ----------
    before : sequence of str
        Its tokens up to the cursor (`tokens_before`). Of what the model does not know it reads the nearest
        (`engine.composing.behind`), and what the grammar finds at fault with them is passed over.
    closed, spaced : bool
        Under the grammar: the last note has its length; white space stands behind it, so that no `>` follows.
    prime : sequence of str
        Tokens that all suggestions begin with, `*` for one that is drawn.

    Raises
    ------
    InputError
        When the model does not know a token of the prime, or nothing goes on so.
    """
    before = tuple(before)
    read = recent(readable(model.vocabulary, before))
    slots = (*read, *following(model, prime))
    rule: Rule = (Behind(model.vocabulary, manner.stop, before, closed=closed, spaced=spaced, read=len(read))
                  if constrained else Anything(model.vocabulary, manner.stop))
    drawn = sample(model, rule, slots, n=n, manner=manner, report=report, heard=heard)
    behind = [_behind(one, before, read) for one in drawn]
    return _ranked(_suggestion(one, model.name, manner, constrained, known) for one in behind)


def _ranked(made: Iterable[Suggestion]) -> list[Suggestion]:
    return sorted(made, key=lambda suggestion: -suggestion.worth)


def _behind(one: Sample, before: tuple[str, ...], read: tuple[str, ...]) -> Sample:
    """What was written behind `read` as it is spelled behind what really stands there."""
    own = one.tokens[len(read):]
    pitches = [*pitches_of(before), *list(pitches_of((*read, *own)))[len(read):]]
    whole = (*before, *spelled((*before, *own), pitches)[len(before):])
    return Sample(one.stream, whole, one.drawn, one.log_probabilities,
                  tuple(place - len(read) + len(before) for place in one.places))


def _suggestion(one: Sample, model: str, manner: Manner, constrained: bool, known: TuneIndex | None) -> Suggestion:
    return Suggestion(one.drawn, one.log_probabilities, one.tokens, one.places, model, manner.seed, one.stream,
                      manner.temperature, manner.top_p, constrained, check(one.tokens),
                      known.novelty(one.tokens) if known and len(one.tokens) <= MOST_COMPARED else None)


def lens(model: FolkLstm, before: Sequence[str], *, most: int = 12) -> list[Choice]:
    """What is likely next behind some tokens, the most probable first.

    Parameters
    ----------
    before : sequence of str
        Unknown tokens are passed over.
    most : int
        How many are named.
    """
    known = [token for token in before if token in model.index]
    p = np.exp(model.log_probabilities(known)[-1])
    rule = WholeTunes(model.vocabulary, forgiving=True)
    state = rule.start()
    for token in known:
        state = rule.forced(state, model.index[token])
    return [Choice(model.vocabulary[index], float(p[index]),
                   rule.admitted(state, int(index), (), 0, 10**5) is not None)
            for index in np.argsort(-p, kind="stable")[:most]]
