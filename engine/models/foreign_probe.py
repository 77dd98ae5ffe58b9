"""What a model says of itself when it is tried: a card to begin with, for its owner to finish.

Shapes, the number of outputs and whether these look like probabilities can be found out. The sample rate, the mel scale
and the names of the labels cannot: the card's note lists what is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.checks import InputError, shown
from engine.job import Progress, Report, silent
from engine.models.foreign_card import Card, card_of
from engine.models.foreign_consent import agreed_to, model_bytes
from engine.models.foreign_fields import FORMATS
from engine.models.foreign_worker import Worker

LENGTHS = (16_000, 22_050, 44_100, 8_000, 32_000, 48_000, 66_150, 80_000, 160_000, 220_500, 480_000, 512, 256, 1024,
           2048, 4096)
BANDS = (80, 128, 64, 40, 96, 48, 229, 256)
BINS = (513, 257, 1025, 201, 129, 2049)
FRAMES = (100, 115, 128, 64, 256, 87, 43, 96, 187, 216, 313, 500, 1000, 1001, 1024, 3000)
NAMES_OF_RATE = ("sr", "sample_rate", "sampling_rate", "fs")
RATES = {16_000: (512, 16_000, 80_000, 160_000, 480_000), 8_000: (8_000,), 32_000: (32_000, 320_000),
         44_100: (44_100, 220_500), 48_000: (48_000,)}
GUESSED_RATE = 22_050
CHUNKS = 16             # of a model that remembers, in a window
LEVELS = (0.1, 1.0, 10.0)   # of noise: numbers that stay within 0 and 1 even for the loudest are probabilities
SECONDS = 20.0
MOST_TRIES = 400
Shape = tuple[int, ...]
Layout = tuple[str | int, ...]


@dataclass(frozen=True)
class Fitting:
    """A shape that a model takes, what its axes are, further arguments, and the shapes of its outputs."""

    shape: Shape
    layout: Layout
    arguments: dict[str, int]
    outputs: tuple[Shape, ...]


def proposed_card(path: Path, *, report: Report = silent) -> Card:
    """A card for a model, by trying what it takes; `note` says what was found and what is a guess.

    Raises
    ------
    InputError
        When nobody agreed to run it, or it takes nothing that was tried.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"{shown(path)}: expected a model that ends in {', '.join(FORMATS)}, got another file")
    data, sha256 = model_bytes(path)
    if not agreed_to(sha256):
        raise InputError(f"{shown(path)}: a model is a program with your rights, and nobody agreed to run this one; "
                         "agree first if you trust where it comes from")
    spec = {"format": kind, "memory_mb": 4096, "layout": ["batch", "time"]}
    worker = Worker(path.stem, data, spec, seconds=SECONDS)
    try:
        worker.load()
        fitting = _first_fitting(worker, shown(path), report)
        return _card(path, kind, sha256, worker, fitting)
    finally:
        worker.close()


def _first_fitting(worker: Worker, name: str, report: Report) -> Fitting:
    refused = ""
    tries = ((shape, layout, arguments) for arguments in _arguments(worker.facts, name)
             for shape, layout in candidates(worker.facts))
    for i, (shape, layout, arguments) in zip(range(MOST_TRIES), tries, strict=False):
        report(Progress(i, MOST_TRIES, f"trying an input of {' x '.join(map(str, shape))}"))
        try:
            said, _ = worker.ask({"do": "try", "arguments": arguments}, [_noise(shape)])
        except InputError as error:
            refused = refused or str(error)
            continue
        if outputs := tuple(tuple(one) for one in said["shapes"]):
            return Fitting(shape, layout, arguments, outputs)
    raise InputError(f"{name}: expected a model that takes sound or spectrograms, found none of the usual shapes that "
                     f"it takes; write its card by hand ({refused[:200]})")


