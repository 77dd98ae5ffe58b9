"""How the tune in a text may go on, and what may stand in some of its bars instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from engine.composing.candidates import Candidate, continuation, new_music, new_tune
from engine.composing.filling import fillings as fillings
from engine.composing.places import Place, place_at
from engine.composing.suggest import Suggestion, compose, suggest
from engine.folk.novelty import TuneIndex
from engine.folk.prime import WILDCARD, mode_token
from engine.folk.sampling import Manner, Said
from engine.folk.tokens import style_of
from engine.job import Report, silent
from engine.models.folk_lstm import FolkLstm

Heard = Callable[[Said], None]


def continuations(model: FolkLstm, text: str, cursor: int, *, n: int = 8, manner: Manner, constrained: bool = True,
                  known: TuneIndex | None = None, report: Report = silent, heard: Heard | None = None,
                  meter: str = "", mode: str = "", prime: Sequence[str] = ()) -> list[Candidate]:
    """How the tune at a cursor may go on, the best first, each text once; none where the model would end it there.

    Parameters
    ----------
    model : FolkLstm
        Who writes.
    text : str
        With the tune; where there is none at the cursor, whole tunes are written.
    cursor : int
        Offset in the text. In the header, inside a note or a comment it counts as behind that.
    n : int
        How many are drawn.
    manner : Manner
        How they are drawn and where they stop.
    constrained : bool
        Keep to the grammar.
    known : TuneIndex, optional
        Tunes to compare with.
    meter, mode : str
        Such as `6/8` and `dor`, for tunes that have none yet; empty: drawn.
    prime : sequence of str
        Tokens of folk-rnn that all candidates begin with, `*` for one that is drawn.

    Raises
    ------
    InputError
        When the cursor stands outside of all tunes, or nothing of this manner can go on there.
    """
    place = place_at(text, cursor)

    def made(before: tuple[str, ...], prime: Sequence[str], *, closed: bool = False,
             spaced: bool = False) -> list[Suggestion]:
        return suggest(model, before, n=n, manner=manner, constrained=constrained, closed=closed, spaced=spaced,
                       prime=prime, known=known, report=report, heard=heard)

    def composed(manner: Manner, meter: str) -> list[Suggestion]:
        return compose(model, prime=prime, meter=meter, mode=mode, n=n, manner=manner, constrained=constrained,
                       known=known, report=report, heard=heard)

    if place is None:
        return _different(new_tune(text, cursor, one) for one in composed(replace(manner, stop="tune"), meter))
    if place.has_key:
        found = made(place.tokens(style_of(model.vocabulary)), prime, closed=not place.bare_note,
                     spaced=place.line[-1:].isspace())
        return _different(continuation(place, one) for one in found)
    given = _meter(place)
    if given and f"M:{given}" not in model.index:
        found = made((f"M:{given}",), (mode_token(model, mode) or WILDCARD, *prime))
    else:
        found = composed(manner, given or meter)
    return _different(new_music(place, one) for one in found)


def _meter(place: Place) -> str:
    """The meter that a header names, empty where it names none."""
    return place.tune.meter.text if place.tune.field("M") else ""


def _different(found: Iterable[Candidate | None]) -> list[Candidate]:
    texts: dict[str, Candidate] = {}
    for one in found:
        if one is not None and one.text.strip():
            texts.setdefault(one.text, one)
    return list(texts.values())
