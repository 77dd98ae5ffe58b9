"""Of a model that hears samples a picture is drawn, cut, filled and painted as of any other."""

import math

import numpy as np
import pytest
import torch

from engine.audio.features import MelFrontEnd
from engine.audio.waveform import Waveform, write_wav
from engine.explain.fills import FILLS, fill
from engine.explain.segments import SEGMENTATIONS, default_segments, segmentation
from engine.listening.adversary_pictures import pictures
from engine.listening.editing import Brush, dab, hidden_patch, prediction_around
from engine.listening.explain import Question, explain
from engine.listening.opening import open_song
from engine.listening.perturbed import open_perturbed
from engine.models.foreign_card import card_of
from engine.models.foreign_front import PowerMelFrontEnd, SampleFrontEnd
from engine.models.foreign_loading import _made as made
from tests.engine.foreign_models import MELS, SR, WAVES, Waves, write_card


@pytest.fixture(scope="module")
def tone():
    """A sine of 1000 Hz between silences, in the middle of 4 s."""
    t = np.arange(4 * SR) / SR
    return Waveform((0.5 * np.sin(2 * np.pi * 1000 * t) * ((t > 1) & (t < 3))).astype(np.float32), SR)


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """Makes listeners that hear samples, `window` at a time."""
    folder, listeners = tmp_path_factory.mktemp("models"), []

    def of(window=2000):
        path = write_card(folder, WAVES)
        card = card_of({**WAVES, "window": window}, "card")
        listeners.append(made(card, "waves", (path.parent / "waves.pt").read_bytes(), "0"))
        return listeners[-1]
    yield of
    for one in listeners:
        one.worker.close()


@pytest.fixture(scope="module")
def waves(heard):
    return heard()


def loudest_hz(image, frequencies, second, per_second):
    return frequencies[1:-1][int(image[:, round(second * per_second)].argmax())]


def test_what_is_drawn_is_loud_where_the_sound_is(tone, tmp_path):
    front_end = SampleFrontEnd(sr=SR)
    write_wav(tmp_path / "tone.wav", tone)
    song = open_song(tmp_path / "tone.wav", front_end)
    image, per_second = song.image.levels[0], front_end.frames_per_second
    assert loudest_hz(image, front_end.frequencies, 2.0, per_second) == pytest.approx(1000, abs=SR / front_end.n_fft)
    assert image[:, round(0.5 * per_second)].max() == 0
    assert np.array_equal(image[0::2], image[1::2])     # both rows of a bin show its magnitude
    drawn = pictures(tone, tone, tone, front_end).original.levels[0]
    assert loudest_hz(drawn, front_end.frequencies, 2.0, per_second) == pytest.approx(1000, abs=SR / front_end.n_fft)
    louder = open_perturbed(tmp_path / "louder.wav", Waveform(2 * tone.y, SR), tone, front_end)
    band = int(np.abs(front_end.frequencies[1:-1] - 1000).argmin())
    assert louder.change.value(band, round(2 * per_second)) == pytest.approx(6.0, abs=0.2)      # dB


def test_the_brush_changes_magnitudes_and_leaves_phases(tone):
    front_end = SampleFrontEnd(sr=SR)
    S = front_end(torch.from_numpy(tone.y))
    band, middle = int(np.abs(front_end.frequencies[1:-1] - 1000).argmin()), 2.0
    at = round(middle * front_end.frames_per_second)
    for adds, wanted in ((True, 1.2), (False, -2.4)):       # the full change in the middle of the brush
        patch = dab(S, Brush(adds, 0.1, 8), seconds=middle, band=band + 0.5, low=-16.0, high=9.0, front_end=front_end,
                    frames_per_second=front_end.frames_per_second)
        before, after = S[band - band % 2 :][:2, at], patch.S[band - band % 2 :][:2, at - patch.first]
        assert float((after.norm() / before.norm()).log()) == pytest.approx(wanted, abs=0.1)
        torch.testing.assert_close(after / after.norm(), before / before.norm())
    silent = dab(S, Brush(True, 0.1, 8), seconds=0.5, band=40, low=-16.0, high=5.0, front_end=front_end,
                 frames_per_second=front_end.frames_per_second)
    assert float(front_end.drawn(silent.S).max()) > math.log(front_end.floor) + 1    # silence can be painted upon


