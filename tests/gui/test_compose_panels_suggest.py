"""Asking the network: wishes go out and come back whole, and suggestions are looked at and taken."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QSlider

from gui.theme import DARK, LIGHT
from gui.views.candidate_table import BEGINS, KNOWN, LIKELY, CandidateRow
from gui.views.suggest_form import AS_IN_THE_TUNE, OPEN, SuggestWishes
from gui.views.suggest_panel import SuggestPanel
from tests.gui.signals import heard

METERS, MODES = ("6/8", "4/4", "9/8"), ("Cmaj", "Cdor", "Clyd")
ROWS = (CandidateRow("G 2 E | c B A", -0.71, "8/8", "12"), CandidateRow("G A B", -0.934, "7/8", "100", True),
        CandidateRow("e 2 d", -1.5, "8/8", "0"))


def made(qtbot) -> SuggestPanel:
    view = SuggestPanel()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.show_models(("folk", "folkrnn_v2"), "folk")
    view.show_vocabulary(METERS, MODES)
    view.resize(300, 640)
    view.show()
    return view


@pytest.fixture
def panel(qtbot) -> SuggestPanel:
    return made(qtbot)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=st.builds(
    SuggestWishes, model=st.sampled_from(("folk", "folkrnn_v2")), meter=st.sampled_from(("", *METERS)),
    mode=st.sampled_from(("", *MODES)), temperature=st.integers(10, 200).map(lambda n: n / 100),
    top_k=st.integers(0, 137), top_p=st.integers(1, 100).map(lambda n: n / 100), seed=st.integers(0, 2**31 - 1),
    seed_locked=st.booleans(), constrained=st.booleans(), stop=st.sampled_from(("bar", "phrase", "tune")),
    n=st.integers(1, 16), prime=st.sampled_from(("", "G 2 * E", "|: ^c"))))
def test_wishes_come_back_as_they_were_and_silently(panel: SuggestPanel, wishes: SuggestWishes):
    changed = heard(panel.changed)
    panel.set_wishes(wishes)
    assert panel.wishes() == wishes
    assert changed == []


def test_what_a_model_does_not_know_is_as_in_the_tune(panel: SuggestPanel):
    panel.set_wishes(SuggestWishes("folk", meter="3/2", mode="Cmaj"))
    assert panel.wishes().meter == ""
    assert panel.form.meter.currentText() == AS_IN_THE_TUNE
    assert panel.form.mode.currentText() == "Major"
    panel.show_vocabulary(("6/8",), ("Cdor", "Cmaj"))
    assert panel.wishes().mode == "Cmaj", "kept, wherever it stands"
    assert [panel.form.mode.itemText(n) for n in range(3)] == [AS_IN_THE_TUNE, "Dorian", "Major"]


def test_each_change_by_hand_is_told_once(panel: SuggestPanel):
    changed, form, before = heard(panel.changed), panel.form, panel.wishes()
    form.temperature.slider.setValue(17)
    assert panel.wishes() == replace(before, temperature=0.85)
    assert len(changed) == 1
    form.temperature.reset.click()
    assert panel.wishes() == before
    assert form.temperature.slider.value() == 20
    assert not form.temperature.reset.isEnabled()
    form.seed.dice.click()
    form.seed.lock.click()
    assert panel.wishes().seed_locked
    assert panel.wishes().seed != before.seed
    form.stop.group.buttons()[0].click()
    assert panel.wishes().stop == "bar"
    form.constrained.click()
    assert not panel.wishes().constrained
    assert len(changed) == 6


def test_the_lock_changes_its_shape(panel: SuggestPanel):
    lock, drawn = panel.form.seed.lock, []
    for state in (lock.icon().State.Off, lock.icon().State.On):
        image = lock.icon().pixmap(18, 18, lock.icon().Mode.Normal, state).toImage()
        drawn.append({(x, y) for x in range(18) for y in range(18) if image.pixelColor(x, y).alpha() > 128})
    assert len(drawn[0] ^ drawn[1]) > 20, "not told by colour alone"


def test_another_checkpoint_is_asked_for_and_the_model_stays(panel: SuggestPanel):
    opened, changed, box = heard(panel.open_asked), heard(panel.changed), panel.form.model
    last = box.count() - 1
    assert box.itemText(last) == OPEN
    box.setCurrentIndex(last)
    box.activated.emit(last)
    assert opened == [()]
    assert panel.wishes().model == "folk"
    assert box.currentText() == "folk"
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert panel.wishes().model == "folkrnn_v2"
    assert len(changed) == 1


def test_buttons_ask_and_are_there_when_they_can_be(panel: SuggestPanel):
    form = {"suggest": panel.suggest_asked, "fill": panel.fill_asked, "new": panel.new_asked,
            "cancel": panel.cancel_asked}
    asked = {name: heard(signal) for name, signal in form.items()}

    def able() -> set[str]:
        return {name for name in form if getattr(panel, name).isEnabled()}

    assert able() == {"suggest", "new"}
    panel.can_fill(True)
    assert able() == {"suggest", "new", "fill"}
    panel.show_running(True)
    assert able() == {"cancel"}
    panel.show_running(False)
    for name in ("suggest", "fill", "new"):
        getattr(panel, name).click()
    assert [len(asked[name]) for name in form] == [1, 1, 1, 0]
    panel.show_models((), "")
    assert able() == set(), "nobody to ask"


def test_a_wrong_prime_is_explained_where_it_is_typed_until_it_is_changed(panel: SuggestPanel):
    form = panel.form
    assert not form.prime.isVisible()
    panel.show_prime_error("prime: 'H' is not a token of folk; the nearest is 'B'")
    assert form.prime.isVisible()
    assert form.prime_error.isVisible()
    assert form.prime.placeholderText() == "e.g. G 2 * E"
    QTest.keyClicks(form.prime, "G  2 ")
    assert not form.prime_error.isVisible()
    assert panel.wishes().prime == "G 2"
    panel.set_wishes(panel.wishes())
    assert form.prime.text() == "G  2 ", "typing goes on where it is"


def test_suggestions_are_looked_at_and_taken(panel: SuggestPanel):
    chosen, taken, table = heard(panel.candidate_chosen), heard(panel.accept_asked), panel.candidates
    panel.show_candidates(ROWS)
    panel.show_chosen(0)
    assert chosen == []
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert (chosen, taken) == ([1], [1])
    table.doubleClicked.emit(table.model().index(2, BEGINS))
    assert taken == [1, 2]
    panel.show_candidates(ROWS[:1])
    assert table.currentRow() == -1
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert taken == [1, 2], "what is gone cannot be taken"
    assert chosen == [1]


def test_what_is_copied_is_marked_by_shape_and_in_words(panel: SuggestPanel):
    panel.show_candidates(ROWS)
    table = panel.candidates
    assert [table.item(row, LIKELY).text() for row in range(3)] == ["−0.71", "−0.93", "−1.50"]
    assert "8 notes" in table.item(1, BEGINS).toolTip()
    assert "8 notes" in table.item(1, KNOWN).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "8 notes" not in table.item(0, BEGINS).toolTip()
    for theme in (DARK, LIGHT):
        panel.set_theme(theme)
        seen = []
        for row in (0, 1):
            image = table.viewport().grab(table.visualItemRect(table.item(row, KNOWN))).toImage()
            seen.append({image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())})
        assert theme.warning in seen[1]
        assert theme.warning not in seen[0]


@pytest.mark.parametrize("width", [300, 364])
def test_all_of_it_fits_without_scrolling(panel: SuggestPanel, width: int):
    panel.resize(width, 640)
    panel.show_candidates(ROWS * 2)
    for more in (False, True):
        panel.form.more.setChecked(more)
        panel.grab()
        assert panel.verticalScrollBar().maximum() == 0
        assert panel.widget().minimumSizeHint().width() <= width
    table = panel.candidates
    for row in range(table.rowCount()):
        for column in (LIKELY, KNOWN):
            room = table.visualItemRect(table.item(row, column)).width()
            assert table.fontMetrics().horizontalAdvance(table.item(row, column).text()) < room - 8


def test_everything_has_a_name_and_says_what_it_does(panel: SuggestPanel):
    for kind in (QAbstractButton, QComboBox, QSlider):
        for control in panel.findChildren(kind):
            if control.objectName().startswith("qt_"):
                continue
            assert control.accessibleName() or control.parent() is panel.candidates, control
            assert control.toolTip() or control.parent() is panel.candidates, control
    assert all(spin.accessibleName() for spin in panel.findChildren(QAbstractSpinBox))
