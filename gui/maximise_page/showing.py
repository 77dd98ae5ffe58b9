"""Puts what the study holds into the views."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from engine.job import Pace, Progress
from gui.maximise_page import words
from gui.maximise_page.hearing import MADE, REAL
from gui.maximise_page.values import Growing, Shown
from gui.views.activation_curves import median
from gui.views.gallery_cells import GalleryEntry, figure
from gui.views.latent_walk import WalkPlace
from gui.views.nearest_view import NearestPair
from gui.views.plain_text import counted
from gui.views.ranking_table import RankedSetting
from gui.views.time_plot import time_text

if TYPE_CHECKING:
    from gui.maximise_page.page import MaximisePage

READY = "Choose a neuron, and make examples of what it wants (Ctrl+Return)"
SEARCHING = "Searching the grid …"
SKETCHED = ("Play: a sketch made of this small picture. The recording is not part of Otoscope; choose a folder that "
            "holds it to compare with, and it is heard itself")
KEPT_POINTS = "What the search has kept, joined by straight lines"


class Showing(QObject):
    """Hears the study and tells the views."""

    def __init__(self, page: MaximisePage) -> None:
        super().__init__(page)
        self._page, self._study = page, page.study
        self._told = ""                                 # of a search that runs
        self._pace = Pace()                             # of what runs
        self._grown = -1                                # iterations of the examples that are being made
        s = page.study
        s.opened.connect(self._opened)
        s.asked.connect(self._asked)
        s.running_changed.connect(self._running)
        s.progressed.connect(self._progress)
        s.grew.connect(self._growing)
        s.shown_changed.connect(self._shown)
        s.chosen.connect(self._chosen)
        s.real_changed.connect(self._real)
        s.ranked.connect(self._ranked)
        s.kept_changed.connect(lambda: page.panel.show_search(*s.kept))
        s.ends_changed.connect(self._ends)
        s.stood.connect(self._stood)
        page.hearing.changed.connect(self._heard)
        page.inquiry.kept.connect(self._model)
        self._running()
        self._shown()
        self._chosen()
        self._real()
        self._ends()

    # model and wishes

    def _opened(self) -> None:
        now, page = self._study.now, self._page
        if now is None:
            return
        form = page.panel.form
        form.show_models(now.models, now.model)
        form.show_layers(now.layers)
        form.enable_priors(now.why_not)
        page.prior.show_prior(now.prior)
        lr, reg, iterations = now.defaults[form.wishes().direction]
        form.set_defaults("gan", lr=lr, reg=reg, iterations=iterations)
        self._study.wishes = replace(form.wishes(), model=now.model)
        self._running()

    def _model(self) -> None:
        if self._study.now is not None:
            self._page.panel.form.show_models(self._study.now.models, self._study.now.model)

    def _asked(self) -> None:
        if self._page.panel.wishes() != self._study.wishes:
            self._page.panel.form.set_wishes(self._study.wishes)
        if self._study.searched is None and self._study.running != "grid":
            self._ranking()     # the grid that came with the program is of one prior

    # while something runs

    def _running(self) -> None:
        running, study, page = self._study.running, self._study, self._page
        page.panel.show_running(bool(running), ready=study.now is not None)
        if running:
            self._pace = Pace()
        page.panel.say("")
        if running == "maximise":
            page.curves.begin(iterations=study.wishes.iterations, real=self._study.real_limit,
                              minimise=study.wishes.direction == "min", said="Maximising …")
            page.headline.clear(f"{self._name()}: making {counted(study.wishes.seeds, 'example')} …")
            return
        if running == "grid":
            page.show_tab(page.ranking)
            self._told = SEARCHING
            page.ranking.show_settings((), self._told)
            return
        self._ranking()
        if self._grown >= 0 and not study.shown:
            page.headline.clear(f"Stopped at iteration {self._grown}: these examples are not done, and have no sound")
            page.curves.say(f"Stopped at iteration {self._grown}")
        elif study.answer is None and not study.shown:
            self._nothing()
        self._grown = -1

    def _nothing(self) -> None:
        self._page.headline.clear(READY)
        self._page.curves.clear("Nothing maximised yet")
        self._page.gallery.say("")

    def _progress(self, progress: Progress) -> None:
        self._pace.hear(progress)
        if self._study.running != "grid":
            self._page.panel.say(progress.message)      # how long examples take is said above their curves
            return
        self._told = " · ".join(filter(None, (progress.message, words.time_left(self._pace.seconds_left()))))
        self._page.panel.say(self._told)
        self._page.ranking.say(self._told)

    def _growing(self, growing: Growing) -> None:
        page, last, self._grown = self._page, growing.curves[:, -1], growing.iteration
        entries = []
        for seed, mel, value in zip(growing.seeds, growing.mels, last, strict=True):
            failed = "" if np.isfinite(value) else "its numbers exploded"
            entries.append(GalleryEntry(f"seed {seed}", mel, float(value), seed=seed, failed=failed))
        page.gallery.show_examples(entries, growing=True, lowest=self._study.wishes.direction == "min")
        page.gallery.say(f"iteration {growing.iteration}")
        page.curves.show_curves(growing.curves)
        middle = median(growing.curves.astype(np.float64))[-1]
        page.curves.say(words.progress(growing.iteration, self._study.wishes.iterations, float(middle),
                                       self._pace.seconds_left()))

    # examples

    def _shown(self) -> None:
        study, page = self._study, self._page
        lowest = study.wishes.direction == "min"
        page.gallery.show_examples([self._entry(one) for one in study.shown], lowest=lowest, columns=self._columns())
        answer = study.answer
        if answer is not None:
            how, beats = words.how(answer), words.beats_real(answer)
            if not beats and self._study.strong is not None:
                how += f"; beyond it: {words.setting(self._study.strong)} (Ranking)"
            page.headline.show_answer(words.verdict(answer), how, decided=beats)
            page.gallery.say(counted(len(answer.examples), "example"))
            page.curves.begin(iterations=answer.settings.iterations, real=answer.real_max,
                              minimise=answer.settings.minimise)
            self._curves()
            page.curves.say(f"{counted(len(answer.examples), 'example')} in {words.duration(answer.seconds)}")
        elif study.shown and study.searched is not None:
            one, found = study.setting, study.searched.found
            page.gallery.say(words.setting(one) if one is not None else "best, median and worst setting")
            page.curves.begin(iterations=max(int(one.example.steps[-1]) for one in study.shown),
                              real=found.top[0].activation, minimise=lowest, said=KEPT_POINTS)
            self._curves()
        elif not study.running:
            self._nothing()

    def _columns(self) -> int:
        """A row for each of the best, the median and the worst setting; 0: as many columns as there is room for."""
        study = self._study
        if study.answer is not None or study.setting is not None or not study.shown:
            return 0
        return sum(one.rank == study.shown[0].rank for one in study.shown)

    def _curves(self) -> None:
        """All examples over the iterations that are known of any."""
        made = [one.example for one in self._study.shown]
        steps = np.unique(np.concatenate([example.steps for example in made]))
        curves = np.full((len(made), len(steps)), np.nan)
        for row, example in zip(curves, made, strict=True):
            row[np.searchsorted(steps, example.steps)] = example.curve
        alike = self._study.answer is not None or self._study.setting is not None
        self._page.curves.show_curves(curves, steps=steps, failed=[one.failed is not None for one in made],
                                      middle=alike)

    def _entry(self, one: Shown) -> GalleryEntry:
        example = one.example
        if example.failed is not None:
            return GalleryEntry(one.title, one.mel, float("nan"), seed=example.seed, rank=one.rank,
                                failed=f"exploded at {example.failed}")
        return GalleryEntry(one.title, one.mel, example.activation, example.activation_after_audio,
                            example.probability, example.seed, one.rank,
                            words.warning(example))

    def _chosen(self) -> None:
        page, one = self._page, self._study.looked_at
        page.gallery.show_chosen(self._study.choice)
        page.curves.show_chosen(self._study.choice)
        sound = one is not None and one.example.failed is None
        page.walk.can_take(one is not None and sound and one.latent)
        if one is None or not sound:
            page.nearest.show_pair(None)
            return
        near = one.example.nearest
        licence = f"licence: {near.source.licence}" if near.source.licence else ""
        page.nearest.show_pair(NearestPair(
            one.title, one.compared, one.real_mel, words.place_in(near), near.distance, near.usual, near.is_copy,
            licence, SKETCHED))

    # real music

    def _name(self) -> str:
        now, wishes = self._study.now, self._study.wishes
        if now is None:
            return "maximise"
        last = now.layers[-1]
        meaning = last.labels[wishes.neuron] if wishes.layer == last.name and last.labels else ""
        return words.neuron_name(wishes.layer, wishes.neuron, meaning)

    def _real(self) -> None:
        real, page = self._study.real, self._page
        lowest = self._study.wishes.direction == "min"
        title = "Real excerpts that excite it least" if lowest else "Real excerpts that excite it most"
        page.real.title.setText(title)
        page.real.cells.setAccessibleName(title)
        if real is None:
            page.real.show_examples(())
            page.real.set_empty("Listening to real music …" if self._study.now is not None else "")
            page.real.say("")
            return
        self._offer()
        page.real.show_examples([
            GalleryEntry(one.file.stem, mel, one.activation, detail=time_text(one.start, 1))
            for one, mel in zip(real.excerpts, real.mels, strict=True)], lowest=lowest)
        page.real.say("of the clips that come with Otoscope" if self._study.real_folder is None else
                      f"of {self._study.real_folder.name}")

    # search

    def _ranked(self) -> None:
        self._ranking()
        searched = self._study.searched
        if searched is not None and self._study.running != "grid":
            best = words.setting(searched.found.ranking[0])
            self._page.headline.show_answer(self._name(), f"the most natural: {best}; Enter takes it over",
                                            decided=False)

    def _ranking(self) -> None:
        """The settings in order, and what they are of."""
        study, ranking = self._study, self._study.ranking
        searched, shipped, said = study.searched, study.shipped, ""
        if study.running == "grid":
            said = self._told
        elif searched is not None:
            said = (f"{counted(len(ranking), 'setting')} × {searched.search.grid.seeds} seeds on "
                    f"{searched.found.fid_layer}")
        elif shipped is not None:
            said = (f"{counted(len(ranking), 'setting')} × {shipped.seeds} seeds on {shipped.fid_layer}, searched "
                    "before: Enter takes one over")
        self._page.ranking.show_settings(
            [RankedSetting(one.lr, one.reg, one.iterations, one.fid, one.activation, one.failed, rank)
             for one, rank in zip(ranking, words.ranks_of_settings(ranking), strict=True)], said)
        self._offer()

    def _offer(self) -> None:
        """The setting that excites more than real music does, once both are known."""
        strong, limit = self._study.strong, self._study.real_limit
        if strong is not None and limit is not None:
            self._page.ranking.offer(self._study.ranking.index(strong), words.setting(strong), limit)

    # walking

    def _ends(self) -> None:
        study, walk = self._study, self._page.walk
        a, b = study.ends["a"], study.ends["b"]
        walk.show_ends(a.title if a else "", b.title if b else "")
        shares = study.directions.shares if study.directions is not None else ()
        walk.show_directions([f"Direction {n} · {100 * share:.0f} %" for n, share in enumerate(shares, 1)])
        if study.here is None:
            walk.set_place(WalkPlace())
        walk.say_why_not("" if all(one.latent for one in study.shown) else
                         "A walk needs a generator: these examples are plain inputs")

    def _stood(self) -> None:
        here = self._study.here
        if here is not None:
            self._page.walk.show_picture(here.mel, said=f"activation {figure(here.activation)} · "
                                                        f"p {here.probability:.2f}")

    # what is heard

    def _heard(self) -> None:
        heard = self._page.hearing.heard
        self._page.gallery.show_playing(heard[1] if heard is not None and heard[0] == MADE else -1)
        self._page.real.show_playing(heard[1] if heard is not None and heard[0] == REAL else -1)
