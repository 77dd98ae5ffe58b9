"""An ABC editor with a tune to mark."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from gui.theme import DARK
from gui.views.abc_editor import AbcEditor

Key, Modifier = Qt.Key, Qt.KeyboardModifier
TUNE = "X:1\nK:C\nGAB #c|d e f\nGAB $?c ]|\n"


@pytest.fixture
def editor(qtbot) -> AbcEditor:
    made = AbcEditor()
    qtbot.addWidget(made)
    made.set_theme(DARK)
    made.resize(600, 400)
    made.load(TUNE)
    made.show()
    made.setFocus()
    return made


def colours(editor: AbcEditor, start: int, stop: int) -> set[str]:
    """Colours in the box of a part of the text."""
    image = editor.viewport().grab().toImage()
    box = next(box for line in editor.lines() if (box := line.box(start, stop, 1)) is not None).toRect()
    return {QColor(image.pixel(x, y)).name() for x in range(box.left(), box.right()) for y in range(
        box.top(), box.bottom())}