def _arguments(facts: dict[str, Any], name: str) -> list[dict[str, int]]:
    """What its inputs beside the sound could be: a sample rate, or there are none."""
    further = list(facts.get("inputs") or {})[1:]
    rates = [one for one in further if one.lower() in NAMES_OF_RATE]
    if others := [one for one in further if one not in rates]:
        raise InputError(f"{name}: expected a model that takes sound, and perhaps its sample rate, got one that takes "
                         f"{', '.join(others)} too; write its card by hand, with state or arguments")
    return [dict.fromkeys(rates, rate) for rate in RATES] if rates else [{}]


def candidates(facts: dict[str, Any]) -> Iterator[tuple[Shape, Layout]]:
    """Shapes to try with what their axes would be, the likeliest first."""
    declared = next((shape for shape in (facts.get("inputs") or {}).values() if shape), None)
    first = facts.get("first") or []
    if declared:
        yield from _of_declared(declared)
    elif len(first) == 4:
        yield from _spectrograms(1, (*BANDS, *BINS))
    elif len(first) == 3 and first[1] > 1:
        yield from _spectrograms(None, (first[1],))
    elif len(first) == 2:
        yield from _spectrograms(None, (first[1],), turned=True)
        yield from _spectrograms(1, (first[1],))
        yield from _waveforms((first[1],))
    yield from _waveforms(LENGTHS)
    yield from _spectrograms(1, BANDS[:4])


def _of_declared(shape: list[int | None]) -> Iterator[tuple[Shape, Layout]]:
    """Of the shape that a model declares, where None may be anything."""
    for layout in _layouts(shape):
        spectral = "bands" in layout
        for bands in (*BANDS, *BINS) if spectral else (0,):
            for time in FRAMES if spectral else LENGTHS:
                values = {"batch": 1, 1: 1, "bands": bands, "time": time}
                yield tuple(size or values[axis] for size, axis in zip(shape, layout, strict=True)), layout


def _layouts(shape: list[int | None]) -> list[Layout]:
    """What the axes of a declared shape could be."""
    if len(shape) < 3:
        return [("batch", "time")] if len(shape) == 2 else [("time",)]
    if len(shape) == 3:
        if 1 in shape[1:]:
            return [("batch", 1, "time") if shape[1] == 1 else ("batch", "time", 1)]
        return [("batch", "bands", "time"), ("batch", "time", "bands")]
    if len(shape) == 4:
        if shape[1] in (1, None):
            return [("batch", 1, "bands", "time"), ("batch", 1, "time", "bands")]
        return [("batch", "bands", "time", 1)]
    return []


def _waveforms(lengths: Iterable[int]) -> Iterator[tuple[Shape, Layout]]:
    for n in lengths:
        yield (1, n), ("batch", "time")
        yield (1, 1, n), ("batch", 1, "time")
        yield (1, n, 1), ("batch", "time", 1)


def _spectrograms(channel: int | None, bands: Iterable[int], *, turned: bool = False) -> Iterator[
        tuple[Shape, Layout]]:
    for n in bands:
        for frames in FRAMES:
            if channel is None:
                both: list[tuple[Shape, Layout]] = [
                    ((1, n, frames), ("batch", "bands", "time")), ((1, frames, n), ("batch", "time", "bands"))]
                yield from reversed(both) if turned else both
            else:
                yield (1, 1, n, frames), ("batch", 1, "bands", "time")


