"""What a page is to the window, and which pages there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QMenu

from gui.theme import Theme
from gui.views.actions import Export, Filing

RESOURCES = Path(__file__).resolve().parents[2] / "resources"

if TYPE_CHECKING:  # they need what is not imported before the first paint
    from gui.engine_thread import EngineThread
    from gui.player import Player
    from gui.session import Held, Kept

AUDIO, TUNES, MODELS = "audio", "tunes", "models"
ENDINGS = {AUDIO: (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif"),
           TUNES: (".abc", ".musicxml", ".mxl", ".mid", ".midi", ".pkl"),
           MODELS: (".pt", ".ts", ".jit", ".pth", ".pt2", ".onnx", ".yaml", ".yml", ".json")}
"""Kinds of files, and their endings; others (`.txt`, `.xml`) may be of any kind."""
SESSION_ENDING = ".oto"
OTHERS = f"Sessions (*{SESSION_ENDING});;All files (*)"
FILTERS = {AUDIO: f"Audio (*{' *'.join(ENDINGS[AUDIO])});;{OTHERS}",
           TUNES: f"Tunes (*.abc *.txt *.musicxml *.xml *.mxl *.mid *.midi);;{OTHERS}"}
DEMOS = {AUDIO: RESOURCES / "demo" / "fantasma.ogg", TUNES: RESOURCES / "demo" / "tunes.abc"}


def kind_of(path: Path) -> str:
    """What kind of file it is, by its name; empty if that does not tell."""
    return next((kind for kind, endings in ENDINGS.items() if path.suffix.lower() in endings), "")


@dataclass(frozen=True)
class Shared:
    """What all pages share: threads of the engine, so that neither live answers nor tunes wait for long work."""

    live: EngineThread
    batch: EngineThread
    composing: EngineThread
    player: Player

    @property
    def threads(self) -> tuple[EngineThread, ...]:
        """Those of the engine."""
        return self.live, self.batch, self.composing


class Hearer(Protocol):
    """A page that asks models."""

    def renew_models(self, names: tuple[str, ...]) -> None:
        """There are others to choose from now."""

    def use_model(self, name: str) -> None:
        """Ask this one."""


class Page(Protocol):
    """A widget for one way of looking into an ear, or of writing for one; all share the same threads and player.

    A page takes part in both only for itself: it names its lanes so that no other page's are the same, looks at
    answers in its own lanes alone, and leaves the player alone while another page is in sight.
    """

    title: str

    @property
    def said(self) -> SignalInstance:
        """(str): a sentence for the status line."""

    @property
    def readout(self) -> SignalInstance:
        """(str): what is under the mouse."""

    @property
    def failed(self) -> SignalInstance:
        """(str): what went wrong, in one sentence."""

    @property
    def working(self) -> SignalInstance:
        """(str, object): a lane, and its Progress, or None when it is done."""

    @property
    def opened(self) -> SignalInstance:
        """(object): Path of the file that is worked on from now on."""

    def set_theme(self, theme: Theme) -> None:
        """Colours of all views."""

    def open(self, path: str | Path) -> None:
        """Work on another file; the present one stays until that has worked."""

    def cancel(self, lane: str) -> None:
        """Let go of work."""

    def enter(self) -> None:
        """The page comes into sight: its sound goes into the player."""

    def leave(self) -> None:
        """The page goes out of sight, and is silent."""

    def menu(self, menu: QMenu) -> None:
        """Fill the page's own menu."""

    def exports(self) -> list[Export]:
        """What can be written: text, name of the file, filter ("" where a folder is chosen), and how."""

    def filing(self) -> list[Filing]:
        """What it adds to the menu of files: text, what is done, key or None."""

    def keep(self) -> Kept | None:
        """What a session keeps of it: references to values that never change, so that it takes no time; None while it
        is not yet what `restore` wants."""

    def restore(self, held: Held) -> None:
        """Be as a session had it; what takes long is done beside, and what is found then is found again."""

    def may_close(self) -> bool:
        """Whether nothing would be lost; whoever works may have been asked."""

    def close_down(self) -> None:
        """No timers any more."""


@dataclass(frozen=True)
class Entry:
    """A page that there is, whether or not it is built yet.

    Parameters
    ----------
    title
        Its name.
    modules
        What is imported on another thread before it is made.
    beside_qt
        What is then imported on Qt's thread, one after the other with events in between.
    make
        Makes it, with what all pages share.
    jobs
        Lane -> what is done there, in words.
    patience
        Lane -> milliseconds before work there is shown, where it is not as soon as usual.
    opens
        Kind of the files that it opens; empty if it opens none.
    hears
        Whether it is a `Hearer`.
    """

    title: str
    modules: tuple[str, ...]
    make: Callable[[Shared], Page]
    jobs: Mapping[str, str] = field(default_factory=dict)
    patience: Mapping[str, int] = field(default_factory=dict)
    opens: str = AUDIO
    hears: bool = False
    beside_qt: tuple[str, ...] = ()


