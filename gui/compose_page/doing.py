"""What can be done on the page: what its menu and its views ask for."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from gui.compose_page import filing, suggesting, words
from gui.compose_page.comparing import Comparing
from gui.compose_page.tunes import NEW
from gui.engine_thread import EngineThread
from gui.theme import Theme
from gui.views.suggest_form import SuggestWishes

if TYPE_CHECKING:
    from gui.compose_page.page import ComposePage

PAUSE_MS = 900                          # whoever pauses so long may want a suggestion
ABSENT = "No network is loaded; the menu of files opens one."
TITLE = "X:1\nT:Tune by the network\n"


class Doing(QObject):
    """Answers views and menus."""

    def __init__(self, page: ComposePage, batch: EngineThread) -> None:
        super().__init__(page)
        self._page = page
        self.comparing = Comparing(page, page.suggesting, batch)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._suggest_in_a_pause)
        self._in_pauses = False
        self.comparing.working.connect(page.working)
        self.comparing.failed.connect(page.failed)
        self._connect_book()
        self._connect_editor()
        self._connect_panel()
        self._connect_sound()

    def _connect_book(self) -> None:
        page, tunes = self._page, self._page.tunes
        page.list.chosen.connect(tunes.choose)
        page.list.renamed.connect(tunes.rename)
        page.list.add_asked.connect(self.new_tune)
        page.list.duplicate_asked.connect(tunes.duplicate)
        page.list.remove_asked.connect(tunes.remove)
        page.list.moved.connect(tunes.move)
        page.variants.keep_asked.connect(lambda: tunes.keep("kept by hand"))
        page.variants.restore_asked.connect(self._restore)

    def _connect_editor(self) -> None:
        page = self._page
        page.editor.ghost_asked.connect(self._ghost)
        page.editor.tunes_pasted.connect(self._paste)
        page.editor.selection_changed.connect(self._selected)
        page.editor.cursor_moved.connect(lambda cursor: page.showing.selection(*page.editor.selection()))
        page.editor.edited.connect(lambda edit: self._pause.start() if self._in_pauses else None)
        page.score.note_clicked.connect(self._clicked)
        page.score.span_chosen.connect(self._span)
        page.novelty.tune_asked.connect(self._show_known)
        page.novelty.passage_hovered.connect(self._show_passage)
        page.lens.token_chosen.connect(self._take_token)

    def _connect_panel(self) -> None:
        page, source = self._page, self._page.suggesting
        page.panel.suggest_asked.connect(self.suggest)
        page.panel.fill_asked.connect(self.fill_bars)
        page.panel.new_asked.connect(self.compose)
        page.panel.cancel_asked.connect(source.cancel)
        page.panel.open_asked.connect(page.files.ask_checkpoint)
        page.panel.candidate_chosen.connect(source.choose)
        page.panel.accept_asked.connect(self._accept)
        source.loaded.connect(self._loaded)
        source.absent.connect(self._absent)
        source.prime_refused.connect(self._explain_prime)
        page.panel.set_wishes(replace(page.panel.wishes(), stop="phrase"))

    def _connect_sound(self) -> None:
        page = self._page
        page.link.moved.connect(lambda seconds: page.showing.playing(page.playing.note_at(seconds)))
        page.transport.loop_toggled.connect(self._loop)

    # suggestions

    def wishes(self) -> SuggestWishes:
        """What the panel says; with another seed each time unless that is locked."""
        self._page.panel.show_prime_error("")
        wishes = self._page.panel.wishes()
        if not wishes.seed_locked:
            wishes = replace(wishes, seed=random.randrange(2**31))
            self._page.panel.set_wishes(wishes)
        return wishes

    def suggest(self) -> None:
        """Go on at the cursor."""
        if not self._page.suggesting.has_network():
            return
        self._page.suggesting.suggest(self.wishes(), self._page.editor.cursor())

    def fill_bars(self) -> None:
        """Other notes for the selected bars."""
        if not self._page.suggesting.has_network():
            return
        start, stop = self._page.editor.selection()
        self._page.suggesting.fill(self.wishes(), start, stop)

    def new_tune(self) -> None:
        """An empty one behind the one in hand."""
        self._page.tunes.add([NEW])
        self._page.editor.setFocus()

    def compose(self) -> None:
        """A new tune by the network."""
        if not self._page.suggesting.has_network():
            return
        wishes = replace(self.wishes(), stop="tune")
        self._page.tunes.add([TITLE], "new tune")
        self._page.suggesting.suggest(wishes, len(self._page.tunes.tune.text))
        self._page.editor.setFocus()

    def _paste(self, text: str) -> None:
        """Whole tunes into the book; instead of the one in hand where that is all selected, or has no music yet."""
        here, (start, stop) = self._page.editor.text(), self._page.editor.selection()
        whole = not here[:start].strip() and not here[stop:].strip()
        self._page.files.paste(text, instead=whole or not words.bars_in(here))

    def _suggest_in_a_pause(self) -> None:
        editor = self._page.editor
        line = editor.text()[editor.cursor():].partition("\n")[0]
        if editor.hasFocus() and not line.strip() and not self._page.suggesting.candidates:
            self.suggest()

    def _explain_prime(self, sentence: str) -> None:
        page = self._page
        page.tabs.setCurrentWidget(page.panel)
        page.panel.show_prime_error(sentence)
        page.panel.ensureWidgetVisible(page.panel.form.prime_error)

    def _accept(self, place: int) -> None:
        self._page.suggesting.choose(place)
        self._page.suggesting.accept()

    def _ghost(self, wish: str) -> None:
        source = self._page.suggesting
        if wish in ("all", "bar"):
            source.accept(bar=wish == "bar")
        elif wish in ("next", "previous"):
            source.choose(source.chosen + (1 if wish == "next" else -1))
        else:
            source.dismiss()

    def _loaded(self) -> None:
        page, net = self._page, self._page.suggesting.network
        if net is None:
            return
        page.panel.show_models([net.model.name], net.model.name)
        page.panel.show_vocabulary(net.meters, net.modes)
        page.reader.read_with(net)
        page.said.emit(f"The network {net.model.name} is at your elbow: Ctrl+Return asks it to go on.")

    def _absent(self) -> None:
        for view in (self._page.lens, self._page.novelty, self._page.anatomy):
            view.clear(ABSENT)

    def _take_token(self, place: int) -> None:
        lens = self._page.reader.lens
        if lens is None or lens.text != self._page.tunes.tune.text:
            return
        if lens.choices[place].text:
            self._page.suggesting.take(lens.choices[place], lens.cursor)
        else:
            self._page.said.emit("The tune would end here: there is nothing to write for that.")

    # text and score

    def _selected(self, start: int, stop: int) -> None:
        page = self._page
        page.panel.can_fill(stop > start)
        page.showing.selection(start, stop)
        if page.player.loop is not None:
            page.playing.loop(page.showing.notes_in(start, stop))

    def select(self, start: int, stop: int) -> None:
        """Select a part of the text, as if by hand: the editor itself says nothing of what it is told."""
        self._page.editor.select(start, stop)
        self._page.reader.look_at(self._page.editor.cursor())
        self._selected(start, stop)

    def _clicked(self, name: str, extend: bool) -> None:
        page = self._page
        start, stop = page.showing.place(name)
        if extend:
            a, b = page.editor.selection()
            start, stop = min(start, a), max(stop, b)
        self.select(start, stop)
        page.playing.seek_to(name)

    def _span(self, first: str, last: str) -> None:
        a, b = self._page.showing.place(first), self._page.showing.place(last)
        self.select(min(a[0], b[0]), max(a[1], b[1]))

    def _show_passage(self, place: int | None) -> None:
        found = self._page.reader.reading
        if place is not None and found is not None and self._page.reader.is_fresh:
            copy = found.copies[place]
            self._page.score.show_selected(self._page.showing.notes_in(copy.start, copy.stop))
        else:
            self._page.showing.selection(*self._page.editor.selection())

    def _show_known(self, place: int) -> None:
        found = self._page.reader.reading
        if found is not None and (tune := words.known_tune(found, place)) is not None:
            self._page.tunes.add([suggesting.known_text(tune)], "known tune")

    def _restore(self, key: int) -> None:
        variant = next(one for one in self._page.tunes.variants if one.key == key)
        self._page.tunes.keep("before going back")
        self._page.tunes.restore(variant.tune, "go back to a variant")

    # sound

    def _loop(self, on: bool) -> None:
        page = self._page
        if on:
            notes = page.showing.notes_in(*page.editor.selection())
            page.player.set_loop(0.0, page.playing.now.source.seconds if page.playing.now else None)
            page.playing.loop(notes)
        else:
            page.player.set_loop(0.0, None)
            page.playing.loop(frozenset())

    def suggest_in_pauses(self, on: bool) -> None:
        """Ask by itself whenever whoever writes pauses at the end of a line."""
        self._in_pauses = on

    def cancel(self, lane: str) -> None:
        """Let go of work."""
        page = self._page
        if lane == suggesting.LANE:
            page.suggesting.cancel()
        elif lane in filing.LANES:
            page.files.cancel(lane)
        elif lane == self.comparing.lane:
            self.comparing.cancel()
        else:
            page.working.emit(lane, None)

    def set_theme(self, theme: Theme) -> None:
        """Of what opens by itself."""
        self.comparing.set_theme(theme)

    def close_down(self) -> None:
        """No timer any more."""
        self._pause.stop()
