"""Examples are judged as seen and as heard, and searches go on where they were."""
# ruff: noqa: F811

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from engine.checks import InputError
from engine.explain.maximise import Settings, maximise
from engine.explain.maximise_grid import Grid
from engine.job import Cancelled
from engine.listening import maximise as room
from engine.listening.maximise import Neuron, heard, synthesise
from engine.listening.maximise_prior import between, prior_of
from engine.listening.maximise_search import Search
from engine.listening.maximise_values import MaximiseQuestion, default_settings
from engine.models import catalogue, mel_gan
from engine.models.mel_gan import MelGenerator
from tests.engine.gaussians import gaussian
from tests.engine.maximising import SR, clips, prior, question  # noqa: F401  (fixtures)


def test_an_example_is_better_than_what_it_began_as(listener, clips):
    answer = synthesise(listener, question(clips, iterations=15, lr=0.01))
    assert (answer.layer, answer.neuron, answer.meaning) == ("logit", 0, "singing")
    assert [e.seed for e in answer.examples] == [0, 1, 2]
    for example in answer.examples:
        assert len(example.curve) == 16
        assert example.activation == example.curve[-1] > example.curve[0]
        assert example.probability == pytest.approx(1 / (1 + math.exp(-example.activation)), abs=1e-5)
        assert example.S.shape == (80, 115)
    down = synthesise(listener, question(clips, iterations=15, lr=0.01, minimise=True))
    assert all(d.activation < u.curve[0] for d, u in zip(down.examples, answer.examples, strict=True))


def test_what_is_said_of_the_sound_is_said_of_the_sound(listener, clips):
    """The activation after audio is that of the very samples, analysed by the listener from outside."""
    example = synthesise(listener, question(clips, seeds=1)).examples[0]
    S = listener.front_end.spectrogram(example.sound).S[:, room.EDGE : room.EDGE + 115]
    assert example.activation_after_audio == pytest.approx(
        float(listener.activations(listener.standardised(S)[None], "logit")), rel=1e-4)
    assert example.sound.sr == SR
    assert example.sound.seconds == pytest.approx((115 + 2 * room.EDGE) * 315 / SR)


def test_a_smooth_spectrogram_keeps_its_activation_as_sound(listener):
    """Mel inversion does little harm to noise of an even spectrum, so what is heard is what was seen."""
    S = torch.full((80, 115), -2.0)
    example = heard(Neuron.of(listener, "dense2", 3), torch.zeros(128), listener.standardised(S), seed=0,
                    steps=np.zeros(1, int),
                    curve=listener.activations(listener.standardised(S)[None], "dense2")[:, 3].numpy())
    spread = float(listener.activations(torch.randn(20, 80, 115), "dense2")[:, 3].std())
    assert abs(example.activation_after_audio - example.activation) < spread


@pytest.mark.parametrize("name", ["gan", "input"])
def test_models_that_nothing_can_be_made_for_are_refused_at_once(listener, clips, monkeypatch, name):
    monkeypatch.setattr(room, "real_music", lambda *a, **k: pytest.fail("nothing is listened to in vain"))
    scattering = catalogue.load(catalogue.scattering_names()[0])
    with pytest.raises(InputError, match="no sound can be made"):
        synthesise(scattering, question(clips, prior=name))
    monkeypatch.setattr(listener, "differentiable", False, raising=False)
    with pytest.raises(InputError, match="through which a gradient comes back, got random"):
        synthesise(listener, question(clips, prior=name))


def test_settings_that_are_not_given_are_the_grids_best(clips):
    found = MaximiseQuestion(lr=0.5).settings()
    assert (found.lr, found.reg, found.iterations) == (0.5, 0.002, 3)
    assert MaximiseQuestion(minimise=True).settings().iterations == 500     # nothing was searched for that


def test_the_plain_input_is_a_prior_too(listener, clips):
    answer = synthesise(listener, question(clips, prior="input", seeds=2, iterations=6))
    assert answer.examples[0].point.shape == (80, 115)
    assert answer.examples[0].activation > answer.examples[0].curve[0]


@pytest.mark.parametrize("name", ["gan", "input"])
def test_a_style_classifier_has_examples_too(tone_model, clips, name):
    tones = catalogue.read(tone_model)
    answer = synthesise(tones, question(clips, prior=name, seeds=2, neuron=1, iterations=8, lr=0.1))
    assert (answer.layer, answer.meaning, answer.fid_layer) == ("logits", "middle", "hidden3")
    assert answer.examples[0].S.shape == (513, 100)
    assert answer.examples[0].activation > answer.examples[0].curve[0]


def test_a_walk_goes_from_end_to_end_at_the_length_of_latents():
    a, b = torch.randn(128), torch.randn(128)
    torch.testing.assert_close(between(a, b, 0.0), a)
    torch.testing.assert_close(between(a, b, 1.0), b)
    assert float(between(a, b, 0.5).norm()) > 0.9 * min(float(a.norm()), float(b.norm()))
    torch.testing.assert_close(between(a, a, 0.3), a)


