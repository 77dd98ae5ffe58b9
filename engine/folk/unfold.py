"""The order in which a tune is played: repeats taken, first and second endings in their turns.

`:|` goes back to the `|:` before it, or to where the last repeat ended, or to the beginning. What is repeated is played
as often as its endings say, twice if it has none. An ending is over at the next ending or at a repeat sign or a double
bar line. D.C. and D.S. are followed at the next bar line, once and without repeats, up to Fine or by way of the coda:
from the first coda sign to the second. P:AABB in the header orders parts that begin with P:A and P:B. Meter, key and
tempo stay as they were before a jump.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise

from engine.folk.decorations import jump_of
from engine.folk.tune import Bar, Ending, Event, Field, Mark, Note, Tune

_STRONG = ("|:", ":|", "::", "||")
_SIGNS = ("d.c.", "d.s.", "d.c.alfine", "d.s.alfine", "d.c.alcoda", "d.s.alcoda", "segno", "fine", "coda")
_LAST = 100         # a turn that no part has
_MOST_PARTS = 100   # that P: may name
_AHEAD = 4000       # events: no ending is farther from where its repeat begins


@dataclass
class _Part:
    """What a repeat sign goes back over."""

    start: int = 0
    opened: bool = False    # by a `|:`
    turn: int = 1
    ending: bool = False    # an ending has begun in this turn


def performed(tune: Tune) -> list[Event]:
    """The events of a tune in the order played; what is repeated is there again."""
    begins = {event.text.strip(): index for index, event in reversed(list(enumerate(tune.events)))
              if isinstance(event, Field) and event.letter == "P"}
    order = part_order(tune.field("P"))
    if not begins or not order or not set(order) <= set(begins):
        return _jumped(tune.events)
    edges = sorted(index for index, event in enumerate(tune.events) if isinstance(event, Field) and event.letter == "P")
    ends = dict(pairwise([*edges, len(tune.events)]))
    parts = {name: _jumped(tune.events[start:ends[start]]) for name, start in begins.items()}
    return [*_unfolded(tune.events[:edges[0]]), *chain.from_iterable(parts[name] for name in order)]


def part_order(text: str) -> str:
    """The names of parts one after another that a field P: of the header says: `A(AB)2C2` is `AABABCC`."""
    text = re.sub(r"[^A-Za-z0-9()]", "", text)[:_MOST_PARTS]
    for _ in range(8):      # how deep brackets may nest
        text, found = re.subn(r"\(([A-Za-z]*)\)(\d?)|([A-Za-z])(\d)", _times, text)
        if not found:
            break
    return text if text.isalpha() and len(text) <= _MOST_PARTS else ""


def _times(match: re.Match[str]) -> str:
    return str((match[1] or match[3] or "") * int(match[2] or match[4] or 1))[:_MOST_PARTS]


def _jumped(events: Sequence[Event]) -> list[Event]:
    """The events with the first D.C. or D.S. followed; repeats are not taken again behind it."""
    signs = [(index, sign) for index, event in enumerate(events)
             if isinstance(event, Mark) and (sign := jump_of(event.text)) in _SIGNS]
    jump = next(((index, sign) for index, sign in signs if sign.startswith(("d.c.", "d.s."))), None)
    if jump is None:
        return _unfolded(events)
    places = {name: [index for index, sign in signs if sign == name] for name in ("segno", "fine", "coda")}
    start = next(iter(places["segno"]), 0) if jump[1].startswith("d.s.") else 0
    fine = next((index for index in places["fine"] if index >= start), None)
    first = _unfolded(events[:_bar_behind(events, jump[0])])
    if len(places["coda"]) > 1 and (jump[1].endswith("coda") or fine is None):
        leave, arrive = places["coda"][:2]
        return [*first, *_unfolded(events[start:leave], last=True), *_unfolded(events[arrive:], last=True)]
    stop = len(events) if fine is None else _bar_behind(events, fine)
    return [*first, *_unfolded(events[start:stop], last=True)]


def _bar_behind(events: Sequence[Event], index: int) -> int:
    """Where the bar at `index` is over: behind its bar line."""
    return next((at + 1 for at in range(index, len(events)) if isinstance(events[at], Bar)), len(events))


def _unfolded(events: Sequence[Event], *, last: bool = False) -> list[Event]:
    """The events with their repeats taken, or each part as it goes for the last time."""
    order, part, index = list[Event](), _Part(turn=_LAST if last else 1), 0
    while index < len(events):
        event = events[index]
        if isinstance(event, Ending):
            part.turn = _turns_of(events, part.start) if part.turn == _LAST else part.turn
            stray = index == part.start and part.turn == 1  # a second ending without a first is played
            if part.turn not in turns(event) and not stray:
                index = _other_ending(events, index, part.turn)
                continue
            part.ending = True
        order.append(event)
        index += 1
        if isinstance(event, Bar) and event.sign in _STRONG:
            before = part
            part, index = _behind(event, events, part, index)
            if last and part is not before:
                part.turn = _LAST
    return order


def _behind(bar: Bar, events: Sequence[Event], part: _Part, index: int) -> tuple[_Part, int]:
    """The part, and where to go on, behind a bar line that is more than plain."""
    again = bar.sign in (":|", "::")
    last_turn = not (again or part.ending) or part.turn >= _turns_of(events, part.start)
    if again and not last_turn:
        return replace(part, turn=part.turn + 1, ending=False), part.start
    if bar.sign == "||":
        over = last_turn if part.ending else not part.opened
        return (_Part(index) if over else part), index
    return _Part(index, opened=bar.sign != ":|"), index


def turns(ending: Ending) -> set[int]:
    """The turns in which an ending is played: `1,3` and `1-3` name several."""
    found: set[int] = set()
    for piece in ending.numbers.split(","):
        first, _, last = piece.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def _turns_of(events: Sequence[Event], start: int) -> int:
    """How often the part from `start` on is played: up to its highest ending, or twice."""
    most, repeated = 2, False
    for event in islice(events, start, start + _AHEAD):
        if isinstance(event, Ending):
            most, repeated = max({most, *turns(event)}), False
        elif isinstance(event, Note) and repeated:
            break
        elif isinstance(event, Bar):
            if event.sign in ("|:", "::") or (event.sign == ":|" and repeated):
                break
            repeated = repeated or event.sign == ":|"
    return most


def _other_ending(events: Sequence[Event], index: int, turn: int) -> int:
    """Where to go on instead of the ending at `index`: at the one for this turn, or behind all of them."""
    behind = 0
    for later in range(index + 1, min(len(events), index + _AHEAD)):
        event = events[later]
        if isinstance(event, Ending):
            if turn in turns(event):
                return later
            behind = 0
        elif isinstance(event, Bar) and event.sign in _STRONG:
            behind = behind or later + 1
            if event.sign in ("|:", "::"):
                break
        elif isinstance(event, Note) and behind:
            break
    return behind or len(events)
