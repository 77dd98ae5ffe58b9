"""What stands around the notes of ABC: decorations, chord symbols, annotations and grace notes, as MEI."""

from __future__ import annotations

import re
from html import escape

from engine.folk.abc_words import INSIDE
from engine.folk.keys import ACCIDENTALS, LETTERS, Key
from engine.folk.tune import Mark, Pitch

SHORT = {"~": "roll", ".": "staccato", "T": "trill", "H": "fermata", "L": "accent", "M": "lowermordent", "O": "coda",
         "P": "uppermordent", "S": "segno", "u": "upbow", "v": "downbow"}
LIKE = {"turn": "roll", "irishroll": "roll", ">": "accent", "emphasis": "accent", "mordent": "lowermordent",
        "pralltriller": "uppermordent", "+": "plus", "tr": "trill"}
ARTICULATIONS = {"staccato": "stacc", "accent": "acc", "tenuto": "ten", "wedge": "spicc", "marcato": "marc",
                 "upbow": "upbow", "downbow": "dnbow", "snap": "snap", "plus": "stop", "open": "open"}
CONTROLS = {"roll": '<turn startid="#{id}"/>', "trill": '<trill startid="#{id}"/>',
            "fermata": '<fermata startid="#{id}" place="above"/>',
            "invertedfermata": '<fermata startid="#{id}" place="below"/>',
            "lowermordent": '<mordent startid="#{id}" form="lower"/>',
            "uppermordent": '<mordent startid="#{id}" form="upper"/>',
            "segno": '<repeatMark startid="#{id}" func="segno" place="above"/>',
            "coda": '<repeatMark startid="#{id}" func="coda" place="above"/>',
            **{name: f'<dir startid="#{{id}}" place="above">{words}</dir>' for name, words in (
                ("d.c.", "D.C."), ("dacapo", "D.C."), ("d.s.", "D.S."), ("fine", "Fine"), ("dacoda", "To Coda"),
                ("d.c.alfine", "D.C. al Fine"), ("d.s.alfine", "D.S. al Fine"),
                ("d.c.alcoda", "D.C. al Coda"), ("d.s.alcoda", "D.S. al Coda"))},
            **{word: f'<dynam startid="#{{id}}" place="below">{word}</dynam>'
               for word in ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff", "sfz")}}
_PLACES = {"^": "above", "_": "below", "<": "above", ">": "above", "@": "above"}
_CHORD = re.compile(r"(?!D\.|Da |Dal |Fine|Coda)[A-H][#b]?")


def decoration(text: str) -> str:
    """The name of a decoration: `trill` for T and !trill!, empty for what is none."""
    if text[:1] in ("!", "+") and len(text) > 2:
        name = text[1:-1].lower()
        return LIKE.get(name, name)
    return SHORT.get(text, "")


def jump_of(text: str) -> str:
    """What a mark says, where it is a jump or its goal: `d.c.alfine` for !D.C.alfine! and "^D.C. al Fine"."""
    words = text.strip('"').lstrip("^_<>@") if text.startswith('"') else decoration(text)
    name = re.sub(r"\s", "", words).lower()
    return {"d.c": "d.c.", "dacapo": "d.c.", "d.s": "d.s.", "dalsegno": "d.s.", "dacoda": "coda"}.get(name, name)


def chord_symbol(mark: Mark) -> str:
    """The chord that a mark in quotes names, empty where it is an annotation or no quotation."""
    text = printable(mark.text.strip('"'))
    return text if mark.text.startswith('"') and _CHORD.match(text) else ""


def annotation(mark: Mark, at: str) -> str:
    """The MEI of a mark in quotes above (or below) the note `at`."""
    if chord := chord_symbol(mark):
        return f'<harm startid="#{at}" place="above">{escape(_pretty(chord))}</harm>'
    text = mark.text.strip('"')
    place = _PLACES.get(text[:1], "")
    words = printable(text[1:] if place else text)
    return f'<dir startid="#{at}" place="{place or "above"}">{escape(words)}</dir>' if words else ""


def _pretty(chord: str) -> str:
    return re.sub(r"(?<=[A-H])b", "♭", re.sub(r"(?<=[A-H])#", "♯", chord))


def printable(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(c for c in text if c.isprintable()).strip()


def grace_pitches(mark: Mark, key: Key) -> list[tuple[int, Pitch]]:
    """(offset in the text, pitch) of each grace note in braces; unmarked ones follow the key alone."""
    found = []
    for match in INSIDE.finditer(mark.text):
        octave = match["octave"].count("'") - match["octave"].count(",")
        step = LETTERS.index(match["letter"].upper()) + 7 * (octave + match["letter"].islower())
        accidental = ACCIDENTALS[match["sign"] or ""]
        alter = key.signature[step % 7] if accidental is None else accidental
        found.append((mark.start + match.start(), Pitch(step, alter, accidental)))
    return found
