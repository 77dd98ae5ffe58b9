"""Engraves tunes: parsed ABC to MEI, and MEI to SVG by Verovio in a child process.

    score = Engraver().engrave(tune, text)
    score.pages[0].svg                      # flat, so that Qt draws it
    score.at(312.0, 88.0)                   # id of the note there; `mei.place_of` tells its place in the text
    score.onsets["n120"]                    # quarter notes from the beginning, as written (repeats not unfolded)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from engine.checks import InputError, within
from engine.folk.child import Child, ChildDied, ChildRefused, ChildStopped, ChildTooSlow
from engine.folk.flatten import Box, Page
from engine.folk.mei import id_of, mei_of
from engine.folk.tune import Tune

PATIENCE = 20.0             # seconds: 5,000 bars take 6
A4 = (794.0, 1123.0)        # pixels, at 96 to the inch
SCALE = 40                  # percent
MOST_MEI = 20_000_000       # characters: about 30,000 bars


@dataclass(frozen=True)
class Sheet:
    """What is to be engraved, and on what paper."""

    mei: str
    width: float            # pixels
    height: float           # pixels, at most: a page ends below its last staff
    scale: int              # percent: 100 draws a staff 72 pixels high
    flat: bool              # for Qt, else as Verovio draws it
    first: int              # page from which on to draw
    most: int               # pages to draw


@dataclass(frozen=True)
class Drawn:
    """Pages of `count` that there are, and the boxes of what is on them."""

    count: int
    pages: tuple[Page, ...]
    boxes: dict[str, Box]


@dataclass(frozen=True)
class Score:
    """An engraved tune.

    Parameters
    ----------
    pages : tuple of Page
        SVG with its size in pixels: those asked for.
    first : int
        Number of the first of them, from 0.
    count : int
        Pages that there are.
    boxes : dict
        Box of each note and rest on these pages by its id. Notes of a chord have the chord's id and `c0`, `c1`, ...;
        measures have `m` and the offset of their first note; grace notes `g` and their offset.
    onsets : dict
        Onset of each note, chord and rest in quarter notes from the beginning of the tune, as written.
    """

    pages: tuple[Page, ...]
    first: int
    count: int
    boxes: dict[str, Box]
    onsets: dict[str, float]

    def at(self, x: float, y: float, page: int = 0, reach: float = 6.0) -> str | None:
        """Id of the note or rest nearest to a point of a page; None if none is within `reach` pixels."""
        def distance(box: Box) -> float:
            return max(box.x - x, x - box.x - box.w, 0.0) + max(box.y - y, y - box.y - box.h, 0.0)

        near = [(distance(box), name) for name, box in self.boxes.items() if box.page == page and name[0] != "m"]
        best = min(near, default=(reach + 1, ""))
        return best[1] if best[0] <= reach else None


@dataclass(frozen=True)
class _Written:
    """A tune, its text, and what is made of it."""

    tune: Tune
    text: str
    mei: str
    onsets: dict[str, float]


class Engraver:
    """Engraves one tune after another; its child process starts with the first."""

    def __init__(self) -> None:
        self.child = Child("engine.folk.engraver_child")
        self._last: _Written | None = None

    def engrave(self, tune: Tune, text: str, *, width: float = A4[0], height: float = A4[1], scale: int = SCALE,
                flat: bool = True, first: int = 0, most: int = 1000, seconds: float = PATIENCE) -> Score:
        """Engrave a tune.

        Parameters
        ----------
        tune : Tune
            Its problems are passed over.
        text : str
            What it was parsed from.
        width, height : float
            Size of a page in pixels; it is lower where less is on it.
        scale : int
            Percent; 100 draws a staff 72 pixels high.
        flat : bool
            For Qt; else as Verovio draws it, for other programs.
        first, most : int
            Which pages to draw.
        seconds : float
            Time that it may take.

        Raises
        ------
        InputError
            When it cannot be engraved, with the reason.
        ChildStopped
            `close` was called meanwhile.
        """
        within(width, 100, 100_000, "width of a page")
        within(height, 100, 100_000, "height of a page")
        within(scale, 5, 500, "scale")
        written = self._written(tune, text)
        if len(written.mei) > MOST_MEI:
            raise InputError(f"the tune has {len(tune.notes):,} notes, too many to engrave; split it")
        try:
            drawn: Drawn = self.child.ask(Sheet(written.mei, width, height, scale, flat, first, most),
                                          seconds=seconds)
        except ChildStopped:
            raise
        except ChildTooSlow:
            raise InputError(f"engraving took longer than {seconds:g} s; shorten the tune of {len(tune.notes):,} "
                             "notes") from None
        except (ChildDied, ChildRefused) as error:
            raise InputError(f"the tune cannot be engraved (Verovio: {error}); "
                             "take out what was written last") from None
        return Score(drawn.pages, first, drawn.count, drawn.boxes, written.onsets)

    def _written(self, tune: Tune, text: str) -> _Written:
        """Once for a tune whose pages are asked for one after another."""
        last = self._last
        if last is None or last.tune is not tune or last.text != text:
            self._last = last = _Written(tune, text, mei_of(tune, text), onsets_of(tune))
        return last

    def close(self) -> None:
        """End the child, also in the middle of its work; the next tune starts another."""
        self.child.close()


def onsets_of(tune: Tune) -> dict[str, float]:
    """Onset of each note, chord and rest in quarter notes from the beginning, as written, by its id."""
    onsets: dict[str, float] = {}
    for voice in tune.voices:
        now = Fraction(0)
        for note in voice.notes:
            onsets[id_of(note)] = float(4 * now)
            now += note.duration
    return onsets
