"""What Otoscope is, whose ideas it stands on, what its models learnt from, and under which terms it all is."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from gui.dialogs import credits
from gui.dialogs.room import fit
from gui.theme import ICONS, SPACING, Theme, scaled

SIZE = (720, 600)   # px
BIBTEX = Qt.ItemDataRole.UserRole
PAGES = {"Explain": "why a model hears singing, or a style, in this very moment: pieces of the sound, to listen to",
         "Maximise": "what a neuron wants to hear: sounds grown until it fires, beside the real music that it likes",
         "Adversary": "how little it takes to fool a model, whether one hears it, and whether it survives an MP3",
         "Dissect": "what a system goes by: take away what nobody hears, and see who loses their mind",
         "Compose": "a tune in ABC, and a network at one's elbow that says what it copies"}
WORDS = ("An otoscope looks into an ear. This one looks into the ears of machines: it shows, and lets you hear, why a "
         "music-listening model says what it says, how it can be fooled, and what a network writes when it composes.")


class AboutDialog(QDialog):
    """Texts that can be selected and copied."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle("About Otoscope")
        fit(self, *SIZE)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("About Otoscope")
        self.tabs.addTab(self._text("About", self._otoscope()), "About")
        self.tabs.addTab(self._citing(), "Cite")
        self.tabs.addTab(self._text("Models", "".join(map(self._model, credits.models()))), "Models")
        self.tabs.addTab(self._text("Licences", self._licences()), "Licences")
        QVBoxLayout(self).addWidget(self.tabs)

    def _otoscope(self) -> str:
        side = scaled(96)
        pages = "".join(f'<tr><td width="{scaled(110)}"><b>{page}</b></td><td>{does}</td></tr>'
                        for page, does in PAGES.items())
        return (f'<table cellpadding="8"><tr><td><img src="{(ICONS / "otoscope-256.png").as_posix()}" width="{side}" '
                f'height="{side}"></td><td valign="middle"><h1>Otoscope</h1><p style="color:{self._theme.muted}">'
                f'{credits.version()} · MIT licence</p></td></tr></table><p>{WORDS}</p>'
                f'<table cellpadding="4">{pages}</table>')

    def _text(self, name: str, written: str) -> QTextBrowser:
        text = QTextBrowser()
        text.setAccessibleName(name)
        text.setOpenExternalLinks(True)
        text.setHtml(written)
        return text

    def _citing(self) -> QWidget:
        self.list, self.said = QListWidget(), QLabel("Choose a work, or copy all of them")
        self.list.setAccessibleName("Papers and data")
        self.list.setWordWrap(True)
        self.list.setSpacing(SPACING // 4)
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        for citation in credits.citations():
            item = QListWidgetItem(citation.text, self.list)
            item.setData(BIBTEX, citation.bibtex)
            item.setToolTip(citation.bibtex)
        self.copy, self.copy_all = QPushButton("Copy BibTeX"), QPushButton("Copy all")
        self.copy.setToolTip("The entries of what is chosen, for a .bib file")
        self.copy_all.setToolTip("The entries of all papers and data")
        for button, chosen in ((self.copy, self.list.selectedItems), (self.copy_all, self._all)):
            button.setAccessibleName(button.text())
            button.clicked.connect(lambda _, chosen=chosen: self._copy(chosen()))
        self.copy.setEnabled(False)
        self.list.itemSelectionChanged.connect(lambda: self.copy.setEnabled(bool(self.list.selectedItems())))
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.said, 1)
        row.addWidget(self.copy)
        row.addWidget(self.copy_all)
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(self.list)
        column.addLayout(row)
        return page

    def _all(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _copy(self, items: list[QListWidgetItem]) -> None:
        QGuiApplication.clipboard().setText("\n\n".join(item.data(BIBTEX) for item in items) + "\n")
        self.said.setText(f"Copied: {len(items)} of {self.list.count()}")

    def _model(self, terms: credits.ModelTerms) -> str:
        quiet, marked = self._theme.muted, self._theme.warning
        parts = [f"<h4>{html.escape(terms.title)} ({html.escape(terms.name)})</h4><p>",
                 html.escape(terms.architecture), f"<br><b>Weights:</b> {html.escape(terms.weights)}"]
        if terms.sources:
            learnt = ", ".join(f"{html.escape(name)} ({n})" for name, n in terms.sources.items())
            parts.append(f"<br><b>Learnt from recordings under:</b> {learnt}")
        if terms.restricted:
            parts.append(f'<br><span style="color:{marked}">⚠ Among them with NC, ND or GPL terms: '
                         f"{html.escape(', '.join(terms.restricted))}</span>")
        parts += [f'<br><span style="color:{quiet}">{html.escape(remark)}</span>' for remark in terms.remarks]
        return "".join(parts) + "</p>"

    def _licences(self) -> str:
        rows = "".join("<tr>" + "".join(f"<td>{html.escape(fact)}</td>" for fact in package) + "</tr>"
                       for package in credits.packages())
        texts = "".join(f'<h4>{title}</h4><p style="white-space:pre-wrap">{html.escape(text)}</p>' for title, text in (
            ("Demo clips", (credits.RESOURCES / "demo" / "ATTRIBUTION.md").read_text(encoding="utf-8")),
            ("Soundfont", (credits.RESOURCES / "soundfont" / "LICENCE.md").read_text(encoding="utf-8"))))
        return (f'<h4>Otoscope</h4><p style="white-space:pre-wrap">{html.escape(credits.licence())}</p>'
                f'<h4>Packages</h4><table cellpadding="3">{rows}</table>{texts}')
