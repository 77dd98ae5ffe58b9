"""Settings ranked by how natural their examples are: a table, and a plot of that against activation."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme, colour, tabular
from gui.views.axes import axes, dress
from gui.views.rank_marks import rank_shape
from gui.views.ranking_table import RankedSetting, RankingTable

AXIS = 44         # px
NONE_YET = "Search the grid to rank settings by how natural their examples are"


class RankingPlot(pg.PlotWidget):
    """A mark for each setting; a click chooses one."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__(axisItems=axes())
        self.theme, self._place = DARK, -1
        self._settings: list[RankedSetting] = []
        self._points = pg.ScatterPlotItem(hoverable=True, tip=None, hoverSize=16)
        self._ring = pg.ScatterPlotItem()
        self._real = pg.InfiniteLine(angle=0, movable=False)
        self._real.hide()
        self.plotItem.vb.addItem(self._real, ignoreBounds=True)
        for item in (self._ring, self._points):
            self.plotItem.vb.addItem(item)
        self._points.sigClicked.connect(self._clicked)
        self._points.sigHovered.connect(self._over)
        self.plotItem.hideButtons()
        self.plotItem.setContentsMargins(0, 2, SPACING, 0)
        self.plotItem.vb.setMouseEnabled(False, False)
        self.plotItem.vb.setMenuEnabled(False)
        self.plotItem.vb.setDefaultPadding(0.08)
        self.plotItem.getAxis("left").setWidth(AXIS)
        self.setMinimumHeight(110)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._names = QLabel("FID →", self), QLabel("activation ↑", self)
        self._real_name = QLabel("real music", self)
        self._real_name.hide()
        for name in (*self._names, self._real_name):
            name.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            name.setFont(tabular(self.font(), -1.5))
            name.adjustSize()
        self.plotItem.vb.sigResized.connect(self._place_names)
        self.setAccessibleName("Mean activation against Fréchet distance")
        self.plotItem.vb.sigRangeChanged.connect(self._place_names)
        self.setToolTip("Each mark is a setting: to the left the more natural (FID: Fréchet distance from real music), "
                        "further up the stronger; dashed: what real music reaches; click one")

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.setBackground(theme.surface)
        dress(self.plotItem, theme, tabular(self.font(), -1.5), left=AXIS)
        for label in (*self._names, self._real_name):
            label.setStyleSheet(f"color: {theme.muted}; background: transparent")
        self._real.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine))
        self._draw()

    def show_settings(self, settings: Sequence[RankedSetting]) -> None:
        """Show these, but for those without figures."""
        self._settings = list(settings)
        self._draw()
        self.plotItem.vb.autoRange()

    def show_place(self, place: int) -> None:
        """Look at a setting; -1: none."""
        self._place = place
        self._draw()

    def show_real(self, activation: float | None) -> None:
        """What real music reaches; None: not known."""
        for one in (self._real, self._real_name):
            one.setVisible(activation is not None)
        if activation is not None:
            self._real.setPos(activation)
            self._place_names()

    def _draw(self) -> None:
        theme = self.theme
        spots = [{"pos": (s.fid, s.activation), "symbol": rank_shape(s.rank), "data": place,
                  "size": 15 if s.rank else 10, "pen": pg.mkPen(theme.surface, width=1),
                  "brush": pg.mkBrush(theme.accent if s.rank else colour(theme.muted, 0.85))}
                 for place, s in sorted(enumerate(self._settings), key=lambda pair: bool(pair[1].rank))
                 if s.fid is not None and s.activation is not None]     # what has a rank lies above what has none
        self._points.setData(spots)
        self._ring.setData([{"pos": spot["pos"], "symbol": "o", "size": 22, "brush": None,
                             "pen": pg.mkPen(theme.text, width=2)} for spot in spots if spot["data"] == self._place])

    def _clicked(self, item: object, points: Sequence[pg.SpotItem], event: object = None) -> None:
        if len(points):
            self.chosen.emit(int(points[0].data()))

    def _over(self, item: object, points: Sequence[pg.SpotItem], event: object = None) -> None:
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if len(points) else Qt.CursorShape.ArrowCursor)

    def _place_names(self) -> None:
        corner = self.mapFromScene(self.plotItem.vb.sceneBoundingRect().bottomRight())
        across, up = self._names
        across.move(corner.x() - across.width() - SPACING, corner.y() - across.height() - SPACING // 2)
        start = self.mapFromScene(self.plotItem.vb.sceneBoundingRect().topLeft() + QPointF(SPACING, SPACING / 2))
        up.move(start)
        line = self.mapFromScene(self.plotItem.vb.mapViewToScene(QPointF(0, self._real.value())))
        high = line.y() - self._real_name.height()
        self._real_name.move(across.geometry().right() - self._real_name.width(),
                             high if line.y() > start.y() + self._real_name.height() else line.y())


class RankingView(QWidget):
    """Table and plot are about the same setting. Enter or a double click in the table take it over."""

    setting_chosen = Signal(int)      # the user looks at this one
    setting_taken = Signal(int)       # its numbers shall be used

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said, self.table, self.plot = QLabel(), RankingTable(), RankingPlot()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setAccessibleName("About the ranking")
        self.said.setContentsMargins(SPACING, 0, SPACING, 0)
        self._settings: list[RankedSetting] = []
        self.strong, self._strong = QPushButton(), -1
        self.strong.setAccessibleName("Take over the most natural setting beyond real music")
        self.strong.setToolTip("The most natural setting whose examples excite the neuron more than any real excerpt "
                               "does: click to take it over. The most natural of all may hardly excite it")
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.table)
        split.addWidget(self.plot)
        split.setSizes([260, 170])
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACING, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.said)
        column.addWidget(split, 1)
        column.addWidget(self.strong)
        self.strong.clicked.connect(lambda: self.setting_taken.emit(self._strong))
        self.table.chosen.connect(self._choose)
        self.plot.chosen.connect(self._choose)
        self.table.taken.connect(self.setting_taken)
        self.setAccessibleName("Ranking")
        self.show_settings(())

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.said.setStyleSheet(f"color: {theme.muted}")
        self.table.set_theme(theme)
        self.plot.set_theme(theme)

    def show_settings(self, settings: Sequence[RankedSetting], said: str = "") -> None:
        """Show these. Emits nothing."""
        self._settings = list(settings)
        self.table.show_settings(settings)
        self.plot.show_settings(settings)
        self.show_chosen(-1)
        self.say(said or ("" if settings else NONE_YET))
        self.strong.hide()
        self.plot.show_real(None)

    def offer(self, place: int, words: str, real: float) -> None:
        """The setting that examples can be made with which excite more than real music does, and what that reaches."""
        self.plot.show_real(real)
        self._strong = place
        self.strong.setText(f"Beyond real music: {words}")
        self.strong.setAccessibleName(f"Take over {words}, the most natural beyond real music")
        self.strong.show()

    def say(self, words: str) -> None:
        """A line above the table."""
        self.said.setText(words)
        self.said.setAccessibleDescription(words)
        self.said.setVisible(bool(words))

    def show_chosen(self, place: int) -> None:
        """Look at a setting; -1: none. Emits nothing."""
        self.table.show_place(place)
        self.plot.show_place(place)

    def _choose(self, place: int) -> None:
        self.show_chosen(place)
        self.setting_chosen.emit(place)
