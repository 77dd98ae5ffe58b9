"""The Explain page: wires views, session, engine and player; draws and computes nothing itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from engine.listening.explain import TOP
from gui.engine_thread import EngineThread
from gui.explain_page.hearing import Hearing
from gui.explain_page.inquiry import Inquiry
from gui.explain_page.painting import Painting
from gui.player import Player
from gui.session import Session
from gui.theme import Theme
from gui.views.label_lane import LabelLane
from gui.views.prediction_view import PredictionView
from gui.views.question_panel import QuestionPanel
from gui.views.segment_table import SegmentTable
from gui.views.spectrogram_view import SpectrogramView
from gui.views.time_plot import TimePlot, link_time_axes
from gui.views.transport_bar import SOURCES, TransportBar
from gui.views.trust_panel import TrustPanel
from gui.views.waveform_view import WaveformView

CURSOR_MS = 16
FOLLOW_MS = 66


class ExplainPage(QWidget):
    """One song, one excerpt, and why."""

    said = Signal(str)               # for the status line
    readout = Signal(str)            # what is under the mouse

    def __init__(self, live: EngineThread, batch: EngineThread, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = Session(self)
        self.player = player
        self.inquiry = Inquiry(self.session, live, batch)
        self.hearing = Hearing(self.session, player)
        self.waveform, self.spectrogram = WaveformView(), SpectrogramView()
        self.prediction, self.labels = PredictionView(), LabelLane()
        self.table, self.trust = SegmentTable(), TrustPanel()
        self.panel, self.transport = QuestionPanel(), TransportBar()
        self.painting = Painting(self.session, self.spectrogram)
        self.setAcceptDrops(False)  # the window takes files
        self._lay_out()
        self._connect_session()
        self._connect_views()
        self._connect_transport()
        self._clock = QTimer(self, interval=CURSOR_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._follow = QTimer(self, interval=FOLLOW_MS)
        self._follow.timeout.connect(self._follow_playback)

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
        column.addWidget(self.prediction, 1)
        column.addWidget(self.labels)
        self.labels.hide()
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Panels")
        self.tabs.addTab(self.panel, "Question")
        self.tabs.addTab(self.trust, "Trust")
        side = QSplitter(Qt.Orientation.Vertical)
        side.addWidget(self.tabs)
        side.addWidget(self.table)
        side.setSizes([430, 300])
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.heard)
        self.splitter.addWidget(side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([920, 360])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.transport)
        link_time_axes(self.time_views)

    def set_theme(self, theme: Theme) -> None:
        """Colours of all views."""
        for view in (self.waveform, self.spectrogram, self.prediction, self.labels, self.table, self.trust,
                     self.transport):
            view.set_theme(theme)

    # session -> views

    def _connect_session(self) -> None:
        s = self.session
        s.song_opened.connect(self._show_song)
        s.predicted.connect(self._show_prediction)
        s.labelled.connect(self._show_labels)
        s.asked.connect(self._show_question)
        s.answered.connect(self._show_answer)
        s.hiding_changed.connect(self._show_hidden)
        s.undo_stack.indexChanged.connect(lambda _: self.panel.revert.setEnabled(s.is_edited))
        self.inquiry.changed_curve.connect(self._show_changed)
        self.inquiry.sounds_ready.connect(self.hearing.set_sounds)
        self.inquiry.failed.connect(self.said)
        self.inquiry.written.connect(lambda folder: self.said.emit(f"Written: {folder}"))
        self.hearing.failed.connect(self.said)

    def _show_song(self) -> None:
        song, listener = self.session.song, self.session.listener
        if song is None or listener is None:
            return
        self.waveform.set_peaks(song.peaks)
        self.spectrogram.set_spectrogram(song.image, seconds_per_frame=1 / song.log_mel.frames_per_second,
                                         frequencies=song.log_mel.frequencies)
        for view in (self.prediction, self.labels):
            view.set_duration(song.seconds)
        self.prediction.set_prediction(np.zeros(0), np.zeros((1, 0)), labels=["listening …"], threshold=None)
        self.panel.set_targets(listener.labels, self.session.question.target or listener.labels[-1])
        self.table.set_explanation(None)
        self.trust.set_explanation(None)
        self.transport.set_duration(song.seconds)
        if song.complaint:
            self.said.emit(song.complaint)
        self._show_question()
        self.inquiry.explain()

    def _show_prediction(self) -> None:
        found = self.session.prediction
        if found is None:
            return
        two = len(found.labels) == 2
        segments = found.segments()
        self.prediction.set_prediction(
            found.times, found.probability[:, 1:].T if two else found.probability.T,
            labels=found.labels[1:] if two else found.labels, threshold=found.threshold if two else None,
            decided=[s for s in segments if s.name == found.labels[-1]] if two else segments)
        self._show_labels()
        if self.session.question.start == 0.0 and self.session.listener is not None:
            half = self.session.listener.window_seconds / 2
            surest = float(found.times[int(found.probability[:, -1].argmax())])
            self.session.ask(start=min(max(0.0, surest - half), max(0.0, found.seconds - 2 * half)))

    def _show_labels(self) -> None:
        self.labels.setVisible(bool(self.session.labels))
        self.labels.set_labels(self.session.labels)
        found = self.session.prediction
        if self.session.labels and found is not None:
            agreement = self.labels.compare([s for s in found.segments() if s.name == found.labels[-1]])
            self.said.emit(f"The prediction agrees with the labels for {agreement:.1%} of the song")

    def _show_question(self) -> None:
        question, listener = self.session.question, self.session.listener
        if listener is None:
            return
        self.spectrogram.set_excerpt(question.start, listener.window)
        self.waveform.set_excerpt(question.start, listener.window_seconds)
        self.panel.show_question({**asdict(question), "target": question.target or listener.labels[-1]})

    def _show_answer(self) -> None:
        answer = self.session.answer
        if answer is None:
            return
        e = answer.explanation
        self.spectrogram.show_explanation(e, answer.start, k=TOP)
        self.table.set_explanation(e, answer.start, k=TOP)
        self.table.set_hidden(self.session.hidden)
        self.trust.set_explanation(e, by_fill=answer.over_fills or None, curves=answer.curves, k=TOP)

    def _show_hidden(self) -> None:
        self.spectrogram.set_hidden(self.session.hidden)
        self.table.set_hidden(self.session.hidden)

    def _show_changed(self, times: Any, probability: Any) -> None:
        answer = self.session.answer
        if times is None or answer is None or self.session.listener is None:
            self.prediction.clear_changed()
            return
        self.prediction.show_changed(times, probability[:, -1])
        middle = int(np.abs(times - answer.start - self.session.listener.window_seconds / 2).argmin())
        self.said.emit(f"{self.session.listener.labels[-1]}: {probability[middle, -1]:.3f} with your changes")

    # views -> session

    def _connect_views(self) -> None:
        for view in [*self.time_views, self.waveform]:
            view.hovered.connect(self.readout)
            view.seek_asked.connect(self.player.seek)
        self.spectrogram.range_changed.connect(self.waveform.set_visible_range)
        self.waveform.range_asked.connect(self.spectrogram.set_range)
        self.spectrogram.excerpt_moved.connect(lambda start: self.session.ask(start=start))
        self.spectrogram.segment_clicked.connect(self.toggle_hidden)
        self.table.hide_toggled.connect(lambda index, hidden: self.toggle_hidden(index))
        self.table.selected.connect(self.spectrogram.set_focused_segment)
        self.panel.chosen.connect(lambda field, value: self.session.ask(**{field: value}))
        self.panel.opacity_changed.connect(self.spectrogram.set_overlay_opacity)
        self.panel.follow_changed.connect(lambda on: self._follow.start() if on else self._follow.stop())
        self.panel.brush_changed.connect(self.painting.set_brush)
        self.panel.revert_asked.connect(self.painting.revert)

    def toggle_hidden(self, index: int) -> None:
        """Hide a segment from the model, or show it again."""
        self.session.hide(self.session.hidden ^ {index})

    def toggle_selected(self) -> None:
        """Hide or show the segment that is selected in the table."""
        index = self.table.current_segment()
        if index is not None:
            self.toggle_hidden(index)

    def hide_top(self) -> None:
        """Hide the segments that the explanation names, or show them again."""
        if self.session.answer is not None:
            top = frozenset(self.session.answer.explanation.top(TOP))
            self.session.hide(frozenset() if self.session.hidden == top else top)

    def excerpt_to_playback(self) -> None:
        """Put the excerpt around what is heard now."""
        listener = self.session.listener
        if listener is not None:
            fps = listener.front_end.frames_per_second
            wanted = round((self.player.position() - listener.window_seconds / 2) * fps)
            self.move_excerpt(wanted - round(self.session.question.start * fps))

    def move_excerpt(self, frames: int) -> None:
        """Move the excerpt by so many frames."""
        listener, song = self.session.listener, self.session.song
        if listener is not None and song is not None:
            fps = listener.front_end.frames_per_second
            last = max(0, song.log_mel.S.shape[1] - listener.window)
            first = min(max(0, round(self.session.question.start * fps) + frames), last)
            self.session.ask(start=first / fps)

    def show_excerpt(self) -> None:
        """Zoom to the excerpt."""
        if self.session.listener is not None:
            start, length = self.session.question.start, self.session.listener.window_seconds
            self.spectrogram.set_range(start - 0.6 * length, start + 1.6 * length)

    # sound

    def _connect_transport(self) -> None:
        t, player, hearing = self.transport, self.player, self.hearing
        t.play_asked.connect(player.toggle)
        t.stop_asked.connect(player.stop)
        t.loop_toggled.connect(lambda on: hearing.loop_excerpt() if on else player.set_loop(0.0, None))
        t.seek_asked.connect(player.seek)
        t.speed_changed.connect(player.set_speed)
        t.volume_changed.connect(player.set_volume)
        t.source_chosen.connect(hearing.choose)
        t.match_level_toggled.connect(hearing.set_match_level)
        t.devices_asked.connect(self._show_devices)
        t.device_chosen.connect(player.set_device)
        player.devices_changed.connect(self._show_devices)
        player.state_changed.connect(self._show_player)
        player.device_problem.connect(self.said)
        player.source_failed.connect(self.said)
        hearing.changed.connect(self._show_sources)
        self._show_sources()

    def _show_player(self) -> None:
        self.transport.show_state(playing=self.player.playing, looping=self.player.loop is not None,
                                  speed=self.player.speed, volume=self.player.volume)

    def _show_sources(self) -> None:
        why_not = "Made a moment after the excerpt has come to rest"
        for name in SOURCES:
            there = name in self.hearing.available
            edited = name == "edited" and not self.session.is_edited
            self.transport.enable_source(name, "" if there else "Nothing was painted yet" if edited else why_not)
        self.transport.show_source(self.hearing.chosen)

    def _show_devices(self) -> None:
        self.transport.show_devices(self.player.devices(), self.player.device, silent=self.player.silent)

    def _tick(self) -> None:
        if self.session.song is None:
            return
        position = self.player.position()
        for view in [*self.time_views, self.waveform]:
            view.set_cursor(position)
        self.transport.set_position(position)
        if self.player.playing and self.player.loop is None:
            start, stop = self.spectrogram.visible_range()
            if position > stop or position < start:
                self.spectrogram.set_range(position - 0.02 * (stop - start), position + 0.98 * (stop - start))

    def _follow_playback(self) -> None:
        if self.player.playing and self.hearing.chosen == "original":
            self.excerpt_to_playback()

    def close_down(self) -> None:
        """No timers any more."""
        self._clock.stop()
        self._follow.stop()
