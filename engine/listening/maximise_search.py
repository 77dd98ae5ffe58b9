"""The grid search for a neuron, kept on disk seed by seed, and the examples behind its ranking."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch
from numpy.typing import NDArray

from engine.checks import InputError, shown
from engine.disk import write_chosen, write_whole
from engine.explain import fid
from engine.explain.maximise import Prior, Settings
from engine.explain.maximise_grid import Grid, Ranked, WatchRanking, beyond, search
from engine.job import Progress, Report, silent
from engine.listening.maximise import LEAST_FOR_FID, TOP, Neuron, fid_layer_of, heard, hidden_of
from engine.listening.maximise_prior import prior_of
from engine.listening.maximise_real import RealExcerpt, real_gaussian, real_music
from engine.listening.maximise_values import Example, MaximiseAnswer, MaximiseQuestion
from engine.models import mel_gan
from engine.models.stored_arrays import read_arrays

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class SearchAnswer:
    """A ranked grid.

    Parameters
    ----------
    ranking
        The most natural setting first.
    fid_layer, real
        Layer that naturalness is measured on, and real music there.
    top
        Real excerpts that the neuron answers to most (or least), the strongest first.
    seconds
        How long it took this time; what was kept from before is not counted.
    """

    ranking: tuple[Ranked, ...]
    fid_layer: str
    real: fid.Gaussian
    top: tuple[RealExcerpt, ...]
    seconds: float

    def as_json(self, *, minimise: bool) -> dict[str, Any]:
        """What `--json` adds to the examples of the best setting."""
        strong = beyond(self.ranking, self.top[0].activation, minimise=minimise)
        return {"ranking": [asdict(setting) for setting in self.ranking],
                "beyond_real": None if strong is None else asdict(strong)}


class SeedFolder:
    """Keeps what became of each seed in a file of its own; a damaged one is as good as none."""

    LARGEST = 1_000_000_000     # bytes, unpacked

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, seed: int) -> Arrays | None:
        try:
            arrays = read_arrays(self.folder / f"{seed}.npz", most=self.LARGEST)
            return {name: arrays[name] for name in ("points", "activations", "hidden")}
        except (OSError, LookupError, ValueError):
            return None

    def save(self, seed: int, arrays: Arrays) -> None:
        buffer = io.BytesIO()
        np.savez(buffer, points=arrays["points"], activations=arrays["activations"], hidden=arrays["hidden"])
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / f"{seed}.npz", buffer.getvalue())

    def kept(self) -> int:
        """How many seeds, from the first on, need not be done again."""
        seed = 0
        while (self.folder / f"{seed}.npz").exists():
            seed += 1
        return seed


@dataclass(frozen=True)
class Search:
    """A grid search that can be interrupted.

    Parameters
    ----------
    neuron
        Whose examples.
    question
        Prior, direction, optimiser, the layer for distances, and what real music is.
    grid
        Direction and optimiser are those of the question.
    prior
        What examples are made of.
    store
        Where seeds are kept.
    """

    neuron: Neuron
    question: MaximiseQuestion
    grid: Grid
    prior: Prior
    store: SeedFolder

    @classmethod
    def of(cls, neuron: Neuron, question: MaximiseQuestion, grid: Grid, work: Path | None = None) -> Search:
        """A search that goes on where the same one was interrupted.

        Parameters
        ----------
        work
            Folder for what is kept; None for the user's cache.

        Raises
        ------
        InputError
            When something asked for is not possible.
        """
        grid = replace(grid, minimise=question.minimise, optimiser=question.optimiser).checked()
        listener = neuron.listener
        layer = fid_layer_of(listener, question.fid_layer)
        prior = prior_of(question.prior, listener, question.regularisers)
        facts = [listener.name, listener.card.get("sha256"), neuron.layer, neuron.index, layer, question.prior,
                 mel_gan.load().card["sha256"] if question.prior == "gan" else asdict(question.regularisers),
                 [value for name, value in asdict(grid).items() if name != "seeds"]]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
        folder = work or Path(platformdirs.user_cache_dir("otoscope")) / "maximise"
        return cls(neuron, question, grid, prior, SeedFolder(folder / f"{listener.name}-{neuron.layer}-{key}"))

    def run(self, report: Report = silent, watch: WatchRanking | None = None) -> SearchAnswer:
        """Do what is still to do, and rank.

        Parameters
        ----------
        watch
            Called with the ranking so far before a seed is grown, once there are two.

        Raises
        ------
        InputError
            When there is too little real music to measure naturalness by.
        """
        began = time.perf_counter()
        listener, neuron = self.neuron.listener, self.neuron
        layer = fid_layer_of(listener, self.question.fid_layer)
        music = real_music(listener, self.question.real, report=report)
        real = real_gaussian(listener, layer, music, own=self.question.real is not None)
        if real is None:
            raise InputError(f"real music: expected 20 or more excerpts to measure naturalness by, found "
                             f"{len(music.files)}; name a folder with more")
        ranking = search(neuron.score, self.prior, lambda features: hidden_of(listener, layer, features), real,
                         grid=self.grid, store=self.store, report=report, watch=watch)
        top = music.top(neuron.layer, neuron.index, TOP, minimise=self.grid.minimise)
        return SearchAnswer(ranking, layer, real, top, time.perf_counter() - began)

    def into_card(self, found: SearchAnswer, path: Path) -> None:
        """Write the ranking into the card of a prior, and the default of its direction.

        That is the most natural of the settings that excite the neuron more than real music does: the most natural of
        all hardly moves, and half of its examples are not even decided on.

        Raises
        ------
        InputError
            When the file is no such card or cannot be written.
        """
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
            same = card["sha256"] == mel_gan.load().card["sha256"]
        except (OSError, LookupError, TypeError, ValueError, RecursionError):
            raise InputError(f"{shown(path)}: expected the card of a prior, found none; it is named gan.json") from None
        if not same:
            raise InputError(f"{shown(path)}: expected the card of the prior that is in use, found that of another one")
        direction = "minimise" if self.grid.minimise else "maximise"
        card.setdefault("grid", {})[direction] = {
            "neuron": f"{self.neuron.listener.name} {self.neuron.layer} {self.neuron.index}",
            "seeds": self.grid.seeds, "fid_layer": found.fid_layer, "real_max": found.top[0].activation,
            **found.as_json(minimise=self.grid.minimise)}
        write_chosen(path, (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode())

    def answer(self, found: SearchAnswer, setting: Ranked | None = None, *, report: Report = silent) -> MaximiseAnswer:
        """All examples of a setting, the best where none is given, as if they had been asked for."""
        setting = setting or found.ranking[0]
        began, neuron = time.perf_counter(), self.neuron
        settings = Settings(setting.lr, setting.reg, setting.iterations, self.grid.optimiser, self.grid.minimise)
        enough = setting.n >= LEAST_FOR_FID
        examples = self.examples(setting, self.grid.seeds, report=report)
        return MaximiseAnswer(
            neuron.listener.name, neuron.layer, neuron.index, neuron.meaning,
            replace(self.question, seeds=self.grid.seeds, first_seed=0), settings, examples,
            setting.fid if enough else None, self.extrapolated(setting, found) if enough else None, found.fid_layer,
            setting.n, found.top[0].activation, found.top, found.seconds + time.perf_counter() - began)

    def extrapolated(self, setting: Ranked, found: SearchAnswer) -> fid.Extrapolated:
        """The distance that a setting would have with infinitely many seeds."""
        i, k = self._place(setting)
        kept = [arrays for seed in range(self.grid.seeds) if (arrays := self.store.load(seed)) is not None]
        hidden = np.stack([arrays["hidden"][i, k] for arrays in kept if np.isfinite(arrays["activations"][i, k])])
        return fid.extrapolated(hidden, found.real)

    def _place(self, setting: Ranked) -> tuple[int, int]:
        """Where a setting lies in what is kept."""
        return self.grid.iterations.index(setting.iterations), self.grid.pairs.index((setting.lr, setting.reg))

    def examples(self, setting: Ranked, seeds: int = 4, *, report: Report = silent) -> tuple[Example, ...]:
        """The first examples of a setting, to be seen and heard beside those of others."""
        i, k = self._place(setting)
        made, steps = [], np.array([0, *self.grid.iterations[: i + 1]])
        for seed in range(min(seeds, self.grid.seeds)):
            report(Progress(seed, seeds, "listening to examples"))
            arrays = self.store.load(seed)
            if arrays is None:
                continue
            point = torch.from_numpy(arrays["points"][i, k])
            with torch.inference_mode():
                features = self.prior.generate(point[None])[0]
                begun = self.neuron.score(self.prior.generate(self.prior.begin(seed)[None])).numpy()
            curve = np.concatenate([begun, arrays["activations"][: i + 1, k]])
            failed = None if np.isfinite(curve[-1]) else setting.iterations
            made.append(heard(self.neuron, point, features, seed=seed, curve=curve, steps=steps, failed=failed,
                              report=report))
        return tuple(made)
