"""Users' own models: added by a wizard, kept in the settings, offered on every page, asked about again if they change.

A window tells it what to add; it opens no model on the window's thread, and none that nobody agreed to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from engine.checks import shown
from engine.job import Progress
from engine.models import catalogue, foreign_loading
from engine.models.foreign_consent import NotAgreed
from engine.models.foreign_worker import end_all
from gui.dialogs.model_wizard import ModelWizard
from gui.engine_thread import EngineThread, Work, sentence_of
from gui.main_window.own_work import Looked, Trial, checked, looked, tried_out, written
from gui.main_window.pages import ENDINGS, MODELS
from gui.theme import DARK, Theme
from gui.views.actions import add
from gui.views.plain_text import as_tip

KEY = "own models"          # of the settings: paths of cards
LANE, DROPPING = "own-models", "own-models-dropping"
FILTER = f"Models and their cards (*{' *'.join(ENDINGS[MODELS])});;All files (*)"
CARDS = "Cards (*.yaml *.json)"
EXAMPLES = catalogue.FOLDER / "foreign"


class OwnModels(QObject):
    """The list of them, and the wizard by which it grows."""

    changed = Signal(object)    # names of all models that there are
    added = Signal(str)         # name of a model that was added, or agreed to again: it can be used now
    said = Signal(str)
    failed = Signal(str)        # one sentence

    def __init__(self, settings: QSettings, demo: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings, self._demo, self._window, self._theme = settings, demo, parent, DARK
        self._thread: EngineThread | None = None
        self._then: Callable[[Any], None] = lambda found: None
        self._what: Looked | None = None
        self.wizard: ModelWizard | None = None
        self.menu: QMenu | None = None
        catalogue.set_own(self.cards)

    @property
    def cards(self) -> list[Path]:
        """Cards of the models, in the order in which they were added."""
        kept: Any = self._settings.value(KEY, [])
        return [Path(one) for one in ([kept] if isinstance(kept, str) else kept or [])]

    def set_theme(self, theme: Theme) -> None:
        """Colours of the wizard."""
        self._theme = theme
        if self.wizard is not None:
            self.wizard.set_theme(theme)

    # the menu

    def fill(self, menu: QMenu) -> None:
        """What can be done with them; filled again when they change."""
        self.menu = menu
        menu.clear()
        add(menu, "Add a model …", self.ask).setToolTip("TorchScript, torch.export or ONNX, or the card of one")
        names = catalogue.own()
        if names:
            menu.addSeparator()
        for name, card in names.items():
            of_one = menu.addMenu(name)
            of_one.setToolTip(as_tip(str(card)))
            add(of_one, f"Use {name} here", partial(self.added.emit, name))
            add(of_one, f"Card of {name} …", partial(self.add, card))
            add(of_one, f"Remove {name}", partial(self.remove, name))

    def ask(self) -> None:
        """Choose a model or a card, and add it."""
        folder = str(self._settings.value("folder of models", str(EXAMPLES)))
        path, _ = QFileDialog.getOpenFileName(self._window, "Add a model", folder, FILTER)
        if path:
            self._settings.setValue("folder of models", str(Path(path).parent))
            self.add(Path(path))

    def remove(self, name: str) -> None:
        """Take a model off the list, and the consent with it; its files stay."""
        card = catalogue.own().get(name)
        if card is not None:
            self._keep([one for one in self.cards if one != card])
            self._engine().ask(DROPPING, lambda report: foreign_loading.drop(card))
            self.said.emit(f"{name} is off the list, and is asked about before it runs again; its files stay")

    def _keep(self, cards: list[Path]) -> None:
        self._settings.setValue(KEY, [str(card) for card in cards])
        catalogue.set_own(cards)
        if self.menu is not None:
            self.fill(self.menu)
        self.changed.emit(tuple(catalogue.names()))

    # adding

    def add(self, path: Path, why: str = "") -> None:
        """Open the wizard for a model or a card; `why` says what brings it up."""
        self._do(partial(looked, path.absolute()), partial(self._show, why))

    def hear_of(self, lane: str, ticket: int, error: Exception) -> None:
        """Some page's work failed: a model that is another one now is asked about again."""
        if isinstance(error, NotAgreed) and self.wizard is None:
            self.add(error.card, f"{shown(error.weights)} is not the model that you agreed to run: its file has "
                                 "changed. Agree again, or close this and choose another model.")

    def _show(self, why: str, what: Looked) -> None:
        if self.wizard is not None:
            self.wizard.close()
        self._what = what
        self.wizard = wizard = ModelWizard(self._window)
        wizard.set_theme(self._theme)
        wizard.set_model(shown(what.weights), what.sha256, agreed=what.agreed, of_card=what.card is not None)
        if what.entries:
            wizard.show_card(what.entries, (), tried=False)
        wizard.show_error(why)
        wizard.probe_asked.connect(self._try)
        wizard.save_asked.connect(self._save)
        wizard.cancel_asked.connect(self._cancel)
        wizard.finished.connect(lambda result: self._closed(wizard))
        wizard.open()

    def _closed(self, wizard: ModelWizard) -> None:
        if self.wizard is wizard:
            self.wizard = None
        self._cancel()
        wizard.deleteLater()

    def _try(self) -> None:
        if self.wizard is not None and self._what is not None:
            self._do(partial(tried_out, self._what, self.wizard.card, self._demo), self._tried)

    def _tried(self, trial: Trial) -> None:
        if self.wizard is not None:
            self.wizard.show_card(trial.entries, trial.guesses)
            self.wizard.show_found(trial.words)

    def _save(self, entries: dict[str, Any]) -> None:
        """What has changed since the trial is tried before it is written."""
        what = self._what
        if what is None:
            return
        if what.says(entries):
            self._take(what.card or what.weights)
        else:
            self._do(partial(checked, what, entries, self._demo), lambda words: self._write(what, entries))

    def _write(self, what: Looked, entries: dict[str, Any]) -> None:
        near = what.card or what.weights.with_suffix(".yaml")
        if self.wizard is None:
            return
        self.wizard.show_progress(None)
        path, _ = QFileDialog.getSaveFileName(self._window, "Save the card", str(near), CARDS)
        if path:
            whole = Path(path) if Path(path).suffix else Path(path).with_suffix(".yaml")
            self._do(partial(written, what, entries, whole), self._take)

    def _take(self, card: Path) -> None:
        """The model is offered everywhere, and used where somebody is."""
        if self.wizard is not None:
            self.wizard.accept()
        if card not in self.cards:
            self._keep([*self.cards, card])
        name = next(name for name, one in catalogue.own().items() if one == card)
        self.said.emit(f"{name} is offered on every page now")
        self.added.emit(name)

    # on a thread of its own

    def _engine(self) -> EngineThread:
        if self._thread is None:
            self._thread = EngineThread(self)
            self._thread.answered.connect(lambda lane, ticket, found: self._then(found) if lane == LANE else None)
            self._thread.failed.connect(lambda lane, ticket, error: self._fail(error))
            self._thread.cancelled.connect(lambda lane, ticket: self._over())
            self._thread.progressed.connect(lambda lane, ticket, progress: self._progress(progress))
            self._thread.start()
        return self._thread

    def _do(self, work: Work, then: Callable[[Any], None]) -> None:
        self._then = then
        self._progress(Progress(0, 0, "starting the model's process"))
        self._engine().ask(LANE, work)

    def _progress(self, progress: Progress) -> None:
        if self.wizard is not None:
            self.wizard.show_progress(progress)

    def _over(self) -> None:
        if self.wizard is not None:
            self.wizard.show_progress(None)

    def _fail(self, error: Exception) -> None:
        sentence = sentence_of(error, "model")
        self._over()
        if self.wizard is not None:
            if self.wizard.card is None and self._what is not None:  # nothing that was tried fits: by hand, then
                self.wizard.show_card({"file": self._what.weights.name, "title": self._what.weights.stem}, (),
                                      tried=False)
            self.wizard.show_error(sentence)
        else:
            self.failed.emit(sentence)

    def _cancel(self) -> None:
        if self._thread is not None:
            self._thread.cancel(LANE)

    def close_down(self) -> None:
        """No process of a model is left, also where one works on."""
        end_all()
        if self._thread is not None:
            self._thread.close()
        end_all()
