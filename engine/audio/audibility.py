"""What can be heard: the threshold in quiet, the threshold next to music, and how far a change lies above it.

Playback is taken to put a full-scale sine at `level_db` dB SPL (90 unless told), with nothing else in the room.
The masking model is J. D. Johnston: Transform coding of audio signals using perceptual noise criteria, IEEE JSAC
6(2), 1988. It looks at each frame alone: masking before and after loud sounds is left out, so it rather calls
something audible that is not. Thresholds are those of a young, healthy ear in a silent room.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy import fft
from torch import Tensor

from engine.audio.waveform import Samples
from engine.checks import InputError, within

FULL_SCALE_DB = 90.0     # dB SPL of a full-scale sine: loud listening
# Hz, edges of the critical bands (E. Zwicker, JASA 33, 1961), the last reaching to the end of hearing
CRITICAL_BANDS = (0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700,
                  4400, 5300, 6400, 7700, 9500, 12000, 15500, 20000)
HEARD = (20.0, 20000.0)  # Hz: sound outside masks nothing
FLATTEST_TONE_DB = -60.0  # spectral flatness of what counts as wholly tonal (Johnston)
SMALLEST = 1e-8          # of a frame's mean power: below, a bin is numerical noise and says nothing about flatness
FRAME_SECONDS = 0.0464   # as BS.1387 and the front ends: 1024 samples at 22.05 kHz
MOST_SENSITIVE = 3300.0  # Hz
MIRRORED_SECONDS = 0.5   # so that a sound's ends are no clicks for the long filters
FEW_FRAMES = 12
NO_RATIO_DB = -149.0     # below: no residual at all, which is stated as -150


def threshold_in_quiet(hz: ArrayLike) -> NDArray[np.float64]:
    """The faintest audible tone in dB SPL, same shape as `hz`.

    3.64 f^-0.8 - 6.5 exp(-0.6 (f - 3.3)^2) + 10^-3 f^4 with f in kHz: E. Terhardt: Calculating virtual pitch,
    Hearing Research 1, 1979. It was fitted to tones from 20 Hz; below, it rises steeper than measured thresholds
    (about 97 dB SPL at 10 Hz), which only matters for playback above 90 dB SPL. Below 1 Hz that of 1 Hz is given.
    """
    f = np.maximum(np.asarray(hz, dtype=np.float64), 1.0) / 1000
    return np.asarray(3.64 * f**-0.8 - 6.5 * np.exp(-0.6 * (f - 3.3) ** 2) + 1e-3 * f**4)


def critical_bands_of(sr: int, n_fft: int) -> Tensor:
    """Index of the critical band of each bin, (n_fft // 2 + 1,); what lies above 20 kHz is in the last."""
    hz = torch.arange(n_fft // 2 + 1) * (sr / n_fft)
    return torch.bucketize(hz, torch.tensor(CRITICAL_BANDS[1:-1], dtype=hz.dtype), right=True)


def spreading(bands: int) -> Tensor:
    """Share of the energy in band j that reaches band i, (bands, bands) at [i, j].

    15.81 + 7.5 (d + 0.474) - 17.5 sqrt(1 + (d + 0.474)^2) dB, d = i - j in Bark: M. R. Schroeder, B. S. Atal,
    J. L. Hall: Optimizing digital speech coders by exploiting masking properties of the human ear, JASA 66, 1979.
    It falls by 25 dB per Bark downwards and 10 upwards. Rows are divided by their sums: Johnston's
    renormalisation, which undoes the gain that the spreading has for equal energy in all bands.
    """
    band = torch.arange(bands, dtype=torch.float32)
    d = band[:, None] - band[None, :] + 0.474
    share = 10 ** ((15.81 + 7.5 * d - 17.5 * torch.sqrt(1 + d * d)) / 10)
    return share / share.sum(dim=1, keepdim=True)


def quiet_magnitude(*, sr: int, n_fft: int, level_db: float = FULL_SCALE_DB) -> Tensor:
    """Magnitudes (n_fft // 2 + 1,) up to which noise is inaudible in silence: the floor of `masking_threshold`.

    Noise this strong has in each critical band the power of a tone at the threshold in quiet. As the window smears,
    a bin gets the lowest threshold from the bin before it to the bin after it; infrasound gets what 20 Hz gets, and
    nothing more than a full-scale sine would have, so that nothing unplayable passes.
    """
    hz = np.arange(-1, n_fft // 2 + 2) * sr / n_fft
    quiet = threshold_in_quiet(np.maximum(hz, HEARD[0]))
    quiet = np.minimum(np.minimum(quiet[:-2], quiet[1:-1]), np.minimum(quiet[2:], level_db))
    amplitude = 10 ** ((quiet - level_db) / 20)
    peak = amplitude * n_fft / 4                    # of a sine in an STFT with a Hann window, whose sum is n_fft / 2
    band = critical_bands_of(sr, n_fft)
    # the window spreads a sine's energy over bins that amount to 1.5 times that of its peak
    bins = torch.bincount(band)[band].clamp_min(1.5).numpy()
    return torch.from_numpy(peak * np.sqrt(1.5 / bins)).float()


def masking_threshold(magnitude: Tensor, *, sr: int, n_fft: int, level_db: float = FULL_SCALE_DB) -> Tensor:
    """Magnitudes up to which noise next to this music is inaudible (Johnston 1988).

    Per frame: energy in each critical band; spread over the bands and renormalised; lowered by
    a (14.5 + i) + (1 - a) 5.5 dB in band i (counted from 1), where a goes from 0 for noise to 1 for tones by the
    frame's spectral flatness; divided among the bins of the band; and never below the threshold in quiet.

    Parameters
    ----------
    magnitude
        float32 (n_fft // 2 + 1, frames) of the music, as `FrontEnd.magnitude` gives it (Hann window, no scaling).
    sr, n_fft
        Hz and samples.
    level_db
        dB SPL of a full-scale sine.

    Returns
    -------
    Tensor
        float32 (n_fft // 2 + 1, frames), on the same scale, positive.

    Raises
    ------
    InputError
        When the number of bins does not fit n_fft, or the level is not within 0 to 130 dB SPL.
    """
    within(level_db, 0.0, 130.0, "playback level in dB SPL")
    bins = n_fft // 2 + 1
    if magnitude.ndim != 2 or len(magnitude) != bins:
        raise InputError(f"masking: expected magnitudes of shape ({bins}, frames), got {tuple(magnitude.shape)}")
    masked = _masked(magnitude, sr, n_fft)
    return torch.maximum(masked, quiet_magnitude(sr=sr, n_fft=n_fft, level_db=level_db)[:, None])


def _masked(magnitude: Tensor, sr: int, n_fft: int) -> Tensor:
    """`masking_threshold` without the threshold in quiet."""
    hz = torch.arange(n_fft // 2 + 1) * (sr / n_fft)
    band = critical_bands_of(sr, n_fft)
    member = torch.nn.functional.one_hot(band).T.float()  # (bands, bins)
    heard = (hz >= HEARD[0]) & (hz <= HEARD[1])
    power = magnitude.square()
    offset_db = _offset_db(_tonality(power[heard]), len(member))
    masked = spreading(len(member)) @ ((member * heard) @ power) * 10 ** (-offset_db / 10)
    return (masked / member.sum(dim=1, keepdim=True).clamp_min(1)).sqrt()[band]


def _tonality(power: Tensor) -> Tensor:
    """0 for noise to 1 for tones, (frames,): spectral flatness of (bins, frames), its dB over -60."""
    mean = power.mean(dim=0).clamp_min(1e-30)
    flatness_db = 10 / math.log(10) * torch.maximum(power / mean, torch.tensor(SMALLEST)).log().mean(dim=0)
    return (flatness_db / FLATTEST_TONE_DB).clamp(0, 1)


def _offset_db(tonality: Tensor, bands: int) -> Tensor:
    """How far below the spread energy the threshold lies, (bands, frames)."""
    tone = 14.5 + torch.arange(1, bands + 1, dtype=torch.float32)[:, None]
    return tonality * tone + (1 - tonality) * 5.5


@dataclass(frozen=True)
class NoiseToMask:
    """How a residual compares with what the music hides; with several channels each figure is the worst one's.

    Parameters
    ----------
    mean_db
        10 lg of the mean, over frames and critical bands, of the residual's energy over the masked threshold's
        (the sense of Total NMR in ITU-R BS.1387, there with quarter-Bark bands and its own model of
        the ear). -150 where there is no residual.
    audible_share
        Share of all pairs of frame and band in which the residual lies above the threshold, 0 to 1.
    loudest_db
        The largest such ratio, in dB: negative where nothing can be heard.
    seconds, hz
        Where that is: middle of the frame, centre of the band.
    """

    mean_db: float
    audible_share: float
    loudest_db: float
    seconds: float
    hz: float


def noise_to_mask(y: Samples, residual: Samples, sr: int, *, level_db: float = FULL_SCALE_DB) -> NoiseToMask:
    """The residual against the masked threshold of the music, in frames of about 46 ms that overlap by half.

    The residual is first filtered by the ear's sensitivity in quiet over its whole length (BS.1387 weights
    spectra of single frames): so infrasound and DC, which a window smears into the lowest bands, stay inaudible.
    For the same reason music below 20 Hz masks nothing here. Of sounds longer than a dozen frames the first and
    the last are left out: where infrasound is cut off, the cut clicks. A tone on the edge between two bands counts
    half in each, so it is judged up to 3 dB too faint.

    Parameters
    ----------
    y
        The music, (samples,) or (channels, samples), full scale 1.
    residual
        What was added to it, same shape.
    sr
        Hz.
    level_db
        dB SPL of a full-scale sine.

    Raises
    ------
    InputError
        When the shapes differ, nothing is in them, or the level is not within 0 to 130 dB SPL.
    """
    return Masker(y, sr, level_db=level_db).noise(residual)


class Masker:
    """Music as it hides what is added to it; worked out once for many residuals, as for `noise_to_mask`.

    Raises
    ------
    InputError
        When there is no music, or the level is not within 0 to 130 dB SPL.
    """

    def __init__(self, y: Samples, sr: int, *, level_db: float = FULL_SCALE_DB) -> None:
        within(level_db, 0.0, 130.0, "playback level in dB SPL")
        if y.ndim not in (1, 2) or not y.size:
            raise InputError(f"audibility: expected music, got samples of shape {y.shape}")
        self.shape, self.sr = y.shape, sr
        self._n_fft = max(64, 2 ** round(math.log2(FRAME_SECONDS * sr)))
        self._band = critical_bands_of(sr, self._n_fft)
        self._inner = slice(1, -2) if y.shape[-1] > FEW_FRAMES * self._n_fft // 2 else slice(None)
        self._hidden = [self._energy_hidden(one, level_db) for one in np.atleast_2d(y)]

    def noise(self, residual: Samples) -> NoiseToMask:
        """How a residual of the same shape compares with what is hidden.

        Raises
        ------
        InputError
            When it has another shape.
        """
        if residual.shape != self.shape:
            raise InputError(f"audibility: expected music and residual of one shape, got {self.shape} and "
                             f"{residual.shape}")
        found = [(self._energy(_filtered(one, self.sr, _sensitivity)) / hidden).clamp_min(1e-15)[:, self._inner]
                 for one, hidden in zip(np.atleast_2d(residual), self._hidden, strict=True)]
        worst = max(found, key=lambda ratio: float(ratio.max()))
        band, frame = divmod(int(worst.argmax()), worst.shape[1])
        low, high = CRITICAL_BANDS[band : band + 2]
        middle = (frame + (self._inner.start or 0) + 1) * self._n_fft // 2
        return NoiseToMask(mean_db=10 * math.log10(max(float(ratio.mean()) for ratio in found)),
                           audible_share=max(float((ratio > 1).float().mean()) for ratio in found),
                           loudest_db=10 * math.log10(float(worst.max())),
                           seconds=min(middle, self.shape[-1]) / self.sr, hz=(low + min(high, self.sr / 2)) / 2)

    def _energy_hidden(self, y: Samples, level_db: float) -> Tensor:
        """Energy of the faintest residual that is heard, (bands, frames), of one channel (samples,)."""
        music = _frames(_filtered(y, self.sr, lambda hz: np.clip(hz / 10 - 1, 0, 1)), self._n_fft)
        hz = np.arange(self._n_fft // 2 + 1) * self.sr / self._n_fft
        mask = _masked(music, self.sr, self._n_fft) * torch.from_numpy(_sensitivity(hz)).float()[:, None]
        # so filtered, all tones at the threshold in quiet have the energy of the one to which the ear is most sensitive
        faintest = 10 ** ((threshold_in_quiet(MOST_SENSITIVE) - level_db) / 10) * 3 / 32 * self._n_fft**2
        return self._in_bands(mask).clamp_min(float(faintest))

    def _energy(self, y: Samples) -> Tensor:
        return self._in_bands(_frames(y, self._n_fft))

    def _in_bands(self, magnitude: Tensor) -> Tensor:
        """Energy (bands, frames) of magnitudes (bins, frames)."""
        none = torch.zeros(int(self._band[-1]) + 1, magnitude.shape[1])
        return none.index_add(0, self._band, magnitude.square())


def _sensitivity(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gain that makes the threshold in quiet the same at all frequencies; 1 where the ear is most sensitive."""
    return np.asarray(10 ** ((threshold_in_quiet(MOST_SENSITIVE) - threshold_in_quiet(hz)) / 20))


def _filtered(y: Samples, sr: int, gain: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Samples:
    """y (samples,) with this gain at each frequency in Hz, without delay; mirrored at its ends."""
    around = round(MIRRORED_SECONDS * sr)
    longer = np.pad(np.asarray(y, dtype=np.float32), around, mode="symmetric")
    n = fft.next_fast_len(len(longer), real=True)
    spectrum = fft.rfft(longer, n) * gain(np.arange(n // 2 + 1) * (sr / n)).astype(np.float32)
    return np.asarray(fft.irfft(spectrum, n)[around : around + len(y)], dtype=np.float32)


def _frames(y: Samples, n_fft: int) -> Tensor:
    """Magnitudes (n_fft // 2 + 1, frames) of y (samples,); frame t starts at t * n_fft / 2, the last where it can."""
    last = y[max(0, len(y) - n_fft) :]
    frames = [*np.lib.stride_tricks.sliding_window_view(y, n_fft)[:: n_fft // 2]] if len(y) >= n_fft else []
    frames.append(np.pad(last, (0, n_fft - len(last))))
    spectrum: Tensor = torch.fft.rfft(torch.from_numpy(np.stack(frames)) * torch.hann_window(n_fft))
    return spectrum.abs().T
