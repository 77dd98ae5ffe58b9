"""The way back to sound: from mel spectrograms, and from changes of mel spectrograms.

`from_spectrogram` lets hear what a model hears; `with_mel_gain` changes a recording as its mel spectrogram was
changed, at its own rate and with its own phase. Levels come out as they went in; nothing is normalised and
nothing clipped, so a sum may exceed 1.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from engine.audio.features import FrontEnd
from engine.audio.waveform import Waveform
from engine.checks import InputError
from engine.job import Progress, Report, silent

ITERATIONS = 60          # of the inversion: residual below 1e-3 (music: 2e-5); librosa's solver stops at 6e-3
GRIFFIN_LIM_ITERATIONS = 32
MOMENTUM = 0.99
QUIET = 1e-3             # mel magnitude of noise near -85 dB full scale: below lies dither, nothing to amplify
MOST_GAIN = 100.0        # 40 dB: beyond, amplifying makes a recording's own noise into a wanted sound
FADE_SECONDS = 0.005


def magnitude_of_mel(mel: Tensor, bank: Tensor, *, iterations: int = ITERATIONS) -> Tensor:
    """Magnitude spectra that have these mel spectra, by multiplicative updates.

    X <- X * B'(M / BX) / B'1 (Richardson 1972, Lucy 1974) keeps X non-negative and decreases the
    Kullback-Leibler divergence of BX from M. The bands overlap only with their neighbours, so it is quick; it
    starts from the mean of the bands over each bin, so it stays smooth where the bands leave a choice.

    Parameters
    ----------
    mel
        (..., n_mels, frames), linear magnitude, not negative.
    bank
        (n_mels, bins), not negative.
    iterations
        Number of updates.

    Returns
    -------
    Tensor
        (..., bins, frames); zero where no band reaches.
    """
    reached = bank.sum(0) > 0
    B = bank[:, reached].contiguous()
    back = (B / B.sum(0)).T.contiguous()
    X = back @ mel
    for _ in range(iterations):
        X *= back @ (mel / (B @ X).clamp_min_(1e-20))
    whole = mel.new_zeros(*mel.shape[:-2], bank.shape[1], mel.shape[-1])
    whole[..., reached, :] = X
    return whole


def griffin_lim(magnitude: Tensor, front_end: FrontEnd, *, iterations: int = GRIFFIN_LIM_ITERATIONS,
                momentum: float = MOMENTUM, seed: int = 0, report: Report = silent) -> Tensor:
    """Phases (bins, frames) for magnitudes (bins, frames), so that the spectrogram is nearly that of a sound.

    D. W. Griffin, J. S. Lim: Signal estimation from modified short-time Fourier transform. IEEE TASSP 1984;
    with the momentum of N. Perraudin, P. Balazs, P. L. Søndergaard: A fast Griffin-Lim algorithm. WASPAA 2013.

    Returns
    -------
    Tensor
        Complex, of modulus 1.
    """
    n_fft, hop, window = front_end.n_fft, front_end.hop_length, front_end.window
    X = magnitude.T.contiguous()  # frame by frame in memory: twice as quick as torch.stft and torch.istft
    envelope = _overlapped((window**2).expand(len(X), -1), hop).clamp_min(1e-6)
    draw = torch.rand(X.shape, generator=torch.Generator().manual_seed(seed))
    phase = torch.polar(torch.ones_like(draw), 2 * math.pi * draw)
    last = torch.zeros_like(phase)
    for i in range(iterations):
        report(Progress(i, iterations, "estimating phase"))
        y = _overlapped(torch.fft.irfft(X * phase, n_fft) * window, hop) / envelope
        rebuilt = torch.fft.rfft(y.unfold(0, n_fft, hop) * window)
        phase = torch.sgn(torch.sub(rebuilt, last, alpha=momentum / (1 + momentum)))
        last = rebuilt
    return phase.T


def _overlapped(parts: Tensor, hop: int) -> Tensor:
    """Sum of the rows of `parts` (frames, n), each `hop` samples after the one before."""
    frames, n = parts.shape
    pieces = -(-n // hop)
    rows = torch.nn.functional.pad(parts, (0, pieces * hop - n)).view(frames, pieces, hop)
    out = parts.new_zeros(frames + pieces - 1, hop)
    for i in range(pieces):
        out[i : i + frames] += rows[:, i]
    return out.flatten()[: n + (frames - 1) * hop]


def from_spectrogram(S: Tensor, front_end: FrontEnd, *, phase: Waveform | None = None, seed: int = 0,
                 report: Report = silent) -> Waveform:
    """Sound whose log-mel spectrogram is S: what a model hears. Above the top band there is nothing.

    Parameters
    ----------
    S
        (n_mels, frames), natural log of magnitude.
    front_end
        What S was made by; the sound has its rate.
    phase
        A sound whose phase is taken, with frame 0 centred on its first sample; None estimates one.
    seed
        Of the phases that the estimate starts from.

    Returns
    -------
    Waveform
        Mono, frames * hop_length samples.
    """
    frames, hop = S.shape[-1], front_end.hop_length
    report(Progress(0, 1, "inverting the bands"))
    magnitude = S.exp() if front_end.bank is None else magnitude_of_mel(S.exp(), front_end.bank)
    # one frame more, for what follows the centre of the last one
    magnitude = torch.cat([magnitude, magnitude[:, -1:]], dim=1)
    if phase is None:
        turn = griffin_lim(magnitude, front_end, seed=seed, report=report)
    else:
        y = torch.from_numpy(phase.mono().resampled(front_end.sr).padded(frames * hop).y)
        turn = torch.sgn(torch.stft(y, front_end.n_fft, hop, window=front_end.window, pad_mode="constant",
                                    return_complex=True))
    sound = torch.istft(magnitude * turn, front_end.n_fft, hop, window=front_end.window, length=frames * hop)
    return Waveform(sound.numpy(), front_end.sr)


def with_mel_gain(waveform: Waveform, gain: Tensor, front_end: FrontEnd, *, before: Tensor,
                  start: float = 0.0, seed: int = 0) -> Waveform:
    """The recording, changed as its mel spectrogram was changed; at its own rate and with its own phase.

    Between the centres of two bands the gain follows both (the triangles of the bands sum to 1 there), outside
    the bands the nearest one, and in time a straight line between frames. Above the top band, which the model
    does not hear, sound is taken away with that band but never amplified. Where energy is wanted and the
    recording has nothing to amplify, noise of that level is added.

    Parameters
    ----------
    waveform
        Any rate, any number of channels.
    gain
        (n_mels, frames): mel magnitude afterwards over that before; held beyond the first and last frame.
    front_end
        What the mel spectrograms were made by.
    before
        (n_mels, frames), linear mel magnitude of the recording.
    start
        Where the centre of frame 0 lies, in seconds of the waveform.
    seed
        Of the noise.

    Returns
    -------
    Waveform
        As long as the waveform; within 1e-5 of it where the gain is 1.

    Raises
    ------
    InputError
        When `gain` and `before` differ in shape.
    """
    if gain.shape != before.shape or gain.ndim != 2:
        raise InputError(f"gain: expected bands and frames like the spectrogram's {tuple(before.shape)}, "
                         f"got {tuple(gain.shape)}")
    stft = _NativeStft(waveform.sr, front_end)
    y = torch.from_numpy(np.ascontiguousarray(waveform.y))
    D = stft.of(y)
    bands, frames = stft.places(D.shape[-1], start)
    heard = stft.frequencies <= front_end.fmax

    nothing_there = (before < QUIET) | (gain > MOST_GAIN)
    passed = torch.where(nothing_there, gain.clamp_max(1.0), gain)
    made = ((gain * before) ** 2 - (passed * before) ** 2).clamp_min(0).sqrt()
    factor = _between(passed, bands, frames)
    D = D * torch.where(heard[:, None], factor, factor.clamp_max(1.0))
    if made.any():
        D = D + stft.of(stft.noise(y.shape[-1], seed)) * (_between(made, bands, frames) * heard[:, None])
    return Waveform(stft.back(D, y.shape[-1]).numpy(), waveform.sr)


def faded(waveform: Waveform, seconds: float = FADE_SECONDS) -> Waveform:
    """The sound with both ends faded, so that neither clicks."""
    n = min(round(seconds * waveform.sr), waveform.y.shape[-1] // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / max(1, n))).astype(np.float32)
    y = waveform.y.copy()
    y[..., :n] *= ramp
    y[..., y.shape[-1] - n :] *= ramp[::-1]
    return Waveform(y, waveform.sr)


class _NativeStft:
    """STFT at a recording's own rate whose windows last as long as the front end's."""

    def __init__(self, sr: int, front_end: FrontEnd) -> None:
        self.sr, self.front_end = sr, front_end
        self.n_fft = max(16, 4 * round(front_end.n_fft * sr / front_end.sr / 4))
        self.hop_length = self.n_fft // 4
        self.window = torch.hann_window(self.n_fft)
        self.frequencies = torch.arange(self.n_fft // 2 + 1) * (sr / self.n_fft)

    def of(self, y: Tensor) -> Tensor:
        return torch.stft(y, self.n_fft, self.hop_length, window=self.window, pad_mode="constant",
                          return_complex=True)

    def back(self, D: Tensor, samples: int) -> Tensor:
        return torch.istft(D, self.n_fft, self.hop_length, window=self.window, length=samples)

    def places(self, n_frames: int, start: float) -> tuple[Tensor, Tensor]:
        """Bands at which the bins lie, and front-end frames at which the frames do, both fractional."""
        centres = self.front_end.frequencies[1:-1]
        bands = np.interp(self.frequencies.numpy(), centres, np.arange(len(centres)))
        seconds = torch.arange(n_frames) * (self.hop_length / self.sr) - start
        return torch.from_numpy(bands).float(), seconds * self.front_end.frames_per_second

    def noise(self, samples: int, seed: int) -> Tensor:
        """White noise whose magnitudes are 1 in the front end's STFT, in the mean."""
        draw = torch.randn(samples, generator=torch.Generator().manual_seed(seed))
        power = float((self.front_end.window**2).sum()) * self.front_end.sr / self.sr
        return draw / (math.sqrt(math.pi) / 2 * math.sqrt(power))  # mean of a Rayleigh variable of that power


def _between(values: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """`values` read at fractional rows and columns, linear between, held beyond the borders."""
    return _along(_along(values, rows).T, columns).T


def _along(values: Tensor, places: Tensor) -> Tensor:
    places = places.clamp(0, len(values) - 1)
    low = places.floor().long()
    high = (low + 1).clamp_max(len(values) - 1)
    return torch.lerp(values[low], values[high], (places - low)[:, None].to(values.dtype))
