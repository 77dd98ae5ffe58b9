"""What a neuron wants, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from engine.explain.maximise_grid import Ranked
from engine.listening.maximise_nearest import Nearest
from engine.listening.maximise_values import Example, MaximiseAnswer
from gui.views.gallery_cells import figure
from gui.views.plain_text import counted
from gui.views.time_plot import time_text

KEPT_LEAST = 0.5   # of what was gained: below, an example is marked


def neuron_name(layer: str, neuron: int, meaning: str) -> str:
    """"singing", or "fc7 12" within the network."""
    return meaning or f"{layer} {neuron}"


def verdict(answer: MaximiseAnswer) -> str:
    """Whose neuron, and what its best example reaches: "singing 11.20"."""
    best = best_of(answer)
    name = neuron_name(answer.layer, answer.neuron, answer.meaning)
    return f"{name} {figure(best.activation)}" if best is not None else f"{name}: all examples failed"


def best_of(answer: MaximiseAnswer) -> Example | None:
    """The example that reaches most (or least)."""
    left = [example for example in answer.examples if example.failed is None]
    pick = min if answer.settings.minimise else max
    return pick(left, key=lambda example: example.activation, default=None)


def how(answer: MaximiseAnswer) -> str:
    """How it was made and what it is worth: "as sound 2.51; median 10.70, as sound 8.00; real music reaches …"."""
    best, parts = best_of(answer), []
    left = [example for example in answer.examples if example.failed is None]
    if best is not None:
        parts.append(f"as sound {figure(best.activation_after_audio)}")
    if len(left) > 2:
        middle, heard = (median(values) for values in ([one.activation for one in left],
                                                       [one.activation_after_audio for one in left]))
        parts.append(f"median {figure(middle)}, as sound {figure(heard)}")
    parts.append(f"real music reaches {figure(answer.real_max)}")
    failed = sum(example.failed is not None for example in answer.examples)
    parts.append(f"{counted(len(answer.examples), 'example')} in {duration(answer.seconds)}"
                 + (f", {failed} failed" if failed else ""))
    if answer.fid is not None:
        parts.append(f"Fréchet distance {answer.fid:.3g} on {answer.fid_layer}")
    return "; ".join(parts)


def beats_real(answer: MaximiseAnswer) -> bool:
    """Whether the best example goes beyond real music."""
    best = best_of(answer)
    if best is None:
        return False
    return best.activation < answer.real_max if answer.settings.minimise else best.activation > answer.real_max


def kept_as_sound(example: Example) -> float | None:
    """Share of what was gained over the beginning that is left as sound; None where nothing was gained."""
    gained = example.activation - float(example.curve[0])
    if not math.isfinite(gained) or abs(gained) < 1e-6 or len(example.curve) < 2:
        return None
    return (example.activation_after_audio - float(example.curve[0])) / gained


def warning(example: Example) -> str:
    """What should be known before an example is believed."""
    kept, told = kept_as_sound(example), []
    if kept is not None and kept < KEPT_LEAST:
        told.append(f"as sound it keeps {max(0, round(100 * kept))} % of what was gained")
    if example.nearest.is_copy:
        told.append("perhaps a copy of what the generator learnt from")
    return "; ".join(told)


def place_in(near: Nearest) -> str:
    """"Zoë · Étude\nstudy_2 at 0:18.1", or only the latter where no more is known."""
    place = f"{near.source.id} at {time_text(near.start, 1)}"
    return f"{near.source.words}\n{place}" if near.source.title else place


def ranks_of(values: Sequence[float], *, lowest: bool) -> list[str]:
    """Which of some activations are best, median and worst; none of fewer than three."""
    left = sorted((place for place, value in enumerate(values) if math.isfinite(value)),
                  key=lambda place: values[place] if lowest else -values[place])
    return _marked(left, len(values))


def ranks_of_settings(ranking: Sequence[Ranked]) -> list[str]:
    """Which settings are best, median and worst by Fréchet distance."""
    left = sorted((place for place, one in enumerate(ranking) if one.fid is not None),
                  key=lambda place: ranking[place].fid or 0.0)
    return _marked(left, len(ranking))


def _marked(order: Sequence[int], n: int) -> list[str]:
    ranks = [""] * n
    if len(order) >= 3:
        ranks[order[0]], ranks[order[len(order) // 2]], ranks[order[-1]] = "best", "median", "worst"
    return ranks


def setting(one: Ranked) -> str:
    """"lr 0.01, reg 0.001, 500 iterations"."""
    return f"lr {one.lr:g}, reg {one.reg:g}, {counted(one.iterations, 'iteration')}"


def duration(seconds: float) -> str:
    """"40 s", "12 min", "1.6 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def time_left(seconds: float | None) -> str:
    """How long it will still take; empty as long as nobody can know."""
    return "" if seconds is None else f"about {duration(seconds)} left"


def progress(iteration: int, iterations: int, middle: float, left: float | None) -> str:
    """"120 of 500 · median 7.10 · about 20 s left"."""
    median = f"median {figure(middle)}" if math.isfinite(middle) else ""
    return " · ".join(filter(None, (f"{iteration} of {iterations}", median, time_left(left))))
