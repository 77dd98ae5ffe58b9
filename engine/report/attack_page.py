"""The page of an adversary: heard, seen, tried out."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.audio.waveform import Waveform
from engine.report.attack_facts import SNR_MEANS, AttackFacts, outcome
from engine.report.clips import CEILING
from engine.report.web import Player, document, header, listen, look, provenance, table, text

LONGEST_HEARD = 30.0  # seconds: some 7 MB a player


def attack_page(facts: AttackFacts, light_png: bytes, dark_png: bytes) -> str:
    """The page, HTML; `light_png` and `dark_png` are the picture for light and for dark screens."""
    a = facts.answer
    words = (f"Spectrograms of original, adversary and residual; votes over time on the first two; confidence and SNR "
             f"over {len(a.steps)} iterations. {outcome(a)}.")
    parts = [*header(facts.title, facts.caption), *_players(facts), *look(light_png, dark_png, words=words,
             source=" ".join(facts.references)), *_figures(facts), *_survival(facts), *_transfer(facts), *_abx(facts),
             *provenance(facts.provenance())]
    return document(f"{facts.title}: {a.file}", parts)


def _players(facts: AttackFacts) -> Iterable[str]:
    a = facts.answer
    start, stop = a.span
    heard = min(stop, start + LONGEST_HEARD)
    original, adversarial, residual = (sound.cut(start, heard) for sound in (a.original, a.adversarial, a.residual))
    gain = residual_gain(original, residual)
    part = "" if heard == stop else f" The first {LONGEST_HEARD:.0f} s of the attacked part."
    louder = (f"What was added, {20 * np.log10(gain):+.1f} dB: with that gain it can be heard by itself.{part}"
              if gain != 1 else f"What was added, as it is in the adversary.{part}")
    return listen([
        Player("original", "Original", f"“{a.before.label}” to {a.model}, {a.before.confidence:.3f}.{part}", original),
        Player("adversarial", "Adversary", f"“{a.after.label}” to {a.model}, {a.after.confidence:.3f}.{part}",
               adversarial),
        Player("residual", "Residual", louder, Waveform(residual.y * np.float32(gain), residual.sr))])


def residual_gain(original: Waveform, residual: Waveform) -> float:
    """The factor that makes a residual as loud as the original, in power, as far as its peaks stay within full scale.

    1 where one of them is silent.
    """
    power, peak = float(np.mean(np.square(residual.y, dtype=np.float64))), float(np.abs(residual.y).max(initial=0.0))
    wanted = float(np.mean(np.square(original.y, dtype=np.float64)))
    if power == 0 or wanted == 0:
        return 1.0
    return float(min((wanted / power) ** 0.5, max(1.0, CEILING / peak)))


def _figures(facts: AttackFacts) -> Iterable[str]:
    a = facts.answer
    lines = [("Fooled", "yes" if a.fooled else "no", f"{outcome(a)}."),
             ("SNR", f"{a.snr_db:.1f} dB", SNR_MEANS),
             ("Audible", f"{100 * a.audible.audible_share:.1f} %", facts.audibility())]
    yield '<section><h2>Figures</h2><dl class="trust">'
    for name, value, says in lines:
        yield f'<dt>{text(name)}</dt><dd class="value">{text(value)}</dd><dd class="why">{text(says)}</dd>'
    yield "</dl></section>"


def _survival(facts: AttackFacts) -> Iterable[str]:
    if facts.survival:
        before = facts.answer.before.label
        yield "<section><h2>What it survives</h2>"
        yield from table(
            "The adversary after each treatment, judged again; and the original after the same, for a treatment alone "
            "may change the model's mind.",
            ("Treatment", "Adversary is now", "Confidence", "Still fools", "Original is now"),
            [(one.words, one.label, f"{one.confidence:.3f}", "yes" if one.fooled else "no",
              one.original_label if one.original_label == before else f"{one.original_label} (changed)")
             for one in facts.survival])
        yield "</section>"


def _transfer(facts: AttackFacts) -> Iterable[str]:
    if facts.transfer:
        yield "<section><h2>Other models</h2>"
        yield from table("The adversary was made without them.", ("Model", "Original", "Adversary", "Decision changed"),
                         [(one.model, one.before, one.after, "yes" if one.fooled else "no") for one in facts.transfer])
        yield "</section>"


def _abx(facts: AttackFacts) -> Iterable[str]:
    if facts.abx:
        yield "<section><h2>Listening test (ABX)</h2>"
        yield from table("Can original and adversary be told apart by ear?", ("What", "Outcome"),
                         [(name.replace("_", " "), value) for name, value in facts.abx.items()])
        yield "</section>"
