"""How far an explanation can be trusted: figures with words, and what each of them means."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.explain.explanation import Explanation
from engine.explain.trust import Curves
from gui.theme import DARK, SPACING, Theme, tabular
from gui.views.axes import axes, dress
from gui.views.costly_offer import CostlyOffer

FIGURES = {
    "score": ("Score → all hidden", "What the model says about the excerpt as it is, and with every segment hidden. "
              "Where the two hardly differ, there is little to explain."),
    "flips": ("Hiding the top flips it", "Does hiding the named segments change the decision? If not, they were not "
              "the reason. In Praher et al. (ISMIR 2021) LIME's did in 21 to 53 % of excerpts only."),
    "agreement": ("Agreement over fills", "Mean share of the top segments that other fills name too. What hides a "
                  "segment should not decide which one matters (Mishra et al., IJCNN 2020). Chance is k / n."),
    "deletion_auc": ("Deletion area", "Mean score while segments are hidden, largest first: lower is better "
                     "(Petsiuk et al., RISE, BMVC 2018)."),
    "insertion_auc": ("Insertion area", "Mean score while segments are brought back, largest first: higher is better "
                      "(Petsiuk et al., RISE, BMVC 2018)."),
    "infidelity": ("Infidelity", "Mean squared difference between the change that the weights predict and the change "
                   "that came: lower is better (Yeh et al., NeurIPS 2019)."),
    "max_sensitivity": ("Max-sensitivity", "Largest relative change of the weights under small changes of the input: "
                        "lower is better (Yeh et al., NeurIPS 2019)."),
}
WORSE_BELOW = {"agreement": 0.5}
WORSE_ABOVE = {"infidelity": 0.05, "max_sensitivity": 0.5}
OFFER = ("Agreement and max-sensitivity", "Each other fill and each small change wants an explanation of its own, and "
         "this model takes long to answer. Esc stops it.")
CURVES_TIP = "Solid: score while segments are hidden, largest first. Dashed: while they are brought back."


class TrustPanel(QScrollArea):
    """Figures, and the deletion and insertion curves."""

    asked = Signal()    # for the figures that are offered

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        self._explanation: Explanation | None = None
        self._values: dict[str, QLabel] = {}
        self._headings: list[QLabel] = []
        self._plot = pg.PlotWidget(axisItems=axes())
        self._offer = CostlyOffer(*OFFER)
        self._offer.clicked.connect(lambda checked: self.asked.emit())
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        column.addLayout(self._figures())
        column.addWidget(self._offer)
        column.addWidget(self._heading("Score as segments go (solid) and come (dashed)", CURVES_TIP))
        column.addWidget(self._curves_plot(), 1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setAccessibleName("Trust")
        self.setAccessibleDescription("Figures that say how far the explanation can be trusted")

    def _heading(self, text: str, tip: str) -> QLabel:
        label = QLabel(text)
        label.setWordWrap(True)     # figures stay in sight beside large text
        label.setToolTip(tip)
        self._headings.append(label)
        return label

    def _figures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * SPACING)
        grid.setVerticalSpacing(SPACING // 2)
        for row, (key, (name, tip)) in enumerate(FIGURES.items()):
            value = QLabel("–")
            value.setFont(tabular(value.font()))
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            value.setToolTip(tip)
            value.setAccessibleName(name)
            value.setAccessibleDescription(tip)
            self._values[key] = value
            grid.addWidget(self._heading(name, tip), row, 0)
            grid.addWidget(value, row, 1)
        grid.setColumnStretch(0, 1)
        return grid

    def _curves_plot(self) -> pg.PlotWidget:
        self._plot.setMinimumHeight(96)
        self._plot.plotItem.hideButtons()
        self._plot.plotItem.vb.setMouseEnabled(False, False)
        self._plot.plotItem.vb.setMenuEnabled(False)
        self._plot.plotItem.vb.setYRange(0, 1, padding=0.05)
        self._deletion, self._insertion = self._plot.plot(antialias=True), self._plot.plot(antialias=True)
        self._plot.setToolTip(CURVES_TIP)
        self._plot.setAccessibleName("Deletion and insertion curves")
        return self._plot

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.viewport().setStyleSheet("background: transparent")
        for label in self._headings:
            label.setStyleSheet(f"color: {theme.muted}")
        self._plot.setBackground(theme.surface)
        dress(self._plot.plotItem, theme, tabular(self.font(), -1.0))
        self._deletion.setPen(pg.mkPen(theme.accent, width=2))
        self._insertion.setPen(pg.mkPen(theme.muted, width=2, style=Qt.PenStyle.DashLine))
        self._show_figures()

    def offer(self, wait: str) -> None:
        """Offer the figures that take so long, in words; "" where they are there or on their way."""
        self._offer.offer(wait)

    def set_explanation(self, explanation: Explanation | None, *, curves: Curves | None = None) -> None:
        """Show what is known; what is not yet known shows a dash."""
        self._explanation = explanation
        self._deletion.clear()
        self._insertion.clear()
        if curves is not None:
            self._deletion.setData(np.arange(len(curves.deletion)), curves.deletion)
            self._insertion.setData(np.arange(len(curves.insertion)), curves.insertion)
            self._plot.setAccessibleDescription(f"Deletion area {curves.deletion_auc:.2f}, insertion area "
                                                f"{curves.insertion_auc:.2f}")
        self._show_figures()

    def _show_figures(self) -> None:
        for key, label in self._values.items():
            text, worrying = self._figure(key)
            label.setText(text)
            style = f"color: {self.theme.warning if worrying else self.theme.text}"
            if label.styleSheet() != style:  # setting the same one costs as much as another
                label.setStyleSheet(style)

    def _figure(self, key: str) -> tuple[str, bool]:
        """Text of a figure, and whether it should worry."""
        if self._explanation is None:
            return "–", False
        if key == "score":
            full, empty = self._explanation.score_full, self._explanation.score_empty
            return f"{full:.3f}  →  {empty:.3f}", abs(full - empty) < 0.1
        value = getattr(self._explanation.trust, key)
        if value is None:
            return "–", False
        if key == "flips":
            return ("yes", False) if value else ("⚠  no", True)
        worrying = value < WORSE_BELOW.get(key, -np.inf) or value > WORSE_ABOVE.get(key, np.inf)
        small = "< 0.001" if 0 < value < 0.0005 else f"{value:.3f}"
        text = f"{value:.0%}" if key == "agreement" else small
        return (f"⚠  {text}" if worrying else text), bool(worrying)
