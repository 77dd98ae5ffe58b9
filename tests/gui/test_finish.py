"""Dialogs that explain, set and lead: glossary, tips, preferences, keys, tour, about."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, QSize
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from gui import theme as themes
from gui.dialogs import credits
from gui.dialogs.about import AboutDialog
from gui.dialogs.glossary import GlossaryDialog
from gui.dialogs.preferences import DEFAULTS, PreferencesDialog, preference
from gui.dialogs.shortcuts import ShortcutsDialog, sheet
from gui.dialogs.tour import Tour, placed
from gui.dialogs.tour_steps import TOURS, Step
from gui.theme import DARK, LIGHT
from gui.views.glossary import TERMS, term_of
from gui.views.suggest_form import SuggestForm
from gui.views.teaching import lesson
from gui.views.tune_list import TuneList

ROOT = Path(__file__).resolve().parents[2]
CONCEPTS = ("fill", "segments", "SLIME", "Shapley value", "occlusion", "SNR", "FID", "latent", "temperature",
            "scattering", "horse", "recall")


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


# words

@pytest.mark.parametrize("name", CONCEPTS)
def test_the_concepts_of_the_field_are_in_the_glossary(name):
    assert term_of(name) is not None


def test_terms_are_two_sentences_with_author_and_year_and_no_label_means_two_things():
    labels = [name for term in TERMS for name in {term.name.lower(), *term.names}]
    assert len(labels) == len(set(labels))
    for term in TERMS:
        assert len(re.findall(r"[.…](?= |$)", term.means)) == 2, term.name
        assert re.search(r"\w.* (19|20)\d\d$", term.source), term.name
        assert all(name == name.lower() for name in term.names)


def test_a_tip_ends_with_the_concept_and_a_choice_goes_before_its_box(qtbot):
    box = QComboBox()
    qtbot.addWidget(box)
    box.setAccessibleName("Fill")
    box.setToolTip("What hides <x>")
    box.addItems(["Mean of the excerpt", "Shapley values"])
    assert "What hides &lt;x&gt;" in lesson(box, QPoint())
    assert "Mishra et al. 2020" in lesson(box, QPoint())
    box.setCurrentIndex(1)
    assert "Shapley 1953" in lesson(box, QPoint())
    label = QLabel("no concept")
    qtbot.addWidget(label)
    assert lesson(label, QPoint()) == ""


def test_the_glossary_finds_names_and_authors(qtbot):
    dialog = GlossaryDialog(DARK)
    qtbot.addWidget(dialog)
    shown = dialog.text.toPlainText()
    assert all(term.name in shown for term in TERMS)
    dialog.query.setText("kereliuk adversary")
    assert "Residual" in dialog.text.toPlainText()
    assert "Temperature" not in dialog.text.toPlainText()
    dialog.query.setText("zzz")
    assert "Nothing" in dialog.text.toPlainText()


# preferences

def test_a_preference_has_the_type_of_its_default_whatever_was_kept(settings):
    assert preference(settings, "autosave") is True
    settings.setValue("autosave", "false")      # as an ini file gives it back
    settings.setValue("font size", "big")
    settings.setValue("latency", "-120")
    assert preference(settings, "autosave") is False
    assert preference(settings, "font size") == 100
    assert preference(settings, "latency") == -120


def test_changes_are_kept_at_once_and_go_back_to_defaults(qtbot, settings, tmp_path):
    dialog = PreferencesDialog(settings, ("Speakers",), tmp_path)
    qtbot.addWidget(dialog)
    told: list[str] = []
    dialog.changed.connect(told.append)
    dialog.latency.setValue(-80)
    dialog.autosave.setChecked(False)
    dialog.card.setChecked(False)
    dialog.text_size.setEditText("170")
    dialog.text_size.lineEdit().editingFinished.emit()
    dialog.device.setCurrentIndex(dialog.device.findData("Speakers"))
    dialog.device.activated.emit(dialog.device.currentIndex())
    assert told == ["latency", "autosave", "graphics card", "font size", "device"]
    assert (preference(settings, "latency"), preference(settings, "font size")) == (-80, 170)
    told.clear()
    dialog.reset.click()
    assert sorted(told) == ["autosave", "device", "font size", "graphics card", "latency"]
    assert {key: preference(settings, key) for key in DEFAULTS} == DEFAULTS
    assert dialog.text_size.currentText() == "100 %"


def test_a_device_that_is_gone_stays_chosen(qtbot, settings, tmp_path):
    settings.setValue("device", "Headphones")
    dialog = PreferencesDialog(settings, ("Speakers",), tmp_path)
    qtbot.addWidget(dialog)
    assert dialog.device.currentData() == "Headphones"
    assert "not connected" in dialog.device.currentText()


def test_the_size_of_text_reaches_what_is_there_and_goes_back(qtbot, qapp):
    themes.apply(qapp, DARK)
    widget, own = QWidget(), QLabel("own")
    qtbot.addWidget(widget)
    QHBoxLayout(widget).addWidget(own)
    own.setFont(themes.tabular(own.font(), -1.0))
    own.setFixedWidth(50)
    before = own.font().pointSizeF(), widget.font().pointSizeF()
    themes.apply(qapp, DARK, 200)
    assert (own.font().pointSizeF(), widget.font().pointSizeF()) == pytest.approx((2 * before[0], 2 * before[1]))
    assert own.width() == 100
    assert themes.scaled(10) == 20
    themes.apply(qapp, DARK, 100)
    assert (own.font().pointSizeF(), widget.font().pointSizeF()) == pytest.approx(before)
    assert own.minimumWidth() == 50


def test_icons_of_tunes_and_seeds_grow_with_the_text(qtbot, qapp):
    form, tunes = SuggestForm(), TuneList()
    buttons = [form.temperature.reset, form.seed.lock, form.seed.dice, tunes.add, tunes.duplicate, tunes.remove]
    sides = []
    for percent in (200, 100):
        themes.apply(qapp, DARK, percent)
        for view in (form, tunes):
            qtbot.addWidget(view)
            view.set_theme(DARK)
        sides.append([(one.iconSize().width(), one.icon().actualSize(QSize(99, 99)).width()) for one in buttons])
    assert sides == [[(36, 36)] * 6, [(18, 18)] * 6]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", themes.MAPS.values())
def test_every_colour_map_runs_evenly_away_from_the_background(theme, name):
    table = themes.loudness_table(themes.with_map(theme, name))[:, :3] @ [0.2126, 0.7152, 0.0722]
    steps = table[::16][1:] - table[::16][:-1]
    assert (steps > -1).all() if theme is DARK else (steps < 1).all()


# keys

def test_the_sheet_has_every_action_with_a_key_and_can_be_a_file(qtbot, tmp_path):
    keyed, bare = QAction("&Play && stop …"), QAction("Nothing")
    keyed.setShortcuts(["Space", "F5"])
    dialog = ShortcutsDialog([("File", [keyed, bare]), ("Empty", [bare])], DARK)
    qtbot.addWidget(dialog)
    shown = dialog.sheet.toPlainText()
    assert "Play & stop" in shown
    assert "Space or F5" in shown
    assert "Nothing" not in shown
    assert "Empty" not in shown
    assert "&amp;" in sheet([("A", [keyed])], "#000000", "#000000")
    dialog.write(str(tmp_path / "keys.pdf"))
    assert (tmp_path / "keys.pdf").read_bytes().startswith(b"%PDF")


# tour

@pytest.fixture
def window(qtbot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 500)
    for place, name in enumerate(("First", "Second")):
        button = QPushButton(name, window)
        button.setAccessibleName(name)
        button.setGeometry(20, 20 + 60 * place, 100, 30)
    window.show()
    return window


def test_a_tour_points_at_what_is_there_and_ends(window):
    tour, ended = Tour(window), []
    tour.ended.connect(lambda: ended.append(True))
    tour.start([Step("First", "One", "…"), Step("Gone", "No", "…"), Step("Second", "Two", "…")])
    assert tour.step is not None
    assert tour.step.title == "One"
    assert tour.isVisible()
    tour.next.click()
    assert tour.step.title == "Two", "what is not there is left out"
    assert tour.next.text() == "Done"
    tour.back.click()
    assert tour.step.title == "One"
    tour.skip.click()
    assert ended == [True]
    assert tour.step is None
    assert not tour.isVisible()
    assert QApplication.focusWidget() is not tour


def test_the_bubble_hides_with_what_it_points_at(window):
    tour = Tour(window)
    tour.start([Step("First", "One", "…")])
    window.findChild(QPushButton).hide()
    tour._place()
    assert not tour.isVisible()
    assert tour.step is not None


@pytest.mark.parametrize("target", [QRect(0, 0, 50, 20), QRect(740, 470, 50, 20), QRect(10, 200, 780, 20),
                                    QRect(0, 0, 800, 500)])
def test_the_bubble_lies_inside_the_window(target):
    size, room = QSize(300, 150), QRect(0, 0, 800, 500)
    spot, arrow = placed(size, target, room)
    assert room.contains(QRect(spot, size))
    assert room.adjusted(-1, -1, 1, 1).contains(arrow)


def test_every_page_has_a_tour_of_a_minute():
    assert list(TOURS) == ["Explain", "Maximise", "Adversary", "Dissect", "Compose"]
    assert all(5 <= len(steps) <= 6 for steps in TOURS.values())


# about

def test_citations_are_for_people_and_for_bibtex(qtbot):
    known = credits.citations()
    assert len(known) >= 8
    for citation in known:
        assert citation.bibtex.startswith("@")
        assert citation.bibtex.count("{") == citation.bibtex.count("}")
        assert not set("{}\\") & set(citation.text), citation.text
    assert any("Rodríguez-Algarra" in citation.text and "2016" in citation.text for citation in known)
    dialog = AboutDialog(DARK)
    qtbot.addWidget(dialog)
    assert not dialog.copy.isEnabled()
    dialog.list.item(1).setSelected(True)
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == known[1].bibtex + "\n"
    dialog.copy_all.click()
    assert QGuiApplication.clipboard().text().count("@") >= len(known)


def test_every_model_names_the_licence_of_its_weights_and_marks_hard_terms():
    models = {model.name: model for model in credits.models()}
    cards = list((credits.RESOURCES / "models").rglob("*.safetensors"))
    assert {card.stem for card in cards} == set(models), "every file of weights has a card with its licence"
    assert "CC BY-NC 3.0" in models["svd"].restricted
    assert "GPL-3" in models["style-cnn-artist"].restricted
    assert "CC BY-SA 3.0" not in models["style-cnn-artist"].restricted
    assert models["svd"].weights.startswith("CC BY-NC 4.0")


def test_the_packages_are_those_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in project["dependencies"]}
    assert {name.lower() for name in credits.PACKAGES} == needed
    assert all(terms for _, _, terms in credits.packages())


def test_the_licence_of_the_program_is_shown(qtbot):
    assert credits.licence() == (ROOT / "LICENSE").read_text(encoding="utf-8")
