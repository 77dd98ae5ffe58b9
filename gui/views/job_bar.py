"""A slim bar for what is being computed: what, how far, how long still, and a way out."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from engine.job import Pace, Progress
from gui.theme import SPACING, Theme, tabular

PATIENCE_MS = 300  # shorter jobs are never shown: what answers while the mouse moves must not flicker
STEPS = 1000


@dataclass
class Job:
    """One job and when it began."""

    text: str
    patience: float  # seconds before it is shown
    progress: Progress = field(default_factory=lambda: Progress(0, 0))
    began: float = field(default_factory=time.monotonic)
    pace: Pace = field(default_factory=Pace)

    def hear(self, progress: Progress) -> None:
        """How far it is."""
        self.progress = progress
        self.pace.hear(progress)

    def time_left(self) -> str:
        """About how long it still takes, once that can be said."""
        left = self.pace.seconds_left()
        if left is None:
            return ""
        return f"{left:.0f} s left" if left < 90 else f"{left / 60:.0f} min left"


class JobBar(QWidget):
    """Shows the newest job and how many others run. Esc cancels the one shown."""

    cancel_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs: dict[str, Job] = {}
        self._text, self._rest = QLabel(), QLabel()
        self._bar, self._cancel = QProgressBar(), QPushButton("Cancel")
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(140, 6)
        self._rest.setFont(tabular(self.font()))
        self._cancel.setToolTip("Stop this job (Esc)")
        self._cancel.setFlat(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING, 0, SPACING, 0)
        row.setSpacing(2 * SPACING)
        for widget in (self._text, self._bar, self._rest, self._cancel):
            row.addWidget(widget)
        self._name_all()
        self._shown = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._shown.timeout.connect(self._refresh)
        self._escape = QShortcut(QKeySequence("Esc"), self)
        self._cancel.clicked.connect(self._ask)
        self._escape.activated.connect(self._ask)
        self._refresh()

    def _name_all(self) -> None:
        self.setAccessibleName("Jobs")
        self._bar.setAccessibleName("Progress")
        self._text.setAccessibleName("Running job")
        self._rest.setAccessibleName("Time left and other jobs")
        self._cancel.setAccessibleName("Cancel job")

    def set_theme(self, theme: Theme) -> None:
        """Quieter second text, a button no higher than a line."""
        self._rest.setStyleSheet(f"color: {theme.muted}")
        self._cancel.setStyleSheet("QPushButton { padding: 0 8px; min-height: 16px; }"
                                   " QPushButton:focus { padding: 0 7px; }")

    def begin(self, lane: str, text: str, *, patience_ms: int = PATIENCE_MS) -> None:
        """A job began in a lane, in place of the lane's last one; it is shown when it takes longer than that."""
        self._jobs.pop(lane, None)
        self._jobs[lane] = Job(text, patience_ms / 1000)
        if not self._shown.isActive():
            self._shown.start()

    def has(self, lane: str) -> bool:
        """Whether a job runs in a lane."""
        return lane in self._jobs

    def progress(self, lane: str, progress: Progress) -> None:
        """How far a job is."""
        if lane in self._jobs:
            self._jobs[lane].hear(progress)
            if not self._shown.isActive():
                self._refresh()

    def end(self, lane: str) -> None:
        """A job is over, whichever way."""
        self._jobs.pop(lane, None)
        self._refresh()

    def _newest(self) -> str | None:
        patient = [lane for lane, job in self._jobs.items()
                   if time.monotonic() - job.began >= 0.9 * job.patience]
        return patient[-1] if patient else None

    def _refresh(self) -> None:
        newest = self._newest()
        self.setVisible(newest is not None)
        self._escape.setEnabled(newest is not None)
        if newest is None:
            return
        job, others = self._jobs[newest], len(self._jobs) - 1
        doing = job.progress.message
        self._text.setText(f"{job.text} – {doing}" if doing and doing != job.text else job.text)
        self._bar.setRange(0, STEPS if job.progress.total else 0)
        self._bar.setValue(round(STEPS * job.progress.fraction))
        self._rest.setText(" · ".join(filter(None, [job.time_left(), f"{others} more" if others else ""])))

    def _ask(self) -> None:
        newest = self._newest()
        if newest is not None:
            self.cancel_asked.emit(newest)
