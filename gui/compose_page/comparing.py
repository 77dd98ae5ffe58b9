"""The tunes of the network beside those it has learnt: whether it writes what they are like."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from engine.composing.statistics import Comparison, Population, compared
from engine.composing.suggest import compose
from engine.folk.sampling import Manner
from engine.job import Progress, Report
from gui.compose_page.keeper import Keeper
from gui.compose_page.suggesting import Suggesting
from gui.compose_page.work import Network
from gui.dialogs.populations import PopulationsDialog
from gui.engine_thread import EngineThread
from gui.theme import DARK, Theme
from gui.views.distribution_plot import Distribution

LANE = "compose-compare"


class Comparing(Keeper):
    """Lets the network write many tunes, and counts."""

    lane = LANE

    def __init__(self, page: QWidget, suggesting: Suggesting, batch: EngineThread) -> None:
        super().__init__(page, batch, lanes=(LANE,))
        self._page, self._suggesting, self._batch, self._theme = page, suggesting, batch, DARK
        self._dialog: PopulationsDialog | None = None

    def show(self) -> None:
        """The dialog."""
        if self._dialog is None:
            self._dialog = PopulationsDialog(self._page)
            self._dialog.compose_asked.connect(self._compose)
            self._dialog.cancel_asked.connect(self.cancel)
            self.working.connect(lambda lane, progress: self._progress(progress))
            self._dialog.set_theme(self._theme)
        self._dialog.show()
        self._dialog.raise_()

    def _compose(self, n: int) -> None:
        net = self._suggesting.network
        if net is None or net.known is None:
            self.failed.emit("No tunes are known that this network has learnt from; compare the one that is installed.")
            return
        self._batch.ask(LANE, partial(populations, net, n))

    def _progress(self, progress: Progress | None) -> None:
        if self._dialog is not None:
            self._dialog.show_progress(progress)

    def cancel(self) -> None:
        """No answer is wanted any more."""
        self._batch.cancel(LANE)
        self.working.emit(LANE, None)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self._theme = theme
        if self._dialog is not None:
            self._dialog.set_theme(theme)

    def heard(self, lane: str, result: object) -> None:
        """Both populations."""
        assert isinstance(result, dict)
        if self._dialog is not None:
            self._dialog.view.show_comparison([distribution(name, one) for name, one in result.items()])


def populations(network: Network, n: int, report: Report) -> dict[str, Comparison]:
    """What tunes by the network are like, and what those are like that it has learnt."""
    assert network.known is not None
    made = compose(network.model, n=n, manner=Manner(), report=report)
    corpus = Population([tune.tokens for tune in network.known.tunes], report)
    return compared(corpus, Population([one.whole for one in made], report), report=report)


def distribution(name: str, one: Comparison) -> Distribution:
    """One property."""
    categories = one.categories
    title = name.replace("_", " ").replace("meter", "metre").capitalize()
    return Distribution(title, categories, [one.corpus.get(c, 0.0) for c in categories],
                        [one.generated.get(c, 0.0) for c in categories], one.distance, one.floor, one.floor_high)
