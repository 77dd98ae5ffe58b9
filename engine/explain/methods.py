"""The explainers by name: what commands and pages choose from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from engine.checks import choice
from engine.explain.explanation import Explanation, Score, Segmentation
from engine.explain.fills import Fill
from engine.explain.gradients import N_STEPS, integrated_gradients, saliency
from engine.explain.masking import MOST_SEGMENTS
from engine.explain.occlusion import occlusion
from engine.explain.shapley import shapley
from engine.explain.slime import slime, slime_exact
from engine.job import Report, silent


@dataclass(frozen=True)
class Method:
    """An explainer and what a page must know of it.

    Parameters
    ----------
    title
        As a menu shows it.
    explainer
        `explainer(score, S, *, segmentation, fill, units, report, known, **options) -> Explanation`.
    options
        Names of the further options it takes.
    most_segments
        None where any number will do.
    needs_gradient
        Whether it is closed to models from which none comes back.
    """

    title: str
    explainer: Callable[..., Explanation]
    options: tuple[str, ...] = ()
    most_segments: int | None = None
    needs_gradient: bool = False


METHODS = {
    "slime-exact": Method("SoundLIME, exact", slime_exact, ("n_equivalent",), MOST_SEGMENTS),
    "slime": Method("SoundLIME, sampled", slime, ("n_samples", "seed")),
    "shapley": Method("Shapley values", shapley, (), MOST_SEGMENTS),
    "occlusion": Method("Occlusion", occlusion),
    "ig": Method("Integrated gradients", integrated_gradients, ("n_steps",), needs_gradient=True),
    "saliency": Method("Saliency", saliency, needs_gradient=True),
}


def looks(method: str, *, segments: int, samples: int) -> int:
    """How many different excerpts a method asks a model about, at most.

    Parameters
    ----------
    method
        A key of METHODS.
    segments, samples
        Into how many an excerpt is cut; masks of the sampled method.
    """
    every = 1 << segments
    if METHODS[choice(method, METHODS, "method")].most_segments is not None:
        return every
    return {"slime": min(samples + 2, every), "occlusion": segments + 2, "ig": N_STEPS}.get(method, 1)


def explain(method: str, score: Score, S: Tensor, *, segmentation: Segmentation, fill: Fill,
            units: str = "probability", report: Report = silent, known: Explanation | None = None,
            **options: float | None) -> Explanation:
    """Explain a score by the method of that name.

    Parameters
    ----------
    method
        A key of METHODS.
    score, S, segmentation, fill, units, report, known
        As in `slime_exact`.
    options
        n_samples, seed, n_equivalent, n_steps: each goes to the methods that take it; None means the default.

    Raises
    ------
    InputError
        When the method is unknown or cannot take so many segments.
    """
    chosen = METHODS[choice(method, METHODS, "method")]
    taken = {name: options[name] for name in chosen.options if options.get(name) is not None}
    return chosen.explainer(score, S, segmentation=segmentation, fill=fill, units=units, report=report,
                            known=known, **taken)
