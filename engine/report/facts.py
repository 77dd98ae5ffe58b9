"""What a report says of an answer, in words and numbers: drawn by `figure`, written by `page`."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
from torch import Tensor

from engine.audio.features import FrontEnd
from engine.explain.explanation import Array, Explanation
from engine.explain.methods import METHODS
from engine.listening.explain import TOP, Answer

REFERENCES = {
    "slime-exact": "Mishra, Sturm, Dixon: Local interpretable model-agnostic explanations for music content analysis. "
                   "ISMIR 2017; here over all masks, the limit of sampling.",
    "slime": "Mishra, Sturm, Dixon: Local interpretable model-agnostic explanations for music content analysis. "
             "ISMIR 2017.",
    "shapley": "Lundberg, Lee: A unified approach to interpreting model predictions. NeurIPS 2017; here exact.",
    "occlusion": "Zeiler, Fergus: Visualizing and understanding convolutional networks. ECCV 2014.",
    "ig": "Sundararajan, Taly, Yan: Axiomatic attribution for deep networks. ICML 2017.",
    "saliency": "Simonyan, Vedaldi, Zisserman: Deep inside convolutional networks. ICLR workshop 2014.",
}


class Answered:
    """Whose answer it is: `answer` has the name of the model, and the model card names its weights."""

    answer: Any
    card: Mapping[str, Any]

    @property
    def origin(self) -> str:
        """Which program and which weights."""
        return f"Otoscope, model {printable(self.answer.model)}, SHA-256 of its weights: {self.weights_hash}"

    @property
    def weights_hash(self) -> str:
        """SHA-256 of the model's weights."""
        return printable(str(self.card.get("sha256", "unknown")))


@dataclass(frozen=True)
class Facts(Answered):
    """An answer with what is needed to show it.

    Parameters
    ----------
    answer
        The answer.
    spectrogram
        (bands, frames): the excerpt, natural logarithm of magnitude.
    front_end
        What it was made by.
    card
        The model card.
    """

    answer: Answer
    spectrogram: Tensor
    front_end: FrontEnd
    card: Mapping[str, Any]

    @property
    def top(self) -> list[int]:
        """Segments that are named, best first."""
        return self.answer.explanation.top(TOP)

    @property
    def end(self) -> float:
        """End of the excerpt in seconds of the file."""
        return self.answer.start + self.spectrogram.shape[1] / self.front_end.frames_per_second

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Of a picture of the excerpt: seconds of the file, bands."""
        return self.answer.start, self.end, 0.0, float(self.spectrogram.shape[0])

    @property
    def exact(self) -> bool:
        """Whether every mask was tried."""
        e = self.answer.explanation
        return e.masks is not None and len(e.masks) == 2 ** len(e.weights)

    @property
    def title(self) -> str:
        """What was explained, in a few words."""
        a = self.answer
        return f"“{printable(a.target)}” at {a.start:.2f} s: {a.explanation.units} {a.explanation.score_full:.3f}"

    @property
    def caption(self) -> list[str]:
        """Three lines: the sound, the model, the method."""
        a, e = self.answer, self.answer.explanation
        what = f"{len(e.weights)} {e.segmentation.kind} segments, fill {e.fill}"
        return [f"{printable(a.file)}, {a.start:.2f} to {self.end:.2f} s",
                f"Model {printable(a.model)}: {e.units} of “{printable(a.target)}” {e.score_full:.3f}, "
                f"{e.score_empty:.3f} with everything hidden, {a.turns} at {a.threshold:.3f}",
                f"{METHODS[e.method].title}, {what}{self._flips()}"]

    def _flips(self) -> str:
        flips = self.answer.explanation.trust.flips
        if flips is None:
            return ""
        return f"; removing the top {TOP} {'flips' if flips else 'does not flip'} the {self.answer.turns}"

    @property
    def reference(self) -> str:
        """Where the method was published."""
        return REFERENCES[self.answer.explanation.method]

    def provenance(self) -> dict[str, str]:
        """All that is needed to make the same again."""
        a, e = self.answer, self.answer.explanation
        lines = {"File": a.file, "Excerpt": f"{a.start:.4f} to {self.end:.4f} s", "Model": a.model,
                 "SHA-256 of its weights": self.weights_hash, "Target": a.target,
                 "Method": f"{METHODS[e.method].title} ({e.method})", "Segmentation": e.segmentation.kind,
                 "Segments": len(e.weights), "Fill": e.fill, "Units": e.units, "Seed": a.question.seed, **e.settings,
                 "Score, everything shown": e.score_full, "Score, everything hidden": e.score_empty,
                 "Decision at": a.threshold, "Took": f"{a.seconds:.2f} s", "Versions": versions()}
        return {name: f"{value:.6g}" if isinstance(value, float) else str(value) for name, value in lines.items()}

    def box(self, index: int) -> tuple[float, float, float, float]:
        """A segment in a picture of the excerpt: left and width in seconds, lower edge and height in bands."""
        first, low, frames, bands = self.answer.explanation.segmentation.box(index)
        step = 1 / self.front_end.frames_per_second
        return self.answer.start + first * step, low, frames * step, bands

    def bar_places(self) -> tuple[Array, Array]:
        """Centre and width of each segment's bar: seconds of the file where segments differ in time only."""
        cut = self.answer.explanation.segmentation
        if cut.kind != "temporal":
            return np.arange(len(cut), dtype=np.float64), np.ones(len(cut))
        edges = np.array([(s.start, s.end) for s in cut.segments])
        return self.answer.start + edges.mean(axis=1), edges[:, 1] - edges[:, 0]

    def shared_top(self, other: Explanation) -> str:
        """How many of the top segments another explanation names too."""
        named = set(self.answer.explanation.top(TOP))
        return f"{len(named & set(other.top(TOP)))} of {len(named)}"


def versions() -> str:
    """Python and the packages that figures depend on."""
    found = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "numpy", "scipy"))
    return f"Python {platform.python_version()}, {found}"


def printable(text: str) -> str:
    """The text without characters that cannot be shown."""
    return "".join(c if c.isprintable() else "?" for c in text)
