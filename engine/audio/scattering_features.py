"""Time scattering as a front end: log coefficients, the second order relative to the first, low to high.

J. Andén, S. Mallat: Deep scattering spectrum. IEEE Trans. Signal Processing 62(16), 2014, section IV.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from engine.audio.features import FrontEnd, Spectrogram
from engine.audio.scattering import MIRRORED, Scattered, Scattering
from engine.audio.waveform import AudioFile, Samples, Waveform
from engine.audio.wavelets import PHI_SIGMA
from engine.checks import InputError
from engine.job import Progress, Report, silent

FLOOR = 1e-6          # of the first order: -114 dB below a full-scale sine
FLOOR_OF_RATIO = 1e-3  # of the second order over the first: modulation 60 dB down is none
COLUMNS_AT_ONCE = 128  # of a long file


@dataclass(frozen=True)
class Path:
    """What one row of scattering features measures.

    Parameters
    ----------
    hz, width_hz
        Centre and standard deviation of the band, in Hz.
    modulation_hz
        Centre of the band's modulation that is measured, in Hz; None where it is the level itself (order 1).
    """

    hz: float
    width_hz: float
    modulation_hz: float | None

    @property
    def name(self) -> str:
        """What a person reads: "440 Hz" or "440 Hz, modulated at 5.3 Hz"."""
        band = f"{_figures(self.hz)} Hz" if self.hz else "offset"
        return band if self.modulation_hz is None else f"{band}, modulated at {_figures(self.modulation_hz)} Hz"


class ScatteringFrontEnd(FrontEnd):
    """From samples to scattering features; a column each `length` samples, centred there.

    There is no STFT in it and no way back to sound.

    Parameters
    ----------
    sr, length
        Hz; samples averaged over, a power of 2.
    q
        Wavelets per octave of the first and of the second order.
    order_0
        Whether the offset is heard, too, which orders 1 and 2 do not contain.
    """

    def __init__(self, *, sr: int = 22050, length: int = 2**14, q: tuple[int, int] = (8, 1),
                 order_0: bool = False) -> None:
        nn.Module.__init__(self)  # that of FrontEnd makes windows and a bank
        self.sr, self.n_fft, self.hop_length, self.floor = sr, 2 * length, length, FLOOR
        self.scattering = Scattering(length=length, q=q)
        rows = [*([Path(0.0, PHI_SIGMA * sr / length, None)] if order_0 else []),
                *(self._path(path) for path in self.scattering.paths)]
        self.order_0 = order_0
        order = sorted(range(len(rows)), key=lambda i: (rows[i].hz, rows[i].modulation_hz or 0.0))
        self.paths = tuple(rows[i] for i in order)
        self._order = torch.tensor(order)
        firsts = torch.tensor([path[0] for path in self.scattering.paths])
        self._first_order, self._band_of = firsts.bincount().numel(), firsts
        self.bands = len(rows)
        centres = np.array([path.hz for path in self.paths])
        top = min(sr / 2, centres[-1] + 2 * self.paths[-1].width_hz)
        self.frequencies, self.fmax = np.concatenate([[0.0], centres, [top]]), float(top)

    def _path(self, path: tuple[int, ...]) -> Path:
        wave = self.scattering.first[path[0]]
        modulation = self.scattering.second[path[1]].centre * self.sr if len(path) > 1 else None
        return Path(wave.centre * self.sr, wave.width * self.sr, modulation)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Equal for front ends that make the same of a sound."""
        return type(self), self.sr, self.hop_length, self.bands, self.order_0

    @property
    def lowest(self) -> Tensor:
        """Features (bands,) of digital silence."""
        return torch.tensor([FLOOR if path.modulation_hz is None else FLOOR_OF_RATIO for path in self.paths]).log()

    def forward(self, y: Tensor) -> Tensor:
        """Features (bands, columns) of y (samples,)."""
        return self.of(y)

    def of(self, y: Tensor, report: Report = silent) -> Tensor:
        """The same, telling how far it is."""
        return self.like(y, report=report)[0]

    def like(self, y: Tensor, likes: Sequence[Scattered] = (), report: Report = silent) -> tuple[Tensor, Scattered]:
        """Features, and what it takes to scatter a like sound faster (`Scattering.scattered`)."""
        if len(y) < 2:
            raise InputError(f"audio: expected sound to scatter, got {len(y)} samples")
        scattered = self.scattering.scattered(y, likes=likes, report=report)
        S = scattered.S.clamp_min(0)
        first, second = S[: self._first_order], S[self._first_order :]
        ratio = second / (first[self._band_of[self._first_order :]] + FLOOR)
        rows = [(first + FLOOR).log(), (ratio + FLOOR_OF_RATIO).log()]
        if self.order_0:
            rows.insert(0, (self.scattering.means(y)[None].abs() + FLOOR).log())
        return torch.cat(rows)[self._order], scattered

    def spectrogram(self, waveform: Waveform) -> Spectrogram:
        """Features of a waveform at any rate and any number of channels."""
        y = waveform.mono().resampled(self.sr).y
        return self._spectrogram(iter([y]), len(y), silent)

    def spectrogram_of_file(self, file: AudioFile, report: Report = silent) -> Spectrogram:
        """Features of a whole file, read in blocks."""
        return self._spectrogram(file.mono_blocks(self.sr), round(file.seconds * self.sr), report)

    def _spectrogram(self, blocks: Iterator[Samples], samples: int, report: Report) -> Spectrogram:
        parts, done = [], 0
        with torch.no_grad():
            for y, first, last in _pieces(blocks, self.hop_length):
                report(Progress(min(done, samples), samples, "scattering"))

                def step(progress: Progress, at: int = done) -> None:
                    report(Progress(min(at, samples), samples, "scattering"))

                parts.append(self.of(torch.from_numpy(y), step)[:, first:last])
                done += parts[-1].shape[1] * self.hop_length
        return Spectrogram(torch.cat(parts, dim=1), self.sr, self.hop_length, self.frequencies)

    @property
    def bank(self) -> Tensor:  # type: ignore[override]
        """There is none: no sound can be made of what it hears.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError("model: expected one that hears a spectrogram, got one that hears time scattering, of which "
                         "no sound can be made; take it to Dissect")

    def stft(self, y: Tensor) -> Tensor:
        """There is none, as `bank` says."""
        return self.bank


def _pieces(blocks: Iterator[Samples], length: int) -> Iterator[tuple[Samples, int, int]]:
    """Pieces of a long signal with what lies around them, and their own columns in each.

    A piece begins and ends `MIRRORED` columns early and late, so far does a column hear; the last takes what is left.
    """
    waiting, before = np.zeros(0, np.float32), 0
    wanted = (COLUMNS_AT_ONCE + 2 * MIRRORED) * length
    for block in blocks:
        waiting = np.concatenate([waiting, block])
        while len(waiting) > wanted + COLUMNS_AT_ONCE * length:
            yield waiting[:wanted], before, wanted // length - MIRRORED
            waiting = waiting[wanted - 2 * MIRRORED * length :]
            before = MIRRORED
    yield waiting, before, -(-len(waiting) // length)


def _figures(hz: float) -> str:
    """Two or three figures: 0.35, 5.3, 440, 8,800."""
    return f"{hz:.2g}" if hz < 10 else f"{float(f'{hz:.3g}'):,.0f}"
