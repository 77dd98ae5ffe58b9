"""Help > Glossary: the words of the field, to be searched and read."""

from __future__ import annotations

import html

from PySide6.QtWidgets import QDialog, QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from gui.dialogs.room import fit
from gui.theme import SPACING, Theme
from gui.views.glossary import TERMS, Term

SIZE = (620, 620)  # px


class GlossaryDialog(QDialog):
    """All terms in the order of the alphabet; a few letters leave those that have them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle("Glossary")
        fit(self, *SIZE)
        self.query, self.text = QLineEdit(), QTextBrowser()
        self.query.setPlaceholderText("Find a word, a page or an author")
        self.query.setAccessibleName("Find in the glossary")
        self.query.setToolTip("Leaves the terms with these letters: names, meanings, sources, pages")
        self.query.setClearButtonEnabled(True)
        self.text.setAccessibleName("Glossary")
        column = QVBoxLayout(self)
        column.setSpacing(SPACING)
        column.addWidget(self.query)
        column.addWidget(self.text)
        self.query.textChanged.connect(self._show)
        self._show("")

    def _show(self, query: str) -> None:
        wanted = query.casefold().split()
        found = [term for term in sorted(TERMS, key=lambda term: term.name.casefold())
                 if all(word in _searched(term) for word in wanted)]
        self.text.setHtml("".join(self._entry(term) for term in found) or "<p>Nothing is called that.</p>")

    def _entry(self, term: Term) -> str:
        where = f" · {term.page}" if term.page else ""
        return (f'<p><b>{html.escape(term.name)}</b><br>{html.escape(term.means)}<br>'
                f'<span style="color:{self._theme.muted}">{html.escape(term.source)}{where}</span></p>')


def _searched(term: Term) -> str:
    return " ".join((term.name, term.means, term.source, term.page)).casefold()
