"""A dialog for a model of one's own: agree to run it, let it be tried, put the proposed card right, keep it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.job import Progress
from gui.dialogs.model_card_form import CardForm, in_words
from gui.theme import DARK, SPACING, Theme
from gui.views.banner import Banner
from gui.views.plain_text import say_plainly

WARNING = ("A model is a program with your rights. Otoscope runs it in a process of its own, with limits of time and "
           "memory, and unpickles nothing that it sends; that is no sandbox. Run only what you trust.")
FIRST = "Agree and let Otoscope try the model: it proposes the card, and you put right what it could not know."
FIRST_CARD = "This card says how to feed the model. Agree and let Otoscope try it."
THEN = "What is marked as a guess no trying can tell: look it up where the model comes from."
THEN_CARD = "Put right what is not as it should be, and add the model to every page."


class ModelWizard(QDialog):
    """Asks for consent and for a trial, and hands over the card; it opens no model itself."""

    probe_asked = Signal()          # somebody agreed to run the model
    save_asked = Signal(dict)       # the card's keys and values, not yet checked
    cancel_asked = Signal()         # of a trial

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("A model of your own")
        self._theme, self._shown, self._tried, self._trying = DARK, False, False, False
        self._name, self._hash, self._said, self._further = QLabel(), QLabel(), QLabel(FIRST), QLabel()
        self._words, self._found = QLabel(), QLabel()
        self._banner, self.form, self._error = Banner(), CardForm(), Banner()
        self._banner.words.setText(WARNING)
        self._error.words.setAccessibleName("What is wrong")
        self.trust = QCheckBox("I trust where this model comes from")
        self.trust.setToolTip("Kept with the model's SHA-256: a changed file is asked about again")
        self.try_it, self.close_it = QPushButton("Try the model"), QPushButton("Cancel")
        self.save = QPushButton("Save the card …")
        self._progress = QProgressBar()
        self._dress()
        self._arrange()
        self._connect()
        say_plainly(self)
        self.show_progress(None)
        self.resize(720, 720)

    def set_model(self, name: str, sha256: str, *, agreed: bool, of_card: bool = False) -> None:
        """The model that this is about, whether somebody agreed to run it before, and whether it has a card already."""
        self._name.setText(name)
        self._hash.setText(f"SHA-256 {sha256[:16]}…")
        self._hash.setToolTip(sha256)
        self.trust.setChecked(agreed)
        self._shown = self._tried = False
        self._said.setText(FIRST_CARD if of_card else FIRST)
        self.save.setText("Add the model" if of_card else "Save the card …")
        self.show_found("")
        self._enable()

    @property
    def card(self) -> dict[str, Any] | None:
        """The card as it stands in the form; None where there is none yet."""
        return self.form.entries() if self._shown else None

    def show_progress(self, progress: Progress | None) -> None:
        """How far the trial is; None: nothing is tried."""
        self._trying = progress is not None
        self._progress.setVisible(self._trying)
        if progress is not None:
            self._progress.setRange(0, 0)   # which shape it will take is not known before
            self._said.setText(f"{progress.message or 'trying'} …".capitalize())
            self.show_error("")
            self.show_found("")
        self._enable()

    def show_card(self, entries: dict[str, Any], guesses: tuple[str, ...], *, tried: bool = True) -> None:
        """A card, proposed or brought, and the keys of it that are guesses; until the model was tried none is kept."""
        self._shown, self._tried = True, tried
        self.form.fill(entries, guesses)
        further = self.form.further()
        self._further.setText(f"Also in the card: {further}." if further else "")
        self._further.setVisible(bool(further))
        if tried:
            self._said.setText(THEN if guesses else THEN_CARD)
        self._describe()
        self.show_progress(None)

    def show_found(self, text: str) -> None:
        """What came of a trial; nothing if empty."""
        self._found.setText(text)
        self._found.setVisible(bool(text))

    def show_error(self, text: str) -> None:
        """What is wrong with the model or the card; nothing if empty."""
        self._error.words.setText(text)
        self._error.setVisible(bool(text))
        if text:
            self.form.point_at(text)

    def set_theme(self, theme: Theme) -> None:
        """Colours."""
        self._theme = theme
        for part in (self._banner, self._error, self.form):
            part.set_theme(theme)
        for label in (self._hash, self._said, self._further):
            label.setStyleSheet(f"color: {theme.muted}")
        for label in (self._words, self._found):
            label.setStyleSheet(f"color: {theme.text}")
        self._name.setStyleSheet(f"color: {theme.text}; font-weight: 600")

    def _dress(self) -> None:
        font = self._name.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self._name.setFont(font)
        for label in (self._said, self._further, self._words, self._found):
            label.setWordWrap(True)
        self._words.setAccessibleName("The card in words")
        self._found.setAccessibleName("What came of the trial")
        self._said.setAccessibleName("What to do")
        self._hash.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(SPACING // 2)
        self._progress.setAccessibleName("The trial")
        self.try_it.setToolTip("Run the model in its own process on some noise, and see what it takes and what it says")
        self.save.setToolTip("Check the card and keep it as a file, which menus and --model take")
        self.close_it.setToolTip("Stop a trial; else close this window")
        for hidden in (self._error, self._further, self._words, self._found):
            hidden.hide()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self._hash)
        agree = QHBoxLayout()
        agree.addWidget(self.trust, 1)
        agree.addWidget(self.try_it)
        inside = QWidget()
        within = QVBoxLayout(inside)
        within.setContentsMargins(0, 0, SPACING, 0)
        within.addWidget(self.form)
        within.addWidget(self._further)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        foot = QHBoxLayout()
        foot.setSpacing(SPACING)
        foot.addStretch(1)
        foot.addWidget(self.close_it)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        column.addLayout(head)
        column.addWidget(self._banner)
        column.addLayout(agree)
        column.addWidget(self._progress)
        column.addWidget(self._said)
        column.addWidget(area, 1)
        for told in (self._words, self._found, self._error):
            column.addWidget(told)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.trust.toggled.connect(lambda on: self._enable())
        self.form.changed.connect(self._describe)
        self.try_it.clicked.connect(lambda checked: self.probe_asked.emit())
        self.save.clicked.connect(lambda checked: self.save_asked.emit(self.form.entries()))
        self.close_it.clicked.connect(lambda checked: self.cancel_asked.emit() if self._trying else self.reject())

    def _describe(self) -> None:
        """Say what the form says."""
        words = in_words(self.form.entries())
        self._words.setText(words)
        self._words.setVisible(bool(words))

    def _enable(self) -> None:
        self.trust.setEnabled(not self._trying)
        self.try_it.setEnabled(self.trust.isChecked() and not self._trying)
        self.form.setEnabled(self._shown and not self._trying)
        self.save.setEnabled(self._tried and self.trust.isChecked() and not self._trying)
        (self.save if self._tried else self.try_it).setDefault(True)

    def reject(self) -> None:
        """Escape ends a trial first."""
        if self._trying:
            self.cancel_asked.emit()
        else:
            super().reject()
