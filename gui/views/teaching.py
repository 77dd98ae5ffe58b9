"""Tooltips that teach: where a control stands for a concept, its tip ends with what that is, and who says so."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QTabBar,
    QToolTip,
    QWidget,
)

from gui.theme import scaled
from gui.views.glossary import Term, term_of
from gui.views.plain_text import MARKED

WIDTH = 360  # px, at text of the usual size


class Teacher(QObject):
    """Shows the tips of the controls of a page: wrapped, and with the concept behind each."""

    def teach(self, root: QWidget) -> None:
        """Take over the tips of all controls in a widget; what items and scenes tell is left to them.

        And let labels stand for the controls that are called the same: a screen reader on Linux says of a box of
        choices what is chosen, and of its label what that is.
        """
        named = {(widget.parentWidget(), widget.accessibleName()): widget for widget in root.findChildren(QWidget)
                 if widget.accessibleName() and not isinstance(widget, QLabel)}
        for label in root.findChildren(QLabel):
            if label.buddy() is None and (control := named.get((label.parentWidget(), label.text()))) is not None:
                label.setBuddy(control)
        for widget in root.findChildren(QWidget):
            header = isinstance(widget.parent(), QHeaderView)
            if header or isinstance(widget, QTabBar) or lesson(widget, QPoint()):
                widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The tip, where there is one."""
        if event.type() is not QEvent.Type.ToolTip or not isinstance(watched, QWidget):
            return False
        assert isinstance(event, QHelpEvent)
        if said := lesson(watched, event.pos()):
            QToolTip.showText(event.globalPos(), said, watched)
        return bool(said)


def lesson(widget: QWidget, at: QPoint) -> str:
    """The tip of a widget, or of its part at a place, as rich text; "" where others have to tell it."""
    tip, names = widget.toolTip(), [widget.accessibleName()]
    header = widget.parent()
    if isinstance(header, QHeaderView) and header.viewport() is widget:
        model, section = header.model(), header.logicalIndexAt(at)
        if model is None or section < 0:
            return ""
        ask = model.headerData
        tip = str(ask(section, header.orientation(), Qt.ItemDataRole.ToolTipRole) or "")
        names = [str(ask(section, header.orientation()) or "")]
    elif isinstance(header, QAbstractItemView | QGraphicsView) and header.viewport() is widget:
        return ""
    elif isinstance(widget, QTabBar):
        index = widget.tabAt(at)
        tip, names = widget.tabToolTip(index), [widget.tabText(index)]
    elif isinstance(widget, QComboBox):
        names.insert(0, widget.currentText())
    elif isinstance(widget, QAbstractButton | QLabel):
        names.append(widget.text().replace("&", ""))
    return written(tip, term_of(*names))


def written(tip: str, term: Term | None) -> str:
    """A tip, and the concept behind it, as rich text; "" where there is neither."""
    if not tip and term is None:
        return ""
    own = tip if tip.startswith(MARKED) else html.escape(tip).replace("\n", "<br>")
    taught = "" if term is None else (f"<b>{html.escape(term.name)}.</b> {html.escape(term.means)} "
                                      f"<i>({html.escape(term.source)})</i>")
    wide = f' width="{scaled(WIDTH)}"' if taught or len(tip) > 60 else ""
    gap = "<br><br>" if own and taught else ""
    return f"<table{wide}><tr><td>{own}{gap}{taught}</td></tr></table>"
