"""What was open when Otoscope ended without being closed, and what is to become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.theme import SPACING, Theme, scaled, tabular
from gui.views.plain_text import counted
from gui.views.wish_fields import named

WIDTH, HEIGHT, ROW, MOST_ROWS = 680, 216, 26, 6     # px; without rows; of a row; before they are scrolled
COLUMNS = ("Last kept", "Session", "What was open")
EXPLAINED = ("Otoscope ended without being closed. What was open then was kept, and nothing older than half a minute "
             "is lost. Recover it to go on where you were.")
SEVERAL = "They are recovered one at a time; the others are offered again at the next start."


@dataclass(frozen=True)
class Kept:
    """Work that can be recovered.

    Parameters
    ----------
    when
        It was kept last.
    name
        Of its session file; empty where it was never saved.
    files
        Names of sounds and folders.
    tunes, results
        How many.
    damaged
        Why it cannot be read; empty otherwise.
    """

    when: datetime
    name: str
    files: tuple[str, ...]
    tunes: int
    results: int
    damaged: str = ""

    @property
    def words(self) -> str:
        """What was open."""
        if self.damaged:
            return f"cannot be read: {self.damaged}"
        counts = [counted(n, word) for n, word in ((self.tunes, "tune"), (self.results, "result")) if n]
        return ", ".join([*self.files, *counts]) or "settings only"


class RecoveryDialog(QDialog):
    """Shows what there is, newest first, and asks: Recover, Discard or Later."""

    recover_asked = Signal(int)     # place among what is shown
    discard_asked = Signal(int)

    def __init__(self, kept: Sequence[Kept], theme: Theme, parent: QWidget | None = None, *,
                 now: datetime | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Recover your work")
        self._kept, now = list(kept), now or datetime.now()
        self.title, self.explained = QLabel("There is work to recover"), QLabel(EXPLAINED)
        self.further = QLabel(SEVERAL)
        self.list = self._made_list(now)
        self.recover, self.discard, self.later = QPushButton("Recover"), QPushButton("Discard"), QPushButton("Later")
        self._name_all()
        self._lay_out()
        self.resize(self.sizeHint())
        self.set_theme(theme)
        self.recover.clicked.connect(lambda checked: self._ask_recover())
        self.discard.clicked.connect(lambda checked: self._ask_discard())
        self.later.clicked.connect(lambda checked: self.reject())
        self.list.itemSelectionChanged.connect(self._enable)
        self.list.itemDoubleClicked.connect(lambda item: self._ask_recover())
        if (first := self.list.topLevelItem(0)) is not None:
            self.list.setCurrentItem(first)
        self._enable()

    def _made_list(self, now: datetime) -> QTreeWidget:
        made = QTreeWidget()
        made.setHeaderLabels(COLUMNS)
        made.setRootIsDecorated(False)
        made.setAlternatingRowColors(True)
        made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        made.setFont(tabular(self.font()))
        made.setStyleSheet("QTreeWidget { outline: 0; } QTreeWidget::item { padding: 5px 6px; }")  # as in the header
        for place, one in enumerate(self._kept):
            item = QTreeWidgetItem([when_words(one.when, now), one.name or "never saved", one.words])
            item.setData(0, Qt.ItemDataRole.UserRole, place)
            item.setToolTip(2, one.words)
            item.setToolTip(0, f"{one.when:%d %B %Y, %H:%M:%S}")
            made.addTopLevelItem(item)
        made.header().setStretchLastSection(True)
        for column in (0, 1):
            made.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        return made

    def _name_all(self) -> None:
        for widget, name, tip in (
                (self.list, "Work to recover", "The newest first"),
                (self.recover, "Recover", "Open it as it was"),
                (self.discard, "Discard", "Delete it: this cannot be undone"),
                (self.later, "Later", "Leave it for the next start")):
            named(widget, name, tip)
        self.recover.setDefault(True)
        self.discard.setAutoDefault(False)

    def _lay_out(self) -> None:
        for label in (self.explained, self.further):
            label.setWordWrap(True)
        self.further.setVisible(len(self._kept) > 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACING)
        buttons.addWidget(self.discard)
        buttons.addStretch(1)
        buttons.addWidget(self.later)
        buttons.addWidget(self.recover)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        for widget in (self.title, self.explained, self.list, self.further):
            column.addWidget(widget, int(widget is self.list))
        column.addSpacing(SPACING)
        column.addLayout(buttons)

    def sizeHint(self) -> QSize:
        """Room for its rows, or a handful of them."""
        return QSize(scaled(WIDTH), scaled(HEIGHT + ROW * min(len(self._kept), MOST_ROWS)))

    def set_theme(self, theme: Theme) -> None:
        """What is read first, and what explains it."""
        self.title.setStyleSheet(f"color: {theme.text}; font-size: {self.font().pointSizeF() * 1.3:.1f}pt; "
                                 "font-weight: 600")
        for label in (self.explained, self.further):
            label.setStyleSheet(f"color: {theme.muted}")

    # asking

    @property
    def _chosen(self) -> int | None:
        items = self.list.selectedItems()
        return int(items[0].data(0, Qt.ItemDataRole.UserRole)) if items else None

    def _enable(self) -> None:
        place = self._chosen
        self.recover.setEnabled(place is not None and not self._kept[place].damaged)
        self.discard.setEnabled(place is not None)

    def _ask_recover(self) -> None:
        place = self._chosen
        if place is not None and not self._kept[place].damaged:
            self.accept()
            self.recover_asked.emit(place)

    def _ask_discard(self) -> None:
        """The others stay."""
        place = self._chosen
        if place is None:
            return
        self.list.takeTopLevelItem(self.list.indexOfTopLevelItem(self.list.selectedItems()[0]))
        self.discard_asked.emit(place)
        if self.list.topLevelItemCount() == 0:
            self.accept()


def when_words(when: datetime, now: datetime) -> str:
    """"today, 10:42", "yesterday, 23:05", "3 May, 09:00" or "3 May 2024, 09:00"."""
    if when.date() == now.date():
        day = "today"
    elif when.date() == (now - timedelta(days=1)).date():
        day = "yesterday"
    else:
        day = f"{when.day} {when:%B}" + (f" {when.year}" if when.year != now.year else "")
    return f"{day}, {when:%H:%M}"
