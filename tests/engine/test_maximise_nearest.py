"""Real music beside an example: what it is most like, kept and made again where that is damaged."""
# ruff: noqa: F811

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.explain import fid
from engine.listening import maximise as room
from engine.listening import maximise_real
from engine.listening.maximise import Neuron, at_points, heard, synthesise
from engine.listening.maximise_nearest import sketch, sound_of
from engine.listening.maximise_prior import MELS, heard_by, turning
from engine.listening.maximise_real import real_gaussian, real_music
from engine.models import catalogue, mel_bank, mel_gan
from engine.models.mel_bank import Source, pooled
from tests.engine.gaussians import gaussian
from tests.engine.maximising import SR, clips, prior, question  # noqa: F401  (fixtures)


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
    monkeypatch.setattr(room, "real_gaussian", lambda *a, **k: gaussian(np.zeros(64), np.eye(64)))
    assert synthesise(listener, question(clips, seeds=2)).fid is None
    answer = synthesise(listener, question(clips, seeds=3))
    S = torch.stack([listener.standardised(e.S) for e in answer.examples])
    expected = fid.distance(listener.activations(S, "dense2").numpy(), gaussian(np.zeros(64), np.eye(64)))
    assert answer.fid == pytest.approx(expected, rel=1e-4)
    assert (answer.fid_layer, answer.fid_n, answer.fid_infinity.value) == ("dense2", 3, 3)


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


def test_a_folder_without_recordings_is_refused(listener, tmp_path):
    with pytest.raises(InputError, match=r"expected recordings of 1\.6 s or more, found none"):
        real_music(listener, tmp_path)
    with pytest.raises(InputError, match="expected a folder of recordings"):
        real_music(listener, tmp_path / "nothing")
