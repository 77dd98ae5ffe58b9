"""The Maximise page as a user meets it: choose a neuron, watch examples grow, hear them, rank, walk, export.

One page serves most tests, with the shipped detector, a small generator that nobody trained, and a few seconds of
real music.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from copy import copy
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from engine.audio.waveform import Waveform, write_wav
from engine.commands import maximise
from engine.commands.again import ask_again
from engine.commands.output import plain
from engine.explain.maximise_grid import Grid, Ranked
from engine.job import silent
from engine.listening import maximise_real, maximise_search
from engine.models import mel_bank, mel_gan
from engine.models.mel_bank import MelBank, Source, pooled, rounded
from engine.models.mel_gan import MelGenerator
from engine.sessions.differences import differences
from gui import theme
from gui.maximise_page import MaximisePage, words, work
from gui.maximise_page.hearing import LOUDNESS, at_level
from gui.maximise_page.values import Shipped
from gui.views.latent_walk import WalkPlace
from tests.gui.showing import shown, told
from tests.gui.waiting import wait_for

GRID = Grid(lrs=(0.1, 0.01), regs=(0.01,), iterations=(1, 3), seeds=3)


def write_gan(folder: Path) -> None:
    torch.manual_seed(0)
    net = MelGenerator(4)
    net(torch.randn(8, 128))    # so that batch norm has seen something
    net.eval().requires_grad_(False)
    tensors = {**mel_gan.to_tensors(net), "mean": torch.linspace(0, -6, 80), "std": torch.full((80,), 2.0)}
    mel_gan.write(folder / "gan.json", tensors, {
        "config": {"width": 4}, "nearest": {"held_out": 0.9}, "fid": 4.0, "fid_layer": "dense2", "floor": 0.11,
        "history": [{"minutes": 4, "fid": 9.0}, {"minutes": 8, "fid": 4.0}], "limits": "nobody trained it"})
    grey = np.full((84, 238), 20, np.uint8)
    grey[:, :119] = 240
    QImage(grey.tobytes(), 238, 84, 238, QImage.Format.Format_Grayscale8).save(str(folder / "gan.png"))
    mel_bank.write_sources(folder / "real.csv", [Source("lied", "Ein Lied", "Zoë", "CC BY 4.0")])
    pictures = rounded(pooled(net(torch.randn(6, 128))))
    mel_bank.write(folder / "real.npz", MelBank(pictures, ("lied",) * 6, np.arange(6, dtype=np.float32),
                                                "", {}, {}, 0))


def write_song(path: Path, seconds: float = 8.0, sr: int = 22050) -> None:
    t = np.arange(round(seconds * sr)) / sr
    tones = sum(np.sin(2 * np.pi * f * t * (1 + 0.004 * np.sin(5 * t))) / n
                for n, f in enumerate((220.0, 440.0, 660.0, 880.0), 1))
    write_wav(path, Waveform((0.2 * tones * (0.6 + 0.4 * np.sin(3 * t))).astype(np.float32), sr))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("maximise")
    write_gan(made / "gan")
    (made / "clips").mkdir()
    write_song(made / "clips" / "Lied für Zoë.wav")
    patch = pytest.MonkeyPatch()
    patch.setattr(mel_gan, "FOLDER", made / "gan")
    patch.setattr(mel_bank, "FOLDER", made / "gan")
    patch.setattr(maximise_real, "CLIPS", made / "clips")
    patch.setattr(maximise_real, "LEAST_FOR_A_FIT", 5)
    patch.setattr(maximise_search.platformdirs, "user_cache_dir", lambda name: str(made / "cache"))
    patch.setattr(work, "Grid", lambda: GRID)
    mel_gan.load.cache_clear()
    mel_bank.load.cache_clear()
    mel_bank.sources.cache_clear()
    yield made
    patch.undo()
    mel_gan.load.cache_clear()
    mel_bank.load.cache_clear()
    mel_bank.sources.cache_clear()


@pytest.fixture(scope="module")
def opened(qapp: QApplication, folder: Path) -> Iterator[MaximisePage]:
    with shown(MaximisePage) as page:
        wait_for(lambda: page.study.real is not None)
        yield page


@pytest.fixture
def page(opened: MaximisePage) -> MaximisePage:
    """A page on which nothing runs and nothing failed, with wishes that are soon fulfilled."""
    opened.inquiry.cancel_running()
    opened.player.pause()
    told(opened).failed.clear()
    told(opened).said.clear()
    last = opened.study.now.layers[-1].name
    opened.panel.form.set_wishes(replace(opened.panel.wishes(), layer=last, neuron=0, direction="max", prior="gan",
                                         lr=0.1, reg=0.01, iterations=6, seeds=4, first_seed=0))
    opened.study.ask(opened.panel.wishes())
    wait_for(lambda: opened.study.real is not None)
    return opened


def made(page: MaximisePage) -> None:
    answer = page.study.answer
    if answer is None or answer.question != page.study.question:
        page.panel.maximise.click()
        wait_for(lambda: page.study.answer not in (None, answer) and not page.study.running)
    assert told(page).failed == []


def test_a_page_begins_with_the_detector_and_the_real_music_that_excites_it(page: MaximisePage):
    assert page.study.now.model == "svd"
    assert page.panel.maximise.isEnabled()
    assert page.panel.form.neuron.label.toolTip() == "singing"
    excerpts = page.study.real.excerpts
    assert [one.activation for one in excerpts] == sorted((one.activation for one in excerpts), reverse=True)
    assert len(page.real.shown) == len(excerpts)
    assert page.gallery.shown == [] or page.study.shown


def test_examples_grow_in_sight_and_are_then_judged_as_sound_too(page: MaximisePage, monkeypatch: pytest.MonkeyPatch):
    page.study.forget()
    wait_for(lambda: page.study.answer is None)
    grown: list = []
    page.study.grew.connect(grown.append)
    page.panel.maximise.click()
    assert page.study.running == "maximise"
    assert page.panel.cancel.isEnabled()
    wait_for(lambda: page.study.answer is not None)
    assert grown, "seen before they are done"
    assert grown[0].curves.shape == (4, grown[0].iteration + 1)
    assert len(grown[0].mels) == 4
    answer = page.study.answer
    assert [len(example.curve) for example in answer.examples] == [7] * 4
    assert answer.examples[0].curve[-1] > answer.examples[0].curve[0]
    entries = page.gallery._entries
    for entry, example in zip(entries, answer.examples, strict=True):
        assert entry.activation == pytest.approx(example.activation)
        assert entry.after_audio == pytest.approx(example.activation_after_audio)
    assert sorted(entry.rank for entry in entries) == ["", "best", "median", "worst"]
    assert "as sound" in page.headline.text()
    assert "beyond it" not in page.headline.text()
    strong = Ranked(0.1, 0.001, 500, 2.0, 99.0, 50, 0)
    monkeypatch.setattr(type(page.study), "ranking", property(lambda study: (strong,)))
    monkeypatch.setattr(words, "beats_real", lambda answer: False)
    page.study.shown_changed.emit()
    assert "beyond it: lr 0.1, reg 0.001, 500 iterations (Ranking)" in page.headline.text()
    assert page.curves.words.startswith("4 seeds, 6 iterations")
    assert not page.study.running


def test_an_example_is_heard_by_key_and_by_mouse_and_marked(page: MaximisePage):
    made(page)
    page.gallery.show_chosen(-1)
    page.gallery.cells.setFocus()
    page.gallery.show_chosen(0)
    QTest.keyClick(page.gallery.cells, Qt.Key.Key_Right)
    assert page.study.choice == 1
    QTest.keyClick(page.gallery.cells, Qt.Key.Key_Return)
    assert page.hearing.heard == ("made", 1)
    assert page.gallery._playing == 1
    QTest.keyClick(page.gallery.cells, Qt.Key.Key_Return)
    assert page.hearing.heard is None
    assert page.gallery._playing == -1
    page.real.play_asked.emit(0)
    assert page.hearing.heard == ("real", 0)
    assert page.real._playing == 0
    wait_for(lambda: page.hearing.heard is None)  # a short sound ends by itself
    assert page.real._playing == -1


def test_what_is_synthesised_is_never_loud(page: MaximisePage):
    y = np.array([0.0, 30.0, -60.0], np.float32)
    assert np.abs(at_level(Waveform(y, 22050)).y).max() == pytest.approx(LOUDNESS)
    assert np.abs(at_level(Waveform(0 * y, 22050)).y).max() == 0


def test_a_page_out_of_sight_is_silent(page: MaximisePage):
    made(page)
    page.doing.play(0)
    page.leave()
    assert not page.player.playing
    page.doing.play(1)
    assert not page.player.playing
    page.enter()
    assert page.player.source is not None


def test_another_neuron_has_other_real_music_and_nothing_of_the_last_one(page: MaximisePage):
    made(page)
    before = page.study.real
    form = page.panel.form
    form.layer.setCurrentIndex(form.layer.count() - 2)
    assert page.study.answer is None
    assert page.gallery.shown == []
    assert page.real.shown == []
    wait_for(lambda: page.study.real is not None)
    assert page.study.real is not before
    form.neuron.number.setValue(3)
    wait_for(lambda: page.study.real is not None)


def test_minimising_shows_what_real_music_excites_it_least(page: MaximisePage):
    highest = page.study.real.excerpts[0].activation
    page.panel.form.direction.group.buttons()[1].click()
    wait_for(lambda: page.study.real is not None)
    assert page.study.real.excerpts[0].activation < highest
    assert page.real.title.text().endswith("least")


def test_work_is_cancelled_at_once_and_what_comes_late_is_not_shown(page: MaximisePage):
    page.study.forget()
    page.panel.form.iterations.setValue(100_000)
    page.panel.maximise.click()
    grown: list = []
    page.study.grew.connect(grown.append)
    wait_for(lambda: grown)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.study.running
    assert page.headline.text().startswith("Stopped at iteration ")
    assert len(page.gallery.shown) == 4, "still seen"
    page.doing.play(0)
    assert page.hearing.heard is None
    assert page.panel.maximise.isEnabled()
    seen = len(grown)
    page.panel.form.iterations.setValue(6)
    page.panel.maximise.click()
    wait_for(lambda: page.study.answer is not None)
    assert all(growing.curves.shape[1] <= 7 for growing in grown[seen:])


def test_a_plain_input_is_tried_and_offers_no_walk(page: MaximisePage):
    page.panel.form.prior.group.buttons()[1].click()
    page.panel.form.iterations.setValue(3)
    page.panel.maximise.click()
    wait_for(lambda: page.study.answer is not None and page.study.answer.question.prior == "input")
    page.gallery.chosen.emit(0)
    assert not page.walk.take["a"].isEnabled()
    page.doing.take_end("a")
    assert "generator" in told(page).said[-1]


def test_what_an_example_is_most_like_stands_beside_it(page: MaximisePage):
    made(page)
    page.gallery.chosen.emit(2)
    assert page.nearest.pictures["made"].has_picture
    assert page.nearest.source.text().startswith("Zoë · Ein Lied\nlied at 0:0")
    assert page.nearest.source.text().endswith("licence: CC BY 4.0")
    page.nearest.buttons["made"].click()
    assert page.hearing.heard == ("made", 2)


def test_the_nearest_is_heard_as_a_sketch_or_itself_where_it_is_there(page: MaximisePage, folder: Path):
    made(page)
    page.gallery.chosen.emit(1)
    assert "sketch" in page.nearest.heard.text()
    page.nearest.buttons["real"].click()
    wait_for(lambda: page.hearing.heard == ("nearest", 0))
    assert "sketch" in told(page).said[-1]
    sketch = page.hearing._source.seconds
    (folder / "learnt").mkdir()
    write_song(folder / "learnt" / "lied.wav")
    page.open(folder / "learnt")
    wait_for(lambda: page.study.real is not None)
    page.nearest.buttons["real"].click()
    wait_for(lambda: told(page).said[-1] == "The recording itself: lied.wav")
    assert page.hearing._source.seconds == pytest.approx(sketch, abs=0.05)
    page.study.compare_with(None)


def test_the_prior_shows_what_its_card_says(page: MaximisePage):
    assert (page.prior.samples.image.width(), page.prior.samples.image.height()) == (238, 84)
    assert page.prior.samples.image.pixelColor(0, 40) == QColor(theme.DARK.surface), "the ground shows between them"
    loud, quiet = (page.prior.samples.image.pixelColor(x, 40).lightness() for x in (50, 180))
    assert loud > quiet + 50
    assert "Fréchet distance on dense2 4.0" in page.prior.verdict.text()
    assert "halves of held-out music 0.11" in page.prior.verdict.text()
    assert page.prior.plot._line.getOriginalDataset()[1].tolist() == [9.0, 4.0]
    assert "nobody trained" in page.prior.text.text()
    page.prior._enlarge()
    dialog = page.prior.findChild(QDialog)
    assert dialog.isVisible()
    dialog.close()


def test_the_grid_that_came_with_the_program_is_ranked_from_the_beginning(page: MaximisePage):
    """It is of one neuron, one direction and one prior; its settings can be taken over."""
    now, layer = page.study.now, page.study.wishes.layer
    ranking = (Ranked(0.1, 0.001, 500, 2.0, 9.0, 50, 0), Ranked(0.01, 0.1, 100, 3.0, 4.0, 49, 1))
    page.study.now = replace(now, shipped={"max": Shipped(f"svd {layer} 0", ranking, 50, "dense2")})
    page.study.forget()
    assert page.ranking.table.rowCount() == 2
    assert "2 settings × 50 seeds on dense2, searched before" in page.ranking.said.toolTip()
    page.ranking.setting_chosen.emit(0)
    assert "maximise" in told(page).said[-1]
    page.ranking.setting_taken.emit(0)
    assert (page.panel.wishes().lr, page.panel.wishes().reg, page.panel.wishes().iterations) == (0.1, 0.001, 500)
    weak = (replace(ranking[0], activation=-9.0, lr=0.001), ranking[0])
    page.study.now = replace(now, shipped={"max": Shipped(f"svd {layer} 0", weak, 50, "dense2")})
    wait_for(lambda: page.study.real is not None)
    page.study.ranked.emit()
    assert page.ranking.strong.text() == "Beyond real music: lr 0.1, reg 0.001, 500 iterations"
    page.study.ask(replace(page.study.wishes, lr=0.5))
    page.ranking.strong.click()
    assert page.panel.wishes().lr == 0.1
    page.study.now = replace(now, shipped={"max": Shipped(f"svd {layer} 0", ranking, 50, "dense2")})
    page.study.forget()
    for changed in ({"prior": "input"}, {"direction": "min"}, {"layer": now.layers[0].name}):
        page.study.ask(replace(page.study.wishes, **changed))
        assert page.ranking.table.rowCount() == 0
        page.study.ask(replace(page.study.wishes, prior="gan", direction="max", layer=layer))
        assert page.ranking.table.rowCount() == 2
    page.study.now = now
    page.study.forget()
    card = mel_gan.load().card
    card["grid"] = {"minimise": {"neuron": "svd logit 0", "seeds": 50, "fid_layer": "dense2",
                                 "ranking": [asdict(one) for one in ranking]}}
    assert work.shipped() == {"min": Shipped("svd logit 0", ranking, 50, "dense2")}
    del card["grid"]


def test_a_model_that_hears_samples_has_no_generator(page: MaximisePage):
    form = page.panel.form
    now = page.study.now
    listener = copy(now.listener)
    listener.hears_magnitudes = False
    assert "hears samples" in work._why_not(listener)["gan"]
    mute = copy(now.listener)
    mute.differentiable = False
    assert all("no gradient" in work._why_not(mute)[prior] for prior in ("gan", "input"))
    page.study.open(replace(now, why_not=work._why_not(listener)))
    assert form.prior.value == "input"
    assert [button.isEnabled() for button in form.prior.group.buttons()] == [False, True]
    page.study.open(now)
    assert [button.isEnabled() for button in form.prior.group.buttons()] == [True, True]


def test_a_walk_from_one_example_to_another_arrives_there(page: MaximisePage):
    made(page)
    page.gallery.chosen.emit(0)
    page.doing.take_end("a")
    assert page.tabs.currentWidget() is page.walk
    page.gallery.chosen.emit(1)
    page.walk.take["b"].click()
    wait_for(lambda: page.study.directions is not None and page.study.here is not None)
    a, b = (page.study.shown[n].example for n in (0, 1))
    assert page.study.here.activation == pytest.approx(a.activation, abs=1e-3)
    page.walk.mix.setValue(100)
    wait_for(lambda: page.study.here.place.mix == 1.0)
    assert page.study.here.activation == pytest.approx(b.activation, abs=1e-3)
    assert np.allclose(page.study.here.mel, page.study.shown[1].mel, atol=1e-3)
    assert [slider.isVisible() for slider in page.walk.sliders] == [True] * 3 + [False] * 3, "four examples span three"
    page.walk.sliders[0].setValue(10)
    wait_for(lambda: page.study.here.place.along[0] == 1.0)
    assert page.study.here.activation != pytest.approx(b.activation, abs=1e-6)
    page.walk.moving.setChecked(True)
    page.walk.reset.click()
    wait_for(lambda: page.hearing.heard == ("walk", 0))
    page.walk.moving.setChecked(False)


def test_another_model_is_undone_with_the_examples_of_the_first(page: MaximisePage):
    made(page)
    shown, wishes, box = page.study.shown, page.study.wishes, page.panel.form.model
    other = next(name for name in page.study.now.models if name != wishes.model)
    box.setCurrentIndex(box.findData(other))
    wait_for(lambda: page.study.wishes.model == other)
    assert page.study.shown == ()
    assert page.study.undo_stack.undoText() == "choosing a model"
    page.study.undo_stack.undo()
    wait_for(lambda: page.study.wishes.model == wishes.model)
    assert page.panel.wishes() == page.study.wishes == wishes
    assert page.study.shown == shown
    assert told(page).failed == []
    wait_for(lambda: page.study.real is not None)


def test_directions_are_those_of_the_examples():
    torch.manual_seed(0)
    axis = torch.nn.functional.one_hot(torch.tensor(5), 128).float()
    points = [3.0 * x * axis + 1e-3 * torch.randn(128) for x in (-1.0, 0.0, 1.0)]
    found = work.directions(points, lambda progress: None)
    assert abs(float(found.vectors[0, 5])) == pytest.approx(3.0, abs=0.01), "one standard deviation of -3, 0, 3"
    assert found.shares[0] > 0.99
    a = points[0]
    assert torch.equal(work.point_at(WalkPlace(), a, None, found), a)
    moved = work.point_at(WalkPlace(0.0, (2.0, 0, 0, 0, 0, 0)), a, None, found)
    assert abs(float((moved - a)[5])) == pytest.approx(6.0, abs=0.02)


def test_a_grid_is_searched_cancelled_resumed_and_ranked(page: MaximisePage):
    page.study.forget()

    seen: list[int] = []
    page.study.ranked.connect(lambda: seen.append(page.ranking.table.rowCount()) if page.study.running else None)
    page.doing.search()
    assert page.tabs.currentWidget() is page.ranking
    wait_for(lambda: page.study.searched is not None)
    page.inquiry._look()
    wait_for(lambda: page.study.kept == (3, 3))
    assert seen == [4], "the ranking of the first two seeds, while the third grew"
    ranking = page.study.searched.found.ranking
    assert [one.fid for one in ranking] == sorted(one.fid for one in ranking)
    assert page.ranking.table.rowCount() == 4
    wait_for(lambda: len(page.study.shown) == 9)
    assert [one.rank for one in page.study.shown] == ["best"] * 3 + ["median"] * 3 + ["worst"] * 3
    tops = [page.gallery.cells.visualRect(page.gallery.cells.model().index(row, 0)).top() for row in range(9)]
    assert len(set(tops)) == 3, "a row for each"
    assert all(len(set(tops[row : row + 3])) == 1 for row in (0, 3, 6))
    assert page.curves._curves.shape == (9, 3)
    assert page.curves._steps.tolist() == [0, 1, 3], "what the search has kept, and where its examples began"
    assert page.curves._failed == 0, "some settings have fewer iterations than others"
    assert "median" not in page.curves.words
    page.ranking.setting_chosen.emit(1)
    wait_for(lambda: page.study.setting == ranking[1])
    assert len(page.study.shown) == 3
    page.ranking.setting_taken.emit(0)
    assert (page.panel.wishes().lr, page.panel.wishes().iterations) == (ranking[0].lr, ranking[0].iterations)
    assert page.tabs.currentWidget() is page.panel


def test_a_ranking_is_kept_with_a_session_as_a_command_answers_it(
        page: MaximisePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page.study.forget()
    page.doing.search()
    wait_for(lambda: page.study.searched is not None and len(page.study.shown) == 9)
    kept = page.keep()
    result, = [one.made for one in kept.results if one.name == "grid"]
    assert [one["fid"] for one in result.answer["ranking"]] == [one.fid for one in page.study.ranking]
    monkeypatch.setattr(maximise, "Grid", lambda seeds: replace(GRID, seeds=seeds))
    assert list(differences(plain(result.answer), plain(ask_again(result, {}, tmp_path, silent)))) == []
    page.keeping._earlier = (result,)
    page.study.searched = None      # as a session comes back that is still to be searched again
    assert [one.made for one in page.keep().results if one.name == "grid"] == [result]


def test_a_search_that_was_stopped_can_be_resumed(page: MaximisePage, folder: Path):
    page.panel.form.neuron.number.setValue(0)
    layer = page.study.now.layers[-2].name
    page.study.ask(replace(page.study.wishes, layer=layer, neuron=1))
    search = work._search(page.study.now.listener, page.study.question)
    search.store.folder.mkdir(parents=True)
    (search.store.folder / "0.npz").write_bytes(b"of another version")
    wait_for(lambda: page.study.kept == (1, 3))
    assert page.panel.resume.text() == "Resume · 1 of 3"
    assert not page.panel.grid.isEnabled()
    page.panel.resume.click()
    wait_for(lambda: page.study.searched is not None)
    assert told(page).failed == []


def test_everything_can_be_exported(page: MaximisePage, tmp_path: Path):
    made(page)
    exports = {text: write for text, _, _, write in page.exports()}
    told(page).said.clear()
    targets = {"Picture of what is seen (PNG) …": "seen.png", "Sounds of all examples (float WAV) …": "sounds",
               "Examples (CSV) …": "examples.csv", "Answer (JSON) …": "answer.json",
               "Report with everything …": "report"}
    written = 0
    for text, name in targets.items():
        exports[text](tmp_path / name)
        if name != "seen.png":
            written += 1
            wait_for(lambda written=written: len(told(page).said) == written)
    assert not QImage(str(tmp_path / "seen.png")).isNull()
    assert sorted(path.name for path in (tmp_path / "sounds").iterdir()) == [f"seed-{n}.wav" for n in range(4)]
    assert soundfile.info(tmp_path / "sounds" / "seed-0.wav").subtype == "FLOAT"
    rows = list(csv.DictReader((tmp_path / "examples.csv").open()))
    known = json.loads((tmp_path / "answer.json").read_text())
    assert [float(row["activation"]) for row in rows] == [one["activation"] for one in known["examples"]]
    assert (tmp_path / "report" / "report.html").exists()
    assert told(page).failed == []


def test_what_is_not_there_cannot_be_exported(page: MaximisePage, tmp_path: Path):
    page.study.forget()
    for text, name, _, write in page.exports()[1:]:
        with pytest.raises(ValueError, match=r"^(export|report): expected "):
            write(tmp_path / name)
        assert text.endswith(" …") or name == "the report"


def test_a_folder_of_recordings_becomes_what_is_compared_with(page: MaximisePage, tmp_path: Path):
    write_song(tmp_path / "other.wav", seconds=3.0)
    page.open(tmp_path)
    assert page.study.real is None
    wait_for(lambda: page.study.real is not None)
    assert {one.file.name for one in page.study.real.excerpts} == {"other.wav"}
    page.open(tmp_path / "other.wav")
    assert "expected a folder" in told(page).failed[-1]
    page.study.compare_with(None)
    wait_for(lambda: page.study.real is not None)


def test_bad_input_is_said_in_a_sentence(page: MaximisePage):
    page.study.wishes = replace(page.study.wishes, layer="nowhere")
    page.doing.maximise()
    wait_for(lambda: told(page).failed)
    assert "expected one of" in told(page).failed[0]
    assert not page.study.running


def test_both_themes_are_worn(page: MaximisePage):
    made(page)
    seen = {}
    for one in (theme.LIGHT, theme.DARK):
        page.set_theme(one)
        seen[one.name] = page.grab().toImage()
    assert seen["light"] != seen["dark"]
