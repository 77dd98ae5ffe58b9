"""The blind ABX dialog: what it plays, what it keeps to itself, and what it says at the end."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from engine.audio.waveform import Waveform
from engine.listening.abx import sequence
from gui.dialogs.abx import AbxDialog
from gui.player import Player, WaveformSource

SEED = 11


def sound(seed):
    noise = 0.1 * np.random.default_rng(seed).standard_normal((1, 44100))
    return WaveformSource(Waveform(noise.astype(np.float32), 8820))


@pytest.fixture
def player(qtbot):
    made = Player()
    yield made
    made.close()


@pytest.fixture
def dialog(qtbot, player):
    a, b = sound(1), sound(2)
    player.set_source(a, keep_position=False)
    made = AbxDialog(player, (("original", a), ("adversarial", b)), passage=(1.0, 2.0), seconds=5.0, seed=SEED)
    made.sources = {"A": a, "B": b}
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def said(dialog):
    """All texts in sight."""
    return " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def test_x_plays_what_was_drawn_in_the_passage_and_says_nothing(dialog, player):
    dialog.number.setValue(6)
    dialog.begin()
    assert (player.loop.start, player.loop.stop) == (1.0, 3.0)
    for number, drawn in enumerate(sequence(6, seed=SEED)):
        assert not player.playing, "each trial begins in silence"
        assert f"Trial {number + 1} of 6" in said(dialog)
        dialog.hear("X")
        assert player.playing
        assert player.source is dialog.sources[drawn]
        assert "right" not in said(dialog)
        dialog.answer("A")
    assert dialog.leaves.currentIndex() == 2


def test_an_answer_needs_x_to_be_heard(dialog):
    dialog.begin()
    dialog.hear("A")
    dialog.hear("B")
    dialog.answer("B")
    assert "Trial 1 of 10" in said(dialog)
    dialog.hear("X")
    dialog.answer("B")
    assert "Trial 2 of 10" in said(dialog)


def test_all_right_by_keys_is_told_with_its_p_value(dialog, qtbot):
    dialog.begin()
    with qtbot.waitSignal(dialog.tested) as told:
        for drawn in sequence(10, seed=SEED):
            QTest.keyClick(dialog, Qt.Key.Key_X)
            QTest.keyClick(dialog, Qt.Key.Key_Left if drawn == "A" else Qt.Key.Key_Right)
    result = told.args[0]
    assert (result.right, result.p_value, result.passage) == (10, pytest.approx(1 / 1024), (1.0, 3.0))
    assert "10 of 10 right, p < 0.001: original and adversarial were told apart" in said(dialog)
    assert said(dialog).count("✓") == 10


def test_closed_before_the_end_it_has_no_result_and_leaves_no_loop(dialog, player, qtbot):
    results = []
    dialog.tested.connect(results.append)
    dialog.begin()
    dialog.hear("X")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert results == []
    assert player.loop is None
    assert not player.playing


def test_switching_keeps_the_place(dialog, player, qtbot):
    dialog.begin()
    dialog.hear("A")
    qtbot.waitUntil(lambda: player.position() > 1.2)
    before = player.position()
    dialog.hear("X")
    assert before - 0.05 <= player.position() < before + 0.5
