"""What people do on the page: buttons, menu, keys, what is heard, where is walked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu

from engine.audio.waveform import Waveform
from engine.checks import InputError, shown
from gui.maximise_page.hearing import MADE, NEAREST, REAL, WALK
from gui.views.actions import add
from gui.views.latent_walk import WalkPlace

if TYPE_CHECKING:
    from gui.maximise_page.page import MaximisePage


class Doing(QObject):
    """Passes wishes of the views on to study, inquiry and hearing."""

    def __init__(self, page: MaximisePage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        self._moving = False                      # whether a walk is heard as it goes
        panel, inquiry = page.panel, page.inquiry
        panel.changed.connect(self._wish)
        panel.model_chosen.connect(inquiry.open)
        panel.maximise_asked.connect(self.maximise)
        panel.cancel_asked.connect(inquiry.cancel_running)
        panel.grid_asked.connect(self.search)
        panel.resume_asked.connect(self.search)
        page.gallery.chosen.connect(self._study.choose)
        page.gallery.play_asked.connect(self.play)
        page.real.play_asked.connect(self.play_real)
        for view in (page.gallery, page.real):
            view.stop_asked.connect(page.hearing.stop)
        page.gallery.hover_plays.toggled.connect(page.real.hover_plays.setChecked)
        page.ranking.setting_chosen.connect(inquiry.show_setting)
        page.ranking.setting_taken.connect(self.take_setting)
        page.nearest.play_asked.connect(lambda side: self.play(self._study.choice) if side == "made" else
                                        inquiry.sound_of_nearest())
        page.walk.end_asked.connect(self.take_end)
        page.walk.walked.connect(self._walked)
        page.walk.play_asked.connect(inquiry.sound_of_walk)
        page.walk.play_while_moving.connect(self._set_moving)
        page.transport.loop_toggled.connect(page.hearing.loop)
        inquiry.sounded.connect(self._sounded)
        inquiry.nearest_sounded.connect(self._nearest)
        self._study.stood.connect(lambda: inquiry.sound_of_walk() if self._moving else None)

    def fill(self, menu: QMenu) -> None:
        """The page's menu. Esc is the job bar's while it shows a job, else the page's."""
        page = self._page
        add(menu, "Maximise", self.maximise, "Ctrl+Return")
        add(menu, "Search the grid, or go on with it", self.search, "Ctrl+Shift+Return")
        add(menu, "Cancel what runs", page.inquiry.cancel_running)
        menu.addSeparator()
        add(menu, "Show best, median and worst", lambda: page.inquiry.show_setting(None))
        add(menu, "Take the best setting", lambda: self.take_setting(0))
        menu.addSeparator()
        add(menu, "Walk from here (A)", lambda: self.take_end("a"), "A")
        add(menu, "Walk to here (B)", lambda: self.take_end("b"), "B")
        menu.addSeparator()
        add(menu, "Compare with a folder of recordings …", self.ask_folder)
        add(menu, "Compare with the clips that come with Otoscope", lambda: self._study.change_real(None))

    # asking

    def _wish(self) -> None:
        """A change of direction brings the settings that are best for it."""
        before, now = self._study.wishes, self._study.now
        wishes = replace(self._page.panel.wishes(), model=before.model)     # another one may be on its way
        if now is not None and before.direction != wishes.direction:
            lr, reg, iterations = now.defaults[wishes.direction]
            self._page.panel.form.set_defaults("gan", lr=lr, reg=reg, iterations=iterations)
            wishes = replace(self._page.panel.wishes(), model=before.model)
        self._study.change(wishes)

    def maximise(self) -> None:
        """As the button."""
        if not self._study.running:
            self._try(self._page.inquiry.maximise)

    def search(self) -> None:
        """As the buttons."""
        if not self._study.running:
            self._try(self._page.inquiry.search)

    def _try(self, ask: Callable[[], None]) -> None:
        try:
            ask()
        except InputError as error:
            self._page.failed.emit(str(error))

    def take_setting(self, place: int) -> None:
        """Use the numbers of a setting of the ranking."""
        ranking = self._study.ranking
        if not 0 <= place < len(ranking):
            self._page.said.emit("Search the grid first: there is no ranking yet")
            return
        one = ranking[place]
        self._study.change(replace(self._study.wishes, lr=one.lr, reg=one.reg, iterations=one.iterations))
        self._page.show_tab(self._page.panel)

    def ask_folder(self) -> None:
        """Choose with what to compare."""
        folder = QFileDialog.getExistingDirectory(self._page, "Recordings to compare with")
        if folder:
            self.compare_with(Path(folder))

    def compare_with(self, folder: Path) -> None:
        """Real music is what lies there."""
        self._study.change_real(folder)

    # hearing

    def play(self, place: int) -> None:
        """Hear an example; while it grows it has no sound yet."""
        if 0 <= place < len(self._study.shown) and self._study.running != "maximise":
            self._hear(MADE, place, self._study.shown[place].example.sound)

    def play_real(self, place: int) -> None:
        """Hear a real excerpt."""
        real = self._study.real
        if real is not None and 0 <= place < len(real.sounds):
            self._hear(REAL, place, real.sounds[place])

    def _hear(self, kind: str, place: int, sound: Waveform) -> None:
        self._page.hearing.play((kind, place), sound)
        self._page.transport.set_duration(sound.seconds)

    def toggle(self) -> None:
        """Play or pause: what was heard last, or else the example that is looked at."""
        page = self._page
        if page.hearing.loaded is not None:
            page.player.toggle()
        elif self._study.shown:
            self.play(max(0, self._study.choice))

    # walking

    def take_end(self, end: str) -> None:
        """The example that is looked at becomes A or B."""
        one = self._study.looked_at
        if one is None or not one.latent or one.example.failed is not None:
            self._page.said.emit("Choose an example of the generator in the gallery first")
            return
        ends = {**self._study.ends, end: one}
        self._study.change_ends(ends["a"] or one, ends["b"])
        self._page.show_tab(self._page.walk)

    def _walked(self, place: WalkPlace) -> None:
        self._page.inquiry.walk(place)

    def _set_moving(self, on: bool) -> None:
        self._moving = on

    def _sounded(self, sound: Waveform) -> None:
        self._hear(WALK, 0, sound)

    def _nearest(self, found: tuple[Waveform, Path | None]) -> None:
        sound, recording = found
        self._hear(NEAREST, 0, sound)
        self._page.said.emit("A sketch made of the small picture: the recording is not part of Otoscope"
                             if recording is None else f"The recording itself: {shown(recording)}")
