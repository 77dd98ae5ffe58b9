"""What the network makes of the tune in hand: what surprises it, what it expects next, what of it is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QTimer, Signal

from engine.checks import InputError
from engine.composing.anatomy import Anatomy, anatomy
from engine.composing.statistics import Population
from engine.composing.suggest import MOST_COMPARED, Choice
from engine.composing.surprises import lens_at, note_surprises
from engine.folk.abc_text import parse
from engine.folk.novelty import KnownTune, Novelty
from engine.folk.tokens import pitches_of, style_of, tokens_of
from engine.folk.tune import Tune
from engine.job import Progress, Report
from gui.compose_page.keeper import Keeper
from gui.compose_page.tunes import State, Tunes
from gui.compose_page.work import Network
from gui.engine_thread import EngineThread

LANE, LENS_LANE, CORPUS_LANE = "compose-read", "compose-lens", "compose-corpus"
PAUSE_MS, LENS_MS = 400, 60
UNREAD = "What stands before the cursor cannot be said in the words of folk-rnn, so it expects nothing here"


@dataclass(frozen=True)
class Copy:
    """A passage that a known tune has, too."""

    tune: KnownTune
    first: int              # notes, from 1
    last: int
    start: int              # offsets in the text
    stop: int


@dataclass(frozen=True)
class Reading:
    """What is known of one text."""

    key: int
    text: str
    tune: Tune
    surprises: tuple[tuple[int, int, float], ...]   # start, stop, nats
    novelty: Novelty | None
    copies: tuple[Copy, ...]
    anatomy: Anatomy | None
    why: str = ""           # the network cannot read it


@dataclass(frozen=True)
class Lens:
    """What may come next at one place of one text."""

    key: int
    text: str
    cursor: int
    choices: tuple[Choice, ...]
    why: str = ""           # there are none


class Reader(Keeper):
    """Reads the tune whenever whoever writes it pauses."""

    read = Signal()
    looked = Signal()

    def __init__(self, tunes: Tunes, thread: EngineThread, batch: EngineThread) -> None:
        super().__init__(tunes, thread, batch, lanes=(LANE, LENS_LANE, CORPUS_LANE), quiet=(LENS_LANE,))
        self._tunes, self._thread, self._batch = tunes, thread, batch
        self.network: Network | None = None
        self.corpus: Population | None = None
        self.reading: Reading | None = None
        self.lens: Lens | None = None
        self._cursor, self.wants_lens, self._counting = 0, False, False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._read)
        self._still = QTimer(self, singleShot=True, interval=LENS_MS)
        self._still.timeout.connect(self._look)
        tunes.changed.connect(self._changed)

    def read_with(self, network: Network) -> None:
        """Another network reads from now on."""
        self.network, self.reading, self.lens = network, None, None
        self._read()
        self._look()

    def look_at(self, cursor: int) -> None:
        """The cursor stands here now."""
        if cursor != self._cursor:
            self._cursor = cursor
            self._still.start()

    def want_corpus(self) -> None:
        """Somebody wants to know what is usual: count the tunes that were learnt, once."""
        known = self.network.known if self.network is not None else None
        if known is not None and not self._counting:
            self._counting = True
            self._batch.ask(CORPUS_LANE, lambda report: Population([tune.tokens for tune in known.tunes], report))

    def want_lens(self, wanted: bool) -> None:
        """Whether anybody looks at what may come next."""
        self.wants_lens = wanted
        if wanted:
            self._look()

    @property
    def is_fresh(self) -> bool:
        """Whether what was read is the text as it stands."""
        tune = self._tunes.tune
        return self.reading is not None and (self.reading.key, self.reading.text) == (tune.key, tune.text)

    def close_down(self) -> None:
        """No timers any more."""
        self._pause.stop()
        self._still.stop()

    def _changed(self, before: State, after: State) -> None:
        if before.current != after.current:
            self._read()
        elif before.tune.text != after.tune.text:
            self._pause.start()
        self._still.start()

    def _read(self) -> None:
        tune = self._tunes.tune
        if self.network is not None and not self.is_fresh:
            self._thread.ask(LANE, partial(reading, self.network, self.corpus, tune.key, tune.text))

    def _look(self) -> None:
        tune = self._tunes.tune
        if self.network is not None and self.wants_lens:
            self._thread.ask(LENS_LANE, partial(looked, self.network, tune.key, tune.text, self._cursor))

    def heard(self, lane: str, result: object) -> None:
        """What was read, counted or looked at."""
        if isinstance(result, Reading):
            self.reading = result
            self.read.emit()
        elif isinstance(result, Population):
            self.corpus, self.reading = result, None
            self._read()
        elif isinstance(result, Lens):
            self.lens = result
            self.looked.emit()


def reading(network: Network, corpus: Population | None, key: int, text: str, report: Report) -> Reading:
    """Read a tune, and compare it with those that were learnt."""
    report(Progress(0, 3))
    tune = parse(text)
    try:
        tokens = tokens_of(tune, style=style_of(network.model.vocabulary)) if tune.notes else ()
    except InputError as error:
        return Reading(key, text, tune, (), None, (), None, str(error))
    short = bool(tokens) and len(tokens) <= MOST_COMPARED
    surprises = tuple(note_surprises(network.model, text)) if short else ()
    report(Progress(1, 3))
    novelty = network.known.novelty(tokens) if network.known is not None and short else None
    report(Progress(2, 3))
    copies = tuple(_copies(tune, tokens, novelty)) if novelty is not None else ()
    return Reading(key, text, tune, surprises, novelty, copies, anatomy(tokens, corpus) if short else None)


def _copies(tune: Tune, tokens: tuple[str, ...], novelty: Novelty) -> list[Copy]:
    """Passages by notes and by what stands in the text."""
    numbers, n = list[int](), 0
    for pitch in pitches_of(tokens):
        n += pitch is not None
        numbers.append(n)
    notes = [note for note in tune.notes if note.pitches]
    return [Copy(one.tune, numbers[one.start], numbers[one.stop], notes[numbers[one.start] - 1].start,
                 notes[numbers[one.stop] - 1].stop)
            for one in novelty.passages if numbers[one.stop] <= len(notes)]


def looked(network: Network, key: int, text: str, cursor: int, report: Report) -> Lens:
    """What may come next."""
    report(Progress(0, 1))
    try:
        choices = tuple(lens_at(network.model, text, cursor))
    except InputError as error:
        return Lens(key, text, cursor, (), str(error))
    return Lens(key, text, cursor, choices, "" if choices else UNREAD)
