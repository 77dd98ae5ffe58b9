"""What is done on the engine's threads for the page: it touches no widget and no state."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PySide6.QtGui import QImage

from engine.audio.waveform import Waveform, write_wav
from engine.checks import InputError, shown
from engine.disk import write_chosen
from engine.explain.maximise import Growth, Settings, Watch
from engine.explain.maximise_grid import Grid, Ranked
from engine.job import Progress, Report
from engine.listening.maximise import TOP, Neuron, at_points, fid_layer_of, synthesise
from engine.listening.maximise_nearest import Nearest, sound_of
from engine.listening.maximise_prior import PRIORS, between, heard_by
from engine.listening.maximise_real import real_music
from engine.listening.maximise_search import Search
from engine.listening.maximise_values import Example, MaximiseQuestion, default_settings
from engine.models import catalogue, mel_bank, mel_gan
from engine.models.listener import Listener
from gui.maximise_page.values import (
    Answered,
    Directions,
    Growing,
    Here,
    Opened,
    RealTop,
    Searched,
    Shipped,
    Shown,
    SoFar,
)
from gui.maximise_page.words import ranks_of
from gui.views.latent_walk import DIRECTIONS, WalkPlace
from gui.views.neuron_field import LayerChoice
from gui.views.prior_view import PriorFacts

TELL_SECONDS = 0.1
SAMPLES = 4         # examples of each of best, median and worst
MORE_SAMPLES = 8    # of a setting that is looked at
Tell = Callable[[object], None]


def opened(model: str, report: Report) -> Opened:
    """Load a model; the first one there is where it is missing."""
    names = tuple(catalogue.names())
    listener = catalogue.opened(model if model in names or not names else names[0])
    *layers, last = (LayerChoice(layer.name, layer.neurons) for layer in listener.layers)
    meanings = tuple(Neuron.of(listener, last.name, neuron).meaning for neuron in range(last.neurons))
    return Opened(model if model in names else listener.name, names, listener,
                  (*layers, replace(last, labels=meanings)), _defaults(), _why_not(listener), prior_facts(), shipped())


def _why_not(listener: Listener) -> dict[str, str]:
    """Priors that a listener cannot use."""
    if not listener.differentiable:
        return dict.fromkeys(PRIORS, f"no gradient comes back from {listener.name}: nothing can be grown through it")
    if listener.hears_magnitudes:
        return {}
    return {"gan": f"{listener.name} hears samples, and the generator makes magnitudes"}


def shipped() -> dict[str, Shipped]:
    """What the generator's card holds of the grid, by direction; nothing where it was not searched."""
    found = {}
    for direction, name in (("max", "maximise"), ("min", "minimise")):
        try:
            grid = mel_gan.load().card["grid"][name]
            found[direction] = Shipped(str(grid["neuron"]), tuple(Ranked(**one) for one in grid["ranking"]),
                                       int(grid["seeds"]), str(grid["fid_layer"]))
        except (InputError, LookupError, TypeError, ValueError):
            continue
    return found


def prior_facts() -> PriorFacts | None:
    """What the generator's card says of it, with the picture beside it; None where there is no generator."""
    try:
        card = mel_gan.load().card
        history = tuple((float(one["minutes"]), float(one["fid"])) for one in card.get("history", ()))
        known = {name: None if card.get(name) is None else float(card[name])
                 for name in ("fid", "floor", "fid_of_training_excerpts")}
        data = card.get("data", {}).get("train", {})
        told = tuple((name, str(text)) for name, text in (
            ("Learnt from", f"{data['recordings']} recordings, {data['minutes']:.0f} min" if data else ""),
            ("Trained", card.get("command", "")), ("Distances", card.get("fid_means", "")),
            ("Limits", card.get("limits", "")), ("Why no WGAN-GP", card.get("successor", "")),
            ("Remarks", card.get("remarks", "")), ("Weights", card.get("weights_licence", ""))) if text)
        image = QImage(str(mel_gan.FOLDER / "gan.png")).convertToFormat(QImage.Format.Format_Grayscale8)
        grey = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)[:, : image.width()].copy()
        return PriorFacts(grey, (mel_gan.BANDS, mel_gan.FRAMES), history, known["fid"], known["floor"],
                          known["fid_of_training_excerpts"], str(card.get("fid_layer", "")), told)
    except (InputError, LookupError, TypeError, ValueError):
        return None


def _defaults() -> dict[str, tuple[float, float, int]]:
    """The best settings of the grid, by direction; where there is no prior yet, those of the paper."""
    found = {}
    for direction in ("max", "min"):
        try:
            best = default_settings(minimise=direction == "min")
        except InputError:
            best = Settings()
        found[direction] = best.lr, best.reg, best.iterations
    return found


# examples


def maximised(listener: Listener, question: MaximiseQuestion, tell: Tell, report: Report) -> Answered:
    """Make examples, and tell of them while they grow, at most ten times a second."""
    answer = synthesise(listener, question, report=report, watch=_watching(listener, question, tell))
    ranks = ranks_of([example.activation for example in answer.examples], lowest=question.minimise)
    return Answered(answer, tuple(as_shown(example, f"seed {example.seed}", rank, latent=question.prior == "gan")
                                  for example, rank in zip(answer.examples, ranks, strict=True)))


def _watching(listener: Listener, question: MaximiseQuestion, tell: Tell) -> Watch:
    told = 0.0
    seeds = tuple(range(question.first_seed, question.first_seed + question.seeds))

    def watch(growth: Growth) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= TELL_SECONDS:
            told = now
            mels = listener.spectrogram(growth.features).numpy()
            tell(Growing(growth.iteration, seeds, tuple(mels), growth.activations.numpy()))

    return watch


