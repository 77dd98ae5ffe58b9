"""Asking a neuron: model, layer and neuron are picked, each prior keeps its settings, wishes come back whole."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QSlider

from gui.theme import DARK
from gui.views.maximise_form import MaximiseWishes
from gui.views.maximise_panel import MaximisePanel
from gui.views.neuron_field import LayerChoice, PlainNumber
from tests.gui.signals import heard

LAYERS = (LayerChoice("conv1", 64), LayerChoice("fc8", 256), LayerChoice("logits", 3, ("calm", "loud", "strange")))
MODELS = ("svd", "style-mlp")


@pytest.fixture
def panel(qtbot) -> MaximisePanel:
    view = MaximisePanel()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.form.show_models(MODELS, "svd")
    view.form.show_layers(LAYERS)
    view.show_running(False)
    view.resize(348, 560)
    view.show()
    return view


def decimals(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda x: round(x, 6))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=st.builds(
    MaximiseWishes, model=st.sampled_from(MODELS), layer=st.just("fc8"), neuron=st.integers(0, 255),
    direction=st.sampled_from(("max", "min")), prior=st.sampled_from(("gan", "input")), lr=decimals(1e-6, 1000),
    reg=decimals(0, 1000), iterations=st.integers(1, 100_000), optimiser=st.sampled_from(("adam", "sgd")),
    tv=decimals(0, 1000), blur=decimals(0, 20), jitter=st.integers(0, 50), seeds=st.integers(1, 1000),
    first_seed=st.integers(0, 2**31 - 1), fid_layer=st.sampled_from(("conv1", "fc8", "logits"))))
def test_wishes_come_back_as_they_were_and_silently(panel: MaximisePanel, wishes: MaximiseWishes):
    changed = heard(panel.changed)
    panel.form.set_wishes(wishes)
    assert panel.wishes() == wishes
    assert changed == []


def test_the_output_is_offered_first_and_compared_on_the_layer_before(panel: MaximisePanel):
    assert (panel.wishes().layer, panel.wishes().fid_layer) == ("logits", "fc8")
    assert panel.form.neuron.label.toolTip() == "calm"


def test_a_neuron_is_picked_by_slider_or_number_and_named(panel: MaximisePanel):
    changed, field = heard(panel.changed), panel.form.neuron
    field.slider.setValue(2)
    assert (panel.wishes().neuron, field.label.toolTip(), len(changed)) == (2, "strange", 1)
    field.number.setValue(1)
    assert (field.slider.value(), field.label.toolTip(), len(changed)) == (1, "loud", 2)
    panel.form.layer.setCurrentIndex(1)
    assert field.number.maximum() == 255
    assert not field.label.isVisible()
    field.number.setValue(200)
    panel.form.layer.setCurrentIndex(2)
    assert panel.wishes().neuron == 2, "the last there is"
    assert field.slider.value() == 2


def test_another_model_keeps_the_layer_where_it_has_one_of_that_name(panel: MaximisePanel):
    chosen = heard(panel.model_chosen)
    panel.form.model.setCurrentIndex(1)
    assert chosen == ["style-mlp"]
    panel.form.layer.setCurrentIndex(0)
    panel.form.show_layers((LayerChoice("conv1", 8), LayerChoice("logits", 1)))
    assert panel.wishes().layer == "conv1"
    panel.form.show_layers((LayerChoice("dense1", 8), LayerChoice("logits", 1)))
    assert panel.wishes().layer == "logits"
    assert not panel.form.neuron.number.isEnabled(), "there is but one"


def test_each_prior_keeps_its_own_settings_and_shows_only_those_that_belong_to_it(panel: MaximisePanel):
    form = panel.form
    gan, plain = form.prior.group.buttons()
    changed = heard(panel.changed)
    form.lr.setValue(0.1)
    assert not form.tv.isVisible()
    plain.click()
    assert (form.tv.isVisible(), form.jitter.isVisible()) == (True, True)
    assert form.reg.accessibleName() == "L2"
    assert panel.wishes().lr != 0.1
    form.lr.setValue(0.3)
    form.iterations.setValue(50)
    gan.click()
    assert (panel.wishes().lr, panel.wishes().iterations) == (0.1, 500)
    plain.click()
    assert (panel.wishes().lr, panel.wishes().iterations) == (0.3, 50)
    assert len(changed) == 6


def test_what_the_prior_cannot_do_is_off_and_says_why(panel: MaximisePanel):
    form, changed = panel.form, heard(panel.changed)
    form.enable_priors({"gan": "Made for log-mels of 80 bands"})
    assert panel.wishes().prior == "input"
    assert not form.prior.group.buttons()[0].isEnabled()
    assert form.prior.group.buttons()[0].toolTip() == "Made for log-mels of 80 bands"
    form.enable_priors({})
    assert form.prior.group.buttons()[0].isEnabled()
    assert changed == []


def test_the_best_setting_of_a_search_becomes_where_one_begins(panel: MaximisePanel):
    before = panel.wishes()
    panel.form.set_defaults("gan", lr=0.1, reg=0.001, iterations=1000)
    assert panel.wishes() == replace(before, lr=0.1, reg=0.001, iterations=1000)
    panel.form.set_defaults("input", lr=0.2, reg=0.5, iterations=100)
    assert panel.wishes().lr == 0.1
    panel.form.prior.group.buttons()[1].click()
    assert panel.wishes().lr == 0.2


def test_numbers_of_any_size_are_written_short(qtbot):
    number = PlainNumber(1e-6, 1e3)
    qtbot.addWidget(number)
    for value, text in ((0.001, "0.001"), (100.0, "100"), (0.000001, "0.000001"), (2.5, "2.5")):
        number.setValue(value)
        assert number.text() == text
        assert number.valueFromText(text) == value
    number.setValue(0.01)
    number.stepUp()
    assert number.value() == pytest.approx(0.011), "a step that fits the size"


def test_buttons_ask_and_are_there_when_they_can_be(panel: MaximisePanel):
    signals = {"maximise": panel.maximise_asked, "cancel": panel.cancel_asked, "grid": panel.grid_asked,
               "resume": panel.resume_asked}
    asked = {name: heard(signal) for name, signal in signals.items()}

    def able() -> set[str]:
        return {name for name in signals if getattr(panel, name).isEnabled()}

    assert able() == {"maximise", "grid"}
    panel.show_search(12, 50)
    assert panel.resume.text() == "Resume · 12 of 50"
    assert able() == {"maximise", "resume"}, "what was begun is gone on with"
    panel.maximise.click()
    panel.resume.click()
    panel.show_search(0, 50)
    panel.grid.click()
    panel.show_running(True)
    assert able() == {"cancel"}
    panel.cancel.click()
    assert [len(said) for said in asked.values()] == [1, 1, 1, 1]
    panel.show_search(50, 50)
    panel.show_running(False)
    assert able() == {"maximise", "grid"}, "what is done cannot be resumed"
    panel.show_running(False, ready=False)
    assert able() == set()


@pytest.mark.parametrize("prior", [0, 1])
def test_all_of_it_fits_without_scrolling(panel: MaximisePanel, prior: int):
    panel.form.prior.group.buttons()[prior].click()
    panel.show_search(12, 50)
    panel.grab()
    assert panel.verticalScrollBar().maximum() == 0
    assert panel.widget().minimumSizeHint().width() <= 348


def test_everything_has_a_name_and_says_what_it_does(panel: MaximisePanel):
    for kind in (QAbstractButton, QComboBox, QSlider):
        for control in panel.findChildren(kind):
            if not control.objectName().startswith("qt_"):
                assert control.accessibleName(), control
                assert control.toolTip(), control
    assert all(spin.accessibleName() for spin in panel.findChildren(QAbstractSpinBox))
