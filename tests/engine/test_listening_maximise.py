"""Examples are judged as seen and as heard, real music beside them is real, and searches go on where they were."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.explain import fid
from engine.explain.maximise import Settings, maximise
from engine.explain.maximise_grid import Grid
from engine.job import Cancelled
from engine.listening import maximise as room
from engine.listening import maximise_real
from engine.listening.maximise import Neuron, at_points, heard, synthesise
from engine.listening.maximise_nearest import sketch, sound_of
from engine.listening.maximise_prior import MELS, between, heard_by, prior_of, turning
from engine.listening.maximise_real import real_gaussian, real_music
from engine.listening.maximise_search import Search
from engine.listening.maximise_values import MaximiseQuestion, default_settings
from engine.models import catalogue, mel_bank, mel_gan
from engine.models.mel_bank import MelBank, Source, pooled, rounded
from engine.models.mel_gan import MelGenerator

SR = 22050


@pytest.fixture(autouse=True)
def prior(tmp_path_factory, monkeypatch):
    """A prior that nobody trained, and a bank of its own excerpts."""
    folder = tmp_path_factory.mktemp("gan")
    torch.manual_seed(0)
    generator = MelGenerator(2)
    generator(torch.randn(8, 128))
    generator.eval().requires_grad_(False)
    generator.out.weight.mul_(8.0)     # so that its excerpts differ as music does
    mel_gan.write(folder / "gan.json",
                  {**mel_gan.to_tensors(generator), "mean": torch.full((80,), -3.0), "std": torch.full((80,), 2.0)},
                  {"config": {"width": 2}, "nearest": {"held_out": 0.5},
                   "grid": {"maximise": {"ranking": [{"lr": 0.03, "reg": 0.002, "iterations": 3}]}}})
    S = generator(torch.stack([torch.randn(128, generator=torch.Generator().manual_seed(s)) for s in range(5)]))
    mel_bank.write(folder / "real.npz", MelBank(
        rounded(pooled(S)), tuple(f"song{i}" for i in range(5)), np.arange(5, dtype=np.float32), "the detector",
        {"dense2": np.zeros(64)}, {"dense2": np.eye(64)}, 1000))
    monkeypatch.setattr(mel_gan, "FOLDER", folder)
    monkeypatch.setattr(mel_bank, "FOLDER", folder)
    mel_bank.write_sources(folder / "real.csv", [Source("song3", "Étude, in C", "Zoë", "CC BY 4.0")])
    monkeypatch.setattr(maximise_real.platformdirs, "user_cache_dir", lambda name: str(folder / "cache"))
    kept = mel_gan.load, mel_bank.load, mel_bank.sources
    for cached in kept:
        cached.cache_clear()
    yield mel_gan.load()
    for cached in kept:
        cached.cache_clear()


@pytest.fixture
def clips(tmp_path):
    """Two recordings: noise whose loudness rises, and silence in the middle of a tone."""
    folder = tmp_path / "clips"
    folder.mkdir()
    rng = np.random.default_rng(0)
    t = np.arange(8 * SR) / SR
    sf.write(folder / "noise.wav", 0.3 * rng.normal(size=8 * SR) * t / 8, SR)
    sf.write(folder / "tone.wav", 0.3 * np.sin(2 * np.pi * 440 * t) * ((t < 3) | (t > 5)), SR)
    (folder / "words.txt").write_text("no sound")
    return folder


def question(clips, **changes):
    return replace(MaximiseQuestion(lr=0.05, reg=0.001, iterations=4, seeds=3, real=clips), **changes)


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


def test_the_nearest_real_excerpt_is_named(listener, clips, prior):
    point = prior.begin(3)
    example, = at_points(listener, "logit", 0, [point])
    assert (example.nearest.source, example.nearest.start) == (Source("song3", "Étude, in C", "Zoë", "CC BY 4.0"), 3.0)
    assert example.as_json()["nearest"]["licence"] == "CC BY 4.0"
    assert mel_bank.source_of("song1").words == "song1", "nothing is known of it but its name"
    assert example.nearest.usual == 0.5
    assert example.nearest.picture.shape == (16, 23)
    far = heard(Neuron.of(listener, None, 0), point, torch.full((80, 115), 3.0), seed=0,
                curve=np.zeros(1, np.float32), steps=np.zeros(1, int))
    assert far.nearest.distance > 1
    assert not far.nearest.is_copy


def test_real_excerpts_are_the_ones_that_the_neuron_answers_to(listener, clips):
    music = real_music(listener, clips)
    values = music.activations["logit"][:, 0]
    top = music.top("logit", 0, 3)
    assert top[0].activation == values.max()
    assert music.top("logit", 0, 1, minimise=True)[0].activation == values.min()
    for a, b in [(a, b) for a in top for b in top if a is not b and a.file == b.file]:
        assert abs(a.start - b.start) >= listener.window_seconds - 0.02
    S = listener.front_end.spectrogram(top[0].sound(listener.window_seconds)).S[:, :115]
    torch.testing.assert_close(S[:, 5:-5], top[0].S[:, 5:110], atol=0.05, rtol=0.05)
    for one in (*top, *music.top("logit", 0, 2, minimise=True)):
        whole = listener.front_end.spectrogram_of_file(AudioFile(one.file)).S
        first = round(one.start * listener.front_end.frames_per_second)
        torch.testing.assert_close(one.S, whole[:, first : first + 115], atol=1e-3, rtol=1e-3)
        assert float(listener.activations(listener.standardised(one.S)[None], "logit")) == pytest.approx(
            one.activation, abs=1e-2)


def test_recordings_are_listened_to_once(listener, clips, monkeypatch):
    """Another neuron, layer or direction asks nothing more; another recording, or another listener, does."""
    heard_before = []
    listened = maximise_real._listened
    monkeypatch.setattr(maximise_real, "_listened", lambda *a: heard_before.append(a[1].name) or listened(*a))
    real_music(listener, clips)
    real_music(listener, clips)
    assert len(heard_before) == 4, "a listener whose weights have no name has nothing that it could be known by"
    monkeypatch.setitem(listener.card, "sha256", "the detector")
    first = real_music(listener, clips)
    maximise_real._load.cache_clear()       # as another process would find it
    again = real_music(listener, clips)
    assert len(heard_before) == 6
    assert first.files == again.files
    assert first.places == again.places
    assert {name: values.shape[1] for name, values in again.activations.items()} == {
        layer.name: layer.neurons for layer in listener.layers}
    for name, values in first.activations.items():
        np.testing.assert_array_equal(values, again.activations[name])
    sf.write(clips / "tone.wav", np.zeros(4 * SR), SR)
    assert len(real_music(listener, clips).files) < len(first.files)
    monkeypatch.setitem(listener.card, "sha256", "another detector")
    real_music(listener, clips)
    assert heard_before[6:] == ["tone.wav", "noise.wav", "tone.wav"]


@pytest.mark.parametrize("name", ["gan", "input"])
def test_models_that_nothing_can_be_made_for_are_refused_at_once(listener, clips, monkeypatch, name):
    monkeypatch.setattr(room, "real_music", lambda *a, **k: pytest.fail("nothing is listened to in vain"))
    scattering = catalogue.load(catalogue.scattering_names()[0])
    with pytest.raises(InputError, match="no sound can be made"):
        synthesise(scattering, question(clips, prior=name))
    monkeypatch.setattr(listener, "differentiable", False, raising=False)
    with pytest.raises(InputError, match="through which a gradient comes back, got random"):
        synthesise(listener, question(clips, prior=name))


def test_what_was_kept_and_is_damaged_is_made_again(listener, clips, prior, monkeypatch):
    monkeypatch.setitem(listener.card, "sha256", "the detector")
    expected = real_music(listener, clips).activations["logit"]
    maximise_real._load.cache_clear()
    for path in (mel_gan.FOLDER / "cache" / "listened").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    np.testing.assert_array_equal(real_music(listener, clips).activations["logit"], expected)


def test_what_is_nearest_is_heard_where_it_is_there_and_sketched_where_not(listener, clips, prior, tmp_path):
    example, = at_points(listener, "logit", 0, [prior.begin(3)])
    sound, recording = sound_of(example.nearest)
    assert recording is None
    assert sound.seconds == pytest.approx(115 * 315 / SR)
    S = (MELS(torch.from_numpy(sound.y))[:, :115] - prior.mean) / prior.std
    off = pooled(S[None])[0].numpy() - example.nearest.picture
    assert float(np.sqrt((off**2).mean())) < 0.5, "its cells are about as loud as the picture says"
    np.testing.assert_array_equal(sketch(example.nearest).y, sound.y)

    (tmp_path / "audio").mkdir()
    y = np.linspace(-0.5, 0.5, 8 * SR)
    sf.write(tmp_path / "audio" / "song3.wav", y, SR, subtype="FLOAT")
    sound, recording = sound_of(example.nearest, tmp_path)
    assert recording == tmp_path / "audio" / "song3.wav"
    np.testing.assert_allclose(sound.y, y[3 * SR :][: len(sound.y)], atol=1e-6)
    recording.write_text("no sound")
    assert sound_of(example.nearest, tmp_path)[1] is None


def test_real_statistics_are_the_known_ones_only_where_they_fit(listener, clips, monkeypatch):
    music = real_music(listener, clips)
    assert real_gaussian(listener, "dense2", music, own=False) is None      # 18 excerpts, and another detector
    monkeypatch.setitem(listener.card, "sha256", "the detector")
    assert real_gaussian(listener, "dense2", music, own=False).n == 1000
    assert real_gaussian(listener, "dense2", music, own=True) is None


def test_the_distance_needs_fifty_examples_that_are_left(listener, clips, monkeypatch):
    monkeypatch.setitem(listener.card, "sha256", "the detector")
    monkeypatch.setattr(room, "LEAST_FOR_FID", 3)
    monkeypatch.setattr(fid, "extrapolated", lambda hidden, real: fid.Extrapolated(len(hidden), 0.0))
    monkeypatch.setattr(room, "real_gaussian", lambda *a, **k: fid.gaussian(np.zeros(64), np.eye(64)))
    assert synthesise(listener, question(clips, seeds=2)).fid is None
    answer = synthesise(listener, question(clips, seeds=3))
    S = torch.stack([listener.standardised(e.S) for e in answer.examples])
    expected = fid.distance(listener.activations(S, "dense2").numpy(), fid.gaussian(np.zeros(64), np.eye(64)))
    assert answer.fid == pytest.approx(expected, rel=1e-4)
    assert (answer.fid_layer, answer.fid_n, answer.fid_infinity.value) == ("dense2", 3, 3)


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


def test_mels_are_read_at_the_bins_of_another_front_end(tone_model, prior):
    """A tone of 1077 Hz in the mels is one in the bins, and time runs at the bins' own rate."""
    tones = catalogue.read(tone_model)

    class Beep:
        def spectrogram(self, z):
            centres = mel_gan_centres()
            S = torch.full((1, 80, 115), -10.0)
            S[0, np.abs(centres - 1077).argmin(), 35:70] = 0.0     # half a second to one second
            return S
    features = heard_by(tones, Beep(), torch.zeros(1, 128))
    S = tones.spectrogram(features)[0]
    frame = round(0.75 * 22050 / 512)
    loudest = float(tones.front_end.frequencies[1:-1][int(S[:, frame].argmax())])
    assert loudest == pytest.approx(1077, rel=0.03)
    assert float(S[:, round(0.25 * 22050 / 512)].max()) < -5
    assert float(S[tones.front_end.frequencies[1:-1] > 8100].max()) < -15
    assert features.shape == (1, 513, 100)


def mel_gan_centres():
    from engine.listening.maximise_prior import MELS

    return MELS.frequencies[1:-1]


def test_a_short_excerpt_turns_back_at_its_ends():
    assert turning(torch.arange(9.0), 3).tolist() == [0, 1, 2, 3, 2, 1, 0, 1, 2]


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


def test_a_folder_without_recordings_is_refused(listener, tmp_path):
    with pytest.raises(InputError, match=r"expected recordings of 1\.6 s or more, found none"):
        real_music(listener, tmp_path)
    with pytest.raises(InputError, match="expected a folder of recordings"):
        real_music(listener, tmp_path / "nothing")


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
                        lambda *a, **k: fid.gaussian(np.zeros(64), np.eye(64)))
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
