"""The brush: adds and takes away energy in the spectrogram while the model listens."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.listening.editing import Brush, Patch, dab
from gui.explain_page.study import Study
from gui.views.spectrogram_view import SpectrogramView

PARTS = 80  # of the height: as many as the mel bands of a singing detector


class Painting(QObject):
    """Turns strokes over the spectrogram into undoable patches of the study."""

    def __init__(self, study: Study, view: SpectrogramView) -> None:
        super().__init__()
        self._study, self._view = study, view
        self.brush: Brush | None = None
        self._chosen = ("off", 4.0)
        self._before: Patch | None = None
        view.brush_started.connect(self._begin)
        view.brush_stroke.connect(self._touch)
        view.brush_finished.connect(self._finish)
        study.edited.connect(lambda first, last: self._show())
        study.song_opened.connect(self._song)

    def set_brush(self, mode: str, radius: float) -> None:
        """"off", "add" or "erase"; the radius in parts of the height, and as wide in time as looks round."""
        self._chosen = mode, radius
        spectrogram = self._study.spectrogram
        bands = radius / PARTS * (spectrogram.S.shape[0] if spectrogram is not None else PARTS)
        seconds = radius * 0.025
        self.brush = None if mode == "off" else Brush(mode == "add", seconds, bands)
        self._view.set_brush(mode, seconds, bands)

    def _song(self) -> None:
        self._before = None
        self.set_brush(*self._chosen)

    def revert(self) -> None:
        """Take every stroke back."""
        self._study.revert()

    def _begin(self) -> None:
        self._before = None

    def _touch(self, seconds: float, band: float) -> None:
        spectrogram, song, listener = self._study.spectrogram, self._study.song, self._study.listener
        if spectrogram is None or song is None or listener is None or self.brush is None:
            return
        patch = dab(spectrogram.S, self.brush, seconds=seconds, band=band,
                    frames_per_second=spectrogram.frames_per_second, low=song.image.low, high=song.image.high,
                    front_end=listener.front_end)
        if not patch.S.shape[1]:
            return
        self._remember(patch)
        self._study.lay(patch)

    def _remember(self, patch: Patch) -> None:
        """Keep what was there before the stroke, over all frames it has touched."""
        spectrogram = self._study.spectrogram
        assert spectrogram is not None
        old = self._before
        first, last = (patch.first, patch.last) if old is None else (min(old.first, patch.first),
                                                                     max(old.last, patch.last))
        before = spectrogram.S[:, first:last].clone()
        if old is not None:
            before[:, old.first - first : old.last - first] = old.S
        self._before = Patch(first, before)

    def _finish(self) -> None:
        before, spectrogram, brush = self._before, self._study.spectrogram, self.brush
        self._before = None
        if before is None or spectrogram is None or brush is None:
            return
        after = Patch(before.first, spectrogram.S[:, before.first : before.last].clone())
        self._study.keep_stroke(before, after, "adding energy" if brush.adds else "erasing energy")

    def _show(self) -> None:
        """Show all frames between the outermost strokes, for any of them may differ from the recording."""
        spectrogram, touched, listener = self._study.spectrogram, self._study.touched, self._study.listener
        if spectrogram is not None and touched is not None and listener is not None:
            first, last = touched
            self._view.show_edited(listener.front_end.drawn(spectrogram.S[:, first:last]).numpy(),
                                   first / spectrogram.frames_per_second)
