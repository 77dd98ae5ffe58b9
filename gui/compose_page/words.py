"""What the page says of tunes, suggestions and what was read."""

from __future__ import annotations

import re
from functools import lru_cache

from engine.composing.anatomy import Anatomy, Phrase
from engine.composing.suggest import Choice, Origin
from engine.folk.abc_words import FIELD
from engine.folk.bars import Validity
from engine.folk.novelty import KnownTune, Novelty
from engine.folk.tune import Pitch, Problem, Tune
from engine.models.folk_lstm import END
from gui.compose_page.reading import Reading
from gui.compose_page.work import Sheet
from gui.views.anatomy_view import FactGroup
from gui.views.lens_view import LensRow
from gui.views.novelty_view import NearRow, NoveltyView, PassageRow

SIGNS = {-2: "𝄫", -1: "♭", 0: "", 1: "♯", 2: "𝄪"}
CONTEXT = 28    # characters before the cursor


@lru_cache(maxsize=4096)
def in_list(text: str) -> tuple[str, str]:
    """Title, and metre with key, of a tune that was not read yet."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if field := FIELD.match(line):
            found.setdefault(field[1], field[2].partition("%")[0].strip())
            if field[1] == "K":
                break
    return found.get("T") or "Untitled", " · ".join(filter(None, (found.get("M"), _key(found.get("K", "")))))


@lru_cache(maxsize=4096)
def bars_in(text: str) -> int:
    """Bars of a text, roughly: what stands between bar lines."""
    music = "\n".join(line for line in text.splitlines() if not FIELD.match(line) and not line.startswith("%"))
    return sum(bool(re.search("[A-Ga-gz]", part)) for part in re.split(r"[|:\]]+", music))


def detail(sheet: Sheet) -> str:
    """One line: `6/8 · Edor · 32 bars`."""
    key, voices = _key(sheet.tune.field("K")) or str(sheet.tune.key), len(sheet.tune.voices)
    return " · ".join(filter(None, (sheet.tune.meter.text if sheet.tune.meter.bar else "free", key,
                                    _plural(sheet.bars, "bar"), _plural(voices, "voice") if voices > 1 else "")))


def about(sheet: Sheet) -> str:
    """The headline's second part."""
    said = f"{detail(sheet)} · {_plural(len(sheet.places.names), 'note')}"
    if sheet.fault:
        return sheet.fault
    if found := problems(sheet.tune):
        return f"{said} · {_plural(len(found), 'problem')}: {found[0]}"
    return said


def problems(tune: Tune) -> tuple[Problem, ...]:
    """What is wrong with a tune; a header that is still being written is not."""
    return tune.problems if tune.events else tuple(one for one in tune.problems if one.start > tune.start)


def _key(text: str) -> str:
    """The key of a field K:, without its clef and such."""
    return re.split(r"\s*(?:%|\b(?:clef|middle|octave|transpose|stafflines)=|\b(?:treble|bass|alto|tenor)\b)", text)[0]


def origin(one: Origin) -> str:
    """Who suggested it."""
    return (f"suggested by {one.model}, seed {one.seed}, stream {one.stream}, temperature {one.temperature:g}, "
            f"top_p {one.top_p:g}")


def validity(one: Validity) -> str:
    """Bars without fault."""
    return f"{one.bars_valid}/{one.bars}"


def known(one: Novelty | None) -> str:
    """Share of the notes that stand in known passages."""
    return f"{100 * one.copied:.0f}" if one is not None else "–"


def context(text: str, cursor: int) -> str:
    """What stands before the cursor."""
    before = text[:cursor].rpartition("\n")[2]
    return f"after {'…' if len(before) > CONTEXT else ''}{before[-CONTEXT:]}" if before.strip() else "at the beginning"


def lens_row(choice: Choice) -> LensRow:
    """What may come next as it is written in the tune's own key; the token, which is in C, beside it."""
    written = " ".join(choice.text.split())
    said = "end" if choice.token == END else written or choice.token
    return LensRow(said, choice.token if said != choice.token else "", choice.probability, choice.admitted)


def facts(found: Anatomy | None, tune: Tune) -> list[FactGroup]:
    """What a tune is made of."""
    pitches = sorted((pitch for note in tune.notes for pitch in note.pitches), key=lambda pitch: pitch.midi)
    if found is None or not found.bars or not pitches:
        return []
    lowest, highest = pitches[0], pitches[-1]
    phrases = [(one.letter, f"{_bars(one)}, ends on the {one.cadence}") for one in found.phrases]
    return [
        FactGroup("Form", (("Phrases", found.form), ("Bars", str(found.bars)),
                           ("Range", f"{_pitch(lowest)} to {_pitch(highest)}, {highest.midi - lowest.midi} semitones"),
                           ("Bars that recur", f"{100 * found.motifs:.0f} %")), ()),
        FactGroup("Cadences", tuple(phrases), ()),
        FactGroup("Where it breaks the conventions of its corpus", (), found.breaks),
    ]


def show_novelty(view: NoveltyView, found: Reading) -> None:
    """Nearest tunes and copied passages."""
    if found.novelty is None:
        view.clear(found.why or "Nothing to compare yet: write some notes, or load a network whose tunes are known")
        return
    near = [NearRow(place, one.tune.title, one.tune.source, one.similarity)
            for place, one in enumerate(found.novelty.nearest)]
    copies = [PassageRow(len(near) + place, one.tune.title, one.first, one.last)
              for place, one in enumerate(found.copies)]
    view.show_novelty(near, copies, found.novelty.copied)


def known_tune(found: Reading, named: int) -> KnownTune | None:
    """The tune that a row of `show_novelty` names."""
    if found.novelty is None:
        return None
    return [*(one.tune for one in found.novelty.nearest), *(one.tune for one in found.copies)][named]


def _bars(phrase: Phrase) -> str:
    one = phrase.first == phrase.last
    return f"bar {phrase.first}" if one else f"bars {phrase.first}–{phrase.last}"


def _pitch(pitch: Pitch) -> str:
    octave, name = divmod(pitch.step, 7)
    return "CDEFGAB"[name] + SIGNS.get(pitch.alter, "") + str(4 + octave)


def _plural(n: int, word: str) -> str:
    return f"{n:,} {word}{'s' * (n != 1)}"
