"""Real music beside what is synthesised: a layer's statistics, and the excerpts that a neuron answers to.

What a listener makes of a recording on all its layers is kept in the user's cache, under what the recording and the
listener contain: asking about another neuron, layer or direction reads the excerpts that are shown, and no more.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import platformdirs
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError, shown
from engine.disk import write_whole
from engine.explain import fid
from engine.job import Progress, Report, silent
from engine.models import mel_bank
from engine.models.listener import Listener

CLIPS = Path(__file__).resolve().parents[2] / "resources" / "demo"
NOBODYS_VOICE = "tailwind_vocals"   # the clip that is synthesised
ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".oga", ".opus")
AT_ONCE = 4
STEP = 0.5              # of an excerpt, from one to the next
LEAST_FOR_A_FIT = 20    # excerpts
MARGIN = 4              # frames read around an excerpt: what a window reaches over
KEPT = 1                # version of what is kept
IN_MEMORY = 2000        # recordings

Layers = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class RealExcerpt:
    """A piece of a recording.

    Parameters
    ----------
    file
        Where it is from.
    start
        Seconds.
    activation
        Of the neuron asked about.
    S
        (bands, window): log spectrogram as the listener sees it.
    """

    file: Path
    start: float
    activation: float
    S: Tensor

    def sound(self, seconds: float) -> Waveform:
        """So many seconds of the recording from there, in mono."""
        return AudioFile(self.file).read(self.start, self.start + seconds).mono()


@dataclass(frozen=True)
class RealMusic:
    """Excerpts of recordings, half of each in the next, and what a listener makes of them.

    Parameters
    ----------
    listener
        Whose activations.
    files, places
        Recording of each excerpt, and its place among those of that recording.
    activations
        Of each layer, (excerpts, neurons).
    """

    listener: Listener
    files: tuple[Path, ...]
    places: tuple[int, ...]
    activations: Layers

    def top(self, layer: str, neuron: int, k: int, *, minimise: bool = False) -> tuple[RealExcerpt, ...]:
        """The k excerpts that a neuron answers to most (or least), no two of which overlap; these are read."""
        values = self.activations[layer][:, neuron]
        apart = 1 / STEP
        chosen: list[int] = []
        for i in np.argsort(values if minimise else -values, kind="stable").tolist():
            if len(chosen) < k and all(self.files[i] != self.files[j] or abs(i - j) >= apart for j in chosen):
                chosen.append(i)
        return tuple(self._read(i, float(values[i])) for i in chosen)

    def _read(self, i: int, activation: float) -> RealExcerpt:
        listener, first = self.listener, self.places[i] * step_of(self.listener)
        before, rate = min(first, MARGIN), listener.front_end.frames_per_second
        piece = AudioFile(self.files[i]).read((first - before) / rate, (first + listener.window + MARGIN) / rate)
        with torch.inference_mode():
            heard = listener.front_end(torch.from_numpy(piece.mono().resampled(listener.front_end.sr).y))
            S = listener.spectrogram(listener.stretch(heard, before, before + listener.window))
        return RealExcerpt(self.files[i], first / rate, activation, S)


def step_of(listener: Listener) -> int:
    """Frames from one excerpt to the next."""
    return max(1, round(STEP * listener.window))


def real_music(listener: Listener, folder: Path | None = None, *, report: Report = silent) -> RealMusic:
    """What a listener makes of the bundled clips, or of the recordings in a folder, on all its layers.

    Raises
    ------
    InputError
        When there is no recording that is long enough.
    """
    where = CLIPS if folder is None else folder
    if not where.is_dir():
        raise InputError(f"{shown(where)}: expected a folder of recordings, found none")
    paths = sorted(path for path in where.rglob("*")
                   if path.suffix.lower() in ENDINGS and not path.name.startswith(".")
                   and (folder is not None or path.stem != NOBODYS_VOICE))
    last = listener.layers[-1].name
    found: list[tuple[Path, Layers]] = []
    for i, path in enumerate(paths):
        report(Progress(i, len(paths), f"listening to {shown(path)}"))
        found.append((path, _known(listener, path, report)))
    counts = [len(layers[last]) for _, layers in found]
    if not sum(counts):
        raise InputError(f"{shown(where)}: expected recordings of {listener.window_seconds:.1f} s or more, found none")
    return RealMusic(listener, tuple(path for (path, _), n in zip(found, counts, strict=True) for _ in range(n)),
                     tuple(place for n in counts for place in range(n)),
                     {layer.name: np.concatenate([layers[layer.name] for _, layers in found])
                      for layer in listener.layers})


def _known(listener: Listener, path: Path, report: Report) -> Layers:
    """What is kept of a recording, or else is made of it and then kept."""
    kept = _kept_at(listener, path)
    if kept is not None:
        try:
            return _load(kept)
        except (OSError, LookupError, ValueError, EOFError, zipfile.BadZipFile):
            pass        # nothing is kept, or it is damaged
    layers = _listened(listener, path, report)
    if kept is not None:
        buffer = io.BytesIO()
        np.savez(buffer, **{f"layer {name}": values for name, values in layers.items()})  # type: ignore[arg-type]
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, buffer.getvalue())
        except OSError:
            pass        # a full disk, or a cache that nobody may write to: it is made again next time
    return layers


def _kept_at(listener: Listener, path: Path) -> Path | None:
    """Where it is kept; None of a listener without a name for its weights, or a recording that cannot be read."""
    if not listener.card.get("sha256"):
        return None
    try:
        state = path.stat()
        recording = _digest(path, state.st_size, state.st_mtime_ns)
    except OSError:
        return None
    facts = json.dumps([KEPT, recording, listener.name, listener.window, step_of(listener), listener.card],
                       sort_keys=True, default=str)
    folder = Path(platformdirs.user_cache_dir("otoscope")) / "listened"
    return folder / f"{hashlib.sha256(facts.encode()).hexdigest()[:32]}.npz"


@lru_cache(IN_MEMORY)
def _digest(path: Path, size: int, changed: int) -> str:
    """sha256 of a file that was last changed then."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(IN_MEMORY)
