"""The Explain page: wires views, study, engine and player; draws and computes nothing itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSplitter, QTabWidget, QVBoxLayout, QWidget

from engine.audio.labels import read_intervals
from engine.checks import InputError
from engine.listening.explain import TOP
from gui.engine_thread import EngineThread
from gui.explain_page import menu as menus
from gui.explain_page.hearing import Hearing
from gui.explain_page.inquiry import FIRST_MODEL, Inquiry
from gui.explain_page.keeping import Keeping
from gui.explain_page.painting import Painting
from gui.explain_page.showing import Showing
from gui.explain_page.sound_controls import SoundControls
from gui.explain_page.study import Study
from gui.player import Player
from gui.session import Held, Kept
from gui.theme import Theme
from gui.views.actions import Export, Filing
from gui.views.headline import Headline
from gui.views.label_lane import LabelLane
from gui.views.label_legend import LabelLegend
from gui.views.layouts import stack_up
from gui.views.prediction_view import PredictionView
from gui.views.question_panel import QuestionPanel
from gui.views.segment_table import SegmentTable
from gui.views.spectrogram_view import SpectrogramView
from gui.views.stability_panel import StabilityPanel
from gui.views.time_plot import TimePlot, link_time_axes
from gui.views.transport_bar import TransportBar
from gui.views.trust_panel import TrustPanel
from gui.views.waveform_view import WaveformView

if TYPE_CHECKING:
    from engine.listening.attack import AttackAnswer

LABEL_FILES = (".csv", ".txt")


class ExplainPage(QWidget):
    """One song, one excerpt, and why."""

    said = Signal(str)               # for the status line
    readout = Signal(str)            # what is under the mouse
    failed = Signal(str)             # one sentence
    working = Signal(str, object)    # lane, Progress or None when it is done
    opened = Signal(object)          # Path
    title = "Explain"

    def __init__(self, live: EngineThread, batch: EngineThread, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.study = Study(self)
        self.player = player
        self.inquiry = Inquiry(self.study, live, batch)
        self.hearing = Hearing(self.study, player)
        self.waveform, self.spectrogram = WaveformView(), SpectrogramView()
        self.prediction, self.labels = PredictionView(), LabelLane()
        self.table, self.trust, self.stability = SegmentTable(), TrustPanel(), StabilityPanel()
        self.panel, self.transport, self.headline = QuestionPanel(), TransportBar(), Headline()
        self.legend = LabelLegend()
        self.painting = Painting(self.study, self.spectrogram)
        self.setAcceptDrops(False)  # the window takes files
        self._lay_out()
        self._connect_views()
        self.showing, self.controls = Showing(self), SoundControls(self)
        self._connect_inquiry()
        self.keeping = Keeping(self)

    def _connect_inquiry(self) -> None:
        self.inquiry.failed.connect(self.failed)
        self.inquiry.working.connect(self.working)
        self.inquiry.opened.connect(self.opened)
        self.inquiry.models_known.connect(self.panel.set_models)
        self.inquiry.sounds_ready.connect(self.hearing.set_sounds)
        self.inquiry.written.connect(lambda folder: self.said.emit(f"Written: {folder}"))
        self.showing.said.connect(self.said)
        self.controls.said.connect(self.said)
        self.inquiry.ask_models()

    @property
    def time_views(self) -> list[TimePlot]:
        """The views that share one time axis."""
        return [self.spectrogram, self.prediction, self.labels]

    def _lay_out(self) -> None:
        self.heard = QWidget()
        column = QVBoxLayout(self.heard)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.waveform)
        column.addWidget(self.spectrogram, 4)
        column.addWidget(self.legend)
        column.addWidget(self.prediction, 1)
        column.addWidget(self.labels)
        self.labels.hide()
        self.legend.hide()
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Panels")
        self.tabs.addTab(self.panel, "Question")
        self.tabs.addTab(self.stability, "Stability")
        self.tabs.addTab(self.trust, "Trust")
        side = QSplitter(Qt.Orientation.Vertical)
        side.addWidget(self.tabs)
        side.addWidget(self.table)
        side.setSizes([400, 276])
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.heard)
        self.splitter.addWidget(side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([920, 360])
        stack_up(self, self.headline, self.splitter, self.transport)
        link_time_axes(self.time_views)

    def set_theme(self, theme: Theme) -> None:
        """Colours of all views."""
        for view in (self.waveform, self.spectrogram, self.prediction, self.labels, self.table, self.trust,
                     self.stability, self.transport, self.headline, self.legend):
            view.set_theme(theme)

    # what the window asks of every page

    def open(self, path: str | Path) -> None:
        """Open a song; a label file is laid beside the one that is open."""
        if Path(path).suffix.lower() in LABEL_FILES:
            self.open_labels(Path(path))
        else:
            self.inquiry.open(path)

    def open_labels(self, path: Path) -> None:
        """Compare the prediction with a label file."""
        try:
            self.study.open_labels(read_intervals(path))
        except InputError as error:
            self.failed.emit(str(error))

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        self.inquiry.cancel(lane)

    def enter(self) -> None:
        """The page is in sight."""
        self.controls.enter()

    def leave(self) -> None:
        """The page is out of sight."""
        self.controls.leave()

    def menu(self, menu: QMenu) -> None:
        """Fill the page's own menu."""
        menus.fill(menu, self)

    def exports(self) -> list[Export]:
        """What can be written: text, name of the file, filter ("" where a folder is chosen), and how."""
        return menus.what_can_be_written(self)

    def show_perturbed(self, answer: AttackAnswer) -> None:
        """Open an adversary with the model it was made for; what was changed lies over its spectrogram."""
        self.inquiry.open_perturbed(answer)

    # views -> study

    def _connect_views(self) -> None:
        for view in [*self.time_views, self.waveform]:
            view.hovered.connect(self.readout)
            view.seek_asked.connect(self.player.seek)
        self.spectrogram.range_changed.connect(self.waveform.set_visible_range)
        self.waveform.range_asked.connect(self.spectrogram.set_range)
        self.spectrogram.excerpt_moved.connect(lambda start: self.study.change(start=start))
        self.spectrogram.segment_clicked.connect(self.toggle_hidden)
        self.table.hide_toggled.connect(lambda index, hidden: self.toggle_hidden(index))
        self.table.selected.connect(self.spectrogram.set_focused_segment)
        self.trust.asked.connect(self.inquiry.judge_thoroughly)
        self.stability.asked.connect(self.inquiry.judge_thoroughly)
        self.panel.model_chosen.connect(self.use_model)
        self.panel.chosen.connect(lambda field, value: self.study.change(**{field: value}))
        self.panel.opacity_changed.connect(self.spectrogram.set_overlay_opacity)
        self.panel.brush_changed.connect(self.painting.set_brush)
        self.panel.revert_asked.connect(self.painting.revert)

    def use_model(self, name: str) -> None:
        """Listen to the song with another model, at the same place."""
        if self.study.is_edited:
            self.said.emit(f"What was painted stays behind: it belongs to the spectrogram of {self.inquiry.model}; "
                           "undo brings it back")
        self.inquiry.use_model(name)

    def renew_models(self, names: tuple[str, ...]) -> None:
        """There are others to choose from now; one that is no longer there is left."""
        self.inquiry.ask_models()
        if self.inquiry.model not in names:
            self.inquiry.use_model(FIRST_MODEL)

    def toggle_hidden(self, index: int) -> None:
        """Hide a segment from the model, or show it again."""
        self.study.change_hidden(self.study.hidden ^ {index})

    def toggle_selected(self) -> None:
        """Hide or show the segment that is selected in the table."""
        index = self.table.current_segment()
        if index is not None:
            self.toggle_hidden(index)

    def hide_top(self) -> None:
        """Hide the segments that the explanation names, or show them again."""
        if self.study.answer is not None:
            top = frozenset(self.study.answer.explanation.top(TOP))
            self.study.change_hidden(frozenset() if self.study.hidden == top else top)

    def excerpt_to_playback(self) -> None:
        """Put the excerpt around what is heard now."""
        listener = self.study.listener
        if listener is not None:
            fps = listener.front_end.frames_per_second
            wanted = round((self.player.position() - listener.window_seconds / 2) * fps)
            self.move_excerpt(wanted - round(self.study.question.start * fps))

    def move_excerpt(self, frames: int) -> None:
        """Move the excerpt by so many frames."""
        listener, song = self.study.listener, self.study.song
        if listener is not None and song is not None:
            fps = listener.front_end.frames_per_second
            last = max(0, song.spectrogram.S.shape[1] - listener.window)
            first = min(max(0, round(self.study.question.start * fps) + frames), last)
            self.study.change(start=first / fps)

    def move_by_excerpts(self, excerpts: int) -> None:
        """Move the excerpt by its length."""
        if self.study.listener is not None:
            self.move_excerpt(excerpts * self.study.listener.window)

    def show_excerpt(self) -> None:
        """Zoom to the excerpt."""
        if self.study.listener is not None:
            start, length = self.study.question.start, self.study.listener.window_seconds
            self.spectrogram.set_range(start - 0.6 * length, start + 1.6 * length)

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
        self.controls.close_down()
        self.inquiry.close_down()
