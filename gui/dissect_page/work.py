"""What is done on the engine's threads for the page: it touches no widget and no state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.audio import fine_spectrum
from engine.audio.change import Before, LevelOfChange
from engine.audio.pyramid import PeakPyramid
from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError
from engine.explain.dissect import Array, Panel, Recording, experiment, with_levels
from engine.explain.dissect_search import search
from engine.explain.dissect_sweep import HIGHEST, SWEEPS, Sweep, sweep
from engine.explain.dissect_tree import Node, sound_of_band
from engine.job import Progress, Report
from engine.listening.dissect import Lately, panel_of, tree_of
from engine.models import catalogue
from engine.models.listener import Listener
from engine.models.scattering_listener import ScatteringTreeListener
from engine.training.dissect_files import Listed
from gui.dissect_page import words
from gui.dissect_page.bench import Bench
from gui.dissect_page.files import listed, part, recording
from gui.dissect_page.values import Found, Made, Opened, Searched, Swept, Tree, Tried, Verdict
from gui.player import Source, WaveformSource

Tell = Callable[[object], None]
LIVE = Lately()     # of the thread that answers while music plays: a slider moves what is heard in few bands


def opened(path: Path, most: int, names: Sequence[str], whole: bool, report: Report) -> Opened:
    """Look at a file, or at the first of a folder: of those that none of the systems has learnt from, if there are."""
    partitions = {partition for name in names if (partition := partition_of(name))} if path.is_dir() else set()
    return opened_at(listed(path, most, partitions), 0, path if path.is_dir() else None, whole, report)


def partition_of(name: str) -> str:
    """The partition that a system was trained in; "" where its data are not dealt into parts."""
    return str(catalogue.load(name).card.get("partition", ""))


def learnt_by(name: str, files: Sequence[Listed]) -> int:
    """How many of the files a system learnt from, or was chosen by."""
    partition = partition_of(name)
    return sum(bool(file.learnt_in([partition])) for file in files)


def opened_at(files: tuple[Listed, ...], place: int, folder: Path | None, whole: bool, report: Report) -> Opened:
    """Look at one of several files; of a long one its middle is taken, unless the whole is wanted."""
    file = AudioFile(files[place].path)
    start, sound = part(file, whole=whole)
    peaks = PeakPyramid.of(iter([sound.y.T]), sr=sound.sr, samples=sound.y.shape[-1], report=report)
    levels = fine_spectrum.levels(sound, report)
    return Opened(file, sound, start, peaks, levels, WaveformSource(sound), files, place, folder, whole)


def known() -> tuple[str, ...]:
    """All systems that there are, those that hear scattering first."""
    return (*catalogue.scattering_names(), *catalogue.names())


def trees(names: Sequence[str], report: Report) -> dict[str, Tree]:
    """Those of the systems that decide by trees, read aloud."""
    found = {}
    for done, name in enumerate(names):
        report(Progress(done, len(names), "reading trees"))
        listener = catalogue.opened(name)
        if isinstance(listener, ScatteringTreeListener):
            found[name] = Tree(name, listener.labels, tuple(tree_of(listener)))
    return found


def through(sound: Waveform, bench: Bench, report: Report) -> Made:
    """The sound through the bench."""
    y = sound
    for done, treatment in enumerate(bench.treatments().values()):
        report(Progress(done, len(bench.settings), "through the bench"))
        y = treatment.apply(y)
    return Made(bench, y, WaveformSource(y), fine_spectrum.levels(y, report))


def verdicts(sound: Waveform, names: Sequence[str], tell: Tell, report: Report) -> dict[str, Verdict]:
    """What systems say of a sound; those that hear the same features are asked at once, and told of at once."""
    said: dict[str, Verdict] = {}
    for group in _groups(names, report):
        report(Progress(len(said), len(names), "listening"))
        panel = panel_of([listener for _, listener in group], LIVE)
        answers = panel.hear(sound, _counting(report, len(said), len(names)))
        found = {name: _verdict(panel, place, answers[place]) for place, (name, _) in enumerate(group)}
        said |= found
        tell(found)
    return said


def _groups(names: Sequence[str], report: Report) -> list[list[tuple[str, Listener]]]:
    """Systems that hear the same features."""
    groups: dict[tuple[object, ...], list[tuple[str, Listener]]] = {}
    for done, name in enumerate(names):
        report(Progress(done, len(names), "loading systems"))
        listener = catalogue.opened(name)
        groups.setdefault(listener.front_end.key, []).append((name, listener))
    return list(groups.values())


def _counting(report: Report, done: int, total: int) -> Report:
    return lambda progress: report(Progress(done, total, "listening"))


def _verdict(panel: Panel, place: int, answer: Array) -> Verdict:
    return Verdict(panel.labels[place], tuple(answer.tolist()), panel.decide(place, answer))


def levels(sound: Waveform, made: Made, report: Report) -> dict[str, LevelOfChange]:
    """What a listener could hear of each intervention alone, and (under "") of all together."""
    parts = made.bench.treatments()
    report(Progress(0, 1 + len(parts), "what can be heard"))
    before = Before(sound)
    found = {"": before.change(made.sound, aligned=made.bench.whole().aligned)}
    for done, (name, treatment) in enumerate(parts.items(), 1):
        report(Progress(done, 1 + len(parts), "what can be heard"))
        found[name] = found[""] if len(parts) == 1 else before.change(treatment.apply(sound),
                                                                        aligned=treatment.aligned)
    return found


def band(sound: Waveform, node: Node, report: Report) -> Source:
    """What the band of a node holds of the sound."""
    report(Progress(0, 1, "the band by itself"))
    assert node.low_hz is not None
    assert node.high_hz is not None
    return WaveformSource(sound_of_band(sound, min(node.low_hz, 0.45 * sound.sr), node.high_hz))


# experiments

def panel(names: Sequence[str], report: Report) -> Panel:
    """Systems that are asked together; what they have said of a sound is not asked again."""
    listeners = []
    for done, name in enumerate(names):
        report(Progress(done, len(names), "loading systems"))
        listeners.append(catalogue.opened(name))
    if not listeners:
        raise InputError("systems: expected one or more to ask, none is chosen; choose one under Systems")
    return replace(panel_of(listeners), names=tuple(names))


def swept(files: Sequence[Listed], names: Sequence[str], kind: str, causal: bool, whole: bool, tell: Tell,
          report: Report) -> list[Swept]:
    """All systems along one sweep, told of value by value: first few that are far apart, then those between."""
    asked, recordings = panel(names, report), [recording(one, whole=whole) for one in files]
    values = possible(kind, [AudioFile(one.path).sr for one in files])
    causal = causal and "pass" in kind
    done: list[Swept] = []
    for place, value in enumerate(coarse_first(values)):
        def step(progress: Progress, place: int = place, value: float = value) -> None:
            report(Progress(round(100 * (place + progress.fraction)), 100 * len(values),
                            f"{value:,.4g} {SWEEPS[kind].unit}"))

        found = sweep(asked, recordings, kind, values=[value], causal=causal, report=step)
        news = [Swept(one, (one.outcomes[0].recall(after=True),), learnt_by(one.system, files), tuple(files), whole,
                      causal) for one in found]
        done = [_joined(one, other) for one, other in zip(done, news, strict=True)] if done else news
        tell(done)
    return [replace(one, sweep=heard_at_worst(one.sweep, recordings, report)) for one in done]


def heard_at_worst(one: Sweep, recordings: Sequence[Recording], report: Report) -> Sweep:
    """The sweep with what a listener could hear where it does most harm."""
    worst = with_levels(one.outcomes[one.worst], recordings, one.treatments[one.worst], report=report)
    return replace(one, outcomes=(*one.outcomes[:one.worst], worst, *one.outcomes[one.worst + 1:]))


def possible(kind: str, rates: Sequence[int]) -> list[float]:
    """Values of a sweep that the rates allow."""
    swept_kind = SWEEPS[kind]
    top = HIGHEST * min(rates) / 2
    return [value for value in swept_kind.values if swept_kind.parameter != "cutoff_hz" or value <= top]


def coarse_first(values: Sequence[float]) -> list[float]:
    """The same values: the ends, the middle, the middles of the halves, and so on."""
    order, step = [0, len(values) - 1], len(values) - 1
    while step > 1:
        step = -(-step // 2)
        order += range(0, len(values), step)
    return [values[place] for place in dict.fromkeys([*order, *range(len(values))])]


def _joined(first: Swept, second: Swept) -> Swept:
    one, other = first.sweep, second.sweep
    rows = sorted(zip((*one.values, *other.values), (*one.treatments, *other.treatments),
                      (*one.outcomes, *other.outcomes), (*first.recalls, *second.recalls), strict=True),
                  key=lambda row: row[0])
    values, treatments, outcomes, recalls = zip(*rows, strict=True)
    return replace(first, sweep=replace(one, values=values, treatments=treatments, outcomes=outcomes), recalls=recalls)


def table(files: Sequence[Listed], names: Sequence[str], bench: Bench, whole: bool, report: Report) -> list[Tried]:
    """Every system on every file, as it is and through the bench."""
    if bench.empty:
        raise InputError("bench: expected something switched on, nothing is; switch on a filter, say")
    recordings = [recording(one, whole=whole) for one in files]
    outcomes = experiment(panel(names, report), recordings, [bench.whole()], report=report)
    return [Tried(one, one.figures(after=False), one.figures(after=True), one.change_interval(),
                  learnt_by(one.system, files)) for one in outcomes]


def searched(files: Sequence[Listed], names: Sequence[str], whole: bool, report: Report) -> list[Searched]:
    """The smallest inaudible change that matters, for each system."""
    searches = search(panel(names, report), [recording(one, whole=whole) for one in files], report=report)
    return [Searched(one, words.searched(one), tuple(Found(one.system, finding, words.does(finding))
            for finding in (*([one.best] if one.best else []), *one.tried))) for one in searches]
