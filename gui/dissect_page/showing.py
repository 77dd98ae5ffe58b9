"""Puts what the study holds into the views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSignalBlocker

from engine.audio import fine_spectrum
from engine.audio.change import LevelOfChange
from engine.explain.dissect import Heard, Outcome
from engine.explain.dissect_sweep import SWEEPS, Sweep
from gui.dissect_page import words, work
from gui.dissect_page.values import Found, Swept, Verdict
from gui.views.before_after_table import Cell, FileRow
from gui.views.bench_panel import EMPTY, TITLES
from gui.views.check_table import Row
from gui.views.plain_text import with_minus
from gui.views.sweep_plot import Curve
from gui.views.systems_view import Said
from gui.views.time_plot import time_text

if TYPE_CHECKING:
    from gui.dissect_page.page import DissectPage

READY = "as it is: switch something on at the bench, and press 2 to hear it"
NO_TABLE = "Not tried yet: “Try on all files”, at the bench, does"
NO_SEARCH = "Search looks for the smallest change that nobody hears and that changes what a system says"


class Showing(QObject):
    """Hears the study and tells the views; a file replaces everything of the last one."""

    def __init__(self, page: DissectPage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        self._tree = self._labels_of = ""
        s = page.study
        for signal, done in ((s.opened, self._opened), (s.systems_changed, self._systems),
                             (s.bench_changed, self._bench), (s.made_ready, self._spectrum), (s.heard, self._heard),
                             (s.levels_changed, self._levels), (s.refused, self._levels),
                             (s.sweep_changed, self._sweep), (s.table_changed, self._table),
                             (s.searched, self._searched), (s.trees_ready, self._trees),
                             (s.band_changed, self._band)):
            signal.connect(done)
        page.inquiry.running_changed.connect(self._running)
        page.sweep.curves_chosen.connect(self._choose_curves)
        page.tree.system_chosen.connect(self._choose_tree)
        page.confused.currentIndexChanged.connect(lambda _: self._confusion())
        self._bench()
        self._sweep()
        self._table()
        self._searched()

    def set_theme(self) -> None:
        """What is coloured by what it says."""
        self._levels()

    # the sound

    def _opened(self) -> None:
        now, page = self._study.now, self._page
        if now is None:
            return
        page.strip.set_peaks(now.peaks)
        page.transport.set_duration(now.sound.seconds)
        page.sweep.set_files(len(now.files))
        self._spectrum()
        self._headline()

    def _spectrum(self) -> None:
        now, made = self._study.now, self._study.made
        if now is not None:
            after = None if made is None else made.spectrum
            self._page.spectrum.set_levels(fine_spectrum.centres(), now.spectrum, after)

    def _band(self) -> None:
        node = self._study.band
        if node is None:
            self._page.spectrum.mark_band(None, None)
        else:
            self._page.spectrum.mark_band(node.low_hz, node.high_hz, node.name)

    def _bench(self) -> None:
        study, page = self._study, self._page
        page.bench.show_bench(study.bench.settings, causal=study.bench.causal)
        page.sweep.plot.show_bench(study.bench.at(study.kind))
        self._levels()

    def _levels(self) -> None:
        study, bench = self._study, self._page.bench
        for name in TITLES:
            on = name in study.bench.settings
            bench.show_mark(name, *(words.mark_of(study.levels.get(name)) if on else ("", "")))
        if study.refusal:
            bench.show_audible("", study.refusal, wrong=True)
        elif study.bench.empty:
            bench.show_audible("", EMPTY)
        else:
            kind, said = words.mark_of(study.levels.get(""))
            bench.show_audible(kind, said[:1].upper() + said[1:])
        self._headline()

    # the systems

    def _systems(self) -> None:
        study, page = self._study, self._page
        page.systems.set_systems(study.known, study.systems)
        page.sweep.set_systems(study.systems)
        self._heard()

    def _heard(self) -> None:
        study, page = self._study, self._page
        for name in study.systems:
            page.systems.show_said(name, _said(study.before.get(name), study.after.get(name)))
        self._headline()

    def _headline(self) -> None:
        study, page = self._study, self._page
        now = study.now
        if now is None:
            return
        end = now.start + now.sound.seconds
        part = f" {time_text(now.start, 0)}–{time_text(end, 0)}" if end < now.file.seconds or now.start else ""
        if study.refusal:
            page.headline.show_answer(now.file.name, study.refusal, decided=False)
        elif study.bench.empty:
            page.headline.show_answer(now.file.name + part, READY, decided=False)
        elif study.after:
            flipped = study.flipped
            changes = [f"{words.short(name)} {_words(study.before[name], study.after[name])}" for name in flipped]
            heard = words.heard(study.levels.get(""))
            page.headline.show_answer(words.turned(flipped, len(study.after)),
                                      " · ".join(filter(None, [heard, *changes])), decided=bool(flipped))
        else:
            page.headline.show_answer(now.file.name + part, "listening through the bench …", decided=False)

    # experiments

    def _running(self) -> None:
        self._page.sweep.show_running(self._page.inquiry.running == "sweep")

    def _choose_curves(self, system: str) -> None:
        self._labels_of = system
        self._sweep()

    def _sweep(self) -> None:
        study, panel = self._study, self._page.sweep
        panel.show_kind(study.kind)
        sweeps, kind = study.sweeps.get(study.kind, []), SWEEPS[study.kind]
        one = next((found for found in sweeps if found.sweep.system == self._labels_of), None)
        curves = [_of_system(found) for found in sweeps] if one is None else _of_labels(one.sweep)
        values = sweeps[0].sweep.values if sweeps else ()
        rates = [study.now.file.sr] if study.now is not None else [44100]
        possible = work.possible(study.kind, rates)
        panel.plot.set_curves(values, curves, unit=kind.unit, what="probability or recall",
                              reach=(possible[0], possible[-1]))
        panel.plot.show_bench(study.bench.at(study.kind))
        panel.said.set_whole(words.swept(sweeps, len(possible)))

    def _table(self) -> None:
        study, page = self._study, self._page
        outcomes = [tried.outcome for tried in study.outcomes]
        rows = [_row([outcome.files[i] for outcome in outcomes], outcomes[0].audible[i], outcomes)
                for i in range(len(outcomes[0].files))] if outcomes else []
        page.table.set_rows([words.short(outcome.system) for outcome in outcomes], rows)
        page.table_said.set_whole("; ".join(f"{words.short(one.outcome.system)}: {words.recalls(one)}"
                                            for one in study.outcomes) or NO_TABLE)
        chosen = page.confused.currentText()
        with QSignalBlocker(page.confused):
            page.confused.clear()
            page.confused.addItems([outcome.system for outcome in outcomes])
            page.confused.setCurrentIndex(max(0, page.confused.findText(chosen)) if outcomes else -1)
        page.confused.setVisible(bool(outcomes))
        self._confusion()

    def _confusion(self) -> None:
        page, place = self._page, self._page.confused.currentIndex()
        if not 0 <= place < len(self._study.outcomes):
            page.confusion.set_figures(None, None)
            page.confused_said.set_whole("")
            return
        tried = self._study.outcomes[place]
        page.confusion.set_figures(tried.before, tried.after,
                                   f"{tried.outcome.system} knows none of the classes of these files")
        page.confused_said.set_whole(f"{tried.outcome.treatment}: {words.recalls(tried)}")

    def _searched(self) -> None:
        searches, page = self._study.searches, self._page
        page.found_said.setText("\n".join(found.sentence for found in searches) or NO_SEARCH)
        page.found.set_rows([_found(one) for one in findings(page)])

    # trees

    def _trees(self) -> None:
        names = list(self._study.trees)
        self._tree = self._tree if self._tree in names else next(iter(names), "")
        self._page.tree.set_systems(names, self._tree)
        self._choose_tree(self._tree)

    def _choose_tree(self, system: str) -> None:
        self._tree = system
        tree = self._study.trees.get(system)
        self._page.tree.set_nodes(tree.nodes if tree else (), tree.labels if tree else ())


def findings(page: DissectPage) -> list[Found]:
    """Rows of the table of the search: the answers, then what else was tried."""
    searches = page.study.searches
    answers = [found.found[0] for found in searches if found.search.best is not None]
    return answers + [one for found in searches for one in found.found[found.search.best is not None :]]


def _said(before: Verdict | None, after: Verdict | None) -> Said | None:
    if before is None:
        return None
    if after is None:
        return Said(before.labels, before.probabilities, before.decided)
    return Said(before.labels, before.probabilities, before.decided, after.probabilities, after.decided)


def _words(before: Verdict, after: Verdict) -> str:
    return f"{before.labels[before.decided]} → {after.labels[after.decided]}"


def _of_system(found: Swept) -> Curve:
    """Mean recall of a set; of a file the probability of what was decided on it untouched."""
    sweep = found.sweep
    name = words.short(sweep.system)
    if len(sweep.outcomes[0].files) > 1:
        if None not in found.recalls:
            return Curve(name, tuple(recall for recall in found.recalls if recall is not None))
        return Curve(f"{name}: unchanged", tuple(1 - sum(one.flipped for one in outcome.files) / len(outcome.files)
                                                 for outcome in sweep.outcomes))
    files = [outcome.files[0] for outcome in sweep.outcomes]
    first = sweep.labels.index(files[0].before)
    return Curve(f"{name}: {files[0].before}", tuple(float(one.p_after[first]) for one in files),
                 tuple(one.flipped for one in files))


def _of_labels(found: Sweep) -> list[Curve]:
    mean = found.mean_probabilities()
    files = [outcome.files[0] for outcome in found.outcomes]
    alone = len(found.outcomes[0].files) == 1
    return [Curve(label, tuple(mean[:, i].tolist()),
                  tuple(one.after == label and one.flipped for one in files) if alone else ())
            for i, label in enumerate(found.labels)]


def _row(heard: list[Heard], level: LevelOfChange, outcomes: list[Outcome]) -> FileRow:
    cells = []
    for one, outcome in zip(heard, outcomes, strict=True):
        known = one.label in outcome.labels
        cells.append(Cell(one.before, one.after, one.before == one.label if known else None,
                          one.after == one.label if known else None))
    return FileRow(heard[0].file, heard[0].label or "", words.margin(level), tuple(cells), level.words)


def _found(one: Found) -> Row:
    margin = with_minus(f"{one.finding.margin_db:+.0f} dB")
    return Row((one.finding.words, words.short(one.system), one.does, margin), one.finding.drop > 0,
               "Enter or double-click: put it on the bench")
