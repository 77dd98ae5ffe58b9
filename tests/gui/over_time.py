"""A spectrogram of a minute to look at."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor

from engine.audio.features import mel_frequencies
from engine.audio.pyramid import ImagePyramid
from gui.theme import DARK
from gui.views.spectrogram_view import SpectrogramView

SPF = 315 / 22050
FRAMES = 4200


@pytest.fixture
def spectrogram(qtbot) -> SpectrogramView:
    view = SpectrogramView()
    qtbot.addWidget(view)
    S = np.random.default_rng(0).uniform(-12, 2, (80, FRAMES)).astype(np.float32)
    view.set_theme(DARK)
    view.set_spectrogram(ImagePyramid.of(S), seconds_per_frame=SPF, frequencies=mel_frequencies(80, 27.5, 8000.0))
    view.resize(1000, 400)
    view.show()
    view.set_excerpt(700 * SPF, 100)
    return view


def pixel(view: SpectrogramView, seconds: float, band: float) -> QPoint:
    return view.mapFromScene(view.plotItem.vb.mapViewToScene(QPointF(seconds, band)))


def shade(view: SpectrogramView, seconds: float, band: float) -> QColor:
    where = pixel(view, seconds, band)
    return view.grab().toImage().pixelColor(where)
