"""A model of one's own, from a file that is dropped on the window to every page, and back off the list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.models import catalogue, foreign_consent, foreign_worker
from engine.models.foreign_card import read_card
from gui.main_window import MainWindow
from gui.main_window.own_models import KEY, OwnModels
from gui.main_window.pages import PAGES
from gui.views.label_colours import label_colour
from tests.engine.foreign_models import MELS, WAVES, write_card, write_model
from tests.gui.explaining_models import song
from tests.gui.waiting import wait_for

PATIENCE = 60.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def settings(folder: Path) -> QSettings:
    return QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture(scope="module")
def opened(qapp: QApplication, folder: Path, settings: QSettings) -> Iterator[MainWindow]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(foreign_consent.platformdirs, "user_config_dir", lambda name: str(folder / "config" / name))
        window = MainWindow([str(song(folder / "song.wav"))], settings, PAGES)
        window.show()
        wait_for(lambda: window.page is not None and window.page.study.answer is not None, PATIENCE)
        yield window
        window.close()
        catalogue.set_own([])


@pytest.fixture
def window(opened: MainWindow) -> Iterator[MainWindow]:
    """With no model of one's own, on the Explain page."""
    for name in catalogue.own():
        opened.own_models.remove(name)
    show(opened, "Explain")
    yield opened
    if opened.own_models.wizard is not None:
        opened.own_models.wizard.close()


def show(window: MainWindow, title: str):
    window.stack.show_page(title)
    wait_for(lambda: window.page is not None and window.page.title == title, PATIENCE)
    return window.page


def drop(window: MainWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
                                Qt.KeyboardModifier.NoModifier))


def wizard_of(own: OwnModels):
    wait_for(lambda: own.wizard is not None and own.wizard.isVisible(), PATIENCE)
    return own.wizard


def add(window: MainWindow, path: Path) -> None:
    """As a person adds it: drop, trust, try, add."""
    drop(window, path)
    wizard = wizard_of(window.own_models)
    assert not wizard.try_it.isEnabled()
    wizard.trust.click()
    wizard.try_it.click()
    wait_for(wizard.save.isEnabled, PATIENCE)
    wizard.save.click()
    wait_for(lambda: window.own_models.wizard is None, PATIENCE)


def test_a_card_that_is_dropped_is_used_here_and_offered_everywhere(window, folder, settings):
    card = write_card(folder, WAVES)
    add(window, card)
    page = window.page
    wait_for(lambda: page.inquiry.model == "waves" and page.study.answer is not None, PATIENCE)
    assert page.study.answer.model == "waves"
    assert page.study.listener.worker.pid is not None
    wait_for(lambda: page.panel.model.findData("waves") >= 0)
    assert settings.value(KEY) in (str(card), [str(card)])
    for title, ready in (("Adversary", lambda page: page.study.now is not None),
                         ("Maximise", lambda page: page.study.now is not None),
                         ("Dissect", lambda page: page.study.before)):
        other = show(window, title)
        wait_for(lambda other=other, ready=ready: ready(other), PATIENCE)
        window.use_model("waves")
        if title == "Dissect":
            wait_for(lambda other=other: "waves" in other.study.before, PATIENCE)
            assert other.study.before["waves"].labels == ("low", "middle", "high")
            assert "low" in other.systems.cards["waves"].bars.toolTip()
        else:
            wait_for(lambda other=other: other.study.now.model == "waves", PATIENCE)
    adversary = window.stack.page("Adversary")
    assert adversary.study.question.method == "waveform"
    assert not adversary.panel.method.model().item(adversary.panel.method.findData("magnitude")).isEnabled()
    show(window, "Explain")
    window.own_models.remove("waves")
    wait_for(lambda: page.inquiry.model == "svd", PATIENCE)
    wait_for(lambda: page.panel.model.findData("waves") < 0)
    assert "waves" not in catalogue.names()
    assert not settings.value(KEY)
    wait_for(lambda: not foreign_consent.agreed(folder / "waves.pt"))
    assert card.exists()


def test_a_card_is_proposed_put_right_and_saved(window, folder, monkeypatch):
    (folder / "new").mkdir()
    model, chosen = folder / "new" / "waves.pt", folder / "cards"
    write_model(model)
    chosen.mkdir()
    drop(window, model)
    wizard = wizard_of(window.own_models)
    assert wizard.card is None
    wizard.trust.click()
    wizard.try_it.click()
    wait_for(wizard.save.isEnabled, PATIENCE)
    form = wizard.form.controls
    assert "3 labels" in wizard._words.text()
    assert "every method is open" in wizard._found.text()
    form["window"].fill(10)
    wizard.save.click()
    wait_for(lambda: not wizard._error.isHidden(), PATIENCE)        # a mistake is said, and nothing is written
    assert "the model refused 1 excerpts of 10 samples" in wizard._error.words.text()
    for key, value in {"window": 2000, "sample_rate": 8000, "labels": ["low", "middle", "high"]}.items():
        form[key].fill(value)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (str(chosen / "mine"), ""))
    wizard.save.click()
    wait_for(lambda: window.own_models.wizard is None, PATIENCE)
    card = read_card(chosen / "mine.yaml")
    assert (card.sample_rate, card.window, card.labels, card.sha256) == (8000, 2000, ("low", "middle", "high"), "")
    assert Path(card.file) == model      # the card lies elsewhere
    wait_for(lambda: window.page.inquiry.model == "mine", PATIENCE)
    wait_for(lambda: window.page.study.answer is not None and window.page.study.answer.model == "mine", PATIENCE)


