"""Work for the engine's threads about the answer that is shown: each takes what it needs of the study when it is made.

None where there is nothing yet to work on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.job import Report
from engine.listening.editing import Patch, hidden_patch, prediction_around
from engine.listening.explain import judged
from engine.listening.opening import Song
from engine.listening.predict import Prediction, predict_spectrogram
from engine.listening.sounds import edited as edited_sound
from engine.listening.sounds import sounds
from engine.models.listener import Listener
from engine.report import write_explanation
from gui.engine_thread import Work
from gui.explain_page.study import Study


def prediction_of(song: Song, listener: Listener) -> Work:
    """The curve of a whole song."""
    def work(report: Report) -> Prediction:
        return predict_spectrogram(song.spectrogram, listener, file=song.file.name, seconds=song.seconds,
                                   report=report)

    return work


def sounds_of(study: Study) -> Work | None:
    """The sounds of the excerpt: kept, removed, heard, and edited where the brush was used."""
    answer, listener, song, spectrogram = study.answer, study.listener, study.song, study.spectrogram
    if answer is None or listener is None or song is None or spectrogram is None:
        return None
    hidden = set(study.hidden) or None
    first = round(answer.start * spectrogram.frames_per_second)
    recorded = listener.excerpt(song.spectrogram, first) if study.is_edited else None

    def work(report: Report) -> dict[str, object]:
        made: dict[str, object] = dict(sounds(song.file, listener, answer, hidden=hidden, report=report))
        if recorded is not None:
            made["edited"] = edited_sound(song.file, listener, answer.start, recorded, answer.features)
        return made

    return work


def changed_curve_of(study: Study) -> Work | None:
    """The curve with what is hidden and what the brush did, around the excerpt; None where nothing is."""
    answer, listener, spectrogram, hidden = study.answer, study.listener, study.spectrogram, set(study.hidden)
    if answer is None or listener is None or spectrogram is None or not (hidden or study.is_edited):
        return None
    first = round(answer.start * spectrogram.frames_per_second)

    def work(report: Report) -> tuple[Any, Any]:
        cut = answer.explanation.segmentation
        patch = hidden_patch(answer.features, listener, cut, answer.fill, hidden, first)
        inside = Patch(first, patch.S[:, : spectrogram.S.shape[1] - first])
        return prediction_around(spectrogram, listener, inside, report=report)

    return work


def report_of(study: Study, folder: Path) -> Work | None:
    """Picture, sounds, JSON and a report that can be listened to, in a folder."""
    answer, listener, song = study.answer, study.listener, study.song
    if answer is None or listener is None or song is None:
        return None

    def work(report: Report) -> Path:
        whole = answer if answer.over_fills else judged(answer, listener, report=report)
        made = sounds(song.file, listener, whole, report=report)
        write_explanation(folder, whole, made, listener.spectrogram(whole.features), listener.front_end,
                          listener.card, report=report)
        return folder

    return work
