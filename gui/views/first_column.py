"""A first column that takes what room the others leave, but never so little that nothing of it can be read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QHeaderView

LETTERS = 12     # that can be read at least


class FirstColumn(QObject):
    """Stretches the first section of a header; in a narrow or large-lettered table the others scroll out of sight.

    Parameters
    ----------
    header
        Of a table or tree whose other sections are as wide as their contents.
    """

    def __init__(self, header: QHeaderView) -> None:
        super().__init__(header)
        self._header, self._fitting = header, False
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.installEventFilter(self)
        header.sectionResized.connect(lambda section, old, new: self.fit() if section else None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another width."""
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return False

    def fit(self) -> None:
        """Stretch it, or hold it at the least width."""
        if self._fitting:
            return
        self._fitting = True    # to resize a section resizes others
        header = self._header
        least = header.fontMetrics().averageCharWidth() * LETTERS
        others = sum(header.sectionSize(place) for place in range(1, header.count()))
        if header.contentsRect().width() - others >= least:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        else:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(0, least)
        self._fitting = False