def _load(path: Path) -> Layers:
    with np.load(path, allow_pickle=False) as file:
        return {name.removeprefix("layer "): file[name] for name in file.files}


def _listened(listener: Listener, path: Path, report: Report) -> Layers:
    """Activations (excerpts, neurons) of all layers; no rows of a recording that is too short."""
    S = listener.front_end.spectrogram_of_file(AudioFile(path), report).S
    firsts = range(0, S.shape[1] - listener.window + 1, step_of(listener))
    found: dict[str, list[Tensor]] = {layer.name: [torch.zeros(0, layer.neurons)] for layer in listener.layers}
    with torch.inference_mode():
        for i in range(0, len(firsts), AT_ONCE):
            report(Progress(i, len(firsts), f"listening to {shown(path)}"))
            cut = torch.stack([S[:, first : first + listener.window] for first in firsts[i : i + AT_ONCE]])
            for name, values in listener.all_activations(listener.standardised(cut)).items():
                found[name].append(values)
    return {name: torch.cat(parts).numpy() for name, parts in found.items()}


def real_gaussian(listener: Listener, layer: str, music: RealMusic, *, own: bool) -> fid.Gaussian | None:
    """Real music on a layer: of many held-out excerpts where those are known, else of `music`; None for too few.

    Parameters
    ----------
    own
        Whether `music` is the user's choice, which goes before what is known.
    """
    if not own:
        bank = mel_bank.load()
        if bank.detector == listener.card.get("sha256") and layer in bank.means:
            return fid.Gaussian(bank.means[layer], bank.factors[layer], bank.n)
    activations = music.activations[layer]
    return fid.fitted(activations) if len(activations) >= LEAST_FOR_A_FIT else None