def _explain(shared: Shared) -> Page:
    from gui.explain_page import ExplainPage

    return ExplainPage(shared.live, shared.batch, shared.player)


def _maximise(shared: Shared) -> Page:
    from gui.maximise_page import MaximisePage

    return MaximisePage(shared.live, shared.batch, shared.player)


def _adversary(shared: Shared) -> Page:
    from gui.adversary_page import AdversaryPage

    return AdversaryPage(shared.live, shared.batch, shared.player)


def _compose(shared: Shared) -> Page:
    from gui.compose_page import ComposePage

    return ComposePage(shared.live, shared.batch, shared.composing, shared.player)


def _dissect(shared: Shared) -> Page:
    from gui.dissect_page import DissectPage

    return DissectPage(shared.live, shared.batch, shared.player)


FURNITURE = ("pyqtgraph", "gui.dialogs.about", "gui.main_window.menus", "gui.main_window.own_models", "gui.player",
             "gui.dialogs.tour", "gui.views.command_palette")
"""What the window needs before its first page, imported as `Entry.beside_qt` is."""
LIVE_MS = 1500  # what follows the mouse is shown where it takes long
PAGES = (
    Entry("Explain", ("torch", "engine.listening.explain", "engine.listening.sounds", "engine.models.catalogue",
                      "engine.listening.opening", "engine.listening.perturbed", "engine.report",
                      "engine.sessions"), _explain,
          {"explain": "Explaining the excerpt", "trust": "Looking how far it can be trusted",
           "sounds": "Making the sounds of the excerpt", "open": "Opening", "predict": "Listening",
           "report": "Writing the report"},
          {"explain": LIVE_MS, "trust": LIVE_MS, "sounds": LIVE_MS}, hears=True,
          beside_qt=("gui.views.spectrogram_view", "gui.views.transport_bar", "gui.explain_page")),
    Entry("Maximise", ("engine.listening.maximise", "engine.listening.maximise_search", "engine.report.maximise",
                       "gui.maximise_page"), _maximise,
          {"maximise-open": "Opening", "maximise-grow": "Growing examples", "maximise-grid": "Searching the grid",
           "maximise-real": "Listening to real music", "maximise-sound": "Making sounds",
           "maximise-samples": "Growing samples of a setting", "maximise-kept": "Reading what was found before",
           "maximise-directions": "Finding directions", "maximise-walk": "Walking",
           "maximise-report": "Writing the report", "maximise-write": "Writing"},
          {f"maximise-{lane}": LIVE_MS for lane in ("walk", "sound", "samples", "kept", "directions")}, "", hears=True),
    Entry("Adversary", ("engine.listening.attack", "gui.adversary_page"), _adversary,
          {"adversary-open": "Opening", "adversary-hear": "Listening", "adversary-picture": "Drawing",
           "adversary-attack": "Attacking", "adversary-labels": "Attacking, label by label",
           "adversary-sounds": "Making the sounds of the attack", "adversary-survival": "Trying what it survives",
           "adversary-transfer": "Asking the other models", "adversary-report": "Writing the report",
           "adversary-wav": "Writing the sound"},
          {"adversary-hear": LIVE_MS}, hears=True),
    Entry("Dissect", ("engine.listening.dissect", "engine.training.horse", "gui.dissect_page"), _dissect,
          {"dissect-known": "Looking for systems", "dissect-open": "Opening", "dissect-trees": "Reading the trees",
           "dissect-sound": "Through the bench", "dissect-before": "Listening", "dissect-hear": "Listening",
           "dissect-levels": "Asking what can be heard", "dissect-band": "Making the sound of the band",
           "dissect-sweep": "Sweeping", "dissect-table": "Trying all files", "dissect-search": "Searching",
           "dissect-horse": "Planting a horse", "dissect-report": "Writing the reports"},
          dict.fromkeys(("dissect-trees", "dissect-sound", "dissect-before", "dissect-hear", "dissect-levels"),
                        LIVE_MS), hears=True),
    Entry("Compose", ("engine.composing.continuing", "gui.compose_page"), _compose,
          {"compose-open": "Opening", "compose-model": "Loading the network", "compose-score": "Engraving",
           "compose-sound": "Playing in", "compose-suggest": "Composing", "compose-read": "Reading the tune",
           "compose-corpus": "Counting the tunes it has learnt",
           "compose-compare": "Comparing tunes", "compose-export": "Writing"},
          {"compose-score": LIVE_MS, "compose-sound": LIVE_MS, "compose-read": LIVE_MS}, TUNES),
)
