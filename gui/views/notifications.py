"""The notification centre: a bell with a count in the status bar, and a list of what went wrong, newest first.

It never stands in the way: the list opens when it is asked for, and work goes on beside it.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QGuiApplication,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.theme import DARK, SPACING, Theme, scaled, tabular
from gui.views.notice_list import NoticeList
from gui.views.notices import Notice, report_of, with_notice

KEY = "Ctrl+Shift+M"
SIZE = (480, 420)        # px, at most
BELL = 16                # px, at text of the usual size
RATIOS = (1, 2, 3)
NATIVE = QKeySequence.SequenceFormat.NativeText
EMPTY = "Nothing has gone wrong so far. What cannot be done is said here, and work goes on."


class Bell(QToolButton):
    """Opens the list; shows how many notices nobody has looked at."""

    def __init__(self) -> None:
        super().__init__()
        self._theme, self._new = DARK, 0
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFont(tabular(self.font()))

    def set_new(self, count: int) -> None:
        """How many are new."""
        self._new = count
        self.setText(str(count) if count else "")
        words = f"{count} new" if count else "none new"
        self.setAccessibleName(f"Notifications, {words}")
        self.setToolTip(f"What went wrong: {words} ({QKeySequence(KEY).toString(NATIVE)})")
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        """Quiet while nothing is new."""
        self._theme = theme
        self.setStyleSheet(f"QToolButton {{ background: transparent; border: none; border-radius: 4px;"
                           f" padding: 1px 6px; min-height: {scaled(BELL)}px;"
                           f" color: {theme.warning}; font-weight: 600; }}"
                           f"QToolButton:hover, QToolButton:checked {{ background: {theme.raised}; }}"
                           f"QToolButton:focus {{ border: 2px solid {theme.accent}; padding: 0 4px; }}")
        self._draw()

    def _draw(self) -> None:
        icon, side = QIcon(), scaled(BELL)
        for ratio in RATIOS:
            pixmap = QPixmap(side * ratio, side * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.scale(side / 24, side / 24)
            draw_bell(painter, QColor(self._theme.warning if self._new else self._theme.muted), filled=bool(self._new))
            painter.end()
            icon.addPixmap(pixmap)
        self.setIconSize(QSize(side, side))
        self.setIcon(icon)


def draw_bell(painter: QPainter, ink: QColor, *, filled: bool) -> None:
    """A bell on a grid of 24; filled, it has something to say."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    bell = QPainterPath(QPointF(3.5, 17.5))
    bell.cubicTo(6.5, 15.5, 6.2, 13, 6.4, 10.5)
    bell.cubicTo(6.8, 6.6, 9, 4.4, 12, 4.4)
    bell.cubicTo(15, 4.4, 17.2, 6.6, 17.6, 10.5)
    bell.cubicTo(17.8, 13, 17.5, 15.5, 20.5, 17.5)
    bell.closeSubpath()
    painter.setPen(QPen(ink, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(ink if filled else Qt.BrushStyle.NoBrush)
    painter.drawPath(bell)
    painter.drawLine(QPointF(12, 2), QPointF(12, 4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(9.3, 16.6, 5.4, 5.4), 180 * 16, 180 * 16)


class NotificationCentre(QFrame):
    """The list over the lower right corner of its parent, and the bell that opens it.

    Attributes
    ----------
    bell
        For the status bar.
    notices
        Newest first.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.notices: list[Notice] = []
        self.bell, self._new = Bell(), 0
        self._heading, self._empty, self._list = QLabel("Notifications"), QLabel(EMPTY), NoticeList()
        self._copy, self._clear = QPushButton("Copy report"), QPushButton("Clear")
        self.setObjectName("notifications")
        self.setAccessibleName("Notifications")
        self._empty.setWordWrap(True)
        self._copy.setToolTip("Copy what is selected, or all, with versions of everything that takes part; nothing is "
                              "sent anywhere")
        self._clear.setToolTip("Forget all of them")
        for button in (self._copy, self._clear):
            button.setAccessibleName(button.text())
        self._lay_out()
        self._copy.clicked.connect(self.copy_report)
        self._clear.clicked.connect(self.clear)
        self.bell.clicked.connect(self.toggle)
        parent.installEventFilter(self)
        self.hide()
        self._refresh()

    def _lay_out(self) -> None:
        top, column = QHBoxLayout(), QVBoxLayout(self)
        top.setContentsMargins(2 * SPACING, SPACING, SPACING, SPACING)
        top.setSpacing(SPACING)
        top.addWidget(self._heading, 1)
        top.addWidget(self._copy)
        top.addWidget(self._clear)
        self._empty.setContentsMargins(2 * SPACING, 0, 2 * SPACING, 2 * SPACING)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._empty)
        column.addWidget(self._list, 1)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self.bell.set_theme(theme)
        self._list.set_theme(theme)
        self.setStyleSheet(f"#notifications {{ background: {theme.surface}; border: 1px solid {theme.muted};"
                           " border-radius: 6px; }")
        self._heading.setStyleSheet(f"color: {theme.text}; font-weight: 600")
        self._empty.setStyleSheet(f"color: {theme.muted}")

    def add(self, notice: Notice) -> None:
        """Something went wrong; a screen reader says it."""
        self.notices = with_notice(self.notices, notice)
        if not self.isVisible():
            self._new += 1
        self._refresh()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.bell, notice.sentence))

    def toggle(self) -> None:
        """Open or close the list."""
        if self.isVisible():
            self.close_list()
            return
        self._new = 0
        self.show()
        self.raise_()
        self._refresh()
        self._list.setFocus()
        if self.notices:
            self._list.setCurrentRow(0)

    def close_list(self) -> None:
        """Close it; whoever opened it has the keys again."""
        focus = QGuiApplication.focusObject()
        had_keys = isinstance(focus, QWidget) and self.isAncestorOf(focus)
        self.hide()
        self.bell.setChecked(False)
        if had_keys:
            self.bell.setFocus()

    def clear(self) -> None:
        """Forget all."""
        self.notices, self._new = [], 0
        self._refresh()

    def copy_report(self) -> None:
        """Put a report of what is selected, or of all, into the clipboard."""
        QGuiApplication.clipboard().setText(report_of(self._list.chosen() or self.notices))

    def _refresh(self) -> None:
        self.bell.set_new(self._new)
        self.bell.setChecked(self.isVisible())
        for button in (self._copy, self._clear):
            button.setEnabled(bool(self.notices))
        self._empty.setVisible(not self.notices)
        self._list.setVisible(bool(self.notices))
        if self.isVisible():
            self._list.show_notices(self.notices)
            self._place()

    def _place(self) -> None:
        parent = cast(QWidget, self.parentWidget())
        width = min(scaled(SIZE[0]), parent.width() - 2 * SPACING)
        self.resize(width, self.height())
        top = self._heading.sizeHint().height() + self._copy.sizeHint().height() // 2 + 2 * SPACING
        room = self._list.room() if self.notices else self._empty.heightForWidth(width)
        below = self.bell.mapTo(parent, QPoint(0, 0)).y() if parent.isAncestorOf(self.bell) else parent.height()
        height = min(top + room + 2 * SPACING, scaled(SIZE[1]), max(120, below - 2 * SPACING))
        self.setGeometry(parent.width() - width - SPACING, below - height - SPACING // 2, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the corner while the window changes."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the list, Ctrl+C copies a report."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_list()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_report()
        else:
            super().keyPressEvent(event)
