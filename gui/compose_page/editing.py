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
from engine.folk.keys import read_key
from engine.folk.rewriting import lengths_scaled, octave, transposed
from engine.folk.tune import Tune
from gui.compose_page.tunes import Tunes
from gui.views.abc_editor import AbcEditor
from gui.views.actions import add

HALF, DOUBLE = Fraction(1, 2), Fraction(2)
KEYS = ("C", "G", "D", "A", "E", "F", "Bb", "Eb", "Am", "Em", "Bm", "Dm", "Gm", "Ddor", "Ador", "Edor", "Gmix",
        "Dmix", "Amix")


class Editing(QObject):
    """Rewrites the tune in hand, or the notes that are selected; each time one step of undo."""

    failed = Signal(str)

    def __init__(self, tunes: Tunes, editor: AbcEditor) -> None:
        super().__init__(tunes)
        self._tunes, self._editor = tunes, editor

    def transpose(self, semitones: int) -> None:
        """By so many semitones, the key too."""
        self._rewrite(lambda tune, text: transposed(tune, text, semitones=semitones), "transpose")

    def transpose_to(self, key: str) -> None:
        """To the nearest octave of another key."""
        self._rewrite(lambda tune, text: transposed(tune, text, key=read_key(key)), f"transpose to {key}")

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
        for key in KEYS:
            add(keys, f"Transpose to {key}", partial(self.transpose_to, key))
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
