"""Dialogs of the system that the dice answer, for there is nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDesktopServices, QDrag
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMenu, QMessageBox


def answer_dialogs(patch: pytest.MonkeyPatch, dice: Random, files: Sequence[Path], folder: Path) -> None:
    """Answer what the system would ask from the dice: with one of the files, with something new in a folder, or not."""
    def chosen(*_: Any, **__: Any) -> tuple[str, str]:
        return (str(dice.choice(files)), "") if dice.random() < 0.7 else ("", "")

    def named_new(*_: Any, **__: Any) -> tuple[str, str]:
        new = folder / "out" / f"{dice.randrange(20)}"
        return (str(new), "") if dice.random() < 0.7 else ("", "")

    def chosen_folder(*_: Any, **__: Any) -> str:
        return dice.choice((str(folder / "out"), str(folder / "good"), ""))

    def answered(*arguments: Any, **_: Any) -> QMessageBox.StandardButton:
        buttons = next((a for a in arguments if isinstance(a, QMessageBox.StandardButton)),
                       QMessageBox.StandardButton.Ok)
        offered = [one for one in QMessageBox.StandardButton if one.value and one in buttons
                   and bin(one.value).count("1") == 1]
        return dice.choice(offered or [QMessageBox.StandardButton.Ok])

    def left(dialog: QDialog) -> int:
        dialog.show()
        QTimer.singleShot(0, dialog.reject)
        return 0

    for name, fake in (("getOpenFileName", chosen), ("getSaveFileName", named_new),
                       ("getExistingDirectory", chosen_folder)):
        patch.setattr(QFileDialog, name, staticmethod(fake))
    for name in ("question", "warning", "information", "critical"):
        patch.setattr(QMessageBox, name, staticmethod(answered))
    patch.setattr(QDialog, "exec", left)
    patch.setattr(QMessageBox, "exec", left)
    patch.setattr(QInputDialog, "getText", staticmethod(lambda *_, **__: ("a name", dice.random() < 0.5)))
    patch.setattr(QMenu, "exec", lambda *_: None)
    patch.setattr(QDrag, "exec", lambda *_: Qt.DropAction.IgnoreAction)
    patch.setattr(QDesktopServices, "openUrl", staticmethod(lambda *_: True))
