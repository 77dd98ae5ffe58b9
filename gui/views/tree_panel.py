"""A decision tree to be read aloud: bands and rhythms in Hz, how many got there, and what they are called there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox, QLabel, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from engine.explain.dissect_tree import Node
from gui.theme import DARK, SPACING, Theme, scaled, tabular
from gui.views.ear_mark import INAUDIBLE, draw_ear_mark
from gui.views.first_column import FirstColumn

SIDE = 16        # px, at text of the usual size
RATIOS = (1, 2, 3)   # device pixel ratios that are prepared
NODE = Qt.ItemDataRole.UserRole
OPEN_TO = 3      # questions deep that it is opened at first
COLUMNS = ("asks for", "told", "here", "mostly")
MOST_LETTERS = 13
TIPS = ("The band that is looked at, and how fast its level changes where that counts; ↓ where what was asked for "
        "above is weak, ↑ where it is strong",
        "Share of all that the tree's questions tell of the classes", "Share of the training windows that got here",
        "The commonest class of these windows, and its share")
HINT = "A click plays the band and marks it in the spectrum; one that nobody hears is laid on a tone."


class QuestionTree(QTreeWidget):
    """Enter chooses, too."""

    chosen = Signal(object)       # Node

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(len(COLUMNS))
        self.setHeaderLabels(list(COLUMNS))
        for place, tip in enumerate(TIPS):
            self.headerItem().setToolTip(place, tip)
        self.setIndentation(11)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setFont(tabular(self.font(), -1.0))
        self.setStyleSheet("QTreeView::item { padding: 3px 2px; }")
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        FirstColumn(header)
        self.itemClicked.connect(lambda item, column: self._choose(item))
        self.setAccessibleName("Questions of the tree")

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        node = item.data(0, NODE) if item is not None else None
        if node is not None and not node.is_leaf:
            self.chosen.emit(node)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter plays the band."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._choose(self.currentItem())
        else:
            super().keyPressEvent(event)


class TreePanel(QWidget):
    """Which tree, what it listens to in a sentence, and its questions."""

    system_chosen = Signal(str)
    band_chosen = Signal(object)      # Node

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self._icon = DARK, _inaudible(DARK)
        self.box, self.said, self.tree = QComboBox(), QLabel(), QuestionTree()
        self.box.setAccessibleName("Tree")
        self.box.setToolTip("Which of the systems that decide by a tree")
        self.box.currentIndexChanged.connect(lambda _: self.system_chosen.emit(self.box.currentText()))
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What the tree listens to")
        self.tree.chosen.connect(self.band_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, SPACING, SPACING, 0)
        column.setSpacing(SPACING)
        for widget in (self.box, self.said):
            column.addWidget(widget)
        column.addWidget(self.tree, 1)

    def set_systems(self, names: Sequence[str], chosen: str) -> None:
        """Trees that there are. Emits nothing."""
        with QSignalBlocker(self.box):
            self.box.clear()
            self.box.addItems(list(names))
            self.box.setCurrentText(chosen)

    def set_nodes(self, nodes: Sequence[Node], labels: Sequence[str]) -> None:
        """All nodes, the root first, parents before their children."""
        self.tree.clear()
        items: list[QTreeWidgetItem] = []
        for node in nodes:
            above = items[node.parent] if node.parent >= 0 else self.tree.invisibleRootItem()
            branch = "" if node.parent < 0 else "↓ " if nodes[node.parent].left == node.index else "↑ "
            item = QTreeWidgetItem(above, self._texts(node, branch, labels))
            item.setData(0, NODE, node)
            for column in (1, 2):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(0, self._tip(node))
            if node.inaudible:
                item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{item.text(0)}, nobody hears it")
            item.setToolTip(3, ", ".join(f"{label} {share:.0%}".replace("%", " %") for label, share in
                                         zip(labels, node.share.tolist(), strict=True) if share >= 0.005))
            item.setExpanded(node.depth < OPEN_TO)
            items.append(item)
        below = sum(node.importance for node in nodes if node.inaudible)
        self.said.setText(f"{100 * below:.0f} % of what it is told comes from below 20 Hz. {HINT}" if nodes else
                          "No system that decides by a tree")
        self._colour()

    @staticmethod
    def _texts(node: Node, branch: str, labels: Sequence[str]) -> list[str]:
        most = int(node.share.argmax())
        told = "" if node.is_leaf else f"{100 * node.importance:.0f} %"
        name = f"{labels[most]} {100 * float(node.share[most]):.0f} %" if node.is_leaf else node.name
        mostly = labels[most] if len(labels[most]) <= MOST_LETTERS else labels[most][: MOST_LETTERS - 1] + "…"
        return [branch + name.replace(", modulated at ", " · "), told, f"{100 * node.reached:.0f} %",
                mostly if node.parent >= 0 else ""]

    @staticmethod
    def _tip(node: Node) -> str:
        if node.is_leaf:
            return "A leaf: what is decided here"
        return (f"{node.name}: {node.low_hz:,.4g} to {node.high_hz:,.4g} Hz; up to {node.threshold:.2f} it goes on at "
                f"↓ (natural log of {'the level' if node.modulation_hz is None else 'the modulation over the level'})")

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.theme = theme
        self.said.setStyleSheet(f"color: {theme.muted}")
        self._icon = _inaudible(theme)
        self.tree.setIconSize(QSize(scaled(SIDE), scaled(SIDE)))
        self._colour()

    def _colour(self) -> None:
        """Bands below hearing stand out, leaves step back."""
        pending = [self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount())]
        while pending:
            item = pending.pop()
            if item is None:
                continue
            node: Node = item.data(0, NODE)
            ink = self.theme.muted if node.is_leaf else self.theme.warning if node.inaudible else self.theme.text
            item.setForeground(0, QColor(ink))
            item.setIcon(0, self._icon if node.inaudible else QIcon())
            for column in (1, 2, 3):
                item.setForeground(column, QColor(self.theme.muted))
            pending.extend(item.child(i) for i in range(item.childCount()))


def _inaudible(theme: Theme) -> QIcon:
    """The mark of what nobody hears."""
    made, side = QIcon(), scaled(SIDE)
    for ratio in RATIOS:
        pixmap = QPixmap(side * ratio, side * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        draw_ear_mark(painter, QPointF(side / 2, side / 2), INAUDIBLE, theme)
        painter.end()
        made.addPixmap(pixmap)
    return made
