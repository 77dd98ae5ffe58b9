"""The menus: every action once, with its key; the command palette lists the same ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu

from engine.audio.waveform import write_wav
from engine.checks import InputError
from gui.dialogs.about import AboutDialog
from gui.dialogs.shortcuts import ShortcutsDialog
from gui.explain_page import ExplainPage, exports

if TYPE_CHECKING:
    from gui.main_window.window import MainWindow

StandardKey = QKeySequence.StandardKey


def build(window: MainWindow, page: ExplainPage) -> None:
    """Fill the menu bar."""
    bar = window.menuBar()
    bar.clear()
    _file(bar.addMenu("&File"), window, page)
    _edit(bar.addMenu("&Edit"), window, page)
    _view(bar.addMenu("&View"), window, page)
    _explain(bar.addMenu("E&xplain"), page)
    help_menu = bar.addMenu("&Help")
    _add(help_menu, "Command palette …", window.show_palette, "Ctrl+Shift+P")
    _add(help_menu, "Keyboard shortcuts", lambda: ShortcutsDialog(window.actions_of_all_menus(), window).open(), "F1")
    _add(help_menu, "About Otoscope", lambda: AboutDialog(_cards(page), window).open())


def _add(menu: QMenu, text: str, done: Callable[[], object], key: Any = None) -> QAction:
    action = QAction(text, menu)
    if key is not None:
        action.setShortcut(QKeySequence(key))
    action.triggered.connect(lambda checked: done())  # what is done takes no argument
    menu.addAction(action)
    return action


def _file(menu: QMenu, window: MainWindow, page: ExplainPage) -> None:
    _add(menu, "&Open audio …", window.ask_open, StandardKey.Open)
    _add(menu, "Open &labels …", window.ask_labels, "Ctrl+L")
    _add(menu, "Open &demo", window.open_demo)
    recent = menu.addMenu("Open &recent")
    recent.aboutToShow.connect(lambda: _fill_recent(recent, window))
    menu.addSeparator()
    export = menu.addMenu("&Export")
    for text, name, filters, write in _exports(page):
        _add(export, text, partial(_save, window, name, filters, write))
    _add(export, "Explanation with report …", partial(_save_report, window, page))
    menu.addSeparator()
    _add(menu, "&Quit", window.close, StandardKey.Quit)


def _fill_recent(menu: QMenu, window: MainWindow) -> None:
    menu.clear()
    for path in window.recent_paths():
        _add(menu, Path(path).name, partial(window.open, path)).setToolTip(path)
    menu.setEnabled(True)
    if not menu.actions():
        _add(menu, "Nothing yet", lambda: None).setEnabled(False)


Write = Callable[[Path], None]


def _exports(page: ExplainPage) -> list[tuple[str, str, str, Write]]:
    def of_answer(make: Callable[[Any], bytes]) -> Write:
        def write(path: Path) -> None:
            if page.session.answer is None:
                raise InputError("export: expected an explanation, there is none yet; open a song first")
            exports.write_atomically(path, make(page.session.answer))
        return write

    def labels(path: Path) -> None:
        if page.session.prediction is None:
            raise InputError("export: expected a prediction, there is none yet; wait until the song was listened to")
        exports.write_atomically(path, exports.prediction_labels(page.session.prediction))

    def sound(path: Path) -> None:
        name = page.hearing.chosen
        heard = page.hearing.sound(name)
        if heard is None:
            raise InputError("export: expected the sound of an excerpt, there is none yet; wait a moment")
        try:
            write_wav(path, heard)
        except OSError as error:
            raise InputError(f"{path.name}: could not be written ({error.strerror}); choose another folder") from None

    return [
        ("Picture of what is seen (PNG) …", "explanation.png", "PNG (*.png)",
         lambda path: exports.picture(page.heard, path)),
        ("Picture of what is seen (SVG) …", "explanation.svg", "SVG (*.svg)",
         lambda path: exports.picture(page.heard, path)),
        ("Sound of the excerpt as heard now (WAV) …", "excerpt.wav", "WAV (*.wav)", sound),
        ("Explanation (JSON) …", "explanation.json", "JSON (*.json)", of_answer(exports.explanation_json)),
        ("Explanation (CSV) …", "explanation.csv", "CSV (*.csv)", of_answer(exports.explanation_csv)),
        ("Prediction as Audacity labels …", "prediction.txt", "Labels (*.txt)", labels),
    ]


def _save(window: MainWindow, name: str, filters: str, write: Write) -> None:
    folder = Path(str(window.settings.value("export folder", "")))
    chosen, _ = QFileDialog.getSaveFileName(window, "Export", str(folder / name), filters)
    if not chosen:
        return
    path = Path(chosen)
    path = path if path.suffix else path.with_suffix(Path(name).suffix)
    try:
        write(path)
    except InputError as error:
        window.complain(str(error))
        return
    window.settings.setValue("export folder", str(path.parent))
    window.statusBar().showMessage(f"Written: {path}", 10000)


def _save_report(window: MainWindow, page: ExplainPage) -> None:
    folder = QFileDialog.getExistingDirectory(window, "Folder for picture, sounds, JSON and report")
    if folder:
        window.jobs.begin("report", "Writing the report")
        page.inquiry.report_to(Path(folder))


def _edit(menu: QMenu, window: MainWindow, page: ExplainPage) -> None:
    undo = page.session.undo_stack.createUndoAction(menu, "&Undo")
    undo.setShortcut(QKeySequence("Ctrl+Z"))
    redo = page.session.undo_stack.createRedoAction(menu, "&Redo")
    redo.setShortcut(QKeySequence("Ctrl+Shift+Z"))
    menu.addActions([undo, redo])
    _add(menu, "Revert all edits", page.painting.revert)
    menu.addSeparator()
    for mode, key in (("off", "B"), ("add", "A"), ("erase", "E")):
        _add(menu, f"Brush: {mode}", partial(page.panel.set_brush_mode, mode), key)


def _view(menu: QMenu, window: MainWindow, page: ExplainPage) -> None:
    _add(menu, "Zoom to the excerpt", page.show_excerpt, "Z")
    _add(menu, "Show everything", lambda: page.spectrogram.set_range(0.0, page.spectrogram.duration), "0")
    menu.addSeparator()
    _choice(menu, "Frequencies in ", {"Hz": "hz", "note names": "notes"}, "hz", page.spectrogram.set_frequency_axis)
    menu.addSeparator()
    _choice(menu, "Theme: ", {"as the system": "system", "dark": "dark", "light": "light"},
            str(window.settings.value("theme", "system")), window.apply_theme)


def _choice(menu: QMenu, words: str, values: dict[str, str], chosen: str, done: Callable[[str], None]) -> None:
    group = QActionGroup(menu)
    for text, value in values.items():
        action = _add(menu, words + text, partial(done, value))
        action.setCheckable(True)
        action.setChecked(value == chosen)
        group.addAction(action)


def _explain(menu: QMenu, page: ExplainPage) -> None:
    for text, frames, key in (("Excerpt a frame back", -1, "Shift+Left"), ("Excerpt a frame on", 1, "Shift+Right"),
                              ("Excerpt back by its length", -115, "Ctrl+Left"),
                              ("Excerpt on by its length", 115, "Ctrl+Right")):
        _add(menu, text, partial(page.move_excerpt, frames), key)
    _add(menu, "Excerpt to the playback position", page.excerpt_to_playback, "X")
    _add(menu, "Excerpt follows playback", page.panel.follow.toggle, "F")
    menu.addSeparator()
    _add(menu, "Hide or show the selected segment", page.toggle_selected, "H")
    _add(menu, "Hide the top segments", page.hide_top, "T")
    _add(menu, "Show all segments", lambda: page.session.hide(frozenset()), "Shift+H")


def _cards(page: ExplainPage) -> list[dict[str, Any]]:
    listener = page.session.listener
    return [listener.card] if listener is not None else []
