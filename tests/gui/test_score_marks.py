"""What is marked in a score: what plays, what is chosen, surprise, who wrote it."""
# ruff: noqa: F811

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from engine.folk.abc_text import parse
from engine.folk.engrave import Engraver
from gui.theme import DARK, LIGHT
from gui.views import score_pictures
from gui.views.score_marks import TALLEST, Marked, marks_of
from gui.views.score_pages import ScorePages, name_of
from gui.views.score_view import SUGGESTED
from tests.gui.scoring import HEAD, Desk, desk, engraver, share  # noqa: F401  (fixtures)


def around(at: QPoint, reach: int = 4) -> QRect:
    """Points near a point."""
    return QRect(at - QPoint(reach, reach), at + QPoint(reach, reach))


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


def test_heads_and_tied_pieces_belong_to_their_note(engraver: Engraver) -> None:
    assert [name_of(n) for n in ("n12", "n12c0", "n12t1c3", "g7", "m3")] == ["n12", "n12", "n12", "g7", "m3"]
    text = HEAD + "A5 B|[CE]6|\n"
    pages = ScorePages(engraver.engrave(parse(text), text))
    assert [len(pages.placed[0].heads[name]) for name in pages.names] == [2, 1, 2]
