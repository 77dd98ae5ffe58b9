"""What a listener could hear of a change: the difference of two sounds against the threshold of hearing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from engine.audio.audibility import FULL_SCALE_DB, NO_RATIO_DB, Masker, NoiseToMask
from engine.audio.waveform import Waveform

LONGEST_DELAY_SECONDS = 0.05
CLOSE = 0.01      # energy of a difference over that of the sound up to which no delay explains it better


@dataclass(frozen=True)
class LevelOfChange:
    """Whether a change can be heard, by the model of `engine.audio.audibility`.

    Parameters
    ----------
    audible
        None where the two sounds cannot be compared sample by sample.
    margin_db
        How far the most audible moment lies above (positive) or below (negative) the threshold; None as above.
    noise_to_mask
        The figures behind it; None as above.
    delay
        By how many samples the second sound was late, which alone nobody hears, and which was undone.
    inverted
        Whether its polarity was turned back too.
    words
        The answer or the reason in a sentence.
    """

    audible: bool | None
    margin_db: float | None
    noise_to_mask: NoiseToMask | None
    delay: int
    inverted: bool
    words: str


def level_of_change(before: Waveform, after: Waveform, *, aligned: bool = True,
                    level_db: float = FULL_SCALE_DB) -> LevelOfChange:
    """What could be heard of the difference while `before` plays at `level_db` dB SPL for a full-scale sine.

    A delay up to 50 ms and the polarity are undone where the difference is less audible then. Other shifts of
    phase count as differences though hardly heard, so causal filters are judged too strictly.

    Parameters
    ----------
    before, after
        The sounds.
    aligned
        False where samples are known not to belong together (`Treatment.aligned`).
    level_db
        dB SPL of a full-scale sine.
    """
    return Before(before, level_db=level_db).change(after, aligned=aligned)


class Before:
    """A sound of which many changes are looked at; what that takes of the sound itself is worked out once.

    Parameters
    ----------
    sound
        As it is.
    level_db
        dB SPL of a full-scale sine.
    """

    def __init__(self, sound: Waveform, *, level_db: float = FULL_SCALE_DB) -> None:
        self.sound, self._level_db = sound, level_db

    @cached_property
    def _masker(self) -> Masker:
        return Masker(self.sound.y, self.sound.sr, level_db=self._level_db)

    @cached_property
    def _energy(self) -> float:
        return float(np.square(self.sound.y, dtype=np.float64).sum())

    @cached_property
    def _spectrum(self) -> NDArray[np.complex64]:
        return np.asarray(np.conj(fft.rfft(self.sound.y, self._size)))

    @property
    def _reach(self) -> int:
        return min(int(self.sound.y.shape[-1]) - 1, round(LONGEST_DELAY_SECONDS * self.sound.sr))

    @property
    def _size(self) -> int:
        return int(fft.next_fast_len(self.sound.y.shape[-1] + self._reach, real=True))

    def change(self, after: Waveform, *, aligned: bool = True) -> LevelOfChange:
        """What could be heard of the difference; as `level_of_change`."""
        if reason := self._incomparable(after, aligned):
            return LevelOfChange(None, None, None, 0, False, reason)
        answers = [self._compared(after, delay, inverted) for delay, inverted in self._alignments(after)]
        return min(answers, key=lambda answer: answer.margin_db or 0.0)

    def _incomparable(self, after: Waveform, aligned: bool) -> str:
        before = self.sound
        if before.sr != after.sr or before.y.shape[:-1] != after.y.shape[:-1]:
            return "not comparable: another sample rate or number of channels"
        if not aligned or before.y.shape != after.y.shape:
            return "not comparable sample by sample: the sound was moved in time or in pitch, which is heard as such"
        return "" if before.y.size else "not comparable: there is no sound"

    def _alignments(self, after: Waveform) -> set[tuple[int, bool]]:
        """Delays in samples and polarities worth a comparison: none, and where the correlation is largest."""
        off = float(np.square(after.y - self.sound.y, dtype=np.float64).sum())
        if off <= CLOSE * self._energy:
            return {(0, False)}
        product = fft.rfft(after.y, self._size) * self._spectrum
        correlation = fft.irfft(product.reshape(-1, product.shape[-1]).sum(axis=0), self._size)
        near = np.concatenate([correlation[self._size - self._reach :], correlation[: self._reach + 1]])
        best = int(np.argmax(np.abs(near)))
        return {(0, False), (best - self._reach, bool(near[best] < 0))}

    def _compared(self, after: Waveform, delay: int, inverted: bool) -> LevelOfChange:
        n = self.sound.y.shape[-1]
        music = self.sound.y[..., max(0, -delay) : n - max(0, delay)]
        other = after.y[..., max(0, delay) : n + min(0, delay)]
        masker = Masker(music, self.sound.sr, level_db=self._level_db) if delay else self._masker
        found = masker.noise((-other if inverted else other) - music)
        undone = [f"a delay of {delay} sample{'s' if abs(delay) > 1 else ''}"] * (delay != 0)
        undone += ["the polarity"] * inverted
        return LevelOfChange(found.loudest_db > 0, found.loudest_db, found, delay, inverted,
                             _said(found, silence=not music.any())
                             + (f", once {' and '.join(undone)} is undone" if undone else ""))


def _said(found: NoiseToMask, *, silence: bool) -> str:
    threshold = "threshold of hearing in silence" if silence else "threshold"
    if found.loudest_db <= NO_RATIO_DB:
        return "inaudible: the sound is silent and stays so" if silence else "inaudible: there is no difference"
    if found.loudest_db <= 0:
        return f"inaudible: everywhere at least {-found.loudest_db:.0f} dB below the {threshold}"
    return (f"audible: up to {found.loudest_db:.0f} dB above the {threshold}, at {found.seconds:.2f} s near "
            f"{found.hz:,.0f} Hz; above it in {100 * found.audible_share:.1f} % of time and bands")
