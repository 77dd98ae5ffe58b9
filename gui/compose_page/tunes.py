"""The book that is open: its tunes, which one is in hand, who wrote what, and the way back."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.composing.provenance import Span, moved, with_spans, without_origins
from engine.composing.tunebook import Book, next_number, numbered, title_of, titled
from engine.folk.edits import Edit, applied, shifted
from gui.compose_page.changes import Change
from gui.session import MOST_UNDONE
from gui.views.plain_text import plain

NEW = "X:1\nT:Untitled\nM:4/4\nL:1/8\nK:C\n"
MOST_VARIANTS = 50
EMPTY_LINE = re.compile(r"\n[ \t\r]*(\n|$)")


@dataclass(frozen=True)
class TuneText:
    """One tune: its text as the editor shows it, which parts of it were suggested, and what stands behind it."""

    key: int
    text: str
    spans: tuple[Span, ...] = ()
    tail: str = ""          # from the empty line on that ends it: free text, that nobody edits here

    @property
    def written(self) -> str:
        """The text as a file has it, with comments that say what was suggested."""
        return with_spans(self.text, self.spans) + self.tail


@dataclass(frozen=True)
class State:
    """All that can be undone."""

    head: str
    tunes: tuple[TuneText, ...]
    current: int            # key of the tune in hand

    @property
    def tune(self) -> TuneText:
        """The tune in hand."""
        return next(tune for tune in self.tunes if tune.key == self.current)

    def with_tune(self, tune: TuneText) -> State:
        """With another text for one of the tunes, which comes into hand."""
        return replace(self, tunes=tuple(tune if old.key == tune.key else old for old in self.tunes),
                       current=tune.key)


@dataclass(frozen=True)
class Variant:
    """A tune as it once was."""

    key: int
    tune: TuneText
    time: float             # seconds since the epoch
    why: str


class Tunes(QObject):
    """State with signals; it computes nothing and knows no widget."""

    changed = Signal(object, object)    # State before and after
    varied = Signal()                   # another variant of the tune in hand
    renamed = Signal()                  # another file, or saved

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self._file = Book("", ())       # as it was read: how its lines end, and its encoding
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDONE)
        self._next = 0
        self._variants: dict[int, list[Variant]] = {}
        self.state = State("", (self._made(NEW),), 0)
        self._written: State | None = self.state    # as a file has it; None: no file has

    def _made(self, text: str) -> TuneText:
        end = EMPTY_LINE.search(text)
        at = end.start() + 1 if end is not None else len(text)
        clean, spans = without_origins(plain(text[:at]))
        self._next += 1
        return TuneText(self._next - 1, clean, tuple(spans), text[at:])

    # the book

    def open(self, book: Book, path: Path | None, *, saved: bool = True) -> None:
        """Another book; what could be undone is gone."""
        before = self.state
        tunes = tuple(self._made(text) for text in book.tunes) or (self._made(NEW),)
        self.path, self._file, self._variants = path, book, {}
        self.state = State(book.head, tunes, tunes[0].key)
        self._written = self.state if saved else None
        self.undo_stack.clear()
        self.changed.emit(before, self.state)
        self.renamed.emit()

    def revive(self, file: Book, path: Path | None, tunes: Sequence[TuneText], current: int,
               variants: Mapping[int, Sequence[Variant]], *, saved: bool) -> None:
        """A book as a session had it; `variants` by the place of their tune."""
        before, first = self.state, self._next
        made = tuple(replace(tune, key=first + place) for place, tune in enumerate(tunes))
        self._next += len(made)
        made = made or (self._made(NEW),)
        self.path, self._file, self._variants = path, file, {}
        for place, kept in variants.items():
            self._variants[made[place].key] = [replace(one, key=self._next + n) for n, one in enumerate(kept)]
            self._next += len(kept)
        self.state = State(file.head, made, made[current].key)
        self._written = self.state if saved else None
        self.undo_stack.clear()
        self.changed.emit(before, self.state)
        self.varied.emit()
        self.renamed.emit()

    @property
    def file(self) -> Book:
        """The file as it was read."""
        return self._file

    @property
    def book(self) -> Book:
        """The book as a file has it."""
        return replace(self._file, head=self.state.head, tunes=tuple(tune.written for tune in self.state.tunes))

    @property
    def is_saved(self) -> bool:
        """Whether nothing would be lost."""
        known = self._written
        return known is not None and (known.head, known.tunes) == (self.state.head, self.state.tunes)

    def saved(self, path: Path) -> None:
        """The book as it is now was written there."""
        self.path, self._written = path, self.state
        self.renamed.emit()

    # the tune in hand

    @property
    def tune(self) -> TuneText:
        """The tune in hand."""
        return self.state.tune

    def choose(self, key: int) -> None:
        """Another tune comes into hand."""
        if key != self.state.current:
            before, self.state = self.state, replace(self.state, current=key)
            self.changed.emit(before, self.state)

    def edit(self, edit: Edit, words: str = "typing", *, spans: Sequence[Span] = ()) -> None:
        """Change the text in hand; `spans` are new ones, in the text behind the edit."""
        tune = self.tune
        kept = moved(tune.spans, edit)
        after = replace(tune, text=edit.apply(tune.text),
                        spans=tuple(sorted((*kept, *spans), key=lambda span: span.start)))
        typed = edit if words == "typing" else None
        self._push(self.state.with_tune(after), words, typed)

    def edit_all(self, edits: Sequence[Edit], words: str) -> None:
        """Rewrite the text in hand; who wrote what stays as it was."""
        tune = self.tune
        spans = tuple(replace(span, start=shifted(span.start, edits), stop=shifted(span.stop, edits))
                      for span in tune.spans)
        self._push(self.state.with_tune(replace(tune, text=applied(tune.text, edits), spans=spans)), words)

    def restore(self, tune: TuneText, words: str) -> None:
        """The tune in hand becomes as it once was."""
        self._push(self.state.with_tune(replace(tune, key=self.state.current)), words)

    # the list

    def add(self, texts: Sequence[str], words: str = "new tune", *, instead: bool = False) -> None:
        """Tunes behind the one in hand, or instead of it, with numbers of their own; the first comes into hand."""
        if not texts:
            return
        number = next_number(self.book)
        made = [self._made(numbered(text, number + place)) for place, text in enumerate(texts)]
        tunes = list(self.state.tunes)
        at = tunes.index(self.tune)
        tunes[at + (not instead):at + 1] = made
        self._push(replace(self.state, tunes=tuple(tunes), current=made[0].key), words)

    def duplicate(self, key: int) -> None:
        """A copy behind a tune."""
        self.choose(key)
        self.add([replace(self.tune, tail="\n").written], "duplicate")

    def remove(self, key: int) -> None:
        """Take a tune out; the last one leaves an empty one."""
        tunes = [tune for tune in self.state.tunes if tune.key != key] or [self._made(NEW)]
        place = min([tune.key for tune in self.state.tunes].index(key), len(tunes) - 1)
        current = self.state.current if self.state.current != key else tunes[place].key
        self._push(replace(self.state, tunes=tuple(tunes), current=current), "remove tune")

    def move(self, key: int, place: int) -> None:
        """Put a tune to another place of the list, counted without it."""
        tune = next(tune for tune in self.state.tunes if tune.key == key)
        others = [other for other in self.state.tunes if other.key != key]
        self._push(replace(self.state, tunes=(*others[:place], tune, *others[place:])), "move tune")

    def rename(self, key: int, title: str) -> None:
        """Another T: field."""
        tune = next(tune for tune in self.state.tunes if tune.key == key)
        title = " ".join(title.split())
        if title and title != title_of(tune.text):
            edit = titled(tune.text, title)
            after = replace(tune, text=edit.apply(tune.text), spans=tuple(moved(tune.spans, edit)))
            self._push(self.state.with_tune(after), "rename")

    # variants

    def keep(self, why: str) -> None:
        """Remember the tune in hand as it is."""
        kept = self._variants.setdefault(self.state.current, [])
        if not kept or kept[-1].tune.text != self.tune.text:
            self._next += 1
            kept.append(Variant(self._next, self.tune, time.time(), why))
            del kept[:-MOST_VARIANTS]
            self.varied.emit()

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Of the tune in hand, the newest last."""
        return self.variants_of(self.state.current)

    def variants_of(self, key: int) -> tuple[Variant, ...]:
        """Of any tune."""
        return tuple(self._variants.get(key, ()))

    # the way back

    def _push(self, after: State, words: str, typed: Edit | None = None) -> None:
        if after != self.state:
            self.undo_stack.push(Change(self, self.state, after, words, typed))

    def put(self, state: State) -> None:
        """Be as it is said; for commands."""
        before, was_saved, self.state = self.state, self.is_saved, state
        self.changed.emit(before, state)
        if self.is_saved != was_saved:
            self.renamed.emit()
