"""The wizard lets nothing be tried without consent, and hands over the card as it was put right."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QSpinBox, QWidget

from engine.job import Progress
from engine.models.foreign_card import card_of
from gui.dialogs.model_wizard import ModelWizard
from gui.theme import THEMES

SILERO = {"file": "silero_vad.jit", "format": "torchscript", "sha256": "e1" * 32, "title": "silero_vad",
          "input": "waveform", "sample_rate": 16000, "window": 8192, "layout": ["batch", "time"],
          "outputs": "probabilities", "exclusive": True, "output_layout": ["batch", "labels"], "labels": ["no", "yes"],
          "arguments": {"sr": 16000}, "chunk": 512, "reset": "reset_states"}


@pytest.fixture
def wizard(qtbot):
    made = ModelWizard()
    qtbot.addWidget(made)
    made.set_theme(THEMES["dark"])
    made.set_model("silero_vad.jit", "e1" * 32, agreed=False)
    made.show()
    return made


def test_nothing_is_tried_without_consent(wizard, qtbot):
    assert not wizard.try_it.isEnabled()
    assert not wizard.save.isEnabled()
    wizard.trust.click()
    with qtbot.waitSignal(wizard.probe_asked):
        wizard.try_it.click()
    wizard.set_model("silero_vad.jit", "e2" * 32, agreed=False)     # another file: another consent
    assert not wizard.try_it.isEnabled()


def test_the_card_is_handed_over_as_it_was_put_right(wizard, qtbot):
    wizard.trust.click()
    wizard.show_card(SILERO, ("input", "sample_rate", "labels"))
    assert card_of(wizard.form.entries(), "form") == card_of(SILERO, "card")
    wizard.form.controls["labels"].widget.setPlainText("no speech\n\n speech ")
    wizard.form.controls["exclusive"].widget.setChecked(False)
    with qtbot.waitSignal(wizard.save_asked) as asked:
        wizard.save.click()
    card = card_of(asked.args[0], "form")
    assert (card.labels, card.exclusive) == (("no speech", "speech"), False)
    assert (card.chunk, card.reset) == (512, "reset_states")


def test_fields_of_spectra_are_there_for_spectra(wizard):
    wizard.show_card(SILERO, ())
    controls = wizard.form.controls
    shown = {key for key, one in controls.items() if not one.widget.isHidden()}
    assert shown == set(controls) - {"n_fft", "hop_length", "n_mels", "scale", "mean", "std"}
    mel = {**SILERO, "input": "log-mel", "layout": ["batch", 1, "bands", "time"], "n_fft": 1024, "hop_length": 256,
           "n_mels": 64, "mean": [0.5, 1.5], "scale": "decibel", "window": 100}
    wizard.show_card(mel, ())
    assert all(not one.widget.isHidden() for one in controls.values())
    found = wizard.form.entries()
    assert (found["layout"], found["mean"], found["scale"]) == (["batch", 1, "bands", "time"], [0.5, 1.5], "decibel")
    controls["mean"].widget.setText("half")
    assert wizard.form.entries()["mean"] == "half"      # the check names it


def test_a_mistake_is_shown_at_its_field(wizard, qtbot):
    wizard.show_card(SILERO, ())
    wizard.activateWindow()
    wizard.show_error("card: sample_rate: expected 1,000 to 384,000, got 16")
    assert wizard.focusWidget() is wizard.form.controls["sample_rate"].widget


def test_escape_ends_the_trial_and_then_closes(wizard, qtbot):
    wizard.trust.click()
    wizard.show_progress(Progress(3, 400, "trying an input of 1 x 16000"))
    assert not wizard.try_it.isEnabled()
    with qtbot.waitSignal(wizard.cancel_asked):
        qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    assert wizard.isVisible()
    wizard.show_progress(None)
    qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    assert not wizard.isVisible()


def test_every_control_has_a_name_and_a_tip(wizard):
    for kind in (QComboBox, QLineEdit, QPlainTextEdit, QSpinBox):
        for control in wizard.form.findChildren(kind):
            if isinstance(control.parentWidget(), QSpinBox | QComboBox):
                continue    # the line inside
            assert control.accessibleName()
            assert control.toolTip()
    assert all(isinstance(one.widget, QWidget) for one in wizard.form.controls.values())
