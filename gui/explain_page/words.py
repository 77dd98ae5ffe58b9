"""An answer in words."""

from __future__ import annotations

from collections.abc import Iterable

from engine.explain.explanation import Explanation
from engine.listening.explain import TOP, Answer
from gui.views.frequency_axis import hz_text
from gui.views.plain_text import with_minus


def verdict(answer: Answer) -> str:
    """What the model says of the excerpt: "singing 0.87", or "folk 0.12 (rather rock)"."""
    said = f"{answer.target} {figure(answer.explanation.score_full, answer.explanation.units)}"
    return said if of_two(answer) or is_decided(answer) else f"{said} (rather {answer.decided})"


def figure(score: float, units: str) -> str:
    """A score with its units where they are not plain."""
    return f"{score:.2f}" if units == "probability" else with_minus(f"{score:+.2f} logit")


def of_two(answer: Answer) -> bool:
    """Whether the model knows but two labels, so that the score of one says all."""
    return len(answer.labels) <= 2


def is_decided(answer: Answer) -> bool:
    """Whether the model decides for the target."""
    return above(answer, answer.explanation.score_full) if of_two(answer) else answer.decided == answer.target


def above(answer: Answer, score: float) -> bool:
    """Whether a score of the target is a decision for it; of several labels, a majority."""
    return bool(score >= answer.threshold)


def why(answer: Answer, k: int = TOP) -> str:
    """What hiding the named segments does: "hiding segments 6, 5, 7 (224.0–224.4 s) → 0.14: flips the decision"."""
    e = answer.explanation
    named = e.top(min(k, len(e.weights)))
    words = f"hiding segments {', '.join(str(i) for i in named)} ({where(answer, named)})"
    if answer.looks is not None:
        by = "" if answer.question.method == "slime-exact" else " by SoundLIME"
        return f"first look{by}, {answer.looks[0]} of {answer.looks[1]:,} masks: {words.removeprefix('hiding ')}"
    score = hidden_score(answer, len(named))
    if score is None:
        return f"named: {words.removeprefix('hiding ')}"
    return f"{words} → {figure(score, e.units)}: {what_turned(answer, score)}"


def what_turned(answer: Answer, score: float) -> str:
    """What another score of the target means for the decision."""
    before, after = above(answer, answer.explanation.score_full), above(answer, score)
    if of_two(answer):
        return "flips the decision" if before != after else "the decision stays"
    return {(True, False): "loses the majority", (True, True): "keeps the majority",
            (False, True): "gains the majority", (False, False): "no majority either way"}[before, after]


def hidden_score(answer: Answer, k: int) -> float | None:
    """The score without the k largest segments, where it is known already."""
    e: Explanation = answer.explanation
    if answer.curves is not None:
        return float(answer.curves.deletion[k])
    if e.masks is None or e.mask_scores is None:
        return None
    wanted = [i not in e.top(k) for i in range(len(e.weights))]
    rows = (e.masks == wanted).all(axis=1).nonzero()[0]
    return float(e.mask_scores[rows[0]]) if len(rows) else None


def where(answer: Answer, named: Iterable[int]) -> str:
    """Where segments lie; those that touch are one."""
    segments = [answer.explanation.segmentation.segments[i] for i in named]
    parts = []
    times = joined((s.start, s.end) for s in segments)
    if len(times) > 1 or answer.explanation.segmentation.kind != "spectral":
        parts.append(", ".join(f"{answer.start + a:.2f}–{answer.start + b:.2f}" for a, b in times) + " s")
    if answer.explanation.segmentation.kind != "temporal":
        bands = joined((s.fmin, s.fmax) for s in segments)
        parts.append(", ".join(f"{hz_text(round(a))}–{hz_text(round(b))}" for a, b in bands) + " Hz")
    return "; ".join(parts)


def joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans in order, those that touch or overlap as one."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + 1e-3 * (end - start):
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def takes(name: str, masks: int, seconds: float, *, first: bool) -> str:
    """How long an explanation takes: "basic-pitch answers 1,024 times, about 80 s; a first look comes before"."""
    return (f"{name} has to answer {masks:,} times, which takes about {duration(seconds)}"
            + ("; a first look comes before" if first else ""))


def duration(seconds: float) -> str:
    """About so long: "40 s", "12 min", "3 h"."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def no_gradients(name: str) -> str:
    """Why methods are closed to a model."""
    return f"{name} answers but gives no gradients, as ONNX does not: methods that need one are closed to it"
