"""What the network expects while somebody writes: surprise of each note, and what may come next at the cursor.

Reading takes half a millisecond a token. What was read is remembered, so that behind the next keystroke only the tokens
from there on are read.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from engine.checks import InputError
from engine.composing.behind import Behind, readable, recent
from engine.composing.candidates import music_at, written_token
from engine.composing.places import Place, counted, place_at
from engine.composing.suggest import Choice
from engine.folk.abc_text import parse
from engine.folk.abc_writing import sounding
from engine.folk.bars import Count
from engine.folk.tokens import read_token, style_of, tokens_of
from engine.models.folk_lstm import START, FolkLstm, Memory

READINGS = 4            # that are remembered
CLOSE, APART = 1024, 128    # the memory behind each of so many tokens at the end is kept, before them behind each 128th
PLAIN, STRIKING = 2.0, 8.0  # nats of a note: of Ryan's Mammoth Collection more than half lie below, one in 100 above


@dataclass
class _Read:
    """One token that was read."""

    index: int
    row: NDArray[np.float32]        # natural logarithms of the probabilities of what follows it
    memory: Memory | None           # behind it; None where it was given up


class Listener:
    """Reads tokens with one network, and remembers the last readings."""

    def __init__(self, model: FolkLstm) -> None:
        self.model = model
        self.steps = 0              # tokens that the network has really read so far
        self._readings: list[list[_Read]] = []
        self._lock = threading.Lock()

    def rows(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """Natural logarithms of the probabilities of what follows the start and each token, (tokens + 1, vocabulary).

        Raises
        ------
        InputError
            When the model does not know a token.
        """
        with self._lock:
            wanted = self.model.encode([START, *tokens])
            read = max((self._common(one, wanted) for one in self._readings), key=len, default=[])
            while read and read[-1].memory is None:
                read.pop()
            memory = read[-1].memory if read else self.model.memory()
            for index in wanted[len(read):]:
                assert memory is not None  # those without were left out
                logits, memory = self.model.step(torch.tensor([index]), memory)
                read.append(_Read(index, F.log_softmax(logits[0], 0).numpy(), memory))
                self.steps += 1
            self._remember(read)
            return np.stack([one.row for one in read])

    def _common(self, reading: list[_Read], wanted: list[int]) -> list[_Read]:
        return [one for one, _ in takewhile(lambda pair: pair[0].index == pair[1], zip(reading, wanted, strict=False))]

    def _remember(self, read: list[_Read]) -> None:
        kept = [one if one.memory is None or place >= len(read) - CLOSE or place % APART == 0
                else replace(one, memory=None) for place, one in enumerate(read)]
        indices = [one.index for one in kept]
        others = [one for one in self._readings if [old.index for old in one[:len(indices)]] != indices[:len(one)]]
        self._readings = [kept, *others][:READINGS]


_LISTENERS: WeakKeyDictionary[FolkLstm, Listener] = WeakKeyDictionary()


def listener_of(model: FolkLstm) -> Listener:
    """The one listener of a network."""
    return _LISTENERS.setdefault(model, Listener(model))


def note_surprises(model: FolkLstm, text: str) -> list[tuple[int, int, float]]:
    """(start, stop, nats) of each note, chord and rest of the tune in a text: its pitch, and what gives it its length.

    Notes that the model does not know are left out, and all are where no tokens say what the tune says.
    """
    tune = parse(text)
    try:
        tokens = tokens_of(tune, style=style_of(model.vocabulary))
    except InputError:
        return []
    known = [token for token in tokens if token in model.index]
    rows, nats = iter(listener_of(model).rows(known)), list[float | None]()
    for token in tokens:
        surprise = -float(next(rows)[model.index[token]]) if token in model.index else None
        meant = read_token(token)
        kind = meant.kind if meant is not None else ""
        if kind in ("pitch", "rest"):
            nats.append(surprise)
        elif kind == "length" and nats and nats[-1] is not None and surprise is not None:
            nats[-1] += surprise
    return [(note.start, note.stop, found) for note, found in zip(tune.notes, nats, strict=True) if found is not None]


def strength(nats: float) -> float:
    """How strongly a surprise is shown: 0 up to 2 nats, 1 from 8 nats on, evenly between them."""
    return min(1.0, max(0.0, (nats - PLAIN) / (STRIKING - PLAIN)))


def lens_at(model: FolkLstm, text: str, cursor: int, *, most: int = 12) -> list[Choice]:
    """What is likely next at a cursor, the most probable first, each with the text that says it there.

    Parameters
    ----------
    model : FolkLstm
        Who reads.
    text : str
        With the tune.
    cursor : int
        Offset in the text.
    most : int
        How many are named.

    Returns
    -------
    list of Choice
        The text is empty for what the grammar does not admit, for `</s>`, in a header that is not complete, and where
        the cursor stands inside a word.
    """
    place = place_at(text, cursor)
    try:
        before = place.tokens(style_of(model.vocabulary)) if place is not None and place.has_key else ()
    except InputError:  # something that no token says
        return []
    read = recent(readable(model.vocabulary, before))
    row = listener_of(model).rows(read)[-1]
    here = place if place is not None and place.has_key and place.cursor == cursor else None
    rule = Behind(model.vocabulary, "tune", before, closed=place is not None and not place.bare_note,
                  spaced=place is not None and place.line[-1:].isspace())
    found, count = [], counted(before)
    for index in np.argsort(-row, kind="stable")[:most]:
        token = model.vocabulary[index]
        admitted = rule.admitted(rule.begun, int(index), (), 0, 10**5) is not None
        said = _text(here, count, read, token) if here is not None and admitted else ""
        found.append(Choice(token, float(np.exp(row[index])), admitted, said))
    return found


def _text(place: Place, count: Count, read: Sequence[str], token: str) -> str:
    meant = read_token(token)
    if meant is None or meant.kind in ("meter", "mode", "start", "end"):
        return ""
    said = written_token(place, music_at(place, count), token, sounding((*read, token))[-1])
    return said + (" " if meant.kind in ("bar", "ending") and place.rest[:1] and place.rest[0] in "|:[]" else "")
