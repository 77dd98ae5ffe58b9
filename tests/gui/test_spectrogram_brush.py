"""The excerpt and the brush on a spectrogram, by mouse and by keys."""
# ruff: noqa: F811

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from gui.views.brush_item import BrushItem
from gui.views.spectrogram_view import SpectrogramView
from tests.gui.over_time import FRAMES, SPF, pixel, shade, spectrogram  # noqa: F401  (fixtures)


def test_arrow_keys_nudge_the_excerpt_by_frames(qtbot, spectrogram: SpectrogramView):
    moved: list[float] = []
    spectrogram.excerpt_moved.connect(moved.append)
    QTest.keyClick(spectrogram, Qt.Key.Key_Right)
    QTest.keyClick(spectrogram, Qt.Key.Key_Left)
    QTest.keyClick(spectrogram, Qt.Key.Key_Left)
    assert moved == pytest.approx([701 * SPF, 700 * SPF, 699 * SPF])
    spectrogram.set_excerpt(0.0, 100)
    QTest.keyClick(spectrogram, Qt.Key.Key_Left)
    assert len(moved) == 3, "at the beginning there is nowhere to go"


def test_the_brush_is_moved_by_arrows_and_touches_with_enter(spectrogram: SpectrogramView):
    told: list[object] = []
    spectrogram.brush_started.connect(lambda: told.append("down"))
    spectrogram.brush_stroke.connect(lambda seconds, band: told.append((seconds, band)))
    spectrogram.brush_finished.connect(lambda: told.append("up"))
    moved: list[float] = []
    spectrogram.excerpt_moved.connect(moved.append)
    spectrogram.set_brush("add", 0.2, 4.0)
    QTest.keyClick(spectrogram, Qt.Key.Key_Right)
    QTest.keyClick(spectrogram, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(spectrogram, Qt.Key.Key_Return)
    bands = spectrogram._pyramid.bands
    assert told[0] == "down"
    assert told[-1] == "up"
    assert told[1] == pytest.approx((750 * SPF + 0.1, bands / 2 + 8))
    assert not moved, "the arrows belong to the brush while it is out"
    spectrogram.set_brush("off")
    QTest.keyClick(spectrogram, Qt.Key.Key_Right)
    assert moved


def test_excerpt_follows_the_mouse_and_ends_in_the_file(qtbot, spectrogram: SpectrogramView):
    spectrogram.set_range(8.0, 14.0)
    qtbot.waitExposed(spectrogram)
    moved: list[float] = []
    spectrogram.excerpt_moved.connect(moved.append)
    inside = pixel(spectrogram, 700 * SPF + 0.7, 40)
    step = pixel(spectrogram, 700 * SPF + 1.7, 40) - inside
    port = spectrogram.viewport()
    QTest.mouseMove(port, inside)
    QTest.mousePress(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, inside)
    for i in range(1, 6):
        QTest.mouseMove(port, inside + step * i / 5)
        qtbot.wait(5)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, inside + step)
    assert moved
    assert spectrogram.excerpt_start == pytest.approx(700 * SPF + 1.0, abs=0.03)
    spectrogram.set_excerpt(1e6, 100)
    assert spectrogram.excerpt_start == pytest.approx((FRAMES - 100) * SPF)


def test_edited_energy_is_seen(spectrogram: SpectrogramView):
    spectrogram.set_range(20.0, 30.0)
    spectrogram.show_edited(np.full((80, 70), -12.0, np.float32), 24.0)
    dark = shade(spectrogram, 24.5, 50.5)
    spectrogram.show_edited(np.full((80, 70), 2.0, np.float32), 24.0)
    assert shade(spectrogram, 24.5, 50.5).lightness() > dark.lightness() + 100
    spectrogram.clear_edited()
    assert not spectrogram._patch.isVisible()


def test_brush_strokes_have_no_gaps_and_come_between_start_and_end(spectrogram: SpectrogramView):
    events: list[object] = []
    spectrogram.brush_started.connect(lambda: events.append("start"))
    spectrogram.brush_stroke.connect(lambda seconds, band: events.append((seconds, band)))
    spectrogram.brush_finished.connect(lambda: events.append("end"))
    spectrogram.set_brush("add", 0.1, 4.0)
    spectrogram.take_click(QPointF(5.0, 20.0), False)
    assert events == ["start", (5.0, 20.0), "end"]
    brush = BrushItem()
    brush.set_mode("erase", 0.1, 4.0)
    points = [*brush.points_to(QPointF(1.0, 10.0)), *brush.points_to(QPointF(2.0, 30.0))]
    gaps = [np.hypot((b.x() - a.x()) / 0.1, (b.y() - a.y()) / 4) for a, b in itertools.pairwise(points)]
    assert max(gaps) <= 0.5 + 1e-9
    assert (points[-1].x(), points[-1].y()) == pytest.approx((2.0, 30.0))
    with pytest.raises(ValueError, match="brush mode"):
        brush.set_mode("spray", 0.1, 4.0)
