"""Examples side by side: they grow while they are made, and are heard under the mouse or by Enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QListView, QToolButton, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.gallery_cells import CellDelegate, CellsModel, GalleryEntry, order_of
from gui.views.headline import ElidedLabel
from gui.views.rows_view import RowsView
from gui.views.wish_fields import named

HOVER_MS = 250
LARGER = 8          # px
PLAYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Cells(RowsView):
    """The grid itself: cells share the width evenly. Enter and Space take the current one."""

    def __init__(self, name: str, model: CellsModel, delegate: CellDelegate, *, empty: str, one_row: bool) -> None:
        super().__init__(name, model, delegate, empty=empty)
        self._cell, self._one_row, self._columns = delegate, one_row, 0
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setWrapping(not one_row)
        self.setSelectionRectVisible(False)
        self.setAccessibleDescription("Enter or Space: hear it, or stop; arrow keys: go to another")
        bars = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(bars.ScrollBarAlwaysOn if one_row else bars.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(bars.ScrollBarAlwaysOff if one_row else bars.ScrollBarAlwaysOn)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for more columns, or fewer."""
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        least = self._cell.least(self.font())
        margin = self.viewportMargins().right()
        width = max(least, self.viewport().width() + margin - 2)
        fitting = width // least
        grid = self._cell.fit(least if self._one_row else width // fitting, self.font())
        if 0 < self._columns < fitting:     # as large as they can be with all rows in sight
            rows = -(-self.model().rowCount() // self._columns)
            for wide in range(grid.width(), width // self._columns, LARGER):
                if rows * self._cell.fit(wide, self.font()).height() > self.viewport().height():
                    break
                grid = self._cell.grid
            self._cell.fit(grid.width(), self.font())
        beside = width - self._columns * grid.width() if 0 < self._columns < fitting else 0
        if beside != margin:
            self.setViewportMargins(0, 0, beside, 0)
        if grid != self.gridSize():
            self.setGridSize(grid)
        if self._one_row:
            self.setFixedHeight(grid.height() + self.horizontalScrollBar().sizeHint().height() + 4)

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs larger cells."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_columns"):
            self._fit()

    def set_columns(self, most: int) -> None:
        """Columns at most; 0: as many as there is room for."""
        self._columns = most
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """One cell."""
        return self.gridSize() + QSize(16, 4)

    def event(self, event: QEvent) -> bool:
        """Space is this view's while it has the focus, and not the transport's."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride \
                and event.key() in PLAYS and not event.modifiers() and self.row >= 0:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space take the current cell."""
        if event.key() in PLAYS and not event.modifiers() and self.row >= 0:
            self.taken.emit(self.row)
        else:
            super().keyPressEvent(event)


class GalleryView(QWidget):
    """Says which example is looked at, and which shall be heard. Examples are known by their places as given.

    Parameters
    ----------
    title
        What stands above.
    empty
        What an empty gallery says.
    one_row
        Whether all stand in one row that scrolls sideways.
    controls
        Whether the order, and whether the mouse plays, can be chosen here.
    """

    chosen = Signal(int)         # the user looks at this one
    play_asked = Signal(int)
    stop_asked = Signal()

    def __init__(self, title: str, *, empty: str = "", one_row: bool = False, controls: bool = True,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self._entries = DARK, []  # type: Theme, list[GalleryEntry]
        self._choice = self._playing = self._under = -1      # places
        self._by_hover = self._lowest = self._growing = False
        self._model, self._delegate = CellsModel(), CellDelegate()
        self.cells = Cells(title, self._model, self._delegate, empty=empty, one_row=one_row)
        self.title, self.note = QLabel(title), ElidedLabel()
        self.sort, self.hover_plays = QComboBox(), QToolButton()
        self._hover = QTimer(self, singleShot=True, interval=HOVER_MS)
        self._lay_out(controls)
        self._connect()
        self.setAccessibleName(title)

    def _lay_out(self, controls: bool) -> None:
        self.note.setFont(tabular(self.font(), -1.0))
        self.note.setAccessibleName("About these examples")
        for text, key in (("By seed", "seed"), ("By activation", "activation")):
            self.sort.addItem(text, key)
        named(self.sort, "Order", "Order of the examples, once all are made")
        self.hover_plays.setText("Hover plays")
        self.hover_plays.setCheckable(True)
        self.hover_plays.setChecked(True)
        named(self.hover_plays, "Hover plays", "Hear what the mouse rests on; Enter and Space play always")
        for control in (self.sort, self.hover_plays):
            control.setVisible(controls)
        row = QHBoxLayout()
        row.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        row.setSpacing(SPACING)
        row.addWidget(self.title)
        row.addWidget(self.note, 1)
        row.addWidget(self.sort)
        row.addWidget(self.hover_plays)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.cells, 1)

    def _connect(self) -> None:
        self.cells.current_changed.connect(self._choose)
        self.cells.taken.connect(self._take)
        self.cells.doubleClicked.disconnect()  # a double click would play twice what the mouse rests on
        self.cells.hovered.connect(self._over)
        self.cells.clicked.connect(lambda index: self._rest_on(self._place_of(index.row())))
        self._hover.timeout.connect(lambda: self._rest_on(self._under))
        self.sort.currentIndexChanged.connect(lambda _: self._arrange())
        self.hover_plays.toggled.connect(lambda on: None if on else self._leave())

    # what is shown

    def set_theme(self, theme: Theme) -> None:
        """Colours; the pictures are made anew."""
        self.theme = theme
        self.title.setStyleSheet(f"font-weight: 600; color: {theme.text}")
        self.note.setStyleSheet(f"color: {theme.muted}")
        self._model.set_theme(theme)
        self.cells.set_theme(theme)

    def show_examples(self, entries: Sequence[GalleryEntry], *, growing: bool = False, lowest: bool = False,
                      columns: int = 0) -> None:
        """Show these; who is chosen stays so. Emits nothing.

        Parameters
        ----------
        growing
            Whether they are still being made: they keep their places until they are done.
        lowest
            Whether the lowest activation is strived for.
        columns
            At most, where a row means something; 0: as many as there is room for.
        """
        self._entries, self._growing, self._lowest = list(entries), growing, lowest
        if self._choice >= len(entries):
            self._choice = -1
        self._arrange()
        self.cells.set_columns(columns)

    def _arrange(self) -> None:
        by = "seed" if self._growing else self.sort.currentData()
        self._model.show_entries(self._entries, order_of(self._entries, by, lowest=self._lowest))
        row = self._row_of(self._choice)
        if row != self.cells.row:
            self.cells.show_row(row)

    def say(self, words: str) -> None:
        """A remark beside the title."""
        self.note.set_whole(words)

    def set_empty(self, words: str) -> None:
        """What an empty gallery says."""
        self.cells.set_empty(words)

    def show_chosen(self, place: int) -> None:
        """Look at another one; -1: none. Emits nothing."""
        self._choice = place if place < len(self._entries) else -1
        self.cells.show_row(self._row_of(self._choice))

    def show_playing(self, place: int) -> None:
        """Mark the one that is heard; -1: none."""
        self._playing = self._delegate.playing = place
        self.cells.viewport().update()

    @property
    def choice(self) -> int:
        """Place of the example that is looked at; -1: none."""
        return self._choice

    @property
    def shown(self) -> list[int]:
        """Places in the order in which they stand."""
        return [cell.place for cell in self._model.values]

    def words_of(self, row: int) -> str:
        """All that is known of what stands in a row of the cells; empty where nothing does."""
        return self._model.values[row].entry.words.whole if 0 <= row < len(self._model.values) else ""

    def _row_of(self, place: int) -> int:
        return next((row for row, cell in enumerate(self._model.values) if cell.place == place), -1)

    def _place_of(self, row: int) -> int:
        place: int = self._model.values[row].place if 0 <= row < len(self._model.values) else -1
        return place

    # what is done

    def _choose(self, row: int) -> None:
        place = self._place_of(row)
        if place != self._choice:
            self._choice = place
            if place >= 0:
                self.chosen.emit(place)

    def _take(self, row: int) -> None:
        """Hear it, or stop where it is heard already."""
        place = self._place_of(row)
        self._hover.stop()
        self._by_hover = False
        if 0 <= place == self._playing:
            self.stop_asked.emit()
        elif place >= 0 and not self._entries[place].failed:
            self.play_asked.emit(place)

    def _over(self, row: int) -> None:
        self._leave()
        self._under = self._place_of(row)
        if self._under >= 0 and self.hover_plays.isChecked():
            self._hover.start()

    def _rest_on(self, place: int) -> None:
        """The mouse has rested long enough, or clicked."""
        self._hover.stop()
        if 0 <= place < len(self._entries) and not self._entries[place].failed and place != self._playing:
            self._by_hover = True
            self.play_asked.emit(place)

    def _leave(self) -> None:
        """What the mouse began ends with it; what Enter began goes on."""
        self._hover.stop()
        if self._by_hover:
            self._by_hover = False
            self.stop_asked.emit()

    def hideEvent(self, event: Any) -> None:
        """Nobody hovers over what is not in sight."""
        super().hideEvent(event)
        self._leave()
