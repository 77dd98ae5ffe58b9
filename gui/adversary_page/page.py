"""The Adversary page: wires views, study, engine and player; draws and computes nothing itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gui.adversary_page.doing import Doing
from gui.adversary_page.exports import exports
from gui.adversary_page.hearing import GAIN_DB, SOURCES, Hearing
from gui.adversary_page.inquiry import FIRST_MODEL, Inquiry
from gui.adversary_page.keeping import Keeping
from gui.adversary_page.showing import Showing
from gui.adversary_page.study import Study
from gui.engine_thread import EngineThread
from gui.player import Player
from gui.session import Held, Kept
from gui.theme import DARK, SPACING, Theme, Themed, scaled
from gui.views.actions import Export, Filing
from gui.views.attack_panel import AttackPanel
from gui.views.check_table import CheckTable
from gui.views.headline import ElidedLabel, Headline
from gui.views.label_legend import LabelLegend
from gui.views.layouts import stack_up
from gui.views.sound_picture import SoundPicture
from gui.views.span_view import SpanView
from gui.views.step_curves import StepCurves
from gui.views.time_plot import TimePlot, link_time_axes
from gui.views.transport_bar import TransportBar
from gui.views.transport_link import TransportLink
from gui.views.votes_view import VotesView

WAITING = "Open a file to fool a model with it"
SIDE = 364  # px


class AdversaryPage(QWidget):
    """One file, one listener, and the smallest of changes that makes it say something else."""

    title = "Adversary"
    said = Signal(str)               # for the status line
    readout = Signal(str)            # what is under the mouse
    failed = Signal(str)             # what went wrong, in one sentence
    working = Signal(str, object)    # lane, Progress or None when done
    opened = Signal(object)          # Path
    explain_asked = Signal(object)   # AttackAnswer

    def __init__(self, live: EngineThread, batch: EngineThread, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.theme = DARK
        self.player, self.study = player, Study(self)
        self.inquiry = Inquiry(self.study, live, batch)
        self.hearing = Hearing(self.study, player)
        self.headline, self.panel, self.curves = Headline(), AttackPanel(), StepCurves()
        self.headline.clear(WAITING)
        self.span, self.votes, self.legend = SpanView(), VotesView(), LabelLegend()
        self.pictures = {name: SoundPicture(name) for name in SOURCES}
        self._make_tables()
        self._make_sound_controls()
        self._lay_out()
        self._connect()
        self.showing, self.doing = Showing(self), Doing(self)
        self.keeping = Keeping(self)

    @property
    def time_views(self) -> list[TimePlot]:
        """The views that share one time axis."""
        return [self.span, *self.pictures.values(), self.votes]

    # building

    def _make_tables(self) -> None:
        self.survival = CheckTable("Survival", ("after", "says", "conf."), mark="fools", yes="still fools",
                                   no="fools no more")
        self.transfer = CheckTable("Other models", ("model", "says"), mark="fools", yes="changes its mind",
                                   no="keeps its mind")
        self.labels = CheckTable("Every label", ("label wanted", "conf.", "SNR dB", "iter."), mark="fools",
                                 yes="fooled", no="not fooled")
        self.survival_said, self.transfer_said, self.labels_said = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Panels")
        self.tabs.addTab(self.panel, "Attack")
        for widget, text, tip in ((_under(self.survival_said, self.survival), "Survival", "What it outlives"),
                                  (_under(self.transfer_said, self.transfer), "Transfer", "Whom else it fools"),
                                  (_under(self.labels_said, self.labels), "Labels", "What comes of Every label")):
            self.tabs.setTabToolTip(self.tabs.addTab(widget, text), tip)

    def _make_sound_controls(self) -> None:
        self.gain = QDoubleSpinBox()
        self.gain.setRange(-20.0, 60.0)
        self.gain.setDecimals(0)
        self.gain.setSingleStep(5.0)
        self.gain.setValue(GAIN_DB)
        self.gain.setPrefix("+" if GAIN_DB > 0 else "")
        self.gain.setSuffix(" dB")
        self.gain.setFixedWidth(scaled(96))
        self.gain.lineEdit().setTextMargins(SPACING, 0, 0, 0)  # style sheets do not reach it
        self.gain.setAccessibleName("Gain of the residual")
        self.gain.setToolTip("How much louder the residual is played (key 3)")
        self.gain.valueChanged.connect(lambda value: self.gain.setPrefix("+" if value > 0 else ""))
        self.transport = TransportBar(sources=SOURCES, beside=(self.gain,))
        self.link = TransportLink(self.transport, self.player, self.time_views, self)
        self.abx, self.explain = QPushButton("Blind test (ABX) …"), QPushButton("Explain this")
        self.abx.setToolTip("Can you tell the adversarial sound from the original? (Ctrl+B)")
        self.explain.setToolTip("Open the adversarial sound on the Explain page, with what was added (Ctrl+E)")
        self.test_said = QLabel()
        self.test_said.setWordWrap(True)
        self.test_said.setAccessibleName("Result of the blind test")
        self.test_said.hide()

    def _lay_out(self) -> None:
        self.seen = QWidget()
        column = QVBoxLayout(self.seen)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.span)
        for picture in self.pictures.values():
            column.addWidget(picture, 3)
        column.addWidget(self.legend)
        column.addWidget(self.votes, 4)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(SPACING, SPACING // 2, SPACING, SPACING // 2)
        buttons.setSpacing(SPACING)
        buttons.addWidget(self.abx, 1)
        buttons.addWidget(self.explain, 1)
        below = QWidget()
        rows = QVBoxLayout(below)
        rows.setContentsMargins(0, SPACING // 2, 0, 0)
        rows.setSpacing(SPACING // 2)
        rows.addWidget(self.curves, 1)
        rows.addWidget(_indented(self.test_said))
        rows.addLayout(buttons)
        side = QSplitter(Qt.Orientation.Vertical)
        side.addWidget(self.tabs)
        side.addWidget(below)
        side.setSizes([430, 220])
        side.setChildrenCollapsible(False)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.seen)
        self.splitter.addWidget(side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([1280 - SIDE, SIDE])
        stack_up(self, self.headline, self.splitter, self.transport)
        link_time_axes(self.time_views)

    def _connect(self) -> None:
        for view in self.time_views:
            view.hovered.connect(self.readout)
            view.seek_asked.connect(self.player.seek)
        self.inquiry.failed.connect(self.failed)
        self.inquiry.said.connect(self.said)
        self.inquiry.working.connect(self.working)
        self.inquiry.file_opened.connect(self.opened)
        self.hearing.failed.connect(self.failed)
        self.link.said.connect(self.said)

    def show_tab(self, inside: QWidget) -> None:
        """Bring the tab to the front that this is in."""
        for place in range(self.tabs.count()):
            tab = self.tabs.widget(place)
            if tab is not None and (tab is inside or tab.isAncestorOf(inside)):
                self.tabs.setCurrentIndex(place)

    # the page's face

    def set_theme(self, theme: Theme) -> None:
        """Colours of all views."""
        self.theme = theme
        themed: tuple[Themed, ...] = (self.headline, self.panel, self.curves, self.legend, self.survival, self.transfer,
                                      self.labels, self.transport, *self.time_views)
        for view in themed:
            view.set_theme(theme)
        for label in (self.survival_said, self.transfer_said, self.labels_said, self.test_said):
            label.setStyleSheet(f"color: {theme.muted}")
        self.doing.show_heard()

    def open(self, path: str | Path) -> None:
        """Work on another file; the present one stays until that has worked."""
        self.inquiry.open(path)

    def renew_models(self, names: tuple[str, ...]) -> None:
        """There are others to choose from now; one that is no longer there is left."""
        now = self.study.now
        if now is not None:
            self.panel.set_models(names, now.model)
            if now.model not in names:
                self.doing.choose_model(FIRST_MODEL)

    def use_model(self, name: str) -> None:
        """The same file with another model."""
        self.doing.choose_model(name)

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        self.inquiry.cancel(lane)

    def enter(self) -> None:
        """The page comes into sight: its sound goes into the player."""
        self.hearing.enter()
        self.link.start()

    def leave(self) -> None:
        """The page goes out of sight, and is silent."""
        self.link.stop()
        self.hearing.leave()

    def menu(self, menu: QMenu) -> None:
        """Fill the page's own menu."""
        self.doing.fill(menu)

    def exports(self) -> list[Export]:
        """What can be written: text, name of the file, filter ("" where a folder is chosen), and how."""
        return exports(self)

    def filing(self) -> list[Filing]:
        """Nothing more in the menu of files."""
        return []

    def keep(self) -> Kept | None:
        """What a session keeps of the page; None while it is not yet what the session had."""
        return self.keeping.keep()

    def restore(self, held: Held) -> None:
        """Be as a session had it."""
        self.keeping.restore(held)

    def may_close(self) -> bool:
        """Nothing is written here that could be lost."""
        return True

    def close_down(self) -> None:
        """No timers any more."""
        self.link.stop()
        self.inquiry.close_down()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels the attack, unless something else has taken it."""
        if event.key() == Qt.Key.Key_Escape and self.study.running:
            self.inquiry.cancel_attack()
        else:
            super().keyPressEvent(event)


def _under(label: QWidget, table: QWidget) -> QWidget:
    """A table below what is said of it."""
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, SPACING, 0, 0)
    column.setSpacing(SPACING)
    column.addWidget(_indented(label))
    column.addWidget(table, 1)
    return both


def _indented(label: QWidget) -> QWidget:
    around = QWidget()
    row = QHBoxLayout(around)
    row.setContentsMargins(SPACING, 0, SPACING, 0)
    row.addWidget(label)
    return around
