"""Puts the book, the score, suggestions and what was read into the views."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.composing.provenance import Span
from engine.composing.surprises import strength
from engine.folk.edits import Edit, difference
from engine.folk.mei import place_of
from gui.compose_page import words
from gui.compose_page.tunes import State
from gui.compose_page.work import Places, Sheet
from gui.views.candidate_table import CandidateRow
from gui.views.tune_rows import TuneEntry
from gui.views.variant_list import VariantEntry

if TYPE_CHECKING:
    from gui.compose_page.page import ComposePage


class Showing(QObject):
    """Hears the page's keepers and tells its views."""

    def __init__(self, page: ComposePage) -> None:
        super().__init__(page)
        self._page = page
        self._details: dict[str, tuple[str, int, int]] = {} # text of a tune -> its line in the list, problems, bars
        self._places: Places | None = None                  # of the last sheet
        self.tinted = False
        page.tunes.changed.connect(self._state)
        page.tunes.varied.connect(self.variants)
        page.engraving.engraved.connect(self.sheet)
        page.suggesting.changed.connect(self.candidates)
        page.suggesting.streamed.connect(lambda tokens: page.lens.show_context(f"composing: {tokens}"))
        page.reader.read.connect(self.reading)
        page.reader.looked.connect(self.lens)
        page.playing.ready.connect(self._played)
        self._state(page.tunes.state, page.tunes.state, fresh=True)

    # the book

    def _state(self, before: State, after: State, *, fresh: bool = False) -> None:
        page, tune = self._page, after.tune
        if fresh or before.current != after.current:
            page.editor.load(tune.text)
            page.score.show_score(None)
            self.variants()
        elif page.editor.text() != tune.text:
            edit = difference(page.editor.text(), tune.text)
            if edit is not None:
                page.editor.apply([edit], cursor=_cursor_behind(edit, page.editor.text(), page.editor.cursor()))
        if fresh or before.tunes != after.tunes or before.current != after.current:
            self.tunes()
        page.reader.look_at(page.editor.cursor())
        page.editor.show_origins([(span.start, span.stop, words.origin(span.origin)) for span in tune.spans])
        page.score.set_busy(not page.engraving.is_fresh)

    def tunes(self) -> None:
        """The list of tunes."""
        state = self._page.tunes.state
        self._page.list.show_tunes([self._entry(tune.key, tune.text) for tune in state.tunes])
        self._page.list.choose(state.current)

    def _entry(self, key: int, text: str) -> TuneEntry:
        title, detail = words.in_list(text)
        known, problems, _ = self._details.get(text, (detail, 0, 0))
        return TuneEntry(key, title, known, problems)

    def variants(self) -> None:
        """The history of the tune in hand."""
        entries = [VariantEntry(one.key, datetime.datetime.fromtimestamp(one.time).strftime("%H:%M"), one.why,
                                self._bars(one.tune.text)) for one in reversed(self._page.tunes.variants)]
        self._page.variants.show_variants(entries)

    def _bars(self, text: str) -> int:
        return self._details[text][2] if text in self._details else words.bars_in(text)

    # the score

    def sheet(self) -> None:
        """The score of the text, and what is wrong with the text."""
        page, sheet = self._page, self._page.engraving.sheet
        if sheet is None or sheet.key != page.tunes.state.current:
            return
        page.score.show_score(sheet.score)
        page.score.set_busy(not page.engraving.is_fresh)
        self._places = sheet.places
        page.headline.show_answer(sheet.tune.title or "Untitled", words.about(sheet), decided=False)
        if page.engraving.is_fresh:
            page.editor.show_problems(words.problems(sheet.tune))
            page.score.show_problems(self._problems(sheet))
            page.score.show_suggested(self._within(page.tunes.tune.spans))
            if len(self._details) > 5000:
                self._details.clear()
            self._details[sheet.text] = (words.detail(sheet), len(words.problems(sheet.tune)), sheet.bars)
            self.tunes()
        self.tints()
        self.selection(*page.editor.selection())

    def _problems(self, sheet: Sheet) -> list[tuple[str, str]]:
        return [(name, str(problem)) for problem in words.problems(sheet.tune)
                if (name := sheet.places.at(problem.start))]

    def _within(self, spans: Sequence[Span]) -> set[str]:
        return {name for span in spans for name in self.notes_in(span.start, span.stop)}

    def selection(self, start: int, stop: int) -> None:
        """Notes of the selected text, or the note at the cursor."""
        if self._page.engraving.is_fresh:
            self._page.score.show_selected(self.notes_in(start, stop))

    def notes_in(self, start: int, stop: int) -> frozenset[str]:
        """Ids of the notes in a part of the text, or of the one at a place of it."""
        return frozenset(self._places.within(start, stop) if self._places is not None else ())

    def place(self, name: str) -> tuple[int, int]:
        """Where a note of the score stands in the text."""
        found = self._places.of(name) if self._places is not None else None
        return found or (place_of(name), place_of(name) + 1)

    def name_at(self, start: int) -> str:
        """Id of the note whose text begins there, or of the last before it."""
        return self._places.at(start) if self._places is not None else ""

    def playing(self, name: str | None) -> None:
        """The note that sounds, in score and text."""
        page = self._page
        page.score.show_playing(name)
        found = self._places.of(name) if self._places is not None and name is not None else None
        page.editor.show_playing(*found or (None,))

    def _played(self) -> None:
        if (now := self._page.playing.now) is not None:
            self._page.transport.set_duration(now.source.seconds)

    # suggestions

    def candidates(self) -> None:
        """The table, and the chosen one as ghost text."""
        page, source = self._page, self._page.suggesting
        page.panel.show_running(source.running)
        page.panel.show_candidates([
            CandidateRow(one.text.strip()[:60], one.per_token, words.validity(one.validity), words.known(one.novelty),
                         one.novelty is not None and bool(one.novelty.passages)) for one in source.candidates])
        candidate = source.candidate
        if candidate is None:
            page.editor.hide_ghost()
            return
        page.panel.show_chosen(source.chosen)
        label = f"{source.chosen + 1} of {len(source.candidates)}"
        page.editor.show_ghost(candidate.text, start=candidate.start, stop=candidate.stop, label=label)

    # what was read

    def reading(self) -> None:
        """Surprise, and what of novelty and anatomy is in sight."""
        page, found = self._page, self._page.reader.reading
        if found is None or not page.reader.is_fresh:
            return
        self.tints()
        if page.novelty.isVisible():
            words.show_novelty(page.novelty, found)
        if page.anatomy.isVisible() and found.why:
            page.anatomy.clear(found.why)
        elif page.anatomy.isVisible():
            page.anatomy.show_facts(words.facts(found.anatomy, found.tune))

    def tint(self, on: bool) -> None:
        """Whether surprise is to be seen."""
        self.tinted = on
        self.tints()

    def tints(self) -> None:
        """Surprise of the notes, if it is wanted and known."""
        page, found = self._page, self._page.reader.reading
        if not self.tinted or found is None or not page.reader.is_fresh:
            page.editor.show_tints([])
            page.score.show_tints({})
            return
        page.editor.show_tints([(a, b, strength(nats), f"surprise {nats:.1f} nats") for a, b, nats in found.surprises])
        page.score.show_tints({self.name_at(a): strength(nats) for a, _, nats in found.surprises})

    def lens(self) -> None:
        """What may come next."""
        page, found = self._page, self._page.reader.lens
        if found is None or (found.key, found.text) != (page.tunes.state.current, page.tunes.tune.text):
            return
        if found.why:
            page.lens.clear(found.why)
            return
        page.lens.show_context(words.context(found.text, found.cursor))
        page.lens.show_choices([words.lens_row(choice) for choice in found.choices])


def _cursor_behind(edit: Edit, text: str, cursor: int) -> int:
    """Where the cursor stands then: behind what changed, but on its line and column where all lines were rewritten."""
    gone = text[edit.start:edit.stop]
    if "\n" not in gone or gone.count("\n") != edit.text.count("\n"):
        return edit.start + len(edit.text)
    start = text.rfind("\n", 0, cursor) + 1
    lines = edit.apply(text).split("\n")
    number = text.count("\n", 0, cursor)
    return sum(len(line) + 1 for line in lines[:number]) + min(cursor - start, len(lines[number]))
