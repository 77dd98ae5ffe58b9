"""The panels beside the plots: segment table, trust, jobs, commands."""

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from engine.explain.explanation import Explanation, Segment, Segmentation, Trust
from engine.explain.trust import Curves
from engine.job import Progress
from gui.theme import DARK, LIGHT
from gui.views.command_palette import CommandPalette, likeness, title
from gui.views.fill_matrix import FillMatrix
from gui.views.job_bar import JobBar
from gui.views.segment_table import ERROR, HIDDEN, NUMBER, WEIGHT, SegmentTable
from gui.views.stability_panel import StabilityPanel
from gui.views.trust_panel import FIGURES, TrustPanel


def explanation(weights: list[float], stderr: list[float] | None = None, trust: Trust | None = None) -> Explanation:
    n = len(weights)
    which = torch.arange(n)[None].repeat(4, 1)
    segments = tuple(Segment(i, 0.1 * i, 0.1 * (i + 1), 27.5, 8000.0) for i in range(n))
    return Explanation(Segmentation("temporal", segments, which), np.array(weights), 0.93, 0.12, "slime", "mean",
                       stderr=None if stderr is None else np.array(stderr), trust=trust or Trust())


@pytest.fixture
def table(qtbot) -> SegmentTable:
    view = SegmentTable()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.set_explanation(explanation([0.1, -0.4, 0.3, 0.0]), 10.0, k=2)
    view.resize(500, 200)
    view.show()
    return view


def column(table: SegmentTable, which: int) -> list[str]:
    model = table.model()
    return [model.index(row, which).data() for row in range(model.rowCount())]


def test_table_says_where_and_how_much(table: SegmentTable):
    assert column(table, NUMBER) == ["0 ❷", "1 ", "2 ❶", "3 "]
    assert column(table, WEIGHT) == ["+0.1000", "−0.4000", "+0.3000", "+0.0000"]
    assert table.model().index(1, 1).data() == "10.10–10.20"
    assert table.isColumnHidden(ERROR)
    table.set_explanation(explanation([0.1, 0.2], [0.01, 0.02]), 0.0)
    assert not table.isColumnHidden(ERROR)
    table.resize(360, 200)
    assert table.isColumnHidden(ERROR), "the weight needs the room"
    table.grab()


def test_table_sorts_by_value_and_keeps_the_segment(table: SegmentTable):
    table.sortByColumn(WEIGHT, Qt.SortOrder.DescendingOrder)
    assert column(table, WEIGHT) == ["+0.3000", "+0.1000", "+0.0000", "−0.4000"]
    chosen: list[int] = []
    table.selected.connect(chosen.append)
    table.selectRow(3)
    assert chosen == [1]
    assert table.current_segment() == 1
    table.set_explanation(explanation([0.5, 0.6, 0.7, 0.8]), 10.0)
    assert table.current_segment() == 1


def test_enter_hides_and_shows_and_the_outside_is_silent(table: SegmentTable):
    toggled: list[tuple[int, bool]] = []
    table.hide_toggled.connect(lambda index, hide: toggled.append((index, hide)))
    table.select_segment(2)
    QTest.keyClick(table, Qt.Key.Key_Return)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert toggled == [(2, True), (2, False)]
    table.set_hidden([0])
    assert len(toggled) == 2
    state = table.model().index(0, HIDDEN).data(Qt.ItemDataRole.CheckStateRole)
    assert Qt.CheckState(state) == Qt.CheckState.Checked


def test_trust_panel_uses_words_and_marks_what_worries(qtbot):
    panel = TrustPanel()
    qtbot.addWidget(panel)
    panel.set_theme(LIGHT)
    main = explanation([0.1, 0.5, 0.3, 0.0], trust=Trust(0.33, False, 0.4, 0.8, 0.01, None))
    panel.set_explanation(main, curves=Curves(np.array([0.9, 0.5, 0.1]), np.array([0.1, 0.6, 0.9])))
    texts = {label.accessibleName(): label.text() for label in panel.findChildren(QLabel) if label.accessibleName()}
    assert texts["Hiding the top flips it"] == "⚠  no"
    assert texts["Agreement over fills"] == "⚠  33%"
    assert texts["Score → all hidden"] == "0.930  →  0.120"
    assert texts["Infidelity"] == "0.010"
    assert texts["Max-sensitivity"] == "–"
    assert all(label.toolTip() for label in panel.findChildren(QLabel))
    assert len(FIGURES) == 7
    panel.resize(300, 600)
    panel.grab()
    panel.set_explanation(None)
    assert {label.text() for label in panel.findChildren(QLabel) if label.accessibleName()} == {"–"}


