"""The order in which a tune is played: repeats taken, first and second endings in their turns.

`:|` goes back to the `|:` before it, or to where the last repeat ended, or to the beginning. What is repeated is played
as often as its endings say, twice if it has none. An ending is over at the next ending or at a repeat sign or a double
bar line. D.C., D.S. and P: are not followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from engine.folk.tune import Bar, Ending, Event, Note, Tune

_STRONG = ("|:", ":|", "::", "||")
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
    events, order, part, index = tune.events, list[Event](), _Part(), 0
    while index < len(events):
        event = events[index]
        if isinstance(event, Ending):
            stray = index == part.start and part.turn == 1  # a second ending without a first is played
            if part.turn not in turns(event) and not stray:
                index = _other_ending(events, index, part.turn)
                continue
            part.ending = True
        order.append(event)
        index += 1
        if isinstance(event, Bar) and event.sign in _STRONG:
            part, index = _behind(event, events, part, index)
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