def _card(path: Path, kind: str, sha256: str, worker: Worker, fitting: Fitting) -> Card:
    """The card of what was found."""
    sizes = dict(zip(fitting.layout, fitting.shape, strict=True))
    window, bands = sizes["time"], sizes.get("bands", 0)
    answers = [_answer(worker, fitting, seed) for seed in range(len(LEVELS))]
    output_layout, found = _labels_axis(fitting, answers)
    exclusive, outputs = _kind_of(found)
    width = found.shape[1]
    rate = next(iter(fitting.arguments.values()), next(
        (rate for rate, lengths in RATES.items() if not bands and window in lengths), GUESSED_RATE))
    entries: dict[str, Any] = {
        "file": path.name, "format": kind, "sha256": sha256, "title": path.stem, "sample_rate": rate, "window": window,
        "input": "waveform" if not bands else "magnitude" if bands in BINS else "log-mel",
        "layout": list(fitting.layout), "outputs": outputs, "exclusive": exclusive, "output_layout": output_layout,
        "labels": ["no", "yes"] if width == 1 else [f"label {i + 1}" for i in range(width)]}
    if bands:
        n_fft = 2 * (bands - 1) if bands in BINS else 1024
        entries |= {"n_fft": n_fft, "hop_length": n_fft // 4, **({} if bands in BINS else {"n_mels": bands})}
    if "batch" in fitting.layout and not _takes_two(worker, fitting):
        entries["batch"] = 1
    if fitting.arguments:
        entries["arguments"] = fitting.arguments
    note = ""
    if not np.array_equal(answers[0], _answer(worker, fitting, 0)):
        note += " It answers the same sound differently the second time: it remembers, or it draws lots."
        if resets := [one for one in worker.facts.get("methods", []) if "reset" in one and not bands]:
            entries |= {"reset": resets[0], "chunk": window, "window": CHUNKS * window}
    if len(fitting.outputs) > 1:
        note += f" It has {len(fitting.outputs)} outputs, of {', '.join(map(str, fitting.outputs))}; this is the first."
    card = card_of(entries, shown(path))
    guessed = ", ".join(guesses(card))
    return replace(card, note=f"Proposed by trying the model. Guesses, to be put right: {guessed}.{note}")


def guesses(card: Card) -> tuple[str, ...]:
    """Keys of a proposed card that no trying can tell."""
    always = ("input", "sample_rate", "labels")
    return always if card.input == "waveform" else (*always, "n_fft", "hop_length", "scale", "mean", "std")


def _answer(worker: Worker, fitting: Fitting, seed: int, shape: Shape | None = None) -> NDArray[np.float32]:
    return worker.ask({"do": "try", "arguments": fitting.arguments}, [_noise(shape or fitting.shape, seed)])[1][0]


def _labels_axis(fitting: Fitting, answers: list[NDArray[np.float32]]) -> tuple[list[str | int], NDArray[np.float32]]:
    """Axes of the first output, and its answers as (excerpts or frames, labels)."""
    shape = answers[0].shape
    batched = "batch" in fitting.layout
    inner = shape[1:] if batched else shape
    start: list[str | int] = ["batch"] if batched else []
    if not inner:
        return [*start, "labels"], np.stack([one.reshape(1) for one in answers])
    axes: list[str | int] = [1 if n == 1 else "time" for n in inner[:-1]]
    if axes.count("time") > 1:
        raise InputError(f"expected a classifier, got a model that answers with arrays of shape {shape}; write its "
                         "card by hand, choosing an output and its output_layout")
    return [*start, *axes, "labels"], np.concatenate([one.reshape(-1, inner[-1]) for one in answers])


def _kind_of(found: NDArray[np.float32]) -> tuple[bool, str]:
    """Whether labels exclude each other, and what the numbers (answers, labels) are."""
    if found.min() < 0 or found.max() > 1:
        return True, "logits"
    return bool(found.shape[1] == 1 or np.allclose(found.sum(axis=1), 1, atol=1e-3)), "probabilities"


def _takes_two(worker: Worker, fitting: Fitting) -> bool:
    """Whether two excerpts at once are answered as two."""
    place = fitting.layout.index("batch")
    shape = tuple(2 if i == place else n for i, n in enumerate(fitting.shape))
    try:
        answer = _answer(worker, fitting, 0, shape)
    except InputError:
        return False
    return answer.ndim > 0 and answer.shape[0] == 2


def _noise(shape: Shape, seed: int = 0) -> NDArray[np.float32]:
    return (LEVELS[seed] * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)