@pytest.mark.parametrize("kind", SEGMENTATIONS)
@pytest.mark.parametrize("n", [None, 6])
def test_no_segment_parts_a_bin(kind, n):
    front_end = SampleFrontEnd(sr=SR)
    cut = segmentation(kind, n, bands=front_end.bands, frames=20, frames_per_second=front_end.frames_per_second,
                       frequencies=front_end.frequencies, together=2)
    assert torch.equal(cut.segment_map[0::2], cut.segment_map[1::2])
    assert cut.segment_map.unique().tolist() == list(range(len(cut)))
    assert cut.segments[-1].fmax == SR / 2


@pytest.mark.parametrize(("kind", "frames", "wanted"), [("temporal", 3, 3), ("grid", 3, 9), ("grid", 1, 1),
                                                         ("spectral", 1, 8), ("temporal", 40, 10)])
def test_short_excerpts_have_fewer_segments(kind, frames, wanted):
    assert default_segments(kind, bands=40, frames=frames) == wanted


@pytest.mark.parametrize("name", FILLS)
def test_a_fill_is_never_louder_than_the_sound(tone, name):
    S = SampleFrontEnd(sr=SR)(torch.from_numpy(tone.y))[:, 100:120]
    filled = fill(name, S, data_minimum=0.0, signed=True)
    hidden = filled.apply(S, torch.zeros(S.shape, dtype=torch.int64), torch.tensor([[False]]))[0]
    assert float(hidden.square().sum()) <= 1.1 * float(S.square().sum())


def test_what_is_hidden_is_hidden_from_the_curve(waves, tone):
    spectrogram = waves.front_end.spectrogram(tone)
    first = round(1.8 * spectrogram.frames_per_second)
    features = waves.excerpt(spectrogram, first)
    answer = explain(features, waves, Question(start=1.8, fill="zero", segments=4))
    patch = hidden_patch(features, waves, answer.explanation.segmentation, answer.fill, set(range(4)), first)
    assert not patch.S.any()
    times, p = prediction_around(spectrogram, waves, patch)
    silence = torch.softmax(Waves()(torch.zeros(1, 2000)), 1)[0]
    middle = int(np.abs(times - 1.8 - waves.window_seconds / 2).argmin())
    assert p[middle] == pytest.approx(silence.detach().numpy(), abs=2e-2)
    assert answer.explanation.score_empty == pytest.approx(float(silence[answer.labels.index(answer.target)]), abs=1e-4)


def test_masks_are_added_up_as_they_would_be_heard_one_by_one(waves, tone):
    features = waves.excerpt(waves.front_end.spectrogram(tone), 170)
    cut = segmentation("grid", 6, bands=features.shape[0], frames=features.shape[1], together=2,
                       frames_per_second=waves.front_end.frames_per_second, frequencies=waves.front_end.frequencies)
    masks = torch.rand(70, 6, generator=torch.Generator().manual_seed(2)) > 0.5
    for name in ("noise", "mean"):
        filled = fill(name, features)
        quick = waves.scores_of_masks(features, filled.constant, cut.segment_map, masks)
        torch.testing.assert_close(quick, waves.scores(filled.apply(features, cut.segment_map, masks)), atol=1e-5,
                                   rtol=1e-4)


@pytest.mark.parametrize("window", [100, 12_000])
def test_windows_may_be_short_or_long(heard, tone, window):
    listener = heard(window)
    answer = explain(listener.excerpt(listener.front_end.spectrogram(tone), 90), listener, Question(start=1.5))
    assert 1 < len(answer.explanation.segmentation) <= 10
    assert np.isfinite(answer.explanation.weights).all()


def test_front_ends_are_one_only_where_they_make_the_same():
    keys = [PowerMelFrontEnd(card_of({**MELS, **change}, "card")).key
            for change in ({}, {}, {"fmax": 3000}, {"mel_norm": "slaney"}, {"floor": 1e-5}, {"power": 2})]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 5
    assert MelFrontEnd().key == MelFrontEnd().key
