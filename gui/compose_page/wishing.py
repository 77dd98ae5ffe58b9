"""How the network shall go on, and how a tune is played, are on the way back too, beside what is written."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from gui.compose_page.work import PlayWishes
from gui.session import Change
from gui.views.suggest_form import SuggestWishes

if TYPE_CHECKING:
    from gui.compose_page.page import ComposePage

WORDS = {"meter": "changing the metre", "mode": "changing the mode", "temperature": "changing the temperature",
         "top_p": "changing top-p", "top_k": "changing top-k", "n": "changing the number of choices",
         "seed": "changing the seed", "seed_locked": "locking the seed", "stop": "changing where to stop",
         "constrained": "changing the grammar", "prime": "changing the beginning",
         "instrument": "changing the instrument", "tempo": "changing the tempo", "chords": "changing the chords",
         "metronome": "changing the metronome"}
Fields = dict[str, Any]
"""Names of wishes and what they are; the others stay as they are."""


class Wishing(QObject):
    """Makes changes of the panel and of the sound undoable."""

    def __init__(self, page: ComposePage) -> None:
        super().__init__(page)
        self._page = page
        page.panel.edited.connect(self._edited)
        page.controls.changed.connect(self._played)
        page.playing.wishes = self._wishes_of_sound()

    def _push(self, before: Fields, after: Fields, *, sound: bool = False) -> None:
        names = [name for name in WORDS if name in after and before[name] != after[name]]
        if names:
            put = self._play if sound else self._suggest
            self._page.tunes.undo_stack.push(Change(
                put, {name: before[name] for name in names}, {name: after[name] for name in names},
                WORDS[names[0]], " ".join(names)))

    def _edited(self, before: SuggestWishes, after: SuggestWishes) -> None:
        self._push(asdict(before), asdict(after))

    def _suggest(self, fields: Fields) -> None:
        panel = self._page.panel
        if any(getattr(panel.wishes(), name) != value for name, value in fields.items()):
            panel.set_wishes(replace(panel.wishes(), **fields))
            panel.show_prime_error("")
            self._page.tabs.setCurrentWidget(panel)

    # the sound

    def _wishes_of_sound(self) -> PlayWishes:
        controls = self._page.controls
        return PlayWishes(controls.instrument, controls.tempo, controls.chords, controls.metronome)

    def _played(self) -> None:
        before, after = self._page.playing.wishes, self._wishes_of_sound()
        self._page.playing.wish(after)
        self._push(asdict(before), asdict(after), sound=True)

    def _play(self, fields: Fields) -> None:
        wishes = replace(self._page.playing.wishes, **fields)
        self._page.playing.wish(wishes)     # first: then it is not taken for another change
        self._page.controls.show_all(wishes.instrument, wishes.tempo, chords=wishes.chords,
                                     metronome=wishes.metronome)
