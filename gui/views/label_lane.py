"""What people said: the intervals of a label file, and where the model agrees with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from engine.audio.labels import Interval
from gui.theme import Theme, colour, scaled, tabular
from gui.views.intervals_item import IntervalsItem, Look
from gui.views.time_plot import TimePlot, time_text

TIP = "Above: the label file · below: only labelled (hatched) or only predicted (outlined); empty where both agree"
SPLIT = 0.36  # height of the lower strip


def parts_of_one_only(first: Sequence[Interval], second: Sequence[Interval], name: str = "") -> list[Interval]:
    """Parts of `first` that no interval of `second` covers."""
    left: list[Interval] = []
    for interval in first:
        start = interval.start
        for other in sorted(second, key=lambda o: o.start):
            if other.end <= start or other.start >= interval.end:
                continue
            if other.start > start:
                left.append(Interval(start, other.start, name))
            start = max(start, other.end)
        if start < interval.end:
            left.append(Interval(start, interval.end, name))
    return left


class LabelLane(TimePlot):
    """One lane for the labels, and under it a strip for disagreement."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setFixedHeight(scaled(68))
        font = tabular(self.font(), -1.0)
        self._labels: list[Interval] = []
        self._lane = IntervalsItem(SPLIT, 1.0, font)
        self._missed, self._invented = IntervalsItem(0.0, SPLIT - 0.06, font), IntervalsItem(0.0, SPLIT - 0.06, font)
        for item in (self._lane, self._missed, self._invented):
            self.plotItem.vb.addItem(item, ignoreBounds=True)
        self.plotItem.vb.setYRange(0.0, 1.0, padding=0)
        self.plotItem.getAxis("left").setTicks([[(0.68, "labels"), (0.15, "differs")]])
        self.set_time_labels(False)
        self.describe("Labels", "Intervals of the label file", TIP)

    def set_labels(self, intervals: Sequence[Interval]) -> None:
        """Show the intervals of a label file."""
        self._labels = list(intervals)
        self._lane.set_intervals(self._labels)
        self._missed.set_intervals([])
        self._invented.set_intervals([])

    def compare(self, decided: Sequence[Interval]) -> float:
        """Show where the model's decided intervals differ; returns the share of the file they agree on."""
        missed = parts_of_one_only(self._labels, decided)
        invented = parts_of_one_only(decided, self._labels)
        self._missed.set_intervals(missed)
        self._invented.set_intervals(invented)
        wrong = sum(part.end - part.start for part in [*missed, *invented])
        agreement = max(0.0, 1.0 - wrong / self.duration)
        self.setAccessibleDescription(f"Labels and prediction agree for {agreement:.0%} of the file")
        return agreement

    def hover(self, at: QPointF) -> None:
        """Name and ends of the label under the mouse."""
        found = next((i for i in self._labels if i.start <= at.x() <= i.end), None)
        self.hovered.emit(f"{found.name or 'label'}   {time_text(found.start)} – {time_text(found.end)}"
                          if found else "")

    def paint_theme(self, theme: Theme) -> None:
        """Pattern tells what colour tells."""
        self._lane.set_look(Look(colour(theme.text, 0.16), colour(theme.text, 0.5), QColor(theme.text)))
        self._missed.set_look(Look(QColor(theme.negative), QColor(theme.negative), QColor(theme.text),
                                   Qt.BrushStyle.BDiagPattern))
        self._invented.set_look(Look(colour(theme.positive, 0.75), QColor(theme.positive), QColor(theme.text)))
