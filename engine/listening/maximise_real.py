"""Real music beside what is synthesised: a layer's statistics, the excerpts a neuron answers to, the nearest one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError, shown
from engine.explain import fid
from engine.job import Progress, Report, silent
from engine.listening.maximise_prior import MELS, turning
from engine.models import mel_bank
from engine.models.listener import Listener
from engine.models.mel_gan import FRAMES, MelGan

CLIPS = Path(__file__).resolve().parents[2] / "resources" / "demo"
NOBODYS_VOICE = "tailwind_vocals"   # the clip that is synthesised
ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".oga", ".opus")
AT_ONCE = 8
STEP = 0.5              # of an excerpt, from one to the next
LEAST_FOR_A_FIT = 20    # excerpts


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
        (bands, window): log spectrogram of the listener's front end.
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
    files, starts
        Recording and second of each excerpt.
    spectrograms
        (excerpts, bands, window).
    activations
        Per layer that was asked for, (excerpts, neurons).
    """

    files: tuple[Path, ...]
    starts: tuple[float, ...]
    spectrograms: Tensor
    activations: dict[str, NDArray[np.float32]]

    def top(self, layer: str, neuron: int, k: int, *, minimise: bool = False) -> tuple[RealExcerpt, ...]:
        """The k excerpts that a neuron answers to most (or least), no two of which overlap."""
        values = self.activations[layer][:, neuron]
        apart = 1 / STEP
        chosen: list[int] = []
        for i in np.argsort(values if minimise else -values, kind="stable").tolist():
            if len(chosen) < k and all(self.files[i] != self.files[j] or abs(i - j) >= apart for j in chosen):
                chosen.append(i)
        return tuple(RealExcerpt(self.files[i], self.starts[i], float(values[i]), self.spectrograms[i])
                     for i in chosen)


def real_music(listener: Listener, layers: Sequence[str], folder: Path | None = None, *,
               report: Report = silent) -> RealMusic:
    """What a listener makes of the bundled clips, or of the recordings in a folder.

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
    step = max(1, round(STEP * listener.window))
    files: list[Path] = []
    starts: list[float] = []
    cut: list[Tensor] = []
    for i, path in enumerate(paths):
        report(Progress(i, len(paths), f"reading {shown(path)}"))
        S = listener.front_end.spectrogram_of_file(AudioFile(path), report).S
        for first in range(0, S.shape[1] - listener.window + 1, step):
            files.append(path)
            starts.append(first / listener.front_end.frames_per_second)
            cut.append(S[:, first : first + listener.window])
    if not cut:
        raise InputError(f"{shown(where)}: expected recordings of {listener.window_seconds:.1f} s or more, found none")
    spectrograms = torch.stack(cut)
    found: dict[str, list[Tensor]] = {layer: [] for layer in layers}
    with torch.inference_mode():
        for first in range(0, len(cut), AT_ONCE):
            report(Progress(first, len(cut), "listening to real music"))
            features = listener.standardised(spectrograms[first : first + AT_ONCE])
            for layer in layers:
                found[layer].append(listener.activations(features, layer))
    return RealMusic(tuple(files), tuple(starts), spectrograms,
                     {layer: torch.cat(parts).numpy() for layer, parts in found.items()})


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


@dataclass(frozen=True)
class Nearest:
    """The real excerpt that a made one is most like, of those that the generator learnt from.

    Parameters
    ----------
    file, start
        Name of the recording, and seconds.
    distance
        Root mean square difference in standard deviations, over cells of five bands by five frames.
    usual
        What the distance is for real music that the generator has not heard: much less would be a copy.
    picture
        (16, 23): what is known of the real excerpt, standardised.
    """

    file: str
    start: float
    distance: float
    usual: float
    picture: NDArray[np.float32]

    @property
    def is_copy(self) -> bool:
        """Whether it is nearer than half of what is usual."""
        return self.distance < self.usual / 2


def nearest_real(sound: Waveform, gan: MelGan, *, skip: int) -> Nearest:
    """The training excerpt nearest to a sound, from frame `skip` on."""
    y = torch.from_numpy(sound.mono().resampled(MELS.sr).y)
    with torch.no_grad():
        heard = MELS(y)[:, skip:]
        if heard.shape[1] < FRAMES:     # of a short sound: forwards and backwards, as often as it takes
            heard = heard[:, turning(torch.arange(FRAMES), heard.shape[1] - 1)]
        S = ((heard[:, :FRAMES] - gan.mean) / gan.std)[None]
    bank = mel_bank.load()
    which, distance = bank.nearest(S)
    i = int(which[0])
    return Nearest(bank.files[i], float(bank.starts[i]), float(distance[0]), float(gan.card["nearest"]["held_out"]),
                   bank.standardised()[i].numpy())
