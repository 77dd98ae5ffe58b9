"""What a report says of an adversary, in words and numbers: drawn by `attack_figure`, written by `attack_page`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from torch import Tensor

from engine.audio.features import FrontEnd
from engine.listening.attack import AttackAnswer, with_survival
from engine.listening.survival import Survived, Transferred
from engine.report.facts import Answered, printable, versions

PUBLISHED = ("Kereliuk, Sturm, Larsen: Deep learning and music adversaries. IEEE Transactions on Multimedia 17(11), "
             "2015, section IV")
SMALLEST = "Rony et al.: Decoupling direction and norm. CVPR 2019 (how the smallest change is looked for)."
MASKING = "Johnston: Transform coding of audio signals using perceptual noise criteria. IEEE JSAC 6(2), 1988."
LOST = 0.2   # of confidence, between magnitudes and the sound made of them: then these are the difficulty
SNR_MEANS = ("20 log10 of the norm of the original over that of the residual, over all channels of the attacked part "
             "at the file's own rate: at 20 dB the residual has a tenth of the amplitude, at 40 dB a hundredth.")


@dataclass(frozen=True)
class AttackFacts(Answered):
    """An adversary with all that is known of it.

    Parameters
    ----------
    answer
        The answer.
    front_end, card
        Of the listener; the card's `sha256` names its weights.
    survival, transfer
        What it survives and whom else it fools, where that was asked.
    abx
        Outcome of a listening test, where there was one: names and values.
    """

    answer: AttackAnswer
    front_end: FrontEnd
    card: Mapping[str, Any]
    survival: Sequence[Survived] = ()
    transfer: Sequence[Transferred] = ()
    abx: Mapping[str, Any] | None = None

    @cached_property
    def spectrograms(self) -> dict[str, Tensor]:
        """(bands, frames) of original, adversary and residual within the span, natural logarithm of magnitude."""
        sounds = {"Original": self.answer.original, "Adversary": self.answer.adversarial,
                  "Residual": self.answer.residual}
        return {name: self.front_end.drawn(self.front_end.spectrogram(sound.cut(*self.answer.span)).S)
                for name, sound in sounds.items()}

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Of a picture of the span: seconds of the file, bands."""
        return *self.answer.span, 0.0, float(self.front_end.bands)

    @property
    def title(self) -> str:
        """What became of what, in a few words."""
        before, after, target = (printable(label or "") for label in (
            self.answer.before.label, self.answer.after.label, self.answer.question.target))
        if self.answer.fooled:
            return f"“{before}” taken for “{after}”"
        if before == after:
            return f"“{before}” could not be made {f'“{target}”' if target else 'anything else'}"
        return f"“{before}” taken for “{after}”, not for “{target}”"

    @property
    def caption(self) -> list[str]:
        """Three lines: the sound, the model, the method."""
        a, q = self.answer, self.answer.question
        masked = ", change hidden below the masking threshold" if q.weighting == "masking" else ""
        return [f"{printable(a.file)}, {a.span[0]:.2f} to {a.span[1]:.2f} s",
                f"Model {printable(a.model)}: “{printable(a.before.label)}” {a.before.confidence:.3f} before, "
                f"“{printable(a.after.label)}” {a.after.confidence:.3f} after; SNR {a.snr_db:.1f} dB",
                f"{self.method}{masked}; {len(a.steps)} of {q.iterations} iterations"]

    @property
    def method(self) -> str:
        """The method with its projection."""
        if self.answer.question.method == "waveform":
            return "Gradients on the samples"
        where = {"end": "at the end", "each": "in each iteration"}[self.answer.question.projection]
        return f"Gradients on magnitudes, projected onto those of sounds {where}"

    @property
    def references(self) -> list[str]:
        """Where the method was published."""
        q = self.answer.question
        own = "; here on the samples, through the differentiable STFT." if q.method == "waveform" else "."
        return [PUBLISHED + own, *[SMALLEST] * q.smallest, *[MASKING] * (q.weighting == "masking")]

    def provenance(self) -> dict[str, str]:
        """All that is needed to make the same again."""
        a, q = self.answer, self.answer.question
        lines = {"File": a.file, "Attacked part": f"{a.span[0]:.4f} to {a.span[1]:.4f} s",
                 "Sample rate": f"{a.original.sr} Hz", "Model": a.model, "SHA-256 of its weights": self.weights_hash,
                 "Target": q.target or "anything else", "Method": f"{self.method} ({q.method})",
                 "Weighting": q.weighting, "Least SNR at the model's rate": f"{q.snr_db:g} dB",
                 "Confidence wanted": q.confidence, "Iterations at most": q.iterations,
                 "Smallest change looked for": "yes" if q.smallest else "no", "Seed": q.seed,
                 "Iterations done": len(a.steps), "SNR reached": f"{a.snr_db:.2f} dB",
                 "SNR means": SNR_MEANS, "Took": f"{a.seconds:.2f} s", "Versions": versions()}
        return {name: f"{value:.6g}" if isinstance(value, float) else str(value) for name, value in lines.items()}

    def audibility(self) -> str:
        """How the change lies to what the music hides, in a sentence."""
        found = self.answer.audible
        return (f"Mean energy of the change {found.mean_db:+.1f} dB from the masking threshold of the music; above it "
                f"in {100 * found.audible_share:.1f} % of time and bands (Johnston 1988, played at 90 dB SPL).")

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and names."""
        a, q = self.answer, self.answer.question
        if self.survival:
            a = with_survival(a, {one.name: one.fooled for one in self.survival})
        return {**a.as_json(), "outcome": outcome(a), "confidence_asked": q.confidence,
                "iterations_asked": q.iterations, "sha256": self.card.get("sha256"),
                "probabilities": {"before": a.before.probabilities.tolist(), "after": a.after.probabilities.tolist()},
                "survival": [asdict(one) for one in self.survival],
                "transfer": [asdict(one) for one in self.transfer],
                "abx": None if self.abx is None else dict(self.abx),
                "steps": [{"label": a.labels[s.label], "confidence": s.confidence, "snr_db": s.snr_db}
                          for s in a.steps]}


def outcome(answer: AttackAnswer) -> str:
    """What came of it in a sentence; where nothing did, how far it got and what to try."""
    effort = f"at {answer.snr_db:.1f} dB SNR after {len(answer.steps)} iterations"
    if answer.fooled:
        return (f"{printable(answer.model)} takes “{printable(answer.before.label)}” for "
                f"“{printable(answer.after.label)}” ({answer.after.confidence:.2f}) {effort}")
    others = np.where([label == answer.before.label for label in answer.labels], -1, answer.after.probabilities)
    label = answer.question.target or answer.labels[int(others.argmax())]
    reached = float(answer.after.probabilities[answer.labels.index(label)])
    return (f"not fooled: {printable(answer.model)} says “{printable(answer.after.label)}” "
            f"({answer.after.confidence:.2f}), “{printable(label)}” reached {reached:.2f} {effort}; "
            f"{_advice(answer, reached)}")


def _advice(answer: AttackAnswer, reached: float) -> str:
    on_the_way = max(step.confidence for step in answer.steps)
    if answer.question.method == "magnitude" and on_the_way > reached + LOST:
        return (f"the magnitudes reached {on_the_way:.2f}, but no sound has them: project in each iteration, or take "
                "the method waveform")
    return "ask for a lower SNR or more iterations"
