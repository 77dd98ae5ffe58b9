"""What is known of a prior: excerpts that it makes when nothing is asked of it, and how natural they became."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme, loudness_table, tabular
from gui.views.axes import axes, dress

AXIS = 36            # px
GAP = 2              # px around each excerpt of the picture
TICKS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
LOWEST_SHARE = 0.5   # of the lowest value: where the axis of distances begins
NO_PRIOR = "There is no prior of music here: examples can be made of the plain input only."
PICTURE_TIP = "64 excerpts that the generator makes of the seeds' latents; click to enlarge"
PLOT_TIP = ("Fréchet distance of made excerpts from held-out real ones, over the minutes of training; dashed: what two "
            "halves of the held-out ones have, and what real excerpts of the artists learnt from have")


@dataclass(frozen=True)
class PriorFacts:
    """What a prior's card says.

    Parameters
    ----------
    samples
        Grey picture (rows, columns) of excerpts, each of `tile` rows and columns with `GAP` around it; empty: none.
    history
        Minutes of training, and the Fréchet distance then.
    fid
        Of the generator that is in use.
    floor, of_training
        Distance of two halves of held-out real music, and of real music by the artists learnt from.
    layer
        That distances are measured on.
    told
        Headings and texts.
    """

    samples: NDArray[np.uint8]
    tile: tuple[int, int] = (80, 115)
    history: tuple[tuple[float, float], ...] = ()
    fid: float | None = None
    floor: float | None = None
    of_training: float | None = None
    layer: str = ""
    told: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """How natural what it makes is."""
        if self.fid is None:
            return ""
        beside = []
        if self.of_training is not None:
            beside.append(f"real music by the artists learnt from {self.of_training:.1f}")
        if self.floor is not None:
            beside.append(f"halves of held-out music {self.floor:.2f}")
        compared = f" ({', '.join(beside)})" if beside else ""
        return f"Fréchet distance on {self.layer} {self.fid:.1f}{compared}"


NOTHING = PriorFacts(np.zeros((0, 0), np.uint8))


def samples_image(facts: PriorFacts, theme: Theme) -> QImage:
    """The excerpts in the theme's colours, on its ground."""
    grey = facts.samples
    if not grey.size:
        return QImage()
    pixels = loudness_table(theme)[grey][..., :3].astype(np.uint8)
    ground = QColor(theme.surface)
    for axis, size in enumerate(facts.tile):
        within = np.arange(grey.shape[axis]) % (size + 2 * GAP) - GAP
        beside = (within < 0) | (within >= size)
        pixels[beside if axis == 0 else (slice(None), beside)] = ground.red(), ground.green(), ground.blue()
    rows, columns = grey.shape
    return QImage(pixels.tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()


class Samples(QWidget):
    """The picture, as wide as there is room for; a click asks for it alone."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._image, self._facts, self.theme = QImage(), NOTHING, DARK
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Excerpts of the prior")
        self.setToolTip(PICTURE_TIP)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def image(self) -> QImage:
        """What is shown."""
        return self._image

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.theme = theme
        self.show_samples(self._facts)

    def show_samples(self, facts: PriorFacts) -> None:
        """Show other excerpts, in the colours of all log-mels."""
        self._facts, self._image = facts, samples_image(facts, self.theme)
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:
        """In the picture's proportions."""
        return 0 if self._image.isNull() else round(width * self._image.height() / self._image.width())

    def sizeHint(self) -> QSize:
        """As in a narrow panel."""
        return QSize(340, self.heightForWidth(340))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click enlarges."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._image.isNull():
            painter.drawImage(QRectF(self.rect()), self._image, QRectF(self._image.rect()))
        painter.end()


class HistoryPlot(pg.PlotWidget):
    """Fréchet distance over training, logarithmic, with the distances of real music."""

    def __init__(self) -> None:
        super().__init__(axisItems=axes())
        self._line = pg.PlotDataItem()
        self._limits = [pg.InfiniteLine(angle=0, movable=False, label=name, labelOpts={"position": 0.03, "anchors": [
            (0, 1), (0, 1)]}) for name in ("halves of held-out music", "artists learnt from")]
        item = self.plotItem
        for part in (*self._limits, self._line):
            item.addItem(part)
        item.setLogMode(y=True)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.vb.setMenuEnabled(False)
        item.getAxis("left").setWidth(AXIS)
        item.getAxis("left").setTicks([[(float(np.log10(value)), f"{value:g}") for value in TICKS]])
        item.getAxis("bottom").setStyle(hideOverlappingLabels=2 * SPACING)
        item.setContentsMargins(0, 2, 2 * SPACING, 0)
        self.setFixedHeight(124)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Fréchet distance over training")
        self.setToolTip(PLOT_TIP)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.setBackground(theme.surface)
        dress(self.plotItem, theme, tabular(self.font(), -1.5), left=AXIS)
        self._line.setPen(pg.mkPen(theme.accent, width=2))
        for limit in self._limits:
            limit.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine))
            limit.label.setColor(theme.text)
            limit.label.setFont(tabular(self.font(), -1.5))

    def show_facts(self, facts: PriorFacts) -> None:
        """Show another history."""
        minutes, distances = np.array(facts.history).reshape(-1, 2).T
        self._line.setData(minutes, distances)
        known = [*distances.tolist()]
        for limit, value in zip(self._limits, (facts.floor, facts.of_training), strict=True):
            limit.setVisible(value is not None)
            if value is not None:
                limit.setPos(np.log10(value))
                known.append(value)
        if known:
            self.plotItem.vb.setYRange(np.log10(LOWEST_SHARE * min(known)), np.log10(1.1 * max(known)), padding=0)
        self.plotItem.vb.setXRange(0, max(minutes, default=1.0), padding=0.02)
        self.setAccessibleDescription(facts.words)