def test_stability_says_which_fills_name_other_segments(qtbot):
    panel = StabilityPanel()
    qtbot.addWidget(panel)
    panel.set_theme(DARK)
    main, other = explanation([0.1, 0.5, 0.3, 0.0]), explanation([0.1, 0.0, 0.3, 0.6])
    panel.set_explanations({"mean": main, "zero": other, "noise": main}, fill="mean", k=2)
    matrix = panel.findChild(FillMatrix)
    assert matrix.accessibleDescription() == "Largest segments by fill. mean: 1, 2; zero: 3, 2; noise: 1, 2"
    assert "1 of 2 other fills name the same 2 segments as “mean”; others: zero." in {
        label.text() for label in panel.findChildren(QLabel)}
    panel.set_explanations({})
    assert matrix.accessibleDescription() == "Not computed yet"


def test_job_bar_waits_then_shows_the_newest_and_cancels_it(qtbot):
    bar = JobBar()
    qtbot.addWidget(bar)
    bar.set_theme(DARK)
    bar.show()
    button = bar.findChild(QPushButton)
    bar.begin("quick", "Quick")
    bar.end("quick")
    assert not button.isVisible()
    bar.begin("open", "Opening song.ogg")
    bar.begin("explain", "Explaining")
    assert not button.isVisible(), "not before the wait is over"
    qtbot.waitUntil(button.isVisible, timeout=3000)
    bar.progress("explain", Progress(1, 4, "masks"))
    shown = " ".join(label.text() for label in bar.findChildren(QLabel))
    assert "Explaining – masks" in shown
    assert "1 more" in shown
    with qtbot.waitSignal(bar.cancel_asked) as asked:
        button.click()
    assert asked.args == ["explain"]
    bar.end("explain")
    bar.end("open")
    assert not button.isVisible()


def test_likeness_needs_all_letters_in_order_and_loves_words():
    assert likeness("xyz", "Open…") is None
    assert likeness("pn", "Open") is not None
    assert likeness("op", "Open file") > likeness("op", "Loop playback")
    assert likeness("tt", "Toggle theme") > likeness("tt", "Attach")


def test_palette_filters_says_what_cannot_be_done_and_runs(qtbot):
    remembered: list[list[str]] = []
    palette = CommandPalette(recent=["Toggle theme"], remember=remembered.append)
    qtbot.addWidget(palette)
    ran: list[str] = []
    actions = [QAction(text) for text in ("&Open…", "Toggle &theme", "Quit", "", "Redo")]
    actions[0].setShortcuts(["Ctrl+O", "F3"])
    for action in (actions[2], actions[4]):
        action.setEnabled(False)
    actions[2].setToolTip("Something is still being written")
    for action in actions:
        action.triggered.connect(lambda _=False, action=action: ran.append(title(action)))

    def rows() -> list[tuple[str, str]]:
        items = [palette._list.topLevelItem(row) for row in range(palette._list.topLevelItemCount())]
        return [(item.text(0), item.text(1)) for item in items]

    palette.ask(actions)
    assert rows() == [("Toggle theme", ""), ("Open", "Ctrl+O or F3"), ("Quit – Something is still being written", ""),
                      ("Redo – not now", "")], "the last one first, those that cannot be done last"
    QTest.keyClicks(palette._query, "quit")
    QTest.keyClick(palette._query, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert ran == []
    palette._query.clear()
    QTest.keyClicks(palette._query, "opn")
    assert len(rows()) == 1
    QTest.keyClick(palette._query, Qt.Key.Key_Return)
    assert ran == ["Open"]
    assert remembered == [["Open", "Toggle theme"]]
    assert not palette.isVisible()
