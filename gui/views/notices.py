"""What went wrong, as values: a sentence with its time and place, and the report that can be copied."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import metadata

from PySide6.QtCore import qVersion

MOST = 200              # notices that are kept
LONGEST_DETAILS = 20_000
PACKAGES = ("otoscope", "PySide6-Essentials", "torch", "numpy", "librosa", "soundfile", "sounddevice", "verovio",
            "music21", "onnxruntime")


@dataclass(frozen=True)
class Notice:
    """One thing that went wrong.

    Parameters
    ----------
    sentence
        What was expected, what came, what to do.
    page
        Title of the page where it happened; empty where that is not known.
    details
        A traceback, where the fault is the program's; empty otherwise.
    times
        How often in a row.
    """

    sentence: str
    page: str = ""
    details: str = ""
    when: datetime = field(default_factory=datetime.now)
    times: int = 1

    @property
    def is_fault(self) -> bool:
        """Whether the fault is the program's, and not the input's."""
        return bool(self.details)

    @property
    def about(self) -> str:
        """When, where and how often, in words."""
        often = f"{self.times} times" if self.times > 1 else ""
        return " · ".join(filter(None, (f"{self.when:%H:%M:%S}", self.page, "a fault of the program" * self.is_fault,
                                        often)))


def with_notice(notices: Sequence[Notice], new: Notice) -> list[Notice]:
    """The notices, newest first, with one more; what is said again is counted, and the oldest are dropped."""
    if notices and (notices[0].sentence, notices[0].page, notices[0].details) == (new.sentence, new.page, new.details):
        return [replace(new, times=notices[0].times + 1), *notices[1:]]
    return [new, *notices][:MOST]


def report_of(notices: Sequence[Notice]) -> str:
    """Notices as text for whoever is asked for help: what happened, then versions and platform.

    Paths in it are those of this machine; nothing is sent anywhere.
    """
    parts = [f"{notice.when:%Y-%m-%d} {notice.about}\n{notice.sentence}\n"
             + (f"\n{notice.details[-LONGEST_DETAILS:].rstrip()}\n" if notice.details else "") for notice in notices]
    return "\n".join([*parts, *_about_this_machine()]) + "\n"


def _about_this_machine() -> list[str]:
    found = [f"Python {sys.version.split()[0]}", f"Qt {qVersion()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return [", ".join(found), platform.platform()]
