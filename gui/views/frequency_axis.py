"""The vertical axis of a spectrogram: bands on the screen, Hz or note names in the labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gui.theme import scaled
from gui.views.axes import RoomyAxis

ROUND_HZ = (30, 50, 100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 4000, 5000, 6000, 8000, 10000, 12000, 16000, 20000)
NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
LABEL_PIXELS = 26
LOWEST_NOTE = 10.0  # Hz


def note_name(hz: float) -> str:
    """Name of the nearest note of equal temperament at A4 = 440 Hz; a dash where nothing can be heard as one."""
    if hz < LOWEST_NOTE:
        return "–"
    midi = round(69 + 12 * float(np.log2(hz / 440.0)))
    return f"{NAMES[midi % 12]}{midi // 12 - 1}"


def hz_text(hz: float) -> str:
    """Hz in few digits: 440, 1.5k, 7.35k."""
    return f"{hz / 1000:.3g}k" if hz >= 1000 else f"{hz:g}"


def _with_unit(text: str) -> str:
    return f"{text[:-1]} kHz" if text.endswith("k") else f"{text} Hz"


class FrequencyAxis(RoomyAxis):
    """Band i lies between i and i + 1, its centre frequency at i + 0.5."""

    def __init__(self) -> None:
        super().__init__("left")
        self.centres: NDArray[np.float64] = np.array([100.0, 200.0])
        self._notes = False

    def set_centres(self, centres: NDArray[np.float64]) -> None:
        """Centre frequencies of the bands in Hz, rising."""
        self.centres = np.asarray(centres, np.float64)
        self._again()

    def set_notes(self, notes: bool) -> None:
        """Label with note names instead of Hz."""
        self._notes = notes
        self._again()

    def band_of(self, hz: float) -> float:
        """Position on the axis of a frequency."""
        return float(np.interp(hz, self.centres, np.arange(len(self.centres)) + 0.5))

    def hz_of(self, position: float) -> float:
        """Frequency at a position on the axis."""
        return float(np.interp(position, np.arange(len(self.centres)) + 0.5, self.centres))

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Round frequencies, or the Cs, at least a label apart."""
        wanted = [440 * 2 ** ((12 * octave - 57) / 12) for octave in range(11)] if self._notes else ROUND_HZ
        apart = scaled(LABEL_PIXELS) * (maxVal - minVal) / max(size, 1.0)
        ticks: list[float] = []
        for hz in sorted(wanted, reverse=True):
            if self.centres[0] <= hz <= self.centres[-1]:
                position = self.band_of(hz)
                if minVal <= position <= maxVal and (not ticks or ticks[-1] - position >= apart):
                    ticks.append(position)
        return [(1.0, ticks)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Note names or Hz."""
        frequencies = [self.hz_of(value) for value in values]
        if self._notes:
            return [note_name(hz) for hz in frequencies]
        texts = [hz_text(round(hz)) for hz in frequencies]
        return [_with_unit(text) for text in texts[:1]] + texts[1:]

    def _again(self) -> None:
        self.picture = None
        self.update()
