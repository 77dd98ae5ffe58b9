"""Puts what the study holds into the views."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.audio.pyramid import ImagePyramid
from engine.explain.adversary import Step
from engine.listening import patience
from engine.listening.attack import Hearing
from engine.listening.survival import Survived, Transferred
from gui.adversary_page import words
from gui.views.check_table import Row
from gui.views.plain_text import counted
from gui.views.votes_view import Votes

if TYPE_CHECKING:
    from gui.adversary_page.page import AdversaryPage

READY = "as it is: choose what it shall become, and attack (Ctrl+Return)"


class Showing(QObject):
    """Hears the study and tells the views; a file replaces everything of the last one."""

    def __init__(self, page: AdversaryPage) -> None:
        super().__init__(page)
        self._page, self._study, self._began, self._attacking = page, page.study, 0.0, False
        s = page.study
        s.opened.connect(self._opened)
        s.pictured.connect(self._picture)
        s.asked.connect(self._question)
        s.heard.connect(self._heard)
        s.running_changed.connect(self._running)
        s.stepped.connect(self._stepped)
        s.answered.connect(self._answer)
        s.made_ready.connect(self._made)
        s.survived.connect(self._survival)
        s.transferred.connect(self._transfer)
        s.runs_changed.connect(self._runs)
        s.tested.connect(self._test)
        page.inquiry.kept.connect(self._model)
        page.inquiry.unheard.connect(lambda why: page.headline.clear(why) if s.answer is None else None)
        self._question()
        self._running()
        self._answer()

    def _opened(self) -> None:
        now, page = self._study.now, self._page
        if now is None:
            return
        page.panel.show_file(now.file.name)
        page.panel.set_limits(why_not=words.why_not(now.listener), why_no_magnitudes=words.why_no_magnitudes(
            now.listener))
        page.panel.set_models(now.models, now.model)
        page.span.set_peaks(now.peaks)
        for view in page.time_views:
            view.set_duration(now.file.seconds)
        for name, view in page.pictures.items():
            self._draw(name, None)
            view.tag.show_note("" if name == "original" else "made by an attack")
        page.transport.set_duration(now.file.seconds)
        page.curves.clear("No attack yet")
        self._running()

    def _model(self) -> None:
        if self._study.now is not None:
            self._page.panel.show_model(self._study.now.model)

    def _picture(self) -> None:
        now, picture = self._study.now, self._study.picture
        if now is not None and self._study.made is None:
            self._draw("original", picture)

    def _draw(self, name: str, picture: ImagePyramid | None) -> None:
        now = self._study.now
        assert now is not None
        front_end = now.listener.front_end
        self._page.pictures[name].set_picture(picture, seconds_per_frame=1 / front_end.frames_per_second,
                                              frequencies=front_end.frequencies)

    def _made(self) -> None:
        made, answer = self._study.made, self._study.answer
        if made is None or answer is None:
            return
        for name in self._page.pictures:
            self._draw(name, getattr(made.pictures, name))
        self._page.pictures["adversarial"].tag.show_note(f"{answer.snr_db:.1f} dB SNR")
        lift = made.pictures.residual_lift_db
        self._page.pictures["residual"].tag.show_note(f"drawn {lift:.0f} dB louder than it is" if lift >= 0.5 else "")
        self._buttons()

    def _question(self) -> None:
        page, study = self._page, self._study
        page.panel.show_question(asdict(study.question))
        page.panel.show_part(study.part)
        page.span.set_span(study.part)

    def _heard(self) -> None:
        now, hearing, page = self._study.now, self._study.hearing, self._page
        if now is None:
            return
        page.panel.set_targets(now.listener.labels, hearing.label if hearing else None, self._study.question.target)
        if self._study.answer is None:
            self._show_before(hearing)

    def _show_before(self, hearing: Hearing | None) -> None:
        """Nothing but what the model says of the file as it is."""
        now, page = self._study.now, self._page
        if now is None:
            return
        labels = now.listener.labels
        if hearing is None:
            page.headline.clear(f"Listening to {now.file.name} …")
            page.votes.set_votes(labels, None)
            page.legend.set_labels(labels)
            return
        before = Votes(hearing.vote_times, hearing.votes)
        page.headline.show_answer(words.said(hearing), words.why_not(now.listener) or self._ready(), decided=False)
        page.votes.set_votes(labels, before, label=labels.index(hearing.label))
        page.legend.set_labels(labels, before.shares().tolist())

    def _ready(self) -> str:
        """What to do, and why but a part is marked where somebody may have wanted all of it."""
        now, part = self._study.now, self._study.part
        if now is None or part is None or not patience.is_long_attack(now.file.seconds, now.listener):
            return READY
        return f"{READY}; {words.why_a_part(now.listener, now.file.seconds)}"

    def _running(self) -> None:
        running, study = self._study.running, self._study
        ready = study.now is not None and study.now.listener.differentiable
        self._page.panel.show_running(bool(running), ready=ready)
        if running == "attack":
            self._began = time.monotonic()
            self._page.curves.begin(confidence=study.question.confidence, snr_db=study.question.snr_db,
                                    said="Attacking …")
        elif running == "labels":
            self._page.show_tab(self._page.labels)
        elif self._attacking:
            self._page.curves.say(f"Stopped after {counted(self._page.curves.count, 'iteration')}")
        self._attacking = running == "attack"
        self._buttons()

    def _stepped(self, steps: list[Step]) -> None:
        now = self._study.now
        if now is None or not steps:
            return
        self._page.curves.add(steps)
        self._page.curves.say(words.progress(
            steps[-1], now.listener.labels[steps[-1].label], self._page.curves.count, self._study.question.iterations,
            time.monotonic() - self._began))

    def _answer(self) -> None:
        answer, page = self._study.answer, self._page
        self._buttons()
        if answer is None:
            self._show_before(self._study.hearing)
            return
        q = answer.question
        page.headline.show_answer(words.verdict(answer), words.how(answer), decided=answer.fooled)
        page.curves.begin(confidence=q.confidence, snr_db=q.snr_db)
        page.curves.set_steps(answer.steps)
        page.curves.say(words.outcome(answer))
        before = Votes(answer.before.vote_times, answer.before.votes)
        after = Votes(answer.after.vote_times, answer.after.votes)
        wanted = q.target or (answer.after.label if answer.fooled else answer.before.label)
        page.votes.set_votes(answer.labels, before, after, label=answer.labels.index(wanted))
        page.legend.set_labels(answer.labels, before.shares().tolist(), after.shares().tolist())

    def _survival(self) -> None:
        found, answer = self._study.survival, self._study.answer
        self._page.survival.set_rows([
            Row((words.short(row.words), row.label, f"{row.confidence:.2f}"), row.fooled,
                f"{row.words}: the original is {row.original_label} after this") for row in found or []])
        self._page.survival_said.set_whole(_said_of(
            found, answer is not None, "Still fooled after", "Trying encodings, filters and noise …",
            "Attack first: then this says whether the adversary outlives encoding, filters and noise"))

    def _transfer(self) -> None:
        found, answer = self._study.transfer, self._study.answer
        self._page.transfer.set_rows([
            Row((row.model, f"→ {row.after}" if row.fooled else row.after), row.fooled,
                f"{row.model}: {row.before} before, {row.after} after") for row in found or []])
        self._page.transfer_said.set_whole(_said_of(
            found, answer is not None, "Changes the mind of", "Asking other models …",
            "Attack first: then this says whether the adversary fools other models too"))

    def _runs(self) -> None:
        runs = self._study.runs
        self._page.labels_said.set_whole(f"{sum(run.fooled for run in runs)} of {len(runs)} reached" if runs else
                                         "Every label: one attack for each, with the limits set on the first tab")
        self._page.labels.set_rows([
            Row((run.label, f"{run.confidence:.2f}", f"{run.snr_db:.1f}", str(run.iterations)), run.fooled,
                "Enter or double-click: attack this label alone") for run in runs])

    def _test(self) -> None:
        test = self._study.test
        self._page.test_said.setText("" if test is None else f"ABX: {test.words()}")
        self._page.test_said.setVisible(test is not None)

    def _buttons(self) -> None:
        """What needs an answer's sounds."""
        ready = self._study.answer is not None and self._study.made is not None
        for button in (self._page.abx, self._page.explain):
            button.setEnabled(ready)


def _said_of(found: Sequence[Survived | Transferred] | None, answered: bool, words: str, waiting: str,
             before: str) -> str:
    if not answered:
        return before
    if found is None:
        return waiting
    if not found:
        return "The model was not fooled, so there is nothing to try"
    return f"{words} {sum(row.fooled for row in found)} of {len(found)}"
