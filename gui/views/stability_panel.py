"""Whether the explanation hangs on what hidden segments are replaced by."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.explain.explanation import Explanation
from gui.theme import DARK, SPACING, Theme
from gui.views.costly_offer import CostlyOffer
from gui.views.fill_matrix import FillMatrix

TIP = ("Each row explains the same excerpt with another fill. Framed numbers rank the largest segments; "
       "where rows name the same ones, the explanation does not hang on the fill.")

OFFER = ("Try the other fills", "Each other fill wants an explanation of its own, and this model takes long to answer. "
         "Esc stops it.")


class StabilityPanel(QScrollArea):
    """The largest segments under each fill, and in words how far the fills agree."""

    asked = Signal()    # for the other fills

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._heading, self._said, self._matrix = QLabel("Top segments under each fill"), QLabel(), FillMatrix()
        self._said.setWordWrap(True)
        self._offer = CostlyOffer(*OFFER)
        self._offer.clicked.connect(lambda checked: self.asked.emit())
        self._said.setAccessibleName("How far the fills agree")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        for part in (self._heading, self._matrix, self._said):
            part.setToolTip(TIP)
            column.addWidget(part)
        column.addWidget(self._offer)
        column.addStretch()
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setAccessibleName("Stability")
        self.setAccessibleDescription(TIP)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = self._matrix.theme = theme
        self.viewport().setStyleSheet("background: transparent")
        self._heading.setStyleSheet(f"color: {theme.muted}")
        self._said.setStyleSheet(f"color: {theme.text}")
        self._matrix.update()

    def offer(self, wait: str) -> None:
        """Offer the other fills, which take so long, in words; "" where they are there or on their way."""
        self._offer.offer(wait)

    def set_explanations(self, by_fill: Mapping[str, Explanation], *, fill: str = "", k: int = 3) -> None:
        """Show the same excerpt under each fill; `fill` is the one that was asked for."""
        self._matrix.set_explanations(by_fill, k)
        others = {name: set(e.top(k)) for name, e in by_fill.items() if name != fill}
        if not others or fill not in by_fill:
            self._said.setText("")
            return
        named = set(by_fill[fill].top(k))
        same = sum(tops == named for tops in others.values())
        apart = ", ".join(name for name, tops in others.items() if tops != named)
        self._said.setText(f"{same} of {len(others)} other fills name the same {len(named)} segments as “{fill}”"
                           + (f"; others: {apart}." if apart else "."))
