"""What is known, in words."""

from __future__ import annotations

from collections.abc import Sequence

from engine.audio.change import LevelOfChange
from engine.explain.dissect import Outcome
from engine.explain.dissect_search import Search
from engine.explain.dissect_sweep import Sweep
from gui.views.ear_mark import AUDIBLE, INAUDIBLE, INCOMPARABLE, UNKNOWN

SWEEP_TITLES = {"highpass": "High-pass", "lowpass": "Low-pass", "tempo": "Tempo", "pitch": "Pitch", "gain": "Gain",
                "noise": "White noise"}
COMMON = "scattering-"


def short(system: str) -> str:
    """A system's name for a narrow place: "svm-artist"."""
    return system.removeprefix(COMMON)


def count(n: int, what: str) -> str:
    """"1 system", "4 systems"."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def mark_of(level: LevelOfChange | None) -> tuple[str, str]:
    """The mark of what can be heard, and the reason."""
    if level is None:
        return UNKNOWN, "listening for what can be heard …"
    if level.audible is None:
        return INCOMPARABLE, level.words
    return (AUDIBLE if level.audible else INAUDIBLE), level.words


def margin(level: LevelOfChange | None) -> str:
    """For a narrow column: "no, −45 dB"."""
    if level is None or level.margin_db is None:
        return "–"
    return f"{'yes' if level.audible else 'no'}, {level.margin_db:+.0f} dB".replace("-", "−")


def heard(level: LevelOfChange | None) -> str:
    """In a headline: "nobody hears it (45 dB below the threshold)"."""
    if level is None:
        return ""
    if level.margin_db is None:
        return "heard as another sound"
    if level.audible:
        return f"audible, up to {level.margin_db:.0f} dB above the threshold"
    return f"nobody hears it: at least {-level.margin_db:.0f} dB below the threshold"


def turned(flipped: Sequence[str], asked: int) -> str:
    """"2 of 4 systems change their mind"."""
    if not flipped:
        return "no system changes its mind" if asked > 1 else "it does not change its mind"
    if len(flipped) == 1:
        return f"{short(flipped[0])} changes its mind"
    return f"{len(flipped)} of {asked} systems change their mind"


def recalls(outcome: Outcome) -> str:
    """"mean recall 0.72 → 0.44 (change −0.39 to −0.17)"; how many turn where no class is known."""
    before, after = outcome.recall(after=False), outcome.recall(after=True)
    flips = sum(one.flipped for one in outcome.files)
    if before is None or after is None:
        return f"{flips} of {count(len(outcome.files), 'file')} turned"
    low, high = outcome.change_interval() or (0.0, 0.0)
    change = f"{low:+.2f} to {high:+.2f}".replace("-", "−")
    return f"mean recall {before:.2f} → {after:.2f} (change {change}), {flips} turned"


def swept(sweeps: Sequence[Sweep], wanted: int) -> str:
    """How far a sweep is, and where decisions turn."""
    if not sweeps:
        return "Not run yet"
    done, files = len(sweeps[0].values), len(sweeps[0].outcomes[0].files)
    if done < wanted:
        return f"{done} of {wanted} values"
    if files > 1:
        return f"{count(files, 'file')}: " + ", ".join(
            f"{short(one.system)} worst at {one.values[one.worst]:,.4g} {one.unit}".rstrip() for one in sweeps)
    places = [(short(one.system), one.turns(0)) for one in sweeps]
    found = [f"{name} turns at {at:,.4g} {sweeps[0].unit}".rstrip() for name, at in places if at is not None]
    return ", ".join(found) or "no decision turns"


def searched(found: Search) -> str:
    """The answer for one system: a sentence that names it."""
    sentence = found.sentence().replace(" -", " −")
    return sentence if found.best is None else f"{found.system}: {sentence}"
