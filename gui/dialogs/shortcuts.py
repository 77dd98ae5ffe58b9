"""The sheet of keyboard shortcuts, made from the actions that there are; it can be printed and saved."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtGui import QAction, QKeySequence, QPageLayout, QTextDocument
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QTextBrowser, QVBoxLayout, QWidget

from gui.dialogs.room import fit
from gui.theme import Theme

SIZE = (560, 640)   # px
Section = tuple[str, Sequence[QAction]]
"""A menu or place, and the actions in it."""


class ShortcutsDialog(QDialog):
    """Lists every action that has a key, menu by menu."""

    def __init__(self, sections: Sequence[Section], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on_white = sheet(sections, "#000000", "#404040")     # now: menus come and go
        self.setWindowTitle("Keyboard shortcuts")
        fit(self, *SIZE)
        self.sheet = QTextBrowser()
        self.sheet.setAccessibleName("Keyboard shortcuts")
        self.sheet.setHtml(sheet(sections, theme.text, theme.muted))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.print = buttons.addButton("Print …", QDialogButtonBox.ButtonRole.ActionRole)
        self.save = buttons.addButton("Save as PDF …", QDialogButtonBox.ButtonRole.ActionRole)
        self.print.setToolTip("On paper, in black on white")
        self.save.setToolTip("The same sheet as a file")
        for button in buttons.buttons():
            button.setAccessibleName(button.text().replace("&", "").rstrip(" …"))
        self.print.clicked.connect(self._print)
        self.save.clicked.connect(self._save)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(self.sheet)
        column.addWidget(buttons)
        for button in (self.print, self.save):
            button.setAutoDefault(False)    # Enter closes

    def write(self, path: str) -> None:
        """The sheet as a PDF of A4."""
        from PySide6.QtPrintSupport import QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(path)
        printer.setPageOrientation(QPageLayout.Orientation.Portrait)
        self._on_paper().print_(printer)

    def _on_paper(self) -> QTextDocument:
        document = QTextDocument(self)
        document.setHtml(f"<h2>Otoscope: keys</h2>{self._on_white}")
        return document

    def _print(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if QPrintDialog(printer, self).exec():
            self._on_paper().print_(printer)

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save the keys", "otoscope-keys.pdf", "PDF (*.pdf)")
        if path:
            self.write(path)


def sheet(sections: Sequence[Section], ink: str, quiet: str) -> str:
    """A table in HTML: a heading a section, a row an action with a key; what has none is left out."""
    parts = []
    for name, actions in sections:
        rows = "".join(f'<tr><td width="70%" style="color:{ink}">{html.escape(_text(action))}</td>'
                       f'<td style="color:{ink}"><b>{html.escape(_keys(action))}</b></td></tr>'
                       for action in actions if action.shortcuts())
        if rows:
            parts.append(f'<p style="color:{quiet}"><b>{html.escape(name)}</b></p>'
                         f'<table width="100%" cellpadding="3">{rows}</table>')
    return "".join(parts)


def _text(action: QAction) -> str:
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip(" …")


def _keys(action: QAction) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return " or ".join(key.toString(native) for key in action.shortcuts())
