"""The window: pages, menus, job bar, and an orderly close."""

from __future__ import annotations

import gc
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMainWindow, QMessageBox, QWidget

from gui import theme as themes
from gui.main_window.welcome import Welcome, window_icon

if TYPE_CHECKING:
    from gui.explain_page import ExplainPage

HEAVY = ("torch", "engine.listening.explain", "engine.listening.sounds", "engine.models.catalogue",
         "engine.listening.opening", "pyqtgraph")
DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo" / "fantasma.ogg"
AUDIO = "Audio (*.wav *.flac *.ogg *.oga *.opus *.mp3 *.aiff *.aif);;All files (*)"
LABELS = "Labels (*.csv *.txt);;All files (*)"
MOST_RECENT = 10
WORDS = {"explain": "Explaining the excerpt", "trust": "Looking how far it can be trusted",
         "sounds": "Making the sounds of the excerpt", "open": "Opening", "predict": "Listening",
         "report": "Writing the report"}
LIVE_MS = {"explain": 1500, "trust": 1500, "sounds": 1500}  # what follows the mouse is shown where it takes long


class MainWindow(QMainWindow):
    """Shows at once; the page comes when what it needs has been loaded beside."""

    def __init__(self, files: list[str] | None = None, settings: QSettings | None = None) -> None:
        super().__init__()
        self.settings = settings or QSettings("Otoscope", "Otoscope")
        self._waiting = list(files or [])
        self.page: ExplainPage | None = None
        self.setWindowTitle("Otoscope")
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self.setWindowIcon(window_icon())
        self._welcome: Welcome | None = Welcome()
        self.setCentralWidget(self._welcome)
        self.apply_theme(str(self.settings.value("theme", "system")))
        geometry = self.settings.value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self._box = QMessageBox(QMessageBox.Icon.Warning, "Otoscope", "", QMessageBox.StandardButton.Ok, self)
        self._box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._loader = threading.Thread(target=_load, name="loader", daemon=True)
        self._loaded = QTimer(self, interval=15)
        self._loaded.timeout.connect(self._build_when_loaded)
        self._start_timer = QTimer(self, singleShot=True, interval=0)
        self._start_timer.timeout.connect(self._start_loading)
        self._start_timer.start()

    def _start_loading(self) -> None:
        self._loader.start()
        self._loaded.start()

    def _build_when_loaded(self) -> None:
        if self._loader.is_alive():
            return
        self._loaded.stop()
        self._build()
        gc.freeze()  # looking through all that was imported, again and again, would stop the window for 50 ms
        path = self._waiting.pop(0) if self._waiting else None
        if path is not None or DEMO.exists():
            self.open(path or DEMO)

    def _build(self) -> None:
        from gui.engine_thread import EngineThread
        from gui.explain_page import ExplainPage
        from gui.player import Player
        from gui.views.command_palette import CommandPalette
        from gui.views.job_bar import JobBar

        self.live, self.batch, self.player = EngineThread(self), EngineThread(self), Player(self)
        self.page = ExplainPage(self.live, self.batch, self.player)
        self.palette_dialog = CommandPalette(self)
        self.jobs = JobBar()
        self.live.start()
        self.batch.start()
        self._welcome = None
        self.setCentralWidget(self.page)
        self.statusBar().addPermanentWidget(self.jobs)
        self._readout = QLabel()
        self._readout.setFont(themes.tabular(self.font()))
        self._readout.setAccessibleName("Under the mouse")
        self.statusBar().addPermanentWidget(self._readout)
        self.page.readout.connect(self._readout.setText)
        self.page.said.connect(lambda sentence: self.statusBar().showMessage(sentence, 15000))
        self.page.inquiry.failed.connect(self.complain)
        self.page.inquiry.working.connect(self._work)
        self.page.inquiry.opened.connect(self._opened)
        self.jobs.cancel_asked.connect(self.page.inquiry.cancel)
        self._build_menus()
        self.apply_theme(str(self.settings.value("theme", "system")))

    # files

    def open(self, path: str | Path) -> None:
        """Open a song on the page."""
        if self.page is None:
            self._waiting.insert(0, str(path))
            return
        self.jobs.begin("open", f"Opening {Path(path).name}")
        self.page.inquiry.open(path)

    def _opened(self, song: object) -> None:
        assert self.page is not None
        assert self.page.session.song is not None
        path = self.page.session.song.file.path
        self.setWindowTitle(f"{path.name} – Otoscope")
        recent = [str(path.resolve()), *(p for p in self.recent_paths() if p != str(path.resolve()))]
        if path != DEMO:
            self.settings.setValue("recent", recent[:MOST_RECENT])
        self.jobs.begin("predict", f"Listening to {path.name}")

    def recent_paths(self) -> list[str]:
        """Files that were opened, the last first."""
        stored: Any = self.settings.value("recent", [])
        return [stored] if isinstance(stored, str) else [str(path) for path in stored or []]

    def ask_open(self) -> None:
        """Choose a file and open it."""
        path, _ = QFileDialog.getOpenFileName(self, "Open audio", str(self.settings.value("folder", "")), AUDIO)
        if path:
            self.settings.setValue("folder", str(Path(path).parent))
            self.open(path)

    def ask_labels(self) -> None:
        """Choose a label file and lay it beside the song."""
        path, _ = QFileDialog.getOpenFileName(self, "Open labels", str(self.settings.value("folder", "")), LABELS)
        if path:
            self.open_labels(Path(path))

    def open_demo(self) -> None:
        """Open the clip that comes with the program."""
        self.open(DEMO)

    def complain(self, sentence: str) -> None:
        """Say what went wrong, once, without losing anything."""
        self.statusBar().showMessage(sentence, 30000)
        self._box.setText(sentence)  # the same box again: a drag that fails at each step asks once
        self._box.open()

    def _work(self, lane: str, progress: object) -> None:
        from gui.views.job_bar import PATIENCE_MS

        if progress is None:
            self.jobs.end(lane)
            return
        if lane in WORDS and not self.jobs.has(lane):
            self.jobs.begin(lane, WORDS[lane], patience_ms=LIVE_MS.get(lane, PATIENCE_MS))
        self.jobs.progress(lane, progress)  # type: ignore[arg-type]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file; a label file is laid beside the song that is open."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        for path in paths[:1]:
            if path.suffix.lower() in (".csv", ".txt") and self.page is not None:
                self.open_labels(path)
            else:
                self.open(path)
        event.acceptProposedAction()

    def open_labels(self, path: Path) -> None:
        """Compare the prediction with a label file."""
        from engine.audio.labels import read_intervals
        from engine.checks import InputError

        try:
            if self.page is not None:
                self.page.session.set_labels(read_intervals(path))
        except InputError as error:
            self.complain(str(error))

    # menus

    def _build_menus(self) -> None:
        from gui.main_window.menus import build

        assert self.page is not None
        build(self, self.page)

    def actions_of_all_menus(self) -> list[QAction]:
        """Everything that can be done, for the command palette."""
        assert self.page is not None
        return [*_leaves(self.menuBar()), *self.page.transport.actions()]

    def show_palette(self) -> None:
        """The command palette."""
        self.palette_dialog.ask(self.actions_of_all_menus())

    def apply_theme(self, name: str) -> None:
        """"dark", "light" or "system"."""
        self.settings.setValue("theme", name)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        dark = QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light
        theme = themes.THEMES.get(name) or (themes.DARK if dark else themes.LIGHT)
        themes.apply(app, theme)
        if self._welcome is not None:
            self._welcome.set_theme(theme)
        if self.page is not None:
            self.page.set_theme(theme)
            self.jobs.set_theme(theme)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End playing and work, in this order, and remember the geometry."""
        self.settings.setValue("geometry", self.saveGeometry())
        self._start_timer.stop()
        self._loaded.stop()
        if self._loader.is_alive():
            self._loader.join()
        if self.page is not None:
            self.page.close_down()
            self.player.close()
            self.live.close()
            self.batch.close()
            self.page = None
        super().closeEvent(event)


def _leaves(menu: QWidget) -> list[QAction]:
    found: list[QAction] = []
    for action in menu.actions():
        inner: Any = action.menu()
        found += _leaves(inner) if inner is not None else [] if action.isSeparator() else [action]
    return found


def _load() -> None:
    for name in HEAVY:
        import_module(name)


def run(files: list[str]) -> int:
    """Start the application with these files."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("Otoscope")
    window = MainWindow(files)
    window.show()
    return app.exec()
