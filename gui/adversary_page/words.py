"""An answer in words."""

from __future__ import annotations

from engine.explain.adversary import Step
from engine.listening import patience
from engine.listening.attack import AttackAnswer, Hearing
from engine.models.listener import Listener
from gui.views.plain_text import counted

LOST = 0.02     # of a probability: less is not worth a word


def verdict(answer: AttackAnswer) -> str:
    """What the model said and says: "ambient 0.48 → chiptune-tracker 0.91"."""
    return f"{said(answer.before)} → {said(answer.after)}"


def said(hearing: Hearing) -> str:
    """A label and its probability: "ambient 0.48"."""
    return f"{hearing.label} {hearing.confidence:.2f}"


def how(answer: AttackAnswer) -> str:
    """What it took: "at 34.7 dB SNR; fooled in 4 iterations; above the masking threshold in 8 % of …"."""
    taken = counted(len(answer.steps), "iteration")
    if answer.fooled:
        return (f"at {answer.snr_db:.1f} dB SNR; fooled in {taken}{_lost(answer)}; "
                f"{audible(answer.audible.audible_share)}")
    wanted = answer.question.target or "anything else"
    return (f"not fooled: {taken} at {answer.snr_db:.1f} dB SNR reached {reached(answer)} for {wanted}; "
            "allow a lower SNR or more iterations")


def _lost(answer: AttackAnswer) -> str:
    """What the sound keeps less of than its magnitudes had: " (0.91 before it was made a sound)"; else nothing."""
    last = answer.steps[-1] if answer.steps else None
    if last is None or answer.question.smallest or answer.labels[last.label] != answer.after.label:
        return ""   # of the smallest change, other steps came after the one that was kept
    if last.confidence - answer.after.confidence < LOST:
        return ""
    return f" ({last.confidence:.2f} before it was made a sound)"


def reached(answer: AttackAnswer) -> str:
    """The highest probability of the label wanted, in the sound or on the way to it."""
    best = max((step.confidence for step in answer.steps), default=0.0)
    if answer.question.target is not None:
        best = max(best, float(answer.after.probabilities[answer.labels.index(answer.question.target)]))
    return f"{best:.2f}"


def audible(share: float) -> str:
    """How much of the change lies above the masking threshold."""
    if share <= 0:
        return "all of the change lies below the masking threshold"
    percent = "less than 1" if share < 0.01 else f"{100 * share:.0f}"
    return f"above the masking threshold in {percent} % of bands and frames"


def progress(step: Step, label: str, done: int, total: int, elapsed: float) -> str:
    """How an attack stands: "12 of 100 · ambient 0.31 · 28.4 dB · at most 5 s left"."""
    left = elapsed / max(done, 1) * (total - done)
    most = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min"
    time = "" if elapsed < 1 else f" · at most {most} left"
    return f"{done} of {total} · {label} {step.confidence:.2f} · {step.snr_db:.1f} dB{time}"


def outcome(answer: AttackAnswer) -> str:
    """What came of it, and how long it took: "Fooled after 4 iterations in 1.2 s"."""
    taken = counted(len(answer.steps), "iteration")
    return f"{'Fooled' if answer.fooled else 'Not fooled'} after {taken} in {answer.seconds:.1f} s"


def short(treatment: str) -> str:
    """A treatment without its settings, for a narrow column: "MP3 (bit rate 128 kbit/s)" is "MP3"."""
    return treatment.partition(" (")[0].partition(",")[0]


def why_not(listener: Listener) -> str:
    """Why a model cannot be attacked; "" where it can."""
    if listener.differentiable:
        return ""
    return f"{listener.name} answers but gives no gradients, as ONNX does not: an attack has nothing to go by"


def why_no_magnitudes(listener: Listener) -> str:
    """Why a model cannot be attacked on magnitudes; "" where it can."""
    return "" if listener.hears_magnitudes else f"{listener.name} hears samples, of which magnitudes do not say all"


def why_a_part(listener: Listener, seconds: float) -> str:
    """Why a part is marked: "silero-vad would take 16 s for each step on all of it"."""
    return f"{listener.name} would take {patience.seconds_of_step(seconds, listener):.0f} s for each step on all of it"
