"""Opening a song: everything a page draws and asks about, made off the window's thread."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from engine.audio.features import FrontEnd, Spectrogram
from engine.audio.labels import Interval, read_intervals
from engine.audio.pyramid import ImagePyramid, PeakPyramid
from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.job import Cancelled, Progress, Report, silent


@dataclass(frozen=True)
class Song:
    """A file as it is worked with.

    Parameters
    ----------
    file
        Where the samples come from.
    spectrogram
        Of the whole file.
    image, peaks
        What is drawn of it.
    labels
        Intervals of a label file beside it; empty where there is none.
    complaint
        Why a label file that lies there could not be read; empty otherwise.
    change
        Of a sound that was changed on purpose: how far each bin was, in dB; None for all others.
    """

    file: AudioFile
    spectrogram: Spectrogram
    image: ImagePyramid
    peaks: PeakPyramid
    labels: tuple[Interval, ...] = ()
    complaint: str = ""
    change: ImagePyramid | None = None

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.file.seconds


def open_song(path: str | Path, front_end: FrontEnd, report: Report = silent) -> Song:
    """Read a file once for its spectrogram and, beside that, once for its waveform.

    Raises
    ------
    InputError
        When the file cannot be used.
    """
    file = AudioFile(path)
    unwanted = threading.Event()

    def unless_unwanted(progress: Progress) -> None:
        if unwanted.is_set():
            raise Cancelled

    with ThreadPoolExecutor(1) as beside:
        peaks = beside.submit(PeakPyramid.of, file.blocks(), sr=file.sr, report=unless_unwanted)
        try:
            spectrogram = front_end.spectrogram_of_file(file, report)
            image = ImagePyramid.of(front_end.drawn(spectrogram.S).numpy(), report=report)
        except BaseException:
            unwanted.set()
            raise
        labels, complaint = labels_beside(file.path)
        return Song(file, spectrogram, image, peaks.result(), labels, complaint)


def labels_beside(audio: Path) -> tuple[tuple[Interval, ...], str]:
    """Intervals of NAME.csv or NAME.txt beside the audio or in ../labels, and what was wrong with them."""
    for candidate in (audio.with_suffix(".csv"), audio.with_suffix(".txt"),
                      audio.parent.parent / "labels" / f"{audio.stem}.csv"):
        try:
            if candidate.is_file():
                return read_intervals(candidate), ""
        except InputError as error:
            return (), str(error)
        except OSError:
            continue
    return (), ""
