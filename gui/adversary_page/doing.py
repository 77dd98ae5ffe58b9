"""What people do on the page: buttons, menu, keys, the marked part, what is heard, the blind test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from engine.listening.patience import PART_SECONDS
from gui.adversary_page.hearing import SOURCES
from gui.dialogs.abx import AbxDialog
from gui.views.actions import add

if TYPE_CHECKING:
    from gui.adversary_page.page import AdversaryPage

ABX_SECONDS = 4.0
MARGIN = 0.01       # seconds: a part begins and ends with whole samples


class Doing(QObject):
    """Passes wishes of the views on to study, inquiry and hearing."""

    def __init__(self, page: AdversaryPage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        self.dialog: AbxDialog | None = None
        panel, inquiry, hearing, bar = page.panel, page.inquiry, page.hearing, page.transport
        panel.chosen.connect(lambda field, value: self._study.change(**{field: value}))
        panel.model_chosen.connect(self.choose_model)
        panel.part_chosen.connect(lambda marked: self.mark_part() if marked else self.take_all())
        panel.attack_asked.connect(inquiry.attack)
        panel.cancel_asked.connect(inquiry.cancel_attack)
        panel.every_asked.connect(inquiry.every_label)
        page.span.span_moved.connect(self.mark)
        page.labels.chosen.connect(self.attack_label)
        page.abx.clicked.connect(lambda checked: self.test())
        page.explain.clicked.connect(lambda checked: self.explain())
        page.gain.valueChanged.connect(hearing.set_gain)
        bar.source_chosen.connect(hearing.choose)
        bar.match_level_toggled.connect(hearing.set_match_level)
        bar.loop_toggled.connect(hearing.loop)
        hearing.changed.connect(self.show_heard)
        self.show_heard()

    def fill(self, menu: QMenu) -> None:
        """The page's menu. Esc is the job bar's while it shows a job, else the page's."""
        page, inquiry = self._page, self._page.inquiry
        add(menu, "Attack", self.attack, "Ctrl+Return")
        add(menu, "Every label", self.every_label, "Ctrl+Shift+Return")
        add(menu, "Cancel the attack", inquiry.cancel_attack)
        menu.addSeparator()
        add(menu, "Attack all of the file", self.take_all)
        add(menu, "Attack what is in sight", self.mark_part, "R")
        add(menu, "Zoom to the part", lambda: page.votes.set_range(*self._study.span), "Z")
        add(menu, "Show everything", lambda: page.votes.set_range(0.0, page.votes.duration), "0")
        menu.addSeparator()
        add(menu, "Blind test (ABX) …", self.test, "Ctrl+B")
        add(menu, "Explain this", self.explain, "Ctrl+E")

    def attack(self) -> None:
        """As the button."""
        if not self._study.running:
            self._page.inquiry.attack()

    def every_label(self) -> None:
        """As the button."""
        if not self._study.running:
            self._page.inquiry.every_label()

    def attack_label(self, row: int) -> None:
        """Attack the label of a row of the table of labels."""
        if row < len(self._study.runs) and not self._study.running:
            self._study.change(target=self._study.runs[row].label)
            self._page.show_tab(self._page.panel)
            self._page.inquiry.attack()

    def choose_model(self, name: str) -> None:
        """The same file with another model."""
        self._page.inquiry.use_model(name)

    def mark_part(self) -> None:
        """Mark what is in sight; where that is everything, the first half minute, or half of what is shorter."""
        now = self._study.now
        if now is None:
            return
        start, stop = self._page.votes.visible_range()
        start, stop = max(0.0, start), min(stop, now.file.seconds)
        if stop - start >= 0.99 * now.file.seconds:
            stop = start + min(PART_SECONDS, now.file.seconds / 2)
        self.mark(start, stop)

    def mark(self, start: float, stop: float) -> None:
        """Mark a part; one that is shorter than what the model hears at once becomes so long."""
        now = self._study.now
        if now is not None:
            seconds = min(max(stop - start, now.listener.window_seconds + MARGIN), now.file.seconds)
            self._study.change(start=max(0.0, min(start, now.file.seconds - seconds)), seconds=seconds)
        self._page.span.set_span(self._study.part)

    def take_all(self) -> None:
        """No part is marked: all of the file."""
        self._study.change(start=0.0, seconds=None)

    def explain(self) -> None:
        """Hand the adversarial sound on."""
        if self._study.answer is not None:
            self._page.explain_asked.emit(self._study.answer)

    def test(self) -> None:
        """The blind test, around where the change is most audible."""
        study, page = self._study, self._page
        answer, original = study.answer, page.hearing.source("original")
        other = page.hearing.source("adversarial")
        if answer is None or study.made is None or original is None or other is None:
            page.said.emit("Run an attack first: there is nothing to compare yet")
            return
        start, stop = answer.span
        at = start + answer.audible.seconds - ABX_SECONDS / 2
        length = min(ABX_SECONDS, stop - start)
        self.dialog = AbxDialog(page.player, (("original", original), ("adversarial", other)),
                                passage=(min(max(at, start), stop - length), length),
                                seconds=answer.original.seconds, theme=page.theme, parent=page)
        self.dialog.tested.connect(study.set_test)
        self.dialog.finished.connect(self._tested)
        self.dialog.open()

    def _tested(self) -> None:
        self._page.hearing.put_back()
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def show_heard(self) -> None:
        """Which sounds there are, and which is heard."""
        page, hearing = self._page, self._page.hearing
        for name in SOURCES:
            page.transport.enable_source(name, "" if name in hearing.available else "Made by an attack")
            page.pictures[name].tag.show_heard(name == hearing.chosen and bool(hearing.available))
        page.transport.show_source(hearing.chosen)
