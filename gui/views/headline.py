"""The answer in one line, always in sight: the score, what decides it, and what it is with what is hidden now."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.plain_text import as_tip

WAITING = "Open a song to hear why"


class ElidedLabel(QLabel):
    """Shows as much of its text as there is room for; the tooltip has all of it."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_whole(self, text: str) -> None:
        """The whole text."""
        self._whole = text
        self.setToolTip(as_tip(text))
        self.setAccessibleDescription(text)
        self._fit()

    def resizeEvent(self, ev: QResizeEvent) -> None:
        """Another width shows another part."""
        super().resizeEvent(ev)
        self._fit()

    def _fit(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))


class Headline(QWidget):
    """Three parts: what the model says, why, and what it says now that something is hidden or painted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._decided = self._flipped = False
        self._verdict, self._why, self._now = QLabel(), ElidedLabel(), QLabel()
        for label, size in ((self._verdict, 4.0), (self._why, 0.5), (self._now, 2.0)):
            label.setFont(tabular(self.font(), size))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACING, SPACING // 2, 2 * SPACING, SPACING // 2)
        row.setSpacing(2 * SPACING)
        row.addWidget(self._verdict)
        row.addWidget(self._why, 1)
        row.addWidget(self._now)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The answer in words")
        self._verdict.setAccessibleName("What the model says")
        self._why.setAccessibleName("Why")
        self._now.setAccessibleName("With your changes")
        self.clear()

    def sizeHint(self) -> QSize:
        """One line of the largest font, whether or not there is an answer: nothing below may jump."""
        return QSize(400, self._verdict.fontMetrics().height() + 2 * SPACING)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self._colour()

    def clear(self, waiting: str = WAITING) -> None:
        """No answer yet."""
        self.show_answer("", waiting, decided=False)
        self.show_now("", flipped=False)

    def show_answer(self, verdict: str, why: str, *, decided: bool) -> None:
        """What the model says, and why; `decided` when it decides for the label."""
        self._decided = decided
        self._verdict.setText(verdict)
        self._verdict.setVisible(bool(verdict))
        self._why.set_whole(why)
        self._colour()

    def show_now(self, words: str, *, flipped: bool) -> None:
        """What the model says with what is hidden or painted now; nothing when nothing is."""
        self._flipped = flipped
        self._now.setText(words)
        self._now.setVisible(bool(words))
        self._colour()

    def text(self) -> str:
        """Everything it says."""
        return "   ".join(filter(None, (self._verdict.text(), self._why.toolTip(), self._now.text())))

    def _colour(self) -> None:
        theme = self.theme
        for label, style in (
                (self._verdict, f"font-weight: 600; color: {theme.accent if self._decided else theme.text}"),
                (self._why, f"color: {theme.text if self._verdict.text() else theme.muted}"),
                (self._now, f"font-weight: 600; color: {theme.warning if self._flipped else theme.positive}")):
            if label.styleSheet() != style:  # setting the same one costs as much as another
                label.setStyleSheet(style)
