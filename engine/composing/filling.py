"""Bars of a tune that are written anew between what stands on both sides of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.checks import InputError
from engine.composing.behind import readable
from engine.composing.candidates import Candidate, in_v3
from engine.composing.places import Place, counted, open_tokens, place_at, voice_at
from engine.composing.suggest import Origin
from engine.folk.abc_text import parse
from engine.folk.abc_writing import Hand, Music, sounding, spacing_of, write
from engine.folk.bars import check
from engine.folk.context import Context, contexts
from engine.folk.infill import AHEAD, Filling, infill
from engine.folk.novelty import TuneIndex
from engine.folk.sampling import Manner, Said
from engine.folk.tokens import UNIT, pitches_of, spelled, style_of, tokens_of
from engine.folk.tune import Bar, Ending, Event, Field, Mark, Note, Tune
from engine.job import Report, silent
from engine.models.folk_lstm import FolkLstm


@dataclass(frozen=True)
class _Gap:
    """Bars that are to be filled."""

    tune: Tune
    text: str                                   # of the tune
    start: int                                  # of the tune in the whole text
    spans: tuple[tuple[int, int], ...]          # of each bar's notes in the tune's text
    contexts: tuple[Context, ...]               # before each of them
    lines: tuple[Bar, ...]                      # between them
    left: tuple[str, ...]                       # the tokens on both sides
    right: tuple[str, ...]


def fillings(model: FolkLstm, text: str, start: int, stop: int, *, n: int = 16, manner: Manner,
             known: TuneIndex | None = None, report: Report = silent,
             heard: Callable[[Said], None] | None = None) -> list[Candidate]:
    """What may stand in the bars that a selection touches, the one that leads best to what follows first.

    The candidates replace the notes of these bars from first to last: lines, fields and comments between them stay,
    and so does a chord symbol before the first note of a bar.

    Parameters
    ----------
    model : FolkLstm
        Who writes.
    text : str
        With the tune.
    start, stop : int
        The selection, offsets in the text; where they are equal, the bar at the cursor.
    n : int
        How many are drawn.
    manner : Manner
        How they are drawn; where to stop does not count.
    known : TuneIndex, optional
        Tunes to compare with.

    Raises
    ------
    InputError
        When there is no bar, a repeat or an ending stands between the bars, a field inside one, or nothing fits.
    """
    place = place_at(text, start)
    gap = _gap(place, start, stop, style_of(model.vocabulary)) if place is not None else None
    if gap is None:
        raise InputError("selection: expected bars with notes to be written anew, found none; select some of a tune")
    streams: dict[tuple[str, ...], int] = {}
    drawn: dict[int, list[str]] = defaultdict(list)

    def listen(said: Said) -> None:
        if said.log_probability is not None:
            drawn[said.stream].append(said.token)
            if said.over:
                streams.setdefault(tuple(drawn[said.stream][:-1]), said.stream)
        if heard is not None:
            heard(said)

    left, right = (readable(model.vocabulary, side) for side in (gap.left, gap.right))
    left = (*left[:-2], left[-1], left[-2]) if len(left) > 3 and left[-1].startswith("M:") else left
    while counted(left).short:  # the bar before is odd: the grammar would find no way on
        left = left[:max(place for place, token in enumerate(left[:-1]) if token[0] in "|:" or token[:2] == "K:") + 1]
    if right[:1] != gap.right[:1]:
        right = ("|", *right)
    found = infill(model, left, right, bars=len(gap.spans), n=n, manner=manner, report=report, heard=listen)
    made = (_candidate(model, gap, left, one, manner, streams[one.tokens], known, len(right)) for one in found)
    texts: dict[str, Candidate] = {}
    for one in made:
        if one is not None:
            texts.setdefault(one.text, one)
    return list(texts.values())


def _gap(place: Place, start: int, stop: int, style: str) -> _Gap | None:
    """The bars of the tune at a place that a selection touches; None where it touches none."""
    low, high = start - place.start, max(start, stop) - place.start
    bars = [bar for bar in _bars(place.tune)
            if (bar[0][1].start < high and low < bar[-1][1].stop) or (low == high and _around(place.tune, bar, low))]
    if not bars:
        return None
    first, last, lines = bars[0][0][1].start, bars[-1][-1][1].stop, list[Bar]()
    for event in place.tune.events:
        inside = any(bar[0][1].start <= event.start < bar[-1][1].stop for bar in bars)
        if isinstance(event, Field) and inside:
            raise InputError(f"selection: expected bars without fields among their notes, found {event.letter}:; "
                             "leave that bar out")
        if isinstance(event, Bar | Ending) and first < event.start < last:
            if isinstance(event, Ending) or event.sign not in ("|", "||"):
                raise InputError("selection: expected bars without a repeat or an ending between them; select them "
                                 "one after the other")
            lines.append(event)
    whole = tokens_of(place.tune, style=style)
    to_gap, to_right = (open_tokens(voice_at(parse(place.text[:at]), at), style) for at in (first, last))
    return _Gap(place.tune, place.text, place.start, tuple((bar[0][1].start, bar[-1][1].stop) for bar in bars),
                tuple(bar[0][0] for bar in bars), tuple(lines), whole[:len(to_gap)], whole[len(to_right):])


def _bars(tune: Tune) -> list[list[tuple[Context, Event]]]:
    """The events of each bar that has notes, without fields and chord symbols at its ends."""
    found, bar = list[list[tuple[Context, Event]]](), list[tuple[Context, Event]]()
    for context, event in (*contexts(tune), (None, None)):
        if context is None or event is None or isinstance(event, Bar | Ending):
            while bar and _beside(bar[0][1]):
                bar = bar[1:]
            while bar and isinstance(bar[-1][1], Field):
                bar = bar[:-1]
            if any(isinstance(one, Note) for _, one in bar):
                found.append(bar)
            bar = []
        else:
            bar.append((context, event))
    return found


def _beside(event: Event) -> bool:
    return isinstance(event, Field) or (isinstance(event, Mark) and event.text.startswith('"'))


def _around(tune: Tune, bar: Sequence[tuple[Context, Event]], at: int) -> bool:
    """Whether a cursor stands between the lines around a bar."""
    lines = [event for event in tune.events if isinstance(event, Bar | Ending)]
    before = max((line.stop for line in lines if line.stop <= bar[0][1].start), default=0)
    behind = min((line.start for line in lines if line.start >= bar[-1][1].stop), default=len(tune.events) + tune.stop)
    return before <= at <= behind


def _candidate(model: FolkLstm, gap: _Gap, read: tuple[str, ...], one: Filling, manner: Manner, stream: int,
               known: TuneIndex | None, right: int) -> Candidate | None:
    """A filling as text; None where it would be read otherwise."""
    pitches = [*pitches_of(gap.left), *list(pitches_of((*read, *one.tokens)))[len(read):]]
    lines = iter(gap.lines)
    tokens = tuple(next(lines).sign if token == "|" else token
                   for token in spelled((*gap.left, *one.tokens), pitches)[len(gap.left):])
    text, ends = _written(gap, tokens)
    (start, _), (_, stop) = gap.spans[0], gap.spans[-1]
    heights = sounding((*gap.left, *tokens))[len(gap.left):]
    head = open_tokens(voice_at(parse(gap.text[:start] + text), start + len(text)), "v3", chords="all")
    new = voice_at(parse(gap.text[:start] + text + gap.text[stop:]), start + len(text))
    if (head[-len(tokens):] != in_v3(tokens, heights) or len(new.problems) > len(gap.tune.problems)
            or tokens_of(new, style=style_of(gap.left))[-len(gap.right):] != gap.right):
        return None
    whole = (*gap.left, *tokens, *gap.right)
    return Candidate(gap.start + start, gap.start + stop, text, ends, tokens, float(np.mean(one.log_probabilities)),
                     one.after / max(1, min(right, AHEAD)), check(whole), known.novelty(whole) if known else None,
                     False, Origin(model.name, manner.seed, stream, float(manner.temperature), float(manner.top_p)))


def _written(gap: _Gap, tokens: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    """The text of a filling, with what stands between the bars, and the offsets behind their lines."""
    spacing = spacing_of(gap.tune, gap.text)
    lines = [-1, *(place for place, token in enumerate(tokens) if token[0] == "|"), len(tokens)]
    pitches = sounding((*gap.left, *tokens))[len(gap.left):]
    text, ends = "", list[int]()
    for number, (before, behind) in enumerate(pairwise(lines)):
        context = gap.contexts[number]
        music = Music(counted((*gap.left, *tokens[:before + 1])), spacing=spacing)
        hand = Hand(context.key, {}, context.tied if not number else {}, over_line=context.over_line)
        write(music, hand, tokens[before + 1:behind], pitches[before + 1:behind], move=gap.tune.key.to_c.inverse,
              scale=UNIT / context.unit)
        text += music.text
        if behind < len(tokens):
            (_, end), (start, _) = gap.spans[number:number + 2]
            ends.append(len(text) + gap.lines[number].stop - end)
            text += gap.text[end:start]
    return text, (*ends, len(text))