def as_shown(example: Example, title: str, rank: str = "", *, latent: bool = True) -> Shown:
    """An example with its picture, and that of its nearest real excerpt in the same units."""
    gan = mel_gan.load()
    mean, std = (x.view(-1, mel_bank.CELL).mean(dim=1, keepdim=True).numpy() for x in (gan.mean, gan.std))
    with torch.inference_mode():
        compared = gan.spectrogram(example.point[None])[0] if latent else example.S
    real = example.nearest.picture * std + mean
    return Shown(example, title, example.S.numpy(), compared.numpy(), real, rank, latent)


# real music


def real_top(listener: Listener, question: MaximiseQuestion, report: Report) -> RealTop:
    """The real excerpts that the neuron answers to most (or least)."""
    neuron = Neuron.of(listener, question.layer, question.neuron)
    music = real_music(listener, question.real, report=report)
    excerpts = music.top(neuron.layer, neuron.index, TOP, minimise=question.minimise)
    sounds = tuple(one.sound(listener.window_seconds) for one in excerpts)
    return RealTop(excerpts, tuple(one.S.numpy() for one in excerpts), sounds)


def nearest_heard(nearest: Nearest, folder: Path | None, report: Report) -> tuple[Waveform, Path | None]:
    """What can be heard of the real excerpt that an example is most like."""
    return sound_of(nearest, folder, report=report)


# the grid


def searched(listener: Listener, question: MaximiseQuestion, tell: Tell, report: Report) -> Searched:
    """Search the grid, or go on with it, and tell of the ranking so far."""
    search = _search(listener, question)
    found = search.run(report, lambda ranking: tell(SoFar(ranking)))
    return Searched(search, found, search.answer(found, report=report))


def kept(listener: Listener, question: MaximiseQuestion, report: Report) -> tuple[int, int]:
    """How many seeds of the search are done, of how many."""
    search = _search(listener, question)
    return min(search.store.kept(), search.grid.seeds), search.grid.seeds


def _search(listener: Listener, question: MaximiseQuestion) -> Search:
    neuron = Neuron.of(listener, question.layer, question.neuron)
    fid_layer_of(listener, question.fid_layer)
    return Search.of(neuron, question, Grid())


def samples(done: Searched, settings: Sequence[tuple[Ranked, str]], report: Report) -> tuple[Ranked | None,
                                                                                            tuple[Shown, ...]]:
    """A few examples of each setting; `settings` come with their ranks."""
    alone = len(settings) == 1
    made: list[Shown] = []
    for place, (setting, rank) in enumerate(settings):
        def of_all(progress: Progress, place: int = place) -> None:
            total = max(1, progress.total)
            report(Progress(place * total + progress.done, total * len(settings), progress.message))

        for example in done.search.examples(setting, MORE_SAMPLES if alone else SAMPLES, report=of_all):
            title = f"seed {example.seed}" if alone else f"{rank} · seed {example.seed}"
            made.append(as_shown(example, title, rank, latent=done.search.question.prior == "gan"))
    return (settings[0][0] if alone else None), tuple(made)


# walking


def directions(points: Sequence[torch.Tensor], report: Report) -> Directions:
    """Principal directions of the examples' latents, each as long as one standard deviation."""
    X = torch.stack(list(points)).double()
    _, spread, vectors = torch.linalg.svd(X - X.mean(dim=0), full_matrices=False)
    k = min(DIRECTIONS, len(points) - 1)
    share = spread**2 / (spread**2).sum().clamp_min(1e-12)
    long = vectors[:k] * (spread[:k] / max(1, len(points) - 1) ** 0.5)[:, None]
    return Directions(long.float(), tuple(share[:k].tolist()))


def point_at(place: WalkPlace, a: torch.Tensor, b: torch.Tensor | None, along: Directions | None) -> torch.Tensor:
    """The latent of a place."""
    z = a if b is None else between(a, b, place.mix)
    if along is not None:
        k = len(along.vectors)
        z = z + torch.tensor(place.along[:k]) @ along.vectors
    return z


@torch.inference_mode()
def stood(listener: Listener, question: MaximiseQuestion, place: WalkPlace, z: torch.Tensor, report: Report) -> Here:
    """What is at a place of the latent, as a picture and in numbers."""
    neuron, gan = Neuron.of(listener, question.layer, question.neuron), mel_gan.load()
    features = heard_by(listener, gan, z[None])
    report(Progress(1, 2, "walking"))
    return Here(place, z, listener.spectrogram(features)[0].numpy(), float(neuron.score(features)[0]),
                float(neuron.probability(features)[0]))


def sounded(listener: Listener, question: MaximiseQuestion, z: torch.Tensor, report: Report) -> Waveform:
    """What a place of the latent sounds like."""
    example, = at_points(listener, question.layer, question.neuron, [z], report=report)
    return example.sound


# files


def wavs_written(folder: Path, sounds: Sequence[tuple[str, Waveform]], report: Report) -> Path:
    """Write float WAVs into a folder.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place, (name, sound) in enumerate(sounds):
            report(Progress(place, len(sounds), f"writing {name}"))
            write_wav(folder / name, sound)
    except OSError as error:
        raise InputError(f"{shown(folder)}: could not be written ({error.strerror}); choose another folder") from None
    return folder


def file_written(path: Path, content: bytes, report: Report) -> Path:
    """Write one file."""
    write_chosen(path, content)
    return path
