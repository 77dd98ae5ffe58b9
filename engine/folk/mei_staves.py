"""The document in MEI: titles, the staves of the voices, and their measures put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import zip_longest

from engine.folk.clefs import Clef, clef_of, name_of
from engine.folk.decorations import printable
from engine.folk.mei_measure import Measure, key_signature, meter_signature
from engine.folk.tune import Field, Tune

_OPENING = ('<?xml version="1.0" encoding="UTF-8"?><mei xmlns="http://www.music-encoding.org/ns/mei" meiversion="5.0">'
            "<meiHead><fileDesc><titleStmt><title>{title}</title></titleStmt><pubStmt/></fileDesc></meiHead>"
            "<music><body><mdiv><score>")
_NOTHING = '<measure n="1" metcon="false"><staff n="1"><layer n="1"><mSpace/></layer></staff></measure>'
_CLOSING = "</section></score></mdiv></body></music></mei>"

Section = list[Measure | str]
"""What follows one another in a voice: measures, and what stands between them."""


def document(tune: Tune, sections: Sequence[Section]) -> str:
    """The MEI document of a tune whose voices have these sections."""
    first = sections[0]
    measures = [item for item in first if isinstance(item, Measure)]
    if measures and measures[-1].right == "dbl":
        measures[-1].right = "end"
    elif not measures:
        first.append(_NOTHING)
    opening = _OPENING.format(title=escape(printable(tune.title)))
    return f"{opening}{_definition(tune)}<section>{_together(first, sections[1:])}{_CLOSING}"


def clef_xml(clef: Clef) -> str:
    """A clef as MEI."""
    moved = f' dis="8" dis.place="{"above" if clef.octave > 0 else "below"}"' if clef.octave else ""
    return f'<clef shape="{clef.shape}" line="{clef.line}"{moved}/>'


def _together(first: Section, others: Sequence[Section]) -> str:
    """The first voice with the others below it, bar by bar."""
    if not others:
        return "".join(item if isinstance(item, str) else item.xml() for item in first)
    bars = [_bars(other) for other in others]
    beside = iter([piece for bar in zip_longest(_bars(first), *bars, fillvalue=())
                   for piece in zip_longest(*bar)])
    parts = []
    for item in first:
        parts.append(item if isinstance(item, str) else item.xml(next(beside)[1:]))
    parts += [replace(Measure(0, number=0), right="single").xml(rest[1:]) for rest in beside]
    return "".join(parts)


def _bars(section: Section) -> list[list[Measure]]:
    """Measures by bars: what only a field divides is one."""
    bars: list[list[Measure]] = [[]]
    for item in section:
        if isinstance(item, Measure):
            bars[-1].append(item)
            if item.right != "invis":
                bars.append([])
    return [bar for bar in bars if bar]


def _definition(tune: Tune) -> str:
    """Titles, names of voices, clefs, key and meter."""
    titles = [field.text for field in tune.fields if field.letter == "T"]
    head = [("center", "180%" if not i else "120%", title) for i, title in enumerate(titles)]
    head += [("left", "100%", tune.field("R")), ("right", "100%", tune.field("C") or tune.field("O"))]
    rends = "".join(f'<rend halign="{side}" valign="{"top" if side == "center" else "bottom"}" fontsize="{size}">'
                    f"{escape(printable(text))}</rend>" for side, size, text in head if printable(text))
    staves = "".join(_staff(n, voice) for n, voice in enumerate(tune.voices, 1))
    sung = any(isinstance(event, Field) and event.letter == "w" for voice in tune.voices for event in voice.events)
    symbol = f' symbol="bracket" bar.thru="{"false" if sung else "true"}"' if tune.others else ""
    return (f"<scoreDef>{f'<pgHead>{rends}</pgHead>' if rends else ''}{key_signature(tune.key)}"
            f"{meter_signature(tune.meter, tune.field('M'))}<staffGrp{symbol}>{staves}</staffGrp></scoreDef>")


def _staff(n: int, voice: Tune) -> str:
    label = f"<label>{escape(name_of(voice))}</label>" if name_of(voice) else ""
    return f'<staffDef n="{n}" lines="5">{label}{clef_xml(clef_of(voice))}</staffDef>'
