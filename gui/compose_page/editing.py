"""What can be done to the tune in hand at once: transpose it, halve and double its lengths, move it by octaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from engine.checks import InputError
from engine.folk.abc_text import parse
from engine.folk.edits import Edit
from engine.folk.keys import read_key, semitones
from engine.folk.rewriting import lengths_scaled, octave, transposed
from engine.folk.tune import Tune
from gui.compose_page.tunes import Tunes
from gui.views.abc_editor import AbcEditor
from gui.views.actions import add

HALF, DOUBLE = Fraction(1, 2), Fraction(2)
TONICS = {"C": "C", "C♯ or D♭": "C#", "D": "D", "D♯ or E♭": "Eb", "E": "E", "F": "F", "F♯ or G♭": "F#", "G": "G",
          "G♯ or A♭": "Ab", "A": "A", "A♯ or B♭": "Bb", "B": "B"}


class Editing(QObject):
    """Rewrites the tune in hand, or the notes that are selected; each time one step of undo."""

    failed = Signal(str)

    def __init__(self, tunes: Tunes, editor: AbcEditor) -> None:
        super().__init__(tunes)
        self._tunes, self._editor = tunes, editor

    def transpose(self, by: int) -> None:
        """By so many semitones, the key too."""
        self._rewrite(lambda tune, text: transposed(tune, text, semitones=by), "transpose")

    def transpose_to(self, tonic: str) -> None:
        """To the nearest octave of another tonic, by the name that has fewer accidentals; the mode stays."""
        self._rewrite(lambda tune, text: transposed(tune, text, semitones=_way(tune, tonic)), f"transpose to {tonic}")

    def octave(self, up: bool) -> None:
        """What is selected, or all of it, an octave up or down."""
        self._rewrite(lambda tune, text: octave(tune, text, up, *self._range(text)), "octave")

    def scale(self, factor: Fraction) -> None:
        """Lengths of what is selected, or of all of it."""
        start, stop = self._range(self._tunes.tune.text)
        whole = self._editor.selection()[0] == self._editor.selection()[1]
        self._rewrite(lambda tune, text: lengths_scaled(tune, text, factor, start=None if whole else start,
                                                        stop=None if whole else stop),
                      "halve lengths" if factor < 1 else "double lengths")

    def fill(self, menu: QMenu) -> None:
        """The part of the page's menu."""
        keys = menu.addMenu("&Transpose to")
        for words, tonic in TONICS.items():
            action = add(keys, f"Transpose to {words}", partial(self.transpose_to, tonic))
            action.setToolTip(f"The tonic becomes {words}, the nearest way; major stays major, dorian dorian")
        keys.setToolTipsVisible(True)
        add(menu, "A semitone up", partial(self.transpose, 1), "Ctrl+Shift+Up")
        add(menu, "A semitone down", partial(self.transpose, -1), "Ctrl+Shift+Down")
        add(menu, "An octave up", partial(self.octave, True), "Ctrl+Alt+Up")
        add(menu, "An octave down", partial(self.octave, False), "Ctrl+Alt+Down")
        add(menu, "&Halve lengths", partial(self.scale, HALF), "Ctrl+Alt+H")
        add(menu, "&Double lengths", partial(self.scale, DOUBLE), "Ctrl+Alt+D")

    def _range(self, text: str) -> tuple[int, int]:
        start, stop = self._editor.selection()
        return (start, stop) if stop > start else (0, len(text))

    def _rewrite(self, rewrite: Callable[[Tune, str], Sequence[Edit]], words: str) -> None:
        """Small tunes are rewritten at once; what stands before the cursor keeps its place there."""
        text = self._tunes.tune.text
        try:
            edits = rewrite(parse(text), text)
        except InputError as error:
            self.failed.emit(str(error))
            return
        if edits:
            self._tunes.edit_all(edits, words)


def _way(tune: Tune, tonic: str) -> int:
    """Semitones from the tonic of a tune to another: at most six down, five up."""
    key = read_key(tonic)
    assert key is not None
    return (semitones(key.step, key.alter) - semitones(tune.key.step, tune.key.alter) + 6) % 12 - 6
