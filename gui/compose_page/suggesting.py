"""Suggestions for the tune in hand: asked for, cycled through, and accepted in whole or bar by bar."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal

from engine.composing.candidates import Candidate
from engine.composing.continuing import continuations
from engine.composing.filling import fillings
from engine.composing.provenance import Span
from engine.composing.suggest import Choice, Origin
from engine.folk.abc_writing import text_of
from engine.folk.edits import Edit
from engine.folk.novelty import KnownTune
from engine.folk.prime import PrimeError
from engine.folk.sampling import Manner, Said
from engine.job import Report
from gui.compose_page.keeper import Keeper
from gui.compose_page.tunes import State, Tunes
from gui.compose_page.work import Network, network
from gui.engine_thread import EngineThread
from gui.views.suggest_form import SuggestWishes

LANE, MODEL_LANE = "compose-suggest", "compose-model"
STREAM_SECONDS = 1 / 20


class Suggesting(Keeper):
    """Asks a network, and keeps what it answered as long as the text stays as it was."""

    loaded = Signal()                   # another network
    absent = Signal()                   # there is none
    changed = Signal()                  # other candidates, or another one chosen
    streamed = Signal(str)              # tokens of the first stream, as they come
    said = Signal(str)
    prime_refused = Signal(str)         # why nothing begins with the tokens that were asked for

    def __init__(self, tunes: Tunes, thread: EngineThread) -> None:
        super().__init__(tunes, thread, lanes=(LANE, MODEL_LANE))
        self._tunes, self._thread = tunes, thread
        self.network: Network | None = None
        self.candidates: tuple[Candidate, ...] = ()
        self.chosen, self.running, self._wanted = 0, False, 0
        self._for: tuple[int, str] = (-1, "")
        self._accepting = False
        tunes.changed.connect(self._tune_changed)

    # asking

    def has_network(self) -> bool:
        """Whether there is one to ask; else that is said."""
        if self.network is None:
            self.said.emit("There is no network to ask yet; the menu of files opens one of folk-rnn.")
        return self.network is not None

    def load(self, path: Path | None) -> None:
        """Let another network suggest; None for the one that is installed."""
        self._thread.ask(MODEL_LANE, partial(network, path))

    def suggest(self, wishes: SuggestWishes, cursor: int) -> None:
        """How may it go on at the cursor?"""
        if (net := self.network) is not None:
            text, manner = self._tunes.tune.text, manner_of(wishes)
            self._ask(wishes.n, lambda report, heard: continuations(
                net.model, text, cursor, n=wishes.n, manner=manner, constrained=wishes.constrained, known=net.known,
                meter=wishes.meter, mode=wishes.mode, prime=wishes.prime.split(), report=report, heard=heard))

    def fill(self, wishes: SuggestWishes, start: int, stop: int) -> None:
        """What may stand in these bars?"""
        if (net := self.network) is not None:
            text, manner = self._tunes.tune.text, manner_of(wishes)
            self._ask(wishes.n, lambda report, heard: fillings(
                net.model, text, start, stop, n=wishes.n, manner=manner, known=net.known, report=report, heard=heard))

    def cancel(self) -> None:
        """No answer is wanted any more."""
        self._thread.cancel(LANE)
        self.working.emit(LANE, None)
        self._end()

    # what is done with them

    @property
    def candidate(self) -> Candidate | None:
        """The one that is chosen."""
        return self.candidates[self.chosen] if self.candidates else None

    def choose(self, place: int) -> None:
        """Look at another one."""
        if self.candidates:
            self.chosen = place % len(self.candidates)
            self.changed.emit()

    def accept(self, *, bar: bool = False) -> None:
        """Take the chosen one into the tune: all of it, or its first bar; the rest stays a suggestion."""
        candidate = self.candidate
        if candidate is None:
            return
        cut = candidate.bars[0] if bar and candidate.bars and candidate.start == candidate.stop else len(candidate.text)
        text, rest = candidate.text[:cut], candidate.text[cut:]
        self._tunes.keep("before a suggestion")
        edit = Edit(candidate.start, candidate.stop, text)
        self._accepting = True
        self._tunes.edit(edit, "suggestion", spans=[Span(candidate.start, candidate.start + len(text),
                                                         candidate.origin)])
        self._accepting = False
        self._for = (self._tunes.tune.key, self._tunes.tune.text)
        at = candidate.start + len(text)
        self.candidates = (replace(candidate, start=at, stop=at, text=rest,
                                   bars=tuple(bar - cut for bar in candidate.bars[1:])),) if rest.strip() else ()
        self.chosen = 0
        self.changed.emit()

    def take(self, choice: Choice, cursor: int) -> None:
        """Write one token that the network expects, as its own."""
        if self.network is None:
            return
        origin = Origin(self.network.model.name, 0, 0, 1.0, 1.0)
        self._tunes.edit(Edit(cursor, cursor, choice.text), "suggested token",
                         spans=[Span(cursor, cursor + len(choice.text), origin)])

    def dismiss(self) -> None:
        """None of them."""
        if self.candidates:
            self.candidates, self.chosen = (), 0
            self.changed.emit()

    # how they come

    def _ask(self, n: int, work: Callable[[Report, Callable[[Said], None]], list[Candidate]]) -> None:
        tune = self._tunes.tune
        self._for, self.running, self._wanted = (tune.key, tune.text), True, n
        self.dismiss()
        self._thread.ask(LANE, partial(_streaming, work, self.streamed.emit))
        self.changed.emit()

    def _tune_changed(self, before: State, after: State) -> None:
        if (after.current, after.tune.text) == self._for or self._accepting:
            return
        if self.running:
            self.cancel()
        if self.candidates and (after.current != before.current or not self._follows(before, after)):
            self.dismiss()

    def _follows(self, before: State, after: State) -> bool:
        """Whether what was typed is how the chosen one begins: then the rest of it stays."""
        candidate, old, new = self.candidate, before.tune.text, after.tune.text
        n = len(new) - len(old)
        if old == new:
            return True
        if candidate is None or candidate.start < candidate.stop or not 0 < n < len(candidate.text):
            return False
        if new != old[:candidate.start] + candidate.text[:n] + old[candidate.start:]:
            return False
        at, bars = candidate.start + n, tuple(bar - n for bar in candidate.bars if bar > n)
        self.candidates = (replace(candidate, start=at, stop=at, text=candidate.text[n:], bars=bars),)
        self.chosen, self._for = 0, (after.current, new)
        self.changed.emit()
        return True

    def heard(self, lane: str, result: object) -> None:
        """Another network, or candidates."""
        if isinstance(result, Network):
            self.network = result
            self.dismiss()
            self.loaded.emit()
        elif isinstance(result, list):
            self.candidates, self.chosen = tuple(result), 0
            self._end()
            if not result:
                self.said.emit("Nothing new: the network would end the tune here, or nothing fits; try another "
                               "temperature.")
            elif len(result) < self._wanted:
                self.said.emit(f"{len(result)} of {self._wanted}: the others say the same, or end the tune here")

    def missed(self, lane: str) -> None:
        """Nothing is suggested."""
        if lane == LANE:
            self._end()
        elif self.network is None:
            self.absent.emit()

    def tell(self, error: Exception) -> None:
        """Tokens to begin with that are at fault are explained where they were typed."""
        if isinstance(error, PrimeError):
            self.prime_refused.emit(str(error).removeprefix("prime: "))
        else:
            super().tell(error)

    def _end(self) -> None:
        self.running = False
        self.changed.emit()


def known_text(tune: KnownTune) -> str:
    """A tune that was learnt from, as ABC."""
    return text_of(tune.tokens, title=tune.title or "Untitled", comments=[f"from {tune.source}, transposed to C"])


def manner_of(wishes: SuggestWishes) -> Manner:
    """How to draw."""
    return Manner(temperature=wishes.temperature, top_k=wishes.top_k, top_p=wishes.top_p, seed=wishes.seed,
                  stop=wishes.stop)


def _streaming(work: Callable[[Report, Callable[[Said], None]], list[Candidate]], tell: Callable[[str], None],
               report: Report) -> list[Candidate]:
    tokens, told = list[str](), 0.0

    def heard(said: Said) -> None:
        nonlocal told
        if said.stream == 0:
            tokens.append(said.token)
        now = time.monotonic()
        if now - told >= STREAM_SECONDS:
            told = now
            tell(" ".join(tokens[-24:]))

    return work(report, heard)
