"""Plots over frequency or another quantity whose ratios count: a logarithmic axis with round numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gui.theme import scaled
from gui.views.axes import RoomyAxis
from gui.views.plain_text import with_minus

LABEL_PIXELS = 52.0
DIGITS = ((1, 2, 5), (1,))


def short(value: float, unit: str = "") -> str:
    """20 Hz, 200 Hz, 2 kHz, 0.8."""
    text = f"{value / 1000:g} k" if value >= 1000 else with_minus(f"{value:g} ")
    return (text + unit).rstrip()


class RatioAxis(RoomyAxis):
    """The plot's coordinate is the decimal logarithm of what is written; where `even`, it is what is written."""

    even = False
    unit = ""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """1, 2 and 5 of each decade where there is room, else 1; small spans get even steps."""
        if self.even:
            return super().tickValues(minVal, maxVal, size)
        low, high = 10**minVal, 10**maxVal
        if high / low < 4:
            step = 0.05 if high - low < 1 else 1.0
            first = math.ceil(low / step - 1e-9)
            return [(1.0, [math.log10(n * step) for n in range(first, int(high / step + 1e-9) + 1) if n > 0])]
        decades = range(math.floor(minVal), math.ceil(maxVal) + 1)
        decade = max(size, 1.0) / (maxVal - minVal)     # in pixels
        digits = next((d for d in DIGITS if len(d) * scaled(LABEL_PIXELS) <= decade), DIGITS[-1])
        ticks = [math.log10(digit * 10.0**decade) for decade in decades for digit in digits]
        return [(1.0, [tick for tick in ticks if minVal - 1e-9 <= tick <= maxVal + 1e-9])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """As `short`."""
        return [short(float(f"{value if self.even else 10**value:.3g}"), self.unit) for value in values]


def log10(hz: float | Sequence[float] | np.ndarray) -> np.ndarray:
    """Coordinates of positive values."""
    return np.log10(np.asarray(hz, dtype=np.float64))
