"""An ABC editor to type in."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.views.abc_editor import AbcEditor

Key, Modifier = Qt.Key, Qt.KeyboardModifier
HEADER = "X:1\nT:Jig\nM:6/8\nL:1/8\nK:G\n"


@pytest.fixture
def editor(qtbot) -> AbcEditor:
    made = AbcEditor()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    made.setFocus()
    return made


def press(editor: AbcEditor, *keys: Key) -> None:
    for key in keys:
        QTest.keyClick(editor, key)
