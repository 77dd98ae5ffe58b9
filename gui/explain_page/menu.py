"""What can be done on the Explain page, with its keys; and what can be written of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMenu

from engine.audio.waveform import write_wav
from engine.checks import InputError
from engine.disk import write_chosen
from engine.listening.explain import Answer
from gui.explain_page import exports
from gui.views.actions import Export, add, add_choice
from gui.views.written_picture import write_picture

if TYPE_CHECKING:
    from gui.explain_page.page import ExplainPage

LABELS = "Labels (*.csv *.txt);;All files (*)"


def fill(menu: QMenu, page: ExplainPage) -> None:
    """The page's own menu."""
    for text, frames, key in (("Excerpt a frame back", -1, "Shift+Left"), ("Excerpt a frame on", 1, "Shift+Right")):
        add(menu, text, partial(page.move_excerpt, frames), key)
    for text, excerpts, key in (("Excerpt back by its length", -1, "Ctrl+Left"),
                                ("Excerpt on by its length", 1, "Ctrl+Right")):
        add(menu, text, partial(page.move_by_excerpts, excerpts), key)
    add(menu, "Excerpt to the playback position", page.excerpt_to_playback, "X")
    add(menu, "Excerpt follows playback", page.panel.follow.toggle, "F")
    menu.addSeparator()
    add(menu, "Hide or show the selected segment", page.toggle_selected, "H")
    add(menu, "Hide the top segments", page.hide_top, "T")
    add(menu, "Show all segments", lambda: page.study.change_hidden(frozenset()), "Shift+H")
    menu.addSeparator()
    for mode, key in (("off", "B"), ("add", "A"), ("erase", "E")):
        add(menu, f"Brush: {mode}", partial(page.panel.set_brush_mode, mode), key)
    add(menu, "Revert all edits", page.painting.revert)
    menu.addSeparator()
    add(menu, "Zoom to the excerpt", page.show_excerpt, "Z")
    add(menu, "Show everything", lambda: page.spectrogram.set_range(0.0, page.spectrogram.duration), "0")
    add(menu, "Show or hide what is known to be changed", page.spectrogram.change.toggle, "C")
    add_choice(menu, "Frequencies in ", {"Hz": "hz", "note names": "notes"}, "hz", page.spectrogram.set_frequency_axis)
    menu.addSeparator()
    add(menu, "Open &labels …", partial(_ask_labels, page), "Ctrl+L")


def _ask_labels(page: ExplainPage) -> None:
    song = page.study.song
    folder = str(song.file.path.parent) if song is not None else ""
    path, _ = QFileDialog.getOpenFileName(page, "Open labels", folder, LABELS)
    if path:
        page.open_labels(Path(path))


def what_can_be_written(page: ExplainPage) -> list[Export]:
    """Text, name of the file, filter ("" where a folder is chosen), and how it is written."""
    def of_answer(make: Callable[[Answer], bytes]) -> Callable[[Path], None]:
        def write(path: Path) -> None:
            if page.study.answer is None:
                raise InputError("export: expected an explanation, there is none yet; open a song first")
            write_chosen(path, make(page.study.answer))
        return write

    def labels(path: Path) -> None:
        if page.study.prediction is None:
            raise InputError("export: expected a prediction, there is none yet; wait until the song was listened to")
        write_chosen(path, exports.prediction_labels(page.study.prediction))

    def sound(path: Path) -> None:
        heard = page.hearing.sound(page.hearing.chosen)
        if heard is None:
            raise InputError("export: expected the sound of an excerpt, there is none yet; wait a moment")
        try:
            write_wav(path, heard)
        except OSError as error:
            raise InputError(f"{path.name}: could not be written ({error.strerror}); choose another folder") from None

    picture = partial(write_picture, page.heard)
    return [
        ("Picture of what is seen (PNG) …", "explanation.png", "PNG (*.png)", picture),
        ("Picture of what is seen (SVG) …", "explanation.svg", "SVG (*.svg)", picture),
        ("Sound of the excerpt as heard now (WAV) …", "excerpt.wav", "WAV (*.wav)", sound),
        ("Explanation (JSON) …", "explanation.json", "JSON (*.json)", of_answer(exports.explanation_json)),
        ("Explanation (CSV) …", "explanation.csv", "CSV (*.csv)", of_answer(exports.explanation_csv)),
        ("Prediction as Audacity labels …", "prediction.txt", "Labels (*.txt)", labels),
        ("Explanation with report …", "picture, sounds, JSON and report", "", page.inquiry.report_to),
    ]
