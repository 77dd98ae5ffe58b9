"""Inks of ABC: structure in one hue, what is written beside the music in another, lengths quieter than notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from engine.folk.abc_words import FIELD, MUSIC
from gui.theme import Theme
from gui.views.plain_text import Units

LONGEST = 4000      # characters: a longer line stays plain, for each key in it would write all of it anew
Piece = tuple[int, int, str]                    # start and stop in the line, the name of an ink
_PLAIN = frozenset(("space", "rest", "slur", "unknown", "voices"))     # these are ink enough as they are
_WORDS = {"K", "L", "M", "Q", "X", "V"}         # fields whose values are read by machines


def inks(theme: Theme) -> dict[str, QTextCharFormat]:
    """How each kind of thing is written; all reach 4.5:1 on the surface."""
    structure, beside = QColor(theme.negative), QColor(theme.positive)
    text, muted = QColor(theme.text), QColor(theme.muted)
    return {
        "letter": _ink(structure, bold=True), "value": _ink(text), "prose": _ink(muted),
        "bar": _ink(structure, bold=True), "ending": _ink(structure, bold=True),
        "sign": _ink(mixed(beside, text, 0.35)), "octave": _ink(mixed(beside, text, 0.35)), "length": _ink(muted),
        "tie": _ink(muted), "tuplet": _ink(structure), "broken": _ink(structure),
        "grace": _ink(muted, italic=True), "words": _ink(beside), "decoration": _ink(beside),
        "comment": _ink(muted, italic=True)}


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """A colour between two: `share` of the other."""
    return QColor.fromRgbF(*((1 - share) * a + share * b for a, b in zip(
        (one.redF(), one.greenF(), one.blueF()), (other.redF(), other.greenF(), other.blueF()), strict=True)))


def _ink(colour: QColor, *, bold: bool = False, italic: bool = False) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(colour)
    if bold:
        made.setFontWeight(QFont.Weight.Bold)
    if italic:
        made.setFontItalic(True)
    return made


def pieces(line: str) -> list[Piece]:
    """What a line of ABC is made of, but for the notes' own letters, which keep the ink of the text."""
    if line.startswith("%"):
        return [(0, len(line), "comment")]
    comment = line.find("%")
    end = comment if comment >= 0 else len(line)
    if (field := FIELD.match(line)) is not None:
        found = _field(field[1], field.start(2), end)
    elif line.startswith("+:"):
        found = [(0, 2, "letter"), (2, end, "prose")]
    else:
        found = _music(line, end)
    return found if comment < 0 else [*found, (comment, len(line), "comment")]


def _field(letter: str, start: int, end: int) -> list[Piece]:
    start = min(start, end)
    return [(0, start, "letter"), (start, end, "value" if letter in _WORDS | {"T", "R"} else "prose")]


def _music(line: str, end: int) -> list[Piece]:
    found: list[Piece] = []
    for match in MUSIC.finditer(line, 0, end):
        kind = match.lastgroup or ""
        if kind in ("note", "chord"):
            groups = ("sign", "octave", "length", "tie") if kind == "note" else ("chord_length", "chord_tie")
            for group in groups:
                start, stop = match.span(group)
                if stop > start:
                    found.append((start, stop, group.removeprefix("chord_")))
        elif kind == "field":
            found += [(match.start(), match.start("value"), "letter"), (match.start("value"), match.end(), "value")]
        elif kind == "rest":
            found.append((*match.span("rest_length"), "length"))
        elif kind == "late_tie":
            found.append((*match.span(), "tie"))
        elif kind not in _PLAIN:
            found.append((*match.span(), kind if kind != "line_break" else "decoration"))
    return found


class AbcHighlighter(QSyntaxHighlighter):
    """Writes each line in its inks; notes that a model suggested in another, as told by `origins`.

    Parameters
    ----------
    offset : callable
        A position in UTF-16 units to an offset in characters.
    origins : callable
        Start and stop of a line in characters, to the suggested spans there, in the same offsets.
    """

    def __init__(self, document: QTextDocument, theme: Theme, *, offset: Callable[[int], int],
                 origins: Callable[[int, int], Iterable[tuple[int, int, str]]]) -> None:
        super().__init__(document)
        self._offset, self._origins = offset, origins
        self._inks, self._suggested = inks(theme), _ink(QColor(theme.accent))

    def set_theme(self, theme: Theme) -> None:
        """Other inks, for all lines."""
        self._inks, self._suggested = inks(theme), _ink(QColor(theme.accent))
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """One line; called for those that changed only."""
        if len(text) > LONGEST:
            return
        units, begin = Units(text), self._offset(self.currentBlock().position())
        for start, stop, _ in self._origins(begin, begin + len(text)):
            self._write(units, max(start - begin, 0), min(stop - begin, len(text)), self._suggested)
        for start, stop, kind in pieces(text):
            self._write(units, start, stop, self._inks[kind])

    def _write(self, units: Units, start: int, stop: int, ink: QTextCharFormat) -> None:
        if stop > start:
            at = units.to_qt(start)
            self.setFormat(at, units.to_qt(stop) - at, ink)
