"""What is known, in words."""

from __future__ import annotations

from collections.abc import Sequence

from engine.audio.change import LevelOfChange
from engine.explain.dissect import TOO_FEW
from engine.explain.dissect_search import Finding, Search
from gui.dissect_page.values import Swept, Tried
from gui.views.ear_mark import AUDIBLE, INAUDIBLE, INCOMPARABLE, UNKNOWN
from gui.views.plain_text import counted, with_minus

SWEEP_TITLES = {"highpass": "High-pass", "lowpass": "Low-pass", "tempo": "Tempo", "pitch": "Pitch", "gain": "Gain",
                "noise": "White noise"}
COMMON = "scattering-"


def short(system: str) -> str:
    """A system's name for a narrow place: "svm-artist"."""
    return system.removeprefix(COMMON)


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
    return with_minus(f"{'yes' if level.audible else 'no'}, {level.margin_db:+.0f} dB")


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


def recalls(tried: Tried) -> str:
    """"mean recall 0.72 → 0.44 (change −0.39 to −0.17), 9 turned"; only how many turn where no class is known.

    A dash and the reason where the change has no interval.
    """
    files = tried.outcome.files
    learnt = _learnt(tried.learnt, len(files))
    flips = sum(one.flipped for one in files)
    if tried.before is None or tried.after is None:
        return f"{flips} of {counted(len(files), 'file')} turned{learnt}"
    change = f"–, as {TOO_FEW}" if tried.change is None else (
        with_minus(f"{tried.change[0]:+.2f} to {tried.change[1]:+.2f}"))
    return (f"mean recall {tried.before['mean_recall']:.2f} → {tried.after['mean_recall']:.2f} (change {change}), "
            f"{flips} turned{learnt}")


def _learnt(n: int, files: int) -> str:
    """Behind what is said of a system; nothing where it has learnt from none of the files."""
    if not n:
        return ""
    return ", not from its test part" if files == 1 else f", {n} of {counted(files, 'file')} not from its test part"


def swept(sweeps: Sequence[Swept], wanted: int) -> str:
    """How far a sweep is, and where decisions turn."""
    if not sweeps:
        return "Not run yet: this change at many values, and where each system changes its mind"
    unit, done, files = sweeps[0].sweep.unit, len(sweeps[0].recalls), len(sweeps[0].sweep.outcomes[0].files)
    if done < wanted:
        return f"{done} of {wanted} values"
    if files > 1:
        return "; ".join([counted(files, "file"), *filter(None, (_least(one, files) for one in sweeps))])
    turns = [(one, one.sweep.turns(0)) for one in sweeps]
    found = [f"{short(one.sweep.system)} turns at {at:,.4g} {unit}".rstrip() + _learnt(one.learnt, 1)
             for one, at in turns if at is not None]
    return "; ".join(found) or "no decision turns"


def _least(one: Swept, files: int) -> str:
    """Where a system does worst; of one that knows no class only how many of the files it learnt from, if any."""
    name, learnt = short(one.sweep.system), _learnt(one.learnt, files)
    known = [(recall, value) for recall, value in zip(one.recalls, one.sweep.values, strict=True) if recall is not None]
    if not known:
        return name + learnt if learnt else ""
    recall, value = min(known)
    return f"{name} least ({recall:.2f}) at {value:,.4g} {one.sweep.unit}".rstrip() + learnt


def does(one: Finding) -> str:
    """"recall 0.92 → 0.67, 4 turned"; of a single file whether it turns."""
    before, after = one.outcome.recall(after=False), one.outcome.recall(after=True)
    if before is None or after is None or len(one.outcome.files) == 1:
        return f"{one.flips} of {counted(len(one.outcome.files), 'file')} turned"
    return f"recall {before:.2f} → {after:.2f}, {one.flips} turned"


def searched(found: Search) -> str:
    """The answer for one system: a sentence that names it."""
    sentence = found.sentence().replace(" -", " −")
    return sentence if found.best is None else f"{found.system}: {sentence}"
