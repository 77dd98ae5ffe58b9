"""A score to look at, with an engraver behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from pytestqt.qtbot import QtBot

from engine.folk.abc_text import parse
from engine.folk.engrave import Engraver, Score
from gui.theme import LIGHT
from gui.views import score_paper
from gui.views.score_view import ScoreView

HEAD = "X:1\nT:Trial\nM:6/8\nL:1/8\nK:D\n"
SHORT = HEAD + '|:"D"AFA [FA]FA|"G"BdB BAF|A3- AFA|{g}Bee e2d:|\n|:fdf fdf|g2e efg|f2d cBA|ded z3:|\n'
LONG = HEAD + '|:"D"AFA AFA|"G"BdB BAF|"D"AFA "A7"AFA|"G"Bee e2d:|\n' * 60
LEFT = Qt.MouseButton.LeftButton
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def engraver() -> Iterator[Engraver]:
    made = Engraver()
    yield made
    made.close()


class Desk:
    """A view, and what a page does for it."""

    def __init__(self, view: ScoreView, engraver: Engraver, text: str) -> None:
        self.view, self.engraver = view, engraver
        self.asked: list[tuple[int, int]] = []
        self.type(text)

    def type(self, text: str) -> None:
        """The text is another."""
        self.text, self.tune = text, parse(text)
        self.names = [f"n{note.start}" for note in self.tune.notes]
        self.engrave()

    def engrave(self) -> None:
        """Engrave what is near for the view as it is."""
        self.view.show_score(self.pages(*self.view.pages_near()))

    def pages(self, first: int, most: int) -> Score:
        """Some pages of the tune."""
        return self.engraver.engrave(self.tune, self.text, width=self.view.page_width(),
                                     height=self.view.page_height(), scale=score_paper.SCALE, first=first, most=most)

    def answer(self, first: int, most: int) -> None:
        """More pages were asked for."""
        self.asked.append((first, most))
        self.view.add_pages(self.pages(first, most))

    def where(self, name: str) -> QPoint:
        """The middle of a note on the screen."""
        assert self.view.pages is not None
        box = self.view.pages.box(name)
        assert box is not None
        middle = QPointF(box.x + box.w / 2, box.y + box.h / 2) * self.view.zoom
        return (self.view.corner(box.page) + middle).toPoint()

    def picture(self) -> QImage:
        """What is on the screen."""
        return self.view.viewport().grab().toImage()


@pytest.fixture
def desk(qtbot: QtBot, engraver: Engraver) -> Callable[[str], Desk]:
    def made(text: str = SHORT) -> Desk:
        view = ScoreView()
        qtbot.addWidget(view)
        view.set_theme(LIGHT)
        view.resize(700, 500)
        view.show()
        desk = Desk(view, engraver, text)
        view.pages_asked.connect(desk.answer)
        return desk
    return made


def share(image: QImage, where: QRect, is_so: Callable[[QColor], bool]) -> float:
    """Share of the pixels there that are so."""
    found = [is_so(image.pixelColor(x, y)) for x in range(where.left(), where.right() + 1)
             for y in range(where.top(), where.bottom() + 1)]
    return sum(found) / len(found)


def held(at: QPoint) -> QMouseEvent:
    """The mouse moves with its button down."""
    return QMouseEvent(QMouseEvent.Type.MouseMove, QPointF(at), QPointF(at), LEFT, LEFT, NONE)
