"""One example in a gallery: its picture, its seed, how it activates the neuron as a picture and as a sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from gui.theme import DARK, SPACING, Theme, colour, tabular
from gui.views.marks import WARNING, draw_warning
from gui.views.mel_picture import Mel, loudness_range, mel_image
from gui.views.plain_text import with_minus
from gui.views.rank_marks import MARK, draw_cross, draw_rank
from gui.views.rows_view import Index, RowDelegate, RowsModel, Says

PICTURE = QSize(128, 89)      # px at least, in the proportions of 115 frames and 80 bands
BADGE = 9.0                   # px, radius of the disc that says what is heard
WIDEST = "heard −0.00  p 0.00"   # that is written below most pictures
CROSS = 12.0                  # px
LIVELY = 100                  # up to here two decimals


@dataclass(frozen=True)
class GalleryEntry:
    """An example, synthesised or real.

    Parameters
    ----------
    title
        What it is called, such as "seed 3" or the name of a song.
    mel
        Log-mel (bands, frames), natural log of magnitude. Give the same array again where it did not change.
    activation
        Of the neuron, on the mel.
    after_audio
        Of the neuron, on the sound made from it and analysed again; None where that is not known.
    probability
        Of the label that is watched, 0 to 1; None where there is none.
    seed
        What it began with; None for real excerpts.
    rank
        "best", "median" or "worst"; empty: none of them.
    warning
        What should be known before it is believed; empty: nothing.
    failed
        Why it came to nothing; empty: it did not.
    detail
        What stands below the title.
    """

    title: str
    mel: Mel
    activation: float
    after_audio: float | None = None
    probability: float | None = None
    seed: int | None = None
    rank: str = ""
    warning: str = ""
    failed: str = ""
    detail: str = ""

    @property
    def words(self) -> Says:
        """All of it, for tooltips and for who cannot see."""
        if self.failed:
            return Says(self.title, "failed", self.failed)
        heard = "" if self.after_audio is None else f"{figure(self.after_audio)} as sound"
        sure = "" if self.probability is None else f"probability {self.probability:.2f}"
        told = " · ".join(filter(None, (self.detail, f"activation {figure(self.activation)}", heard, sure, self.rank)))
        return Says(self.title, told, self.warning)


def figure(value: float) -> str:
    """An activation, with a true minus."""
    text = f"{value:.2f}" if abs(value) < LIVELY else f"{value:.4g}"
    return with_minus(text)


@dataclass(frozen=True)
class Cell:
    """An entry with its place in what was given, and its picture."""

    place: int
    entry: GalleryEntry
    image: QImage


class CellsModel(RowsModel):
    """Makes the pictures when entries change: those whose array and levels stayed are kept."""

    def __init__(self) -> None:
        super().__init__(lambda cell: cell.entry.words)
        self.theme = DARK
        self._levels = loudness_range(())

    def show_entries(self, entries: Sequence[GalleryEntry], order: Sequence[int]) -> None:
        """Show these in this order; where as many are shown already, they change in their places."""
        levels = loudness_range([entry.mel for entry in entries if not entry.failed] or [e.mel for e in entries])
        kept = {} if levels != self._levels else {id(cell.entry.mel): cell for cell in self.values}
        self._levels = levels
        cells = [self._cell(place, entries[place], kept) for place in order]
        if len(cells) != len(self.values):
            self.set_values(cells)
        elif cells:
            self.values = cells
            self.dataChanged.emit(self.index(0, 0), self.index(len(cells) - 1, 0))

    def _cell(self, place: int, entry: GalleryEntry, kept: dict[int, Cell]) -> Cell:
        before = kept.get(id(entry.mel))
        same = before is not None and before.entry.mel is entry.mel
        image = before.image if same and before is not None else mel_image(entry.mel, self.theme, self._levels)
        return Cell(place, entry, image)

    def set_theme(self, theme: Theme) -> None:
        """Pictures in other colours."""
        self.theme = theme
        self.values = [Cell(cell.place, cell.entry, mel_image(cell.entry.mel, theme, self._levels))
                       for cell in self.values]


class CellDelegate(RowDelegate):
    """Draws a cell: the picture, what is marked on it, and two lines below."""

    def __init__(self) -> None:
        super().__init__()
        self.playing = -1              # place of the example that is heard
        self.grid = QSize(PICTURE.width() + 2 * SPACING, PICTURE.height())

    def fit(self, width: int, font: QFont) -> QSize:
        """Size of a cell of so many pixels; the picture keeps its proportions."""
        tall = round((width - 2 * SPACING) * PICTURE.height() / PICTURE.width())
        self.grid = QSize(width, tall + 2 * self._line(font) + 3 * SPACING)
        return self.grid

    def least(self, font: QFont) -> int:
        """Pixels that a cell is wide at least: its picture's, or those of the figures below it."""
        words = QFontMetrics(self.small(font)).horizontalAdvance(WIDEST)
        return max(PICTURE.width(), words) + 2 * SPACING

    def _line(self, font: QFont) -> int:
        return QFontMetrics(self.small(font)).height()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All cells are alike."""
        return self.grid

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, picture, marks, figures."""
        model = index.model()
        assert isinstance(model, CellsModel)
        cell, rect, theme = model.values[index.row()], QRect(option.rect).adjusted(2, 2, -2, -2), self.theme
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or over:
            painter.setPen(QPen(QColor(theme.accent), 2) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.selection) if chosen else colour(theme.raised, 0.7))
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 4, 4)
        picture = QRectF(rect).adjusted(SPACING - 2, SPACING - 2, 2 - SPACING, 0)
        picture.setBottom(rect.bottom() - 2 * self._line(option.font) - SPACING + 1)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(picture, cell.image, QRectF(cell.image.rect()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.grid), 1))
        painter.drawRect(picture)
        self._mark(painter, picture, cell)
        self._write(painter, QRect(picture.toRect().left(), round(picture.bottom()) + SPACING // 2,
                                   round(picture.width()), 2 * self._line(option.font)), option.font, cell.entry)
        painter.restore()

    def _mark(self, painter: QPainter, picture: QRectF, cell: Cell) -> None:
        """Rank top left, what is heard top right, what failed all over it."""
        theme, entry = self.theme, cell.entry
        if entry.failed:
            painter.fillRect(picture, colour(theme.surface, 0.72))
            middle = picture.center()
            draw_cross(painter, QRectF(middle.x() - CROSS / 2, middle.y() - CROSS / 2, CROSS, CROSS),
                       QColor(theme.error))
        if entry.rank:
            middle = picture.topLeft() + QPointF(MARK, MARK)
            self._disc(painter, middle, theme.surface)
            draw_rank(painter, middle, entry.rank, QColor(theme.accent))
        if cell.place == self.playing:
            middle = picture.topRight() + QPointF(-MARK, MARK)
            self._disc(painter, middle, theme.accent)
            painter.setBrush(QColor(theme.on_accent))
            painter.drawPolygon([middle + QPointF(-2.8, -4.4), middle + QPointF(4.8, 0), middle + QPointF(-2.8, 4.4)])

    def _disc(self, painter: QPainter, middle: QPointF, ground: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(ground, 0.92))
        painter.drawEllipse(middle, BADGE, BADGE)

    def _write(self, painter: QPainter, room: QRect, font: QFont, entry: GalleryEntry) -> None:
        """Title and activation; what is left as sound, and the probability."""
        small, theme, high = self.small(font), self.theme, room.height() // 2
        first, second = QRect(room.x(), room.y(), room.width(), high), QRect(room.x(), room.y() + high, room.width(),
                                                                              high)
        strong = tabular(small)
        strong.setBold(True)
        painter.setFont(strong)
        right = "failed" if entry.failed else figure(entry.activation)
        self.text(painter, first, right, theme.error if entry.failed else theme.text, right=True)
        taken = painter.fontMetrics().horizontalAdvance(right) + SPACING
        painter.setFont(small)
        self.text(painter, first.adjusted(0, 0, -taken, 0), entry.title, theme.muted)
        if entry.failed:
            self.text(painter, second, entry.failed, theme.muted)
            return
        if entry.warning:
            draw_warning(painter, QRectF(second.x(), second.y(), WARNING, second.height()), QColor(theme.warning),
                         QColor(theme.surface))
            second = second.adjusted(round(WARNING) + SPACING // 2, 0, 0, 0)
        heard = "" if entry.after_audio is None else f"heard {figure(entry.after_audio)}"
        self.text(painter, second, entry.detail or heard, theme.muted)
        if entry.probability is not None:
            self.text(painter, second, f"p {entry.probability:.2f}", theme.muted, right=True)


def order_of(entries: Sequence[GalleryEntry], by: str, *, lowest: bool) -> list[int]:
    """Places of entries by "activation" (what is strived for first, what failed last), or as they were given."""
    places = list(range(len(entries)))
    if by != "activation":
        return places

    def key(place: int) -> Any:
        entry = entries[place]
        return bool(entry.failed), entry.activation if lowest else -entry.activation

    return sorted(places, key=key)
