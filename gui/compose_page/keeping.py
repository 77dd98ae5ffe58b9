"""What a session keeps of the page: the whole book as it is on screen, its variants, and what is wished for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.checks import InputError
from engine.composing.provenance import without_origins
from engine.composing.tunebook import Book, read_book, title_of
from engine.job import Progress, Report
from engine.sessions.values import Json
from gui.compose_page.filing import BOOKS
from gui.compose_page.keeper import Keeper
from gui.compose_page.tunes import TuneText, Variant
from gui.compose_page.work import PlayWishes
from gui.engine_thread import EngineThread
from gui.session import Held, Kept, Later, fitted
from gui.views.suggest_form import SuggestWishes

if TYPE_CHECKING:
    from gui.compose_page.page import ComposePage

LANE = "compose-revive"
VARIANTS = "variants.json"


@dataclass(frozen=True)
class Revived:
    """A book as a session had it: its tunes, which of them is in hand, and place of a tune -> its variants."""

    book: Book
    path: Path | None
    saved: bool
    tunes: tuple[TuneText, ...]
    current: int
    variants: Mapping[int, tuple[Variant, ...]]


class Keeping(Keeper):
    """Tells a session what there is, and brings it back."""

    def __init__(self, page: ComposePage, live: EngineThread) -> None:
        super().__init__(page, live, lanes=(LANE,))
        self._page, self._tunes, self._live = page, page.tunes, live
        self._held: Held | None = None
        self._wishes: SuggestWishes | None = None       # waits for the network's vocabulary
        page.suggesting.loaded.connect(self._loaded)

    def keep(self) -> Kept | None:
        """What the page holds; None while it is not yet what the session had."""
        page, tunes = self._page, self._tunes
        if self._held is not None:
            return None
        state, file, network = tunes.state, tunes.file, page.suggesting.network
        names = [f"{place:04d} {title_of(tune.text)}".strip() for place, tune in enumerate(state.tunes, 1)]
        listed = [{"name": name, "tail": len(tune.tail)} for name, tune in zip(names, state.tunes, strict=True)]
        wishes = replace(self._wishes or page.panel.wishes(), model="")     # it is named by its network
        work = {"path": str(tunes.path) if tunes.path else None, "saved": tunes.is_saved, "head": state.head,
                "newline": file.newline, "encoding": file.encoding, "tunes": listed,
                "wishes": asdict(wishes), "playing": asdict(page.playing.wishes),
                "network": str(network.path) if network is not None and network.path is not None else None}
        keys = [tune.key for tune in state.tunes]
        sight = {"current": keys.index(state.current), "cursor": page.editor.cursor(), "tab": page.tabs.currentIndex()}
        variants = [(place, one) for place, key in enumerate(keys) for one in tunes.variants_of(key)]
        assets = (Later(VARIANTS, tuple(one for _, one in variants), partial(_variant_file, variants)),)
        return Kept(work, sight, tunes=tuple(Later(name, (tune,), partial(_written, tune))
                                             for name, tune in zip(names, state.tunes, strict=True)),
                    assets=assets if variants else ())

    # the way back

    def restore(self, held: Held) -> None:
        """Be as the session had it; what is in hand stays until that has worked."""
        self._held, work = held, held.work
        self._page.files.cancel_opening()
        self._live.ask(LANE, partial(revived, held))
        self._wishes = fitted(SuggestWishes(), work.get("wishes"))
        self._page.panel.set_wishes(self._wishes)
        playing = fitted(PlayWishes(), work.get("playing"))
        self._page.controls.show_all(playing.instrument, playing.tempo, chords=playing.chords,
                                     metronome=playing.metronome)
        if isinstance(path := work.get("network"), str):
            self._page.suggesting.load(Path(path))
        elif self._page.suggesting.network is not None:
            self._loaded()

    def _loaded(self) -> None:
        """The network knows metres and modes now."""
        if self._wishes is not None:
            self._page.panel.set_wishes(replace(self._wishes, model=self._page.panel.wishes().model))
            self._wishes = None

    def heard(self, lane: str, result: object) -> None:
        """The book is ready."""
        held, self._held = self._held, None
        if held is None or not isinstance(result, Revived):
            return
        self._tunes.revive(result.book, result.path, result.tunes, result.current, result.variants,
                           saved=result.saved)
        cursor, tab = held.sight.get("cursor"), held.sight.get("tab")
        if isinstance(cursor, int) and 0 <= cursor <= len(self._page.editor.text()):
            self._page.doing.select(cursor, cursor)
        if isinstance(tab, int):
            self._page.tabs.setCurrentIndex(tab)
        if result.path is not None:
            self._page.opened.emit(result.path)


def revived(held: Held, report: Report) -> Revived:
    """A book as the session file has it; tunes that it does not name come behind the others."""
    work, listed = held.work, held.work.get("tunes")
    tails = {one["name"]: one.get("tail") for one in listed if isinstance(one, Mapping) and isinstance(
        one.get("name"), str)} if isinstance(listed, list) else {}
    names = [*(name for name in tails if name in held.tunes), *(name for name in held.tunes if name not in tails)]
    tunes = []
    for place, name in enumerate(names):
        report(Progress(place, len(names), "reading the tunes"))
        tunes.append(_tune(place, held.tunes[name], tails.get(name)))
    text = {key: work[key] for key in ("head", "newline", "encoding") if isinstance(work.get(key), str)}
    book = Book(**{"head": "", **text, "tunes": tuple(held.tunes[name] for name in names)})
    path = Path(work["path"]) if isinstance(work.get("path"), str) else None
    current, listed_names = held.sight.get("current"), list(tails)
    wanted = listed_names[current] if isinstance(current, int) and 0 <= current < len(tails) else ""
    places = {listed_names.index(name): place for place, name in enumerate(names) if name in tails}
    return Revived(book, path, bool(work.get("saved")) and _as_on_disk(book, path), tuple(tunes),
                   names.index(wanted) if wanted in names else 0,
                   _variants(held.assets.get(VARIANTS, b"[]"), places))


def _tune(key: int, written: str, tail: Json) -> TuneText:
    cut = len(written) - (tail if isinstance(tail, int) and 0 <= tail <= len(written) else 0)
    text, spans = without_origins(written[:cut])
    return TuneText(key, text, tuple(spans), written[cut:])


def _as_on_disk(book: Book, path: Path | None) -> bool:
    """Whether the file still says the same, so that nothing would be lost."""
    try:
        return path is None or (path.suffix.lower() in BOOKS and read_book(path).tunes == book.tunes)
    except InputError:
        return False


def _written(tune: TuneText) -> str:
    return tune.written


def _variant_file(variants: list[tuple[int, Variant]]) -> bytes:
    return json.dumps([{"tune": place, "text": one.tune.written, "tail": len(one.tune.tail), "time": one.time,
                        "why": one.why} for place, one in variants]).encode()


def _variants(content: bytes, places: Mapping[int, int]) -> dict[int, tuple[Variant, ...]]:
    """Place of a tune -> its variants; none where the file is damaged."""
    found: dict[int, tuple[Variant, ...]] = {}
    try:
        said: list[Any] = json.loads(content)
        for one in said:
            if (place := places.get(one["tune"])) is not None:
                made = Variant(0, _tune(0, str(one["text"]), one["tail"]), float(one["time"]), str(one["why"]))
                found[place] = (*found.get(place, ()), made)
    except (ValueError, TypeError, LookupError, AttributeError):
        return {}
    return found