@pytest.mark.parametrize(("change", "message"), [
    ({"layer": "dense3"}, "layer of random: expected one of conv1, .*dense2, logit, got 'dense3'"),
    ({"layer": "dense2", "neuron": 64}, "neuron of random's layer dense2: expected 0 to 63, got 64"),
    ({"neuron": -1}, "expected 0 to 0, got -1"), ({"prior": "vae"}, "prior: expected one of gan, input"),
    ({"fid_layer": "x"}, "layer of random"), ({"seeds": 0}, "seeds"), ({"lr": -1.0}, "lr")])
def test_what_is_not_there_is_refused_with_the_choices(listener, clips, change, message):
    with pytest.raises(InputError, match=message):
        synthesise(listener, question(clips, **change))


def test_an_example_that_failed_says_so(listener, clips):
    failing = Neuron.of(listener, None, 0)
    run = maximise(lambda S: failing.score(S) / 0.0, prior_of("gan", listener), seeds=[0],
                   settings=question(clips).settings())
    example = room.example_of(failing, run, 0)
    known = example.as_json()
    assert (known["activation"], known["activation_after_audio"], known["failed_at"]) == (None, None, 0)


GRID = Grid(lrs=(0.1, 0.01), regs=(0.01,), iterations=(1, 3), seeds=3)


def test_a_search_goes_on_where_it_was_interrupted(listener, clips, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.listening.maximise_search.real_gaussian",
                        lambda *a, **k: gaussian(np.zeros(64), np.eye(64)))
    search = Search.of(Neuron.of(listener, None, 0), question(clips), GRID, tmp_path)
    seen = []

    def stop(progress):
        seen.append(progress)
        if "seed 3" in progress.message:
            raise Cancelled
    with pytest.raises(Cancelled):
        search.run(stop)
    assert search.store.kept() == 2
    found = Search.of(Neuron.of(listener, None, 0), question(clips), GRID, tmp_path).run()
    fresh = Search.of(Neuron.of(listener, None, 0), question(clips), GRID, tmp_path / "other").run()
    assert found.ranking == fresh.ranking
    assert len(found.ranking) == 4

    mel_gan.write(tmp_path / "gan.json", mel_gan.to_tensors(MelGenerator(2)), {"config": {"width": 2}})
    with pytest.raises(InputError, match="found that of another one"):
        search.into_card(found, tmp_path / "gan.json")
    with pytest.raises(InputError, match="expected the card of a prior, found none"):
        search.into_card(found, tmp_path / "nothing.json")
    search.into_card(found, mel_gan.FOLDER / "gan.json")
    mel_gan.load.cache_clear()
    default = MaximiseQuestion().settings()
    assert (default.lr, default.reg, default.iterations) == (
        found.ranking[0].lr, found.ranking[0].reg, found.ranking[0].iterations)

    for setting in found.ranking:
        one = search.examples(setting, 1)[0]
        assert one.steps.tolist() == [step for step in (0, 1, 3) if step <= setting.iterations]
        whole = synthesise(listener, question(clips, lr=setting.lr, reg=setting.reg, iterations=setting.iterations,
                                              seeds=1)).examples[0]
        np.testing.assert_allclose(one.curve, whole.curve[one.steps], rtol=1e-4, atol=1e-5)

    best = search.answer(found)
    setting = found.ranking[0]
    again = synthesise(listener, question(clips, lr=setting.lr, reg=setting.reg, iterations=setting.iterations))
    assert [e.activation for e in best.examples] == pytest.approx([e.activation for e in again.examples], rel=1e-5)
    assert best.fid is None     # of three examples


def test_another_question_does_not_find_the_seeds_of_this_one(listener, clips, tmp_path):
    def folder(**changes):
        neuron = Neuron.of(listener, changes.pop("layer", None), changes.pop("neuron", 0))
        return Search.of(neuron, question(clips, **changes), GRID, tmp_path).store.folder

    folders = [folder(), folder(minimise=True), folder(layer="dense2"), folder(layer="dense2", neuron=1),
               folder(prior="input"), folder(optimiser="sgd"), folder(fid_layer="dense1")]
    assert len(set(folders)) == len(folders)
    assert folder() == folders[0]


def test_defaults_go_beyond_real_music_where_a_setting_does(prior, monkeypatch):
    card = mel_gan.load().card
    assert default_settings() == Settings(0.03, 0.002, 3)
    assert default_settings(minimise=True) == Settings(minimise=True)
    monkeypatch.setitem(card["grid"]["maximise"], "beyond_real", {"lr": 0.1, "reg": 0.01, "iterations": 500})
    assert default_settings() == Settings(0.1, 0.01, 500)
