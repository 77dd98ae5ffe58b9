"""Reading, pointing at and following an engraved tune."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.folk.abc_text import parse
from engine.folk.engrave import Engraver, Score
from engine.folk.tune import Tune
from gui.theme import DARK, LIGHT
from gui.views import score_paper, score_pictures
from gui.views.score_marks import TALLEST, Marked, marks_of
from gui.views.score_pages import ScorePages, name_of
from gui.views.score_view import SUGGESTED, ScoreView

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


def around(at: QPoint, reach: int = 4) -> QRect:
    """Points near a point."""
    return QRect(at - QPoint(reach, reach), at + QPoint(reach, reach))


def test_a_click_says_which_note(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    seen: list[tuple[str, bool]] = []
    d.view.note_clicked.connect(lambda name, extend: seen.append((name, extend)))
    for name in d.names:
        qtbot.mouseClick(d.view.viewport(), LEFT, NONE, d.where(name))
    assert seen == [(name, False) for name in d.names]
    qtbot.mouseClick(d.view.viewport(), LEFT, SHIFT, d.where(d.names[5]))
    assert seen[-1] == (d.names[5], True)


def test_a_click_beside_the_notes_chooses_nothing(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    seen: list[str] = []
    d.view.note_clicked.connect(lambda *told: seen.append("note"))
    d.view.background_clicked.connect(lambda: seen.append("background"))
    qtbot.mouseClick(d.view.viewport(), LEFT, NONE, QPoint(5, 480))
    assert seen == ["background"]
    qtbot.mouseDClick(d.view.viewport(), LEFT, NONE, QPoint(5, 480))
    assert "note" not in seen


def test_a_click_finds_its_note_at_any_zoom_and_place(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    seen: list[str] = []
    d.view.note_clicked.connect(lambda name, extend: seen.append(name))
    for zoom in (0.5, 1.6, 3.0):
        d.view.set_zoom(zoom)
        d.engrave()
        d.view.reveal(d.names[40])
        qtbot.waitUntil(lambda: d.view.viewport().rect().contains(d.where(d.names[40])), timeout=1000)
        qtbot.wait(350)     # the glide is over
        qtbot.mouseClick(d.view.viewport(), LEFT, NONE, d.where(d.names[40]))
        assert seen[-1:] == [d.names[40]], zoom


def test_dragging_chooses_a_span(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    seen: list[tuple[str, str]] = []
    d.view.span_chosen.connect(lambda first, last: seen.append((first, last)))
    view = d.view.viewport()
    qtbot.mousePress(view, LEFT, NONE, d.where(d.names[2]))
    d.view.mouseMoveEvent(held(d.where(d.names[9])))
    d.view.mouseMoveEvent(held(d.where(d.names[9])))
    d.view.mouseMoveEvent(held(d.where(d.names[1])))
    qtbot.mouseRelease(view, LEFT, NONE, d.where(d.names[1]))
    assert seen == [(d.names[2], d.names[9]), (d.names[2], d.names[1])]
    d.view.mouseMoveEvent(held(d.where(d.names[7])))
    assert len(seen) == 2


def test_the_hand_shows_what_can_be_clicked(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    qtbot.mouseMove(d.view.viewport(), d.where(d.names[4]))
    assert d.view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.mouseMove(d.view.viewport(), QPoint(5, 480))
    assert d.view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_keys_go_from_note_to_note(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    seen: list[tuple[str, bool]] = []
    d.view.note_clicked.connect(lambda name, extend: seen.append((name, extend)))
    d.view.note_clicked.connect(lambda name, extend: d.view.show_selected([name]))
    keys = Qt.Key
    for key, held_too in ((keys.Key_Right, NONE), (keys.Key_Right, NONE), (keys.Key_Right, SHIFT),
                          (keys.Key_Left, NONE), (keys.Key_End, Qt.KeyboardModifier.ControlModifier),
                          (keys.Key_Right, NONE), (keys.Key_Home, NONE),
                          (keys.Key_Home, Qt.KeyboardModifier.ControlModifier)):
        qtbot.keyClick(d.view, key, held_too)
    second_line = next(n for n in d.names if int(n[1:]) > d.text.index("|:f"))
    assert seen == [(d.names[0], False), (d.names[1], False), (d.names[2], True), (d.names[1], False),
                    (d.names[-1], False), (second_line, False), (d.names[0], False)]


def test_page_keys_scroll(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    qtbot.keyClick(d.view, Qt.Key.Key_PageDown)
    assert d.view.verticalScrollBar().value() == d.view.viewport().height()


def test_notes_wear_the_colours_of_the_theme(desk: Callable[..., Desk]) -> None:
    d = desk()
    for theme in (LIGHT, DARK, LIGHT):
        d.view.set_theme(theme)
        image = d.picture()
        ink, paper = QColor(theme.text), QColor(theme.surface)
        assert share(image, around(d.where(d.names[7]), 1), lambda c, ink=ink: c == ink) > 0.8
        assert image.pixelColor(5, 480) == paper


def test_what_plays_moves_without_drawing_a_page(desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch,
                                                 qtbot: QtBot) -> None:
    d = desk()
    d.picture()
    qtbot.wait(20)
    drawn = []
    draw = score_pictures.picture
    monkeypatch.setattr(score_pictures, "picture", lambda *told: drawn.append(told) or draw(*told))
    accent = QColor(LIGHT.accent)
    for name in d.names[:8]:
        d.view.show_playing(name)
        assert share(d.picture(), around(d.where(name), 1), lambda c: c == accent) > 0.8, name
    d.view.show_playing(d.names[6], 0.5)
    middle = (d.where(d.names[6]) + d.where(d.names[7])) / 2
    assert share(d.picture(), around(QPoint(middle.x(), d.where(d.names[3]).y()), 1),
                 lambda c: c == QColor(LIGHT.surface)) < 0.2
    d.view.show_playing(None)
    assert share(d.picture(), around(d.where(d.names[7])), lambda c: c.green() > c.red() + 20) == 0
    assert drawn == []
    d.view.set_theme(DARK)
    assert len(drawn) == 1      # so that what is counted is what is drawn


def test_only_pages_near_those_in_sight_are_asked_for(desk: Callable[..., Desk], qtbot: QtBot) -> None:
    d = desk(LONG)
    d.view.set_zoom(1.5)
    d.engrave()
    assert d.view.pages is not None
    count = d.view.pages.count
    assert count > 6
    assert set(d.view.pages.placed) == {0, 1}
    bar = d.view.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert set(d.view.pages.placed) == {0, 1, count - 2, count - 1}
    asked = len(d.asked)
    bar.setValue(bar.maximum() - 10)
    assert len(d.asked) == asked
    dark = share(d.picture(), QRect(40, 100, 400, 200), lambda c: c.lightness() < 100)
    assert dark > 0.01


def test_a_page_that_is_to_come_is_a_blank_one(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    d.view.pages_asked.disconnect(d.answer)
    with qtbot.waitSignal(d.view.pages_asked) as asked:
        d.view.verticalScrollBar().setValue(d.view.verticalScrollBar().maximum())
    assert d.view.pages is not None
    assert asked.args[0] + asked.args[1] == d.view.pages.count
    assert share(d.picture(), d.view.viewport().rect(), lambda c: c.lightness() < 100) == 0
    d.answer(*asked.args)
    assert share(d.picture(), d.view.viewport().rect(), lambda c: c.lightness() < 100) > 0.005


def test_pages_of_another_tune_are_passed_over(desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    before = dict(d.view.pages.placed) if d.view.pages else {}
    d.tune = Tune(**{**vars(d.tune), "events": d.tune.events[:-40]})
    d.answer(1, 1)
    assert d.view.pages is not None
    assert d.view.pages.placed == before


def test_typing_keeps_the_place(desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    d.view.verticalScrollBar().setValue(600)
    for text in (LONG.replace("BAF", "BAG", 1), LONG + "A3 B3|\n", LONG):
        d.type(text)
        assert d.view.verticalScrollBar().value() == 600


def test_another_width_keeps_the_uppermost_line(desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    d.view.verticalScrollBar().setValue(700)
    assert d.view.pages is not None
    top = min((d.where(name).y(), name) for name in d.names[:200]
              if d.view.pages.box(name) and d.where(name).y() > 20)[1]
    before = d.where(top).y()
    d.view.set_zoom(0.8)
    d.engrave()
    assert abs(d.where(top).y() - before) < 60
    d.view.resize(900, 500)
    d.engrave()
    assert abs(d.where(top).y() - before) < 90


def test_a_new_width_is_told_once_it_rests(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk()
    qtbot.wait(200)
    told: list[float] = []
    d.view.width_changed.connect(told.append)
    for width in range(700, 900, 20):
        d.view.resize(width, 500)
    qtbot.waitUntil(lambda: bool(told), timeout=1000)
    assert told == [d.view.page_width()]
    d.engrave()
    assert d.view.pages is not None
    assert d.view.pages.width == pytest.approx(d.view.page_width(), abs=2)
    assert d.view.horizontalScrollBar().maximum() == 0
    d.view.resize(880, 400)     # as wide as before
    qtbot.wait(200)
    assert len(told) == 1


def test_the_wheel_zooms_with_control_between_bounds(desk: Callable[..., Desk]) -> None:
    d = desk()

    def turn(notches: int) -> None:
        at = QPointF(200, 200)
        QApplication.sendEvent(d.view.viewport(), QWheelEvent(
            at, at, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False))

    turn(1)
    assert d.view.zoom == pytest.approx(1.1)
    turn(99)
    assert d.view.zoom == 3.0
    turn(-99)
    assert d.view.zoom == 0.5
    assert d.view.page_width() == pytest.approx(2 * (700 - 12), abs=10)


def test_the_sound_is_followed_unless_the_user_scrolls(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d = desk(LONG)
    bar = d.view.verticalScrollBar()
    d.view.show_playing(d.names[60])
    assert bar.value() == 0     # it is in sight
    d.view.show_playing(d.names[160])
    qtbot.waitUntil(lambda: d.view.viewport().rect().contains(d.where(d.names[160])), timeout=1000)
    d.view.glide.touched()
    place = bar.value()
    d.view.show_playing(d.names[260])
    qtbot.wait(50)
    assert bar.value() == place
    d.view.follow = False
    d.view.glide._touched = 0.0
    d.view.show_playing(d.names[261])
    qtbot.wait(50)
    assert bar.value() == place


def test_a_note_far_away_is_found_when_its_page_comes(desk: Callable[..., Desk], qtbot: QtBot) -> None:
    d = desk(LONG)
    d.view.set_zoom(2.0)
    d.engrave()
    d.view.show_selected([d.names[-200]])
    qtbot.waitUntil(lambda: d.view.pages is not None and d.view.pages.box(d.names[-200]) is not None, timeout=1000)
    qtbot.waitUntil(lambda: d.view.viewport().rect().contains(d.where(d.names[-200])), timeout=1500)
    assert d.view.accessibleDescription() == "1 note selected"


def test_a_selection_is_one_band_on_each_line(desk: Callable[..., Desk]) -> None:
    d = desk()
    pages = d.view.pages
    assert pages is not None
    second_line = [int(n[1:]) > d.text.index("|:f") for n in d.names].index(True)
    chosen = d.names[second_line - 3:second_line + 2]
    bands = marks_of(0, pages, Marked(selected=frozenset(chosen))).bands
    assert len(bands) == 2
    assert len(marks_of(0, pages, Marked(selected=frozenset((chosen[0], chosen[2])))).bands) == 2
    for name, band in zip(chosen, (bands[0],) * 3 + (bands[1],) * 2, strict=True):
        box = pages.box(name)
        assert box is not None
        assert band.contains(box.x, box.y)
        assert band.contains(box.x + box.w, box.y + box.h)


def test_surprise_is_told_by_height_too(desk: Callable[..., Desk]) -> None:
    d = desk()
    assert d.view.pages is not None
    marks = marks_of(0, d.view.pages, Marked(tints={d.names[1]: 0.25, d.names[2]: 1.0, d.names[3]: 7.0}))
    heights = {bar.height() / TALLEST for _, bar in marks.tints}
    assert heights == {0.25, 1.0}
    assert len({bar.bottom() for _, bar in marks.tints}) == 1
    before = d.picture()
    d.view.show_tints({d.names[2]: 1.0})
    after, at = d.picture(), d.where(d.names[2]) + QPoint(-8, 0)
    warm = after.pixelColor(at)
    assert before.pixelColor(at) == QColor(LIGHT.surface)
    assert warm.red() > warm.blue() + 50


def test_who_wrote_a_note_and_what_is_wrong_is_said(desk: Callable[..., Desk]) -> None:
    d = desk()
    before = d.picture()
    d.view.show_suggested(set(d.names[:4]))
    d.view.show_problems([(d.names[2], "the bar is too long"), (d.names[2] + "c1", "and odd")])
    d.view.tip_of = {d.names[2]: "A, eighth note"}.get
    assert d.view._said_of(d.names[2]) == f"the bar is too long\nand odd\n{SUGGESTED}\nA, eighth note"
    assert d.view.pages is not None
    marks = marks_of(0, d.view.pages, d.view._marked)
    below = [box for name in d.names[:4] if (box := d.view.pages.box(name)) is not None]
    assert len({dot.y() for dot in marks.dots}) == 1
    assert min(dot.left() for dot in marks.dots) == below[0].x
    assert below[3].x < max(dot.right() for dot in marks.dots) <= below[3].x + below[3].w + 2
    assert len(marks.warnings) == 1
    changed = d.picture()
    sign = (d.view.corner(0) + marks.warnings[0]).toPoint() - QPoint(0, 12)
    assert share(changed, around(sign), lambda c: c == QColor(LIGHT.error)) > 0.2
    assert share(before, around(sign), lambda c: c == QColor(LIGHT.error)) == 0


def test_without_a_score_it_says_what_will_be_here(desk: Callable[..., Desk]) -> None:
    d = desk()
    d.view.show_score(None)
    middle = QRect(200, 230, 290, 40)
    assert share(d.picture(), middle, lambda c: c.lightness() < 200) > 0.01
    assert d.view.pages_near() == (0, 2)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_PageDown):
        QtBot.keyClick(d.view, key)
    d.view.show_playing("n5")
    d.view.show_selected(["n5"])
    d.picture()


def test_a_late_score_is_marked_quietly(qtbot: QtBot, desk: Callable[..., Desk]) -> None:
    d, corner = desk(), QRect(560, 4, 120, 24)      # of the view, with nothing of the score in it
    before = d.picture().copy(corner)
    d.view.set_busy(True)
    d.view.set_busy(False)
    qtbot.wait(score_paper.BUSY_MS + 50)
    assert d.picture().copy(corner) == before       # soon over: no flicker
    d.view.set_busy(True)
    qtbot.wait(score_paper.BUSY_MS + 50)
    assert d.picture().copy(corner) != before
    d.view.set_busy(False)
    assert d.picture().copy(corner) == before


def test_an_empty_tune_can_be_shown(desk: Callable[..., Desk], qtbot: QtBot) -> None:
    d = desk(HEAD)
    qtbot.keyClick(d.view, Qt.Key.Key_Right)
    d.view.mouseMoveEvent(held(QPoint(100, 100)))
    assert d.view.note_at(QPointF(100, 100), 1e6) is None


def test_heads_and_tied_pieces_belong_to_their_note(engraver: Engraver) -> None:
    assert [name_of(n) for n in ("n12", "n12c0", "n12t1c3", "g7", "m3")] == ["n12", "n12", "n12", "g7", "m3"]
    text = HEAD + "A5 B|[CE]6|\n"
    pages = ScorePages(engraver.engrave(parse(text), text))
    assert [len(pages.placed[0].heads[name]) for name in pages.names] == [2, 1, 2]
