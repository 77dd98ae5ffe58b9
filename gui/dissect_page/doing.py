"""What people do on the page: switches, sliders, clicks, menu, keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSignalBlocker
from PySide6.QtWidgets import QFileDialog, QMenu

from engine.explain.dissect_tree import Node
from engine.job import Progress
from gui.dialogs.horse import HorseDialog
from gui.dissect_page.bench import Bench, bench_of
from gui.dissect_page.hearing import SOURCES
from gui.dissect_page.inquiry import PREFIX
from gui.dissect_page.showing import findings
from gui.session import Change
from gui.views.actions import add
from gui.views.bench_panel import Settings

if TYPE_CHECKING:
    from gui.dissect_page.page import DissectPage


class Doing(QObject):
    """Passes wishes of the views on to study, inquiry and hearing."""

    def __init__(self, page: DissectPage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        self.horse: HorseDialog | None = None
        inquiry, hearing, bar = page.inquiry, page.hearing, page.transport
        page.bench.changed.connect(self.set_bench)
        page.bench.causal_chosen.connect(lambda causal: self._study.change_bench(
            Bench(self._study.bench.settings, causal)))
        page.bench.table_asked.connect(self.table)
        page.bench.search_asked.connect(self.search)
        page.systems.toggled.connect(self.toggle_system)
        page.tree.band_chosen.connect(self.play_band)
        page.sweep.kind_chosen.connect(self._study.choose_kind)
        page.sweep.run_asked.connect(lambda every: inquiry.sweep(every=every))
        page.sweep.stop_asked.connect(lambda: inquiry.cancel("sweep"))
        page.sweep.plot.value_chosen.connect(self.set_value)
        page.table.chosen.connect(self.open_row)
        page.found.chosen.connect(self.take_finding)
        page.most.valueChanged.connect(self.take_files)
        page.whole.toggled.connect(self.take_whole)
        page.strip.seek_asked.connect(hearing.seek)
        bar.source_chosen.connect(hearing.choose)
        bar.match_level_toggled.connect(hearing.set_match_level)
        bar.loop_toggled.connect(hearing.loop)
        page.link.moved.connect(self._moved)
        hearing.changed.connect(self.show_heard)
        inquiry.band_made.connect(hearing.hear_band)
        inquiry.working.connect(self._working)
        inquiry.horse_told.connect(lambda result: self.horse.show_result(result) if self.horse else None)
        self.show_heard()

    def fill(self, menu: QMenu) -> None:
        """The page's menu. Esc is the job bar's while it shows a job, else the page's."""
        add(menu, "Try the bench on all files", self.table, "Ctrl+Return")
        add(menu, "Run the sweep", self.run_sweep, "Ctrl+R")
        add(menu, "Search for the smallest inaudible change", self.search, "Ctrl+F")
        add(menu, "Cancel the experiment", self._page.inquiry.cancel_experiment)
        menu.addSeparator()
        add(menu, "Everything off", lambda: self.set_bench({}), "Ctrl+0")
        add(menu, "Mark no band", lambda: self._study.mark(None))
        menu.addSeparator()
        add(menu, "Planted horse …", self.show_horse, "Ctrl+H")

    # the bench

    def set_bench(self, settings: Settings) -> None:
        """Switch on what is in there, and hear it."""
        self._study.change_bench(Bench(settings, self._study.bench.causal))

    def set_value(self, value: float) -> None:
        """A value of the sweep goes to the bench, and is heard."""
        self._study.change_bench(self._study.bench.moved(self._study.kind, value))
        self._page.show_tab(self._page.bench)
        self._page.hearing.choose("bench")

    def take_finding(self, row: int) -> None:
        """What the search found goes to the bench, and nothing else."""
        bench = bench_of(findings(self._page)[row].finding)
        if bench is not None:
            self._study.change_bench(bench)
            self._page.show_tab(self._page.bench)
            self._page.hearing.choose("bench")

    def toggle_system(self, name: str, on: bool) -> None:
        """Ask a system, or leave it out."""
        chosen = (*self._study.systems, name) if on else tuple(s for s in self._study.systems if s != name)
        self._study.change_systems(chosen)

    # experiments

    def run_sweep(self) -> None:
        """As the button."""
        self._page.show_tab(self._page.sweep)
        self._page.sweep.run.click()

    def table(self) -> None:
        """All files before and after."""
        self._page.show_tab(self._page.table)
        self._page.inquiry.table()

    def search(self) -> None:
        """The smallest inaudible change."""
        self._page.show_tab(self._page.found)
        self._page.inquiry.search()

    def open_row(self, row: int, through: bool) -> None:
        """Open the file of a row and play it, as it is or through the bench."""
        page = self._page
        page.hearing.choose("bench" if through else "original")
        page.hearing.play_next()
        page.inquiry.open_place(row)

    def ask_folder(self) -> None:
        """Choose a folder and open it."""
        path = QFileDialog.getExistingDirectory(self._page, "Open a folder of sounds")
        if path:
            self._page.open(Path(path))

    def take_files(self, most: int) -> None:
        """More or fewer files of a folder."""
        self._change_files((most, self._study.whole), "changing the number of files", "files")

    def take_whole(self, on: bool) -> None:
        """All of each file, or its middle."""
        self._change_files((self._study.most_files, on), "taking whole files" if on else "taking the middle of files")

    def _change_files(self, after: tuple[int, bool], words: str, kind: str = "") -> None:
        before = self._study.most_files, self._study.whole
        if after != before:
            self._study.undo_stack.push(Change(self._take, before, after, words, kind))

    def _take(self, wishes: tuple[int, bool]) -> None:
        """How many files, and whether all of each; what is open is opened again where that makes a difference."""
        study, page, now, whole = self._study, self._page, self._study.now, self._study.whole
        study.most_files, study.whole = wishes
        with QSignalBlocker(page.most), QSignalBlocker(page.whole):
            page.most.setValue(study.most_files)
            page.whole.setChecked(study.whole)
        if now is not None and (now.folder is not None or study.whole != whole):
            page.inquiry.open(now.folder or now.file.path, way_back=True)

    # bands, horses

    def play_band(self, node: Node) -> None:
        """Mark what a question of the tree looks at, and play it."""
        self._study.mark(node)
        self._page.inquiry.play_band(node)

    def show_horse(self) -> None:
        """The planted horse."""
        if self.horse is None:
            self.horse = HorseDialog(self._page)
            self.horse.run_asked.connect(lambda plant, full, seeds: self._page.inquiry.plant(
                plant, full=full, seeds=seeds))
            self.horse.cancel_asked.connect(lambda: self._page.inquiry.cancel("horse"))
            self.horse.export_asked.connect(self._export_horse)
        self.horse.set_theme(self._page.theme)
        self.horse.show()
        self.horse.raise_()

    def _export_horse(self, result: dict[str, Any]) -> None:
        path = QFileDialog.getExistingDirectory(self.horse, "Export what came of the planted horse")
        if path:
            self._page.inquiry.write_horse(Path(path), result)

    def _working(self, lane: str, progress: object) -> None:
        if lane == f"{PREFIX}horse" and isinstance(progress, Progress) and self.horse is not None:
            self.horse.show_progress(progress)

    # what is heard

    def _moved(self, seconds: float) -> None:
        """The cursor is on the time line of the sound as it is, whatever plays."""
        now, source = self._study.now, self._page.player.source
        if now is not None and source is not None and source.seconds:
            self._page.strip.set_cursor(seconds * now.sound.seconds / source.seconds)

    def show_heard(self) -> None:
        """Which sounds there are, and which is heard."""
        page, hearing = self._page, self._page.hearing
        for name in SOURCES:
            why = "" if name in hearing.available else (
                "Choose a question of the tree" if name == "band" else "Open a file first")
            page.transport.enable_source(name, why)
        page.transport.show_source(hearing.chosen)
