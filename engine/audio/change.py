"""What a listener could hear of a change: the difference of two sounds against the threshold of hearing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from engine.audio.audibility import FULL_SCALE_DB, NO_RATIO_DB, NoiseToMask, noise_to_mask
from engine.audio.waveform import Waveform

LONGEST_DELAY_SECONDS = 0.05


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
    if reason := _incomparable(before, after, aligned):
        return LevelOfChange(None, None, None, 0, False, reason)
    answers = [_compared(before, after, delay, inverted, level_db)
               for delay, inverted in _alignments(before, after)]
    return min(answers, key=lambda answer: answer.margin_db or 0.0)


def _incomparable(before: Waveform, after: Waveform, aligned: bool) -> str:
    if before.sr != after.sr or before.y.shape[:-1] != after.y.shape[:-1]:
        return "not comparable: another sample rate or number of channels"
    if not aligned or before.y.shape != after.y.shape:
        return "not comparable sample by sample: the sound was moved in time or in pitch, which is heard as such"
    return "" if before.y.size else "not comparable: there is no sound"


def _alignments(before: Waveform, after: Waveform) -> set[tuple[int, bool]]:
    """Delays in samples and polarities worth a comparison: none, and where the correlation is largest."""
    n = before.y.shape[-1]
    reach = min(n - 1, round(LONGEST_DELAY_SECONDS * before.sr))
    size = fft.next_fast_len(n + reach, real=True)
    product = fft.rfft(after.y, size) * np.conj(fft.rfft(before.y, size))
    correlation = fft.irfft(product.reshape(-1, product.shape[-1]).sum(axis=0), size)
    near = np.concatenate([correlation[size - reach :], correlation[: reach + 1]])
    best = int(np.argmax(np.abs(near)))
    return {(0, False), (best - reach, bool(near[best] < 0))}


def _compared(before: Waveform, after: Waveform, delay: int, inverted: bool, level_db: float) -> LevelOfChange:
    n = before.y.shape[-1]
    music = before.y[..., max(0, -delay) : n - max(0, delay)]
    other = after.y[..., max(0, delay) : n + min(0, delay)]
    found = noise_to_mask(music, (-other if inverted else other) - music, before.sr, level_db=level_db)
    undone = [f"a delay of {delay} sample{'s' if abs(delay) > 1 else ''}"] * (delay != 0) + ["the polarity"] * inverted
    return LevelOfChange(found.loudest_db > 0, found.loudest_db, found, delay, inverted,
                         _said(found) + (f", once {' and '.join(undone)} is undone" if undone else ""))


def _said(found: NoiseToMask) -> str:
    if found.loudest_db <= NO_RATIO_DB:
        return "inaudible: there is no difference"
    if found.loudest_db <= 0:
        return f"inaudible: everywhere at least {-found.loudest_db:.0f} dB below the threshold"
    return (f"audible: up to {found.loudest_db:.0f} dB above the threshold, at {found.seconds:.2f} s near "
            f"{found.hz:,.0f} Hz; above it in {100 * found.audible_share:.1f} % of time and bands")
