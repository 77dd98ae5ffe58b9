"""Puts what the study holds into the views."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PySide6.QtCore import QObject, Signal

from engine.explain.methods import METHODS
from engine.explain.segments import default_segments
from engine.listening import patience
from engine.listening.explain import TOP, Question
from engine.models.listener import Listener
from gui.explain_page import words

if TYPE_CHECKING:
    from gui.explain_page.page import ExplainPage

NARROW = 0.04   # of what is in sight: too little of it to see segments of an excerpt
ZOOM = "The marked excerpt is short beside the song: Z zooms to it, 0 shows everything."


class Showing(QObject):
    """Hears the study and tells the views; a song replaces everything of the last one."""

    said = Signal(str)

    def __init__(self, page: ExplainPage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        s = page.study
        s.song_opened.connect(self._song)
        s.predicted.connect(self._prediction)
        s.labelled.connect(self._labels)
        s.asked.connect(self._question)
        s.answered.connect(self._answer)
        s.hiding_changed.connect(self._hidden)
        s.undo_stack.indexChanged.connect(lambda index: self._edited())
        s.edited.connect(lambda first, last: self._edited())
        s.song_opened.connect(self._edited)
        page.inquiry.changed_curve.connect(self._changed)
        page.inquiry.failed.connect(lambda sentence: self._question())  # another model may have been chosen in vain
        self._path: Path | None = None
        self._agreement = ""      # with labels, in words

    def _edited(self) -> None:
        self._page.panel.revert.setEnabled(self._study.is_edited)

    def _song(self) -> None:
        song, listener, page = self._study.song, self._study.listener, self._page
        if song is None or listener is None:
            return
        seen, again = page.spectrogram.visible_range(), song.file.path == self._path
        self._path = song.file.path
        page.waveform.set_peaks(song.peaks)
        page.spectrogram.set_spectrogram(song.image, seconds_per_frame=1 / song.spectrogram.frames_per_second,
                                         frequencies=song.spectrogram.frequencies, change=song.change)
        for view in (page.prediction, page.labels):
            view.set_duration(song.seconds)
        if again:  # through another model
            page.spectrogram.set_range(*seen)
        page.prediction.set_prediction(np.zeros(0), np.zeros((1, 0)), labels=["listening …"], threshold=None)
        page.legend.hide()
        page.panel.set_targets(listener.labels, decided=listener.positive is None)
        closed = "" if listener.differentiable else words.no_gradients(listener.name)
        page.panel.set_gradients(closed)
        page.table.set_explanation(None)
        page.trust.set_explanation(None)
        page.stability.set_explanations({})
        for panel in (page.trust, page.stability):
            panel.offer("")
        page.headline.clear(f"Listening to {song.file.name} …")
        page.transport.set_duration(song.seconds)
        self._hidden()
        self.said.emit(song.complaint or closed)  # what was said of the last song is over
        if closed and METHODS[self._study.question.method].needs_gradient:
            self._study.ask(method=Question.method)
        self._question()
        page.inquiry.explain()

    def _prediction(self) -> None:
        found, listener = self._study.prediction, self._study.listener
        if found is None:
            return
        two, answer = len(found.labels) == 2, self._study.answer
        segments = found.segments()
        self._page.prediction.set_prediction(
            found.times, found.probability[:, 1 if two else 0 :].T.astype(np.float64),
            labels=found.labels[1:] if two else found.labels, threshold=found.threshold if two else None,
            decided=[s for s in segments if s.name == found.labels[-1]] if two else segments,
            selected=0 if two else found.labels.index(answer.target if answer is not None else found.label))
        self._page.legend.setVisible(not two)
        self._page.legend.set_labels(found.labels, found.whole.tolist())
        self._page.legend.setToolTip("What the model says of the whole song")
        self._labels()
        if not self._study.placed and listener is not None:
            half = listener.window_seconds / 2
            wanted = found.labels.index(listener.positive or found.label)
            surest = float(found.times[int(found.probability[:, wanted].argmax())])
            self._study.ask(start=min(max(0.0, surest - half), max(0.0, found.seconds - 2 * half)))
            start, stop = self._page.spectrogram.visible_range()
            if 2 * half < NARROW * (stop - start):
                self.said.emit(" ".join(filter(None, [self._agreement, ZOOM])))

    def _labels(self) -> None:
        lane, found, listener = self._page.labels, self._study.prediction, self._study.listener
        lane.setVisible(bool(self._study.labels))
        lane.set_labels(self._study.labels)
        self._agreement = ""
        if self._study.labels and found is not None and listener is not None and listener.positive is not None:
            agreement = lane.compare([s for s in found.segments() if s.name == listener.positive])
            self._agreement = f"The prediction agrees with the labels for {agreement:.1%} of the song."
            self.said.emit(self._agreement)

    def _question(self) -> None:
        question, listener, page = self._study.question, self._study.listener, self._page
        if listener is None:
            return
        page.spectrogram.set_excerpt(question.start, listener.window)
        page.waveform.set_excerpt(question.start, listener.window_seconds)
        page.panel.show_model(page.inquiry.model)
        bands, frames = _room(listener)
        page.panel.show_room(frames=frames, bands=bands)
        segments = question.segments or default_segments(question.segmentation, bands=bands, frames=frames)
        page.panel.show_question({**asdict(question), "segments": segments,
                                  "target": question.target or listener.positive or ""})
        seconds = patience.seconds_of(question, listener)
        if seconds > patience.LONG_SECONDS:
            self.said.emit(words.takes(listener.name, patience.masks_of(question, listener), seconds,
                                       first=patience.needs_first_look(question, listener)))

    def _answer(self) -> None:
        answer, listener, page = self._study.answer, self._study.listener, self._page
        if answer is None or listener is None:
            return
        e = answer.explanation
        page.headline.show_answer(words.verdict(answer), words.why(answer), decided=words.is_decided(answer))
        page.panel.show_decided(answer.decided)
        if not words.of_two(answer) and self._study.prediction is not None:
            page.prediction.select_label(answer.labels.index(answer.target))
        page.spectrogram.show_explanation(e, answer.start, k=TOP)
        page.table.set_explanation(e, answer.start, k=TOP)
        page.table.set_hidden(self._study.hidden)
        page.trust.set_explanation(e, curves=answer.curves)
        page.stability.set_explanations(answer.over_fills, fill=e.fill, k=TOP)
        costly = answer.curves is not None and not answer.over_fills
        wait = words.duration(patience.seconds_of_trust(answer.question, listener)) if costly else ""
        for panel in (page.trust, page.stability):
            panel.offer(wait)

    def _hidden(self) -> None:
        self._page.spectrogram.set_hidden(self._study.hidden)
        self._page.table.set_hidden(self._study.hidden)

    def _changed(self, times: Any, probability: Any) -> None:
        answer, listener, page = self._study.answer, self._study.listener, self._page
        if times is None or answer is None or listener is None:
            page.prediction.clear_changed()
            page.headline.show_now("", flipped=False)
            return
        column = -1 if words.of_two(answer) else answer.labels.index(answer.target)
        page.prediction.show_changed(times, probability[:, column])
        middle = int(np.abs(times - answer.start - listener.window_seconds / 2).argmin())
        label = listener.labels[listener.decision(torch.from_numpy(probability[middle]))]
        rather = "" if words.of_two(answer) or label == answer.target else f" ({label})"
        flipped = label != answer.decided
        page.headline.show_now(f"with your changes {probability[middle, column]:.2f}{rather}"
                               + (": flips" if flipped else ""), flipped=flipped)


def _room(listener: Listener) -> tuple[int, int]:
    """Bands and frames of an excerpt that can be cut apart."""
    return listener.front_end.bands // listener.front_end.rows_together, listener.window
