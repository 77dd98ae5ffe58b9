"""What counts at a place of a tune: key, unit length, meter, and what the bar has altered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from engine.folk.abc_words import read_meter, read_unit
from engine.folk.keys import Key, read_key
from engine.folk.tune import Bar, Event, Field, Meter, Note, Tune


@dataclass(frozen=True)
class Context:
    """What a note at this place is read by."""

    key: Key
    unit: Fraction                                           # of a whole note
    meter: Meter
    altered: dict[int, int] = field(default_factory=dict)    # semitones by name of the note, since the bar line
    tied: dict[int, int] = field(default_factory=dict)       # by step, of the last note where it is tied
    over_line: bool = False                                  # a bar line stands behind that

    def behind(self, event: Event) -> Context:
        """What counts behind one more event."""
        if isinstance(event, Note):
            altered = {p.step % 7: p.accidental for p in event.pitches if p.accidental is not None}
            return replace(self, altered={**self.altered, **altered} if altered else self.altered,
                           tied={p.step: p.alter for p in event.pitches} if event.tied else {}, over_line=False)
        if isinstance(event, Bar):
            return replace(self, altered={}, over_line=True)
        if not isinstance(event, Field):
            return self
        return replace(self, key=(read_key(event.text) if event.letter == "K" else None) or self.key,
                       unit=(read_unit(event.text) if event.letter == "L" else None) or self.unit,
                       meter=(read_meter(event.text) if event.letter == "M" else None) or self.meter)


def contexts(tune: Tune, events: Iterable[Event] | None = None) -> Iterator[tuple[Context, Event]]:
    """Every event of a tune with what counts before it."""
    here = Context(tune.key, tune.unit, tune.meter)
    for event in tune.events if events is None else events:
        yield here, event
        here = here.behind(event)


def at_end(tune: Tune) -> Context:
    """What counts behind the last event."""
    here = Context(tune.key, tune.unit, tune.meter)
    for event in tune.events:
        here = here.behind(event)
    return here
