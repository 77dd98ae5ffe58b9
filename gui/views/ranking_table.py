"""Settings and what became of their examples, as a table that can be sorted by any of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableWidget, QTableWidgetItem

from gui.theme import DARK, SPACING, Theme
from gui.views.dense_table import ROW, DenseTable
from gui.views.gallery_cells import figure
from gui.views.plain_text import with_minus
from gui.views.rank_marks import MARK, draw_rank
from gui.views.rows_view import Index

COLUMNS = {
    "": "Best, median and worst by Fréchet distance",
    "lr": "Learning rate",
    "reg": "Weight of the length of the latent",
    "iter.": "Iterations",
    "FID": "Fréchet distance of the examples from real music on a hidden layer: the lowest is the most natural",
    "activ.": "Mean activation of the examples",
    "failed": "Examples that exploded",
}
RANK, LR, REG, ITERATIONS, FID, ACTIVATION, FAILED = range(7)
VALUE = Qt.ItemDataRole.UserRole
LEAST_WIDTH = 320   # px
NOT_A_NUMBER = "–"


@dataclass(frozen=True)
class RankedSetting:
    """A setting and what became of its examples; `fid` and `activation` are None where too few are left."""

    lr: float
    reg: float
    iterations: int
    fid: float | None
    activation: float | None
    failed: int = 0
    rank: str = ""

    @property
    def words(self) -> str:
        """All of it."""
        fid = "no FID" if self.fid is None else f"FID {figure(self.fid)}"
        activation = "" if self.activation is None else f"mean activation {figure(self.activation)}"
        failed = f"{self.failed} failed" if self.failed else ""
        return " · ".join(filter(None, (self.rank, f"lr {self.lr:g}", f"reg {self.reg:g}",
                                        f"{self.iterations} iterations", fid, activation, failed)))


class RankDelegate(QStyledItemDelegate):
    """Draws the mark of a rank."""

    theme = DARK

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the mark."""
        return QSize(round(MARK) + 2 * SPACING, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The ground, the mark."""
        super().paint(painter, option, index)
        rank = self.setting_of(index).rank
        if rank:
            draw_rank(painter, QRectF(option.rect).center(), rank, QColor(self.theme.accent), side=MARK - 1)

    def setting_of(self, index: Index) -> RankedSetting:
        """The setting of a row."""
        setting: RankedSetting = index.sibling(index.row(), LR).data(VALUE + 1)
        return setting


class Cell(QTableWidgetItem):
    """Sorted by its value; what has none comes last."""

    def __init__(self, text: str, value: float | None) -> None:
        super().__init__(text)
        self.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.value = float("inf") if value is None else value

    def __lt__(self, other: QTableWidgetItem) -> bool:
        assert isinstance(other, Cell)
        return self.value < other.value


class RankingTable(DenseTable):
    """Emits the place, as given, of the setting that the user looks at, and of the one taken."""

    chosen = Signal(int)
    taken = Signal(int)

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self._quiet = False
        self._delegate = RankDelegate()
        self.setItemDelegateForColumn(RANK, self._delegate)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QTableView { outline: none; } QTableView::item { padding: 0 2px; }"
                           "QHeaderView { border: none; } QHeaderView::section { padding: 0 5px; }"
                           "QHeaderView::up-arrow, QHeaderView::down-arrow { image: none; width: 0; height: 0; }")
        self._head()
        self.setSortingEnabled(True)
        self.horizontalHeader().sortIndicatorChanged.connect(self._entitle)
        self.sortByColumn(FID, Qt.SortOrder.AscendingOrder)
        self._entitle(FID, Qt.SortOrder.AscendingOrder)
        self.currentCellChanged.connect(lambda row, *rest: None if self._quiet or row < 0 else
                                        self.chosen.emit(self.place_of(row)))
        self.doubleClicked.connect(lambda index: self.taken.emit(self.place_of(index.row())))
        self.setMinimumWidth(LEAST_WIDTH)
        self.setAccessibleName("Settings, ranked")
        self.setAccessibleDescription("Click a heading to sort; Enter takes a setting over")

    def _head(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(20)
        header.setFont(self.font())
        for column, (title, tip) in enumerate(COLUMNS.items()):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(column, item)
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(RANK, QHeaderView.ResizeMode.Fixed)
        self.setColumnWidth(RANK, round(MARK) + 2 * SPACING)

    def _entitle(self, column: int, order: Qt.SortOrder) -> None:
        """An arrow before the title of the column that orders the rows: where a style puts it, it hides the title."""
        arrow = "▴" if order == Qt.SortOrder.AscendingOrder else "▾"
        for place, title in enumerate(COLUMNS):
            words = f"{arrow} {title}" if place == column else title
            self.model().setHeaderData(place, Qt.Orientation.Horizontal, words)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self._delegate.theme = theme
        self.viewport().update()

    def place_of(self, row: int) -> int:
        """Place as given of what stands in a row."""
        item = self.item(row, LR)
        return -1 if item is None else int(item.data(VALUE))

    def row_of(self, place: int) -> int:
        """Row in which a setting stands; -1: none."""
        return next((row for row in range(self.rowCount()) if self.place_of(row) == place), -1)

    def show_settings(self, settings: Sequence[RankedSetting]) -> None:
        """Show these, in the order that was chosen last. Emits nothing."""
        self._quiet = True
        self.setSortingEnabled(False)
        self.setRowCount(len(settings))
        for row, s in enumerate(settings):
            order = {"best": 0.0, "median": 1.0, "worst": 2.0}.get(s.rank)
            cells = [Cell("", order), Cell(f"{s.lr:g}", s.lr), Cell(f"{s.reg:g}", s.reg),
                     Cell(str(s.iterations), s.iterations), Cell(short(s.fid), s.fid),
                     Cell(short(s.activation), s.activation), Cell(str(s.failed), s.failed)]
            cells[LR].setData(VALUE, row)
            cells[LR].setData(VALUE + 1, s)
            cells[RANK].setData(Qt.ItemDataRole.AccessibleTextRole, s.rank)
            for column, cell in enumerate(cells):
                cell.setToolTip(s.words)
                self.setItem(row, column, cell)
        self.setSortingEnabled(True)
        self._quiet = False

    def show_place(self, place: int) -> None:
        """Look at a setting; -1: none. Emits nothing."""
        self._quiet = True
        row = self.row_of(place)
        self.setCurrentCell(row, LR if row >= 0 else -1)
        if row < 0:
            self.clearSelection()
        self._quiet = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and self.currentRow() >= 0:
            self.taken.emit(self.place_of(self.currentRow()))
        else:
            super().keyPressEvent(event)


def short(value: float | None) -> str:
    """Three digits or four, with a true minus; a dash where there is none."""
    if value is None:
        return NOT_A_NUMBER
    decimals = 2 if abs(value) < 10 else 1 if abs(value) < 1000 else 0
    return with_minus(f"{value:.{decimals}f}")