class PriorView(QScrollArea):
    """Picture, history, and what else the card says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = DARK
        inside = QWidget()
        self.samples, self.plot, self.verdict, self.text = Samples(), HistoryPlot(), QLabel(), QLabel()
        for label, name in ((self.verdict, "How natural it is"), (self.text, "What its card says")):
            label.setWordWrap(True)
            label.setAccessibleName(name)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.plot_name = QLabel("From held-out music, over minutes of training")
        for label in (self.text, self.plot_name):
            label.setFont(tabular(self.font(), -1.0))
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.setSpacing(SPACING)
        shown: tuple[QWidget, ...] = (self.samples, self.verdict, self.plot_name, self.plot, self.text)
        for part in shown:
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        for ground in (self.viewport(), inside):
            ground.setAutoFillBackground(False)  # the tab's background shows through
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Prior")
        self.samples.clicked.connect(self._enlarge)
        self.show_prior(None)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.plot.set_theme(theme)
        self.samples.set_theme(theme)
        self.verdict.setStyleSheet(f"color: {theme.text}")
        for label in (self.text, self.plot_name):
            label.setStyleSheet(f"color: {theme.muted}")

    def show_prior(self, facts: PriorFacts | None) -> None:
        """Show what is known of a prior, or that there is none."""
        known = facts or NOTHING
        self.samples.show_samples(known)
        self.samples.setVisible(known.samples.size > 0)
        self._facts = known
        self.plot.show_facts(known)
        self.plot.setVisible(bool(known.history))
        self.plot_name.setVisible(bool(known.history))
        self.verdict.setText(NO_PRIOR if facts is None else known.words)
        self.text.setText("".join(f"<p><b>{escape(name)}</b><br>{escape(words)}</p>" for name, words in known.told))

    def _enlarge(self) -> None:
        """The picture alone, in a window of its own."""
        large, samples = QDialog(self), Samples()
        large.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        large.setWindowTitle("64 excerpts of the prior")
        samples.set_theme(self.theme)
        samples.show_samples(self._facts)
        samples.clicked.connect(large.close)
        samples.setToolTip("Click to close")
        column = QVBoxLayout(large)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(samples)
        large.resize(950, samples.heightForWidth(950))
        large.show()
