"""Which files are open where: opened by menu, by dropping and by other pages, and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from gui.dialogs.preferences import preference
from gui.main_window.pages import AUDIO, DEMOS, FILTERS, MODELS, SESSION_ENDING, Entry, Page, kind_of

if TYPE_CHECKING:
    from gui.main_window.window import MainWindow

MOST_RECENT = 10


def is_session(path: str | Path) -> bool:
    """Whether a file is a session, by its name."""
    return Path(path).suffix.lower() == SESSION_ENDING


class Files:
    """Sends each file to where it belongs.

    Parameters
    ----------
    window
        Whose pages open them.
    given
        Named when the program was started.
    entries
        Of the pages.
    """

    def __init__(self, window: MainWindow, given: Sequence[str], entries: Sequence[Entry]) -> None:
        self._window = window
        plain = [Path(file) for file in given if not is_session(file)]
        self.session = next((Path(file) for file in given if is_session(file)), None)
        self.first = next((entry for entry in entries if plain and entry.opens == kind_of(plain[0])), entries[0])
        self.offered = {kind: path for kind, path in DEMOS.items() if path.exists()}  # for first visits, by kind
        self.offered |= {kind_of(path) or self.first.opens: path for path in reversed(plain)}
        self._asked: set[Path] = set()          # files that somebody wanted, and no page's own
        self._open_on: dict[str, Path] = {}     # title of a page -> what is open there
        self._visited: set[str] = set()

    @property
    def opens(self) -> str:
        """The kind of files that the page in sight opens."""
        page = self._window.page
        return self._window.stack.entries[page.title].opens if page is not None else ""

    @property
    def asks_for(self) -> str:
        """The kind of the files that are asked for: sounds, on a page that opens none."""
        return self.opens or AUDIO

    def open_on(self, page: Page) -> Path | None:
        """What is open on a page."""
        return self._open_on.get(page.title)

    def offered_to(self, page: Page) -> Path | None:
        """What is open elsewhere, and could be opened on the page in sight too."""
        here, offered = self.open_on(page), self.offered.get(self.opens)
        return offered if here and offered != here else None

    def visit(self, page: Page) -> None:
        """Open what the page in sight is to begin with, if it has never been in sight before."""
        if (brought := self.offered.pop(MODELS, None)) is not None:
            self._window.own_models.add(brought)
        if page.title not in self._visited:
            self._visited.add(page.title)
            handed = self._window.sessions.hand_over(page)
            if not handed and (offered := self.offered.get(self.opens)) is not None:
                self.open(offered)

    def open(self, path: str | Path) -> None:
        """Open a session, or a file on the page in sight, or on the first that opens files of its kind."""
        path, window = Path(path), self._window
        if is_session(path):
            window.sessions.open(path)
            return
        if window.page is None:
            self.offered[kind_of(path) or AUDIO] = path
            return
        kind = kind_of(path) or self.asks_for
        if kind == MODELS:
            window.own_models.add(path)
            return
        elsewhere = next((entry.title for entry in window.stack.entries.values() if entry.opens == kind), "")
        if kind != self.opens and elsewhere:
            self.listen(path, elsewhere)
            return
        self._asked.add(path)
        window.page.open(path)

    def listen(self, path: Path, title: str) -> None:
        """Give a sound to the machines of another page."""
        visited = title in self._visited
        self._asked.add(path)
        self.offered[self._window.stack.entries[title].opens] = path
        self._window.stack.show_page(title)
        if visited:
            self.open(path)

    def opened(self, title: str, path: Path) -> None:
        """A page has opened a file."""
        self._open_on[title] = path
        if path in self._asked:
            self.offered[self._window.stack.entries[title].opens] = path
            recent = [str(path.resolve()), *(p for p in self.recent() if p != str(path.resolve()))]
            if path not in DEMOS.values():
                self._window.settings.setValue("recent", recent[:MOST_RECENT])

    def recent(self) -> list[str]:
        """Files that were opened, the last first."""
        stored: Any = self._window.settings.value("recent", [])
        return [stored] if isinstance(stored, str) else [str(path) for path in stored or []]

    def ask_open(self) -> None:
        """Choose a file and open it."""
        kind, settings = self.asks_for, self._window.settings
        folder = preference(settings, "data folder") or str(settings.value("folder", ""))
        path, _ = QFileDialog.getOpenFileName(self._window, f"Open {kind}", folder, FILTERS[kind])
        if path:
            settings.setValue("folder", str(Path(path).parent))
            self.open(path)

    def open_offered(self) -> None:
        """Open here what was opened on another page."""
        self.open(self.offered[self.opens])

    def open_demo(self) -> None:
        """Open what comes with the program."""
        self.open(DEMOS[self.asks_for])
