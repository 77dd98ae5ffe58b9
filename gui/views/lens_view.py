"""The next-token lens: what the network expects at the cursor, and what the grammar makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.marks import draw_bar
from gui.views.rows_view import ROW_ROLE, Index, RowDelegate, RowsModel, RowsView, Says

NOT_ADMITTED = "the grammar does not allow it here"
NOTHING_YET = "Put the cursor into a tune to see what may come next."
BAR = 10          # px, height


@dataclass(frozen=True)
class LensRow:
    """A token, what it means in words, its probability (0 to 1), and whether the grammar admits it."""

    token: str
    text: str
    probability: float
    admitted: bool = True


def percent(share: float) -> str:
    """A share as per cent with one decimal."""
    return f"{share * 100:.1f} %" if share >= 0.0005 or not share else "<0.1 %"


def _says(row: LensRow) -> Says:
    return Says(row.token, row.text, "" if row.admitted else NOT_ADMITTED, percent(row.probability))


class LensDelegate(RowDelegate):
    """Token, meaning, bar and figure; what is not admitted is grey and slashed."""

    def draw(self, painter: QPainter, room: QRect, font: QFont, index: Index) -> None:
        """One line."""
        row: LensRow = index.data(ROW_ROLE)
        theme, small = self.theme, self.small(font)
        ink = theme.text if row.admitted else theme.muted
        bold = QFont(font)
        bold.setBold(True)
        painter.setFont(bold)
        token = painter.fontMetrics().horizontalAdvance("K:Cdor") + SPACING // 2
        painter.setFont(bold if row.admitted else font)
        self.text(painter, QRect(room.x(), room.y(), token, room.height()), row.token, ink)
        painter.setFont(small)
        figure = painter.fontMetrics().horizontalAdvance("100.0 %")
        meaning = min(painter.fontMetrics().horizontalAdvance("twice as long."), room.width() // 3)
        self.text(painter, QRect(room.x() + token, room.y(), meaning, room.height()), row.text, theme.muted)
        left = room.x() + token + meaning + SPACING
        bar = QRectF(left, room.center().y() - BAR / 2 + 0.5, room.right() - figure - SPACING - left, BAR)
        draw_bar(painter, bar, row.probability, QColor(theme.accent if row.admitted else theme.muted),
                 QColor(theme.raised), slashed=not row.admitted)
        self.text(painter, room, percent(row.probability), ink, right=True)


class ContextLine(QLabel):
    """A line whose end is always in sight."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What stands before the cursor")

    def set_whole(self, text: str) -> None:
        """The whole line."""
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleDescription(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width shows another part."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideLeft, self.width()))


class LensView(QWidget):
    """The choices, likeliest first as they are given. A click or Enter takes one."""

    token_chosen = Signal(int)      # place among the choices

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self.context, self.rows = ContextLine(), RowsModel(_says)
        self.context.setFont(tabular(self.font()))
        self.view = RowsView("What may come next", self.rows, LensDelegate(), empty=NOTHING_YET, take_by_click=True)
        self.view.setAccessibleDescription("Probabilities of the next token; Enter writes it into the tune")
        self.view.taken.connect(self.token_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        column.addWidget(self.context)
        column.addWidget(self.view, 1)
        self.setAccessibleName("Lens")
        self.clear(NOTHING_YET)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.view.set_theme(theme)
        self.context.setStyleSheet(f"color: {theme.muted}")

    def show_context(self, text: str) -> None:
        """What the choices come after, such as `after | G 2 E`."""
        self.context.set_whole(text)
        self.context.setVisible(bool(text))

    def show_choices(self, rows: Sequence[LensRow]) -> None:
        """Show these; none is current. Emits nothing."""
        self.rows.set_values(rows)
        self.view.scrollToTop()

    def clear(self, message: str) -> None:
        """No choices, and why."""
        self.view.set_empty(message)
        self.show_context("")
        self.show_choices(())
