"""Engraved pages are drawn by Qt as they are meant: ink where the notes are, and words."""
# ruff: noqa: F811

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from engine.folk.abc_text import parse
from engine.folk.engrave import Engraver
from tests.gui.scoring import engraver  # noqa: F401  (fixtures)

TEXT = 'X:1\nT:Title\nM:6/8\nL:1/8\nK:D\nB|:"Em"BEE [BG]EE|A3- AGF|(3ABc d2 ^cBA:|\n'


def ink(image: QImage, area: QRectF) -> float:
    """Share of dark pixels."""
    pixels = [(x, y) for x in range(int(area.left()), int(area.right())) for y in range(int(area.top()),
                                                                                       int(area.bottom()))]
    return sum(image.pixelColor(x, y).lightness() < 128 for x, y in pixels) / len(pixels)


def test_qt_draws_every_note_and_the_words(qapp: object, engraver: Engraver) -> None:
    score = engraver.engrave(parse(TEXT), TEXT)
    page = score.pages[0]
    image = QImage(int(3 * page.width), int(3 * page.height), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    renderer = QSvgRenderer(QByteArray(page.svg.encode()))
    assert renderer.isValid()
    renderer.render(painter)
    painter.end()
    for name, box in score.boxes.items():
        if name.startswith("n"):
            assert ink(image, QRectF(3 * box.x, 3 * box.y, 3 * box.w, 3 * box.h)) > 0.4, name
    top = min(box.staff_top for box in score.boxes.values())
    assert ink(image, QRectF(image.width() / 3, 0, image.width() / 3, 3 * top / 2)) > 0.01  # the title