def test_a_model_that_fits_nothing_gets_its_card_by_hand(window, folder):
    write_model(folder / "timed.pt")
    drop(window, folder / "timed.pt")
    wizard = wizard_of(window.own_models)
    wizard.trust.click()
    wizard.try_it.click()
    wait_for(lambda: not wizard._error.isHidden(), PATIENCE)
    assert "got one that takes speed too; write its card by hand" in wizard._error.words.text()
    wizard.form.fill({**WAVES, "file": "timed.pt", "labels": ["calm", "wild"], "arguments": {"speed": 2}}, ())
    wizard.try_it.click()
    wait_for(wizard.save.isEnabled, PATIENCE)
    assert "2,000 samples at 8,000 Hz" in wizard._words.text()


def test_a_changed_file_is_said_and_asks_for_consent_again(window, folder):
    (folder / "changing").mkdir()
    card = write_card(folder / "changing", {**MELS, "window": 110})
    add(window, card)
    page = window.page
    wait_for(lambda: page.inquiry.model == "mels", PATIENCE)
    page.use_model("svd")
    wait_for(lambda: page.inquiry.model == "svd", PATIENCE)
    model = folder / "changing" / "mels.pt"
    model.write_bytes(model.read_bytes() + b"\0")
    page.use_model("mels")
    wizard = wizard_of(window.own_models)
    assert "its file has changed" in wizard._error.words.text()
    assert not wizard.trust.isChecked()
    wizard.trust.click()
    wizard.try_it.click()
    wait_for(wizard.save.isEnabled, PATIENCE)
    wizard.save.click()
    wait_for(lambda: page.inquiry.model == "mels", PATIENCE)
    page.use_model("svd")
    wait_for(lambda: page.inquiry.model == "svd", PATIENCE)
    failed = []
    page.failed.connect(failed.append)
    card.rename(card.with_suffix(".gone"))
    page.use_model("mels")
    wait_for(lambda: failed, PATIENCE)
    assert f"mels: expected its card at {card}, found none there; was it moved?" in failed[0]
    assert page.inquiry.model == "svd"      # what was heard with stays


def test_without_gradients_what_needs_them_is_closed_and_says_why(window, folder):
    pytest.importorskip("onnxruntime")
    add(window, write_card(folder, {**WAVES, "file": "plane.onnx"}))
    page = window.page
    page.study.ask(method="saliency")
    wait_for(lambda: page.inquiry.model == "plane" and page.study.answer is not None, PATIENCE)
    methods = page.panel.method
    closed = {methods.itemData(i) for i in range(methods.count()) if not methods.model().item(i).isEnabled()}
    assert closed == {"ig", "saliency"}
    assert "gives no gradients" in methods.itemData(methods.findData("ig"), Qt.ItemDataRole.ToolTipRole)
    assert page.study.question.method == "slime-exact"
    other = show(window, "Adversary")
    wait_for(lambda: other.study.now is not None, PATIENCE)
    window.use_model("plane")
    wait_for(lambda: other.study.now.model == "plane" and other.study.hearing is not None, PATIENCE)
    assert not other.panel.attack.isEnabled()
    assert "gives no gradients" in other.panel.attack.toolTip()
    show(window, "Explain")
    page.use_model("svd")
    wait_for(lambda: page.inquiry.model == "svd", PATIENCE)
    assert all(methods.model().item(i).isEnabled() for i in range(methods.count()))


def test_the_list_is_kept_and_no_process_is_left(qapp, settings, folder):
    """The last test: it closes what it opens."""
    settings.setValue(KEY, [str(write_card(folder, WAVES))])
    own = OwnModels(settings, folder / "song.wav", None)
    assert catalogue.own() == {"waves": folder / "waves.json"}
    foreign_consent.agree(folder / "waves.pt")
    pid = catalogue.opened("waves").worker.pid
    assert Path(f"/proc/{pid}").exists()
    own.close_down()
    assert not any(worker.pid for worker in foreign_worker._workers)


def test_many_labels_have_colours_that_are_seen():
    colours = [label_colour(i) for i in range(88)]      # a piano
    assert all(0.1 < one.lightnessF() < 0.95 for one in colours)
    assert len({one.name() for one in colours[:24]}) == 24
