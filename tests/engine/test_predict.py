"""What a listener says of a whole file: every excerpt's answer, in order, and summed up fairly."""

from __future__ import annotations

import json
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile as sf
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.audio.features import Spectrogram, mel_frequencies
from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.job import Cancelled
from engine.listening.predict import Prediction, predict, predict_spectrogram
from engine.models.listener import Listener

SR = 22050


def made(decided, seconds=None):
    """A prediction with the given decisions, 70 a second."""
    decided = np.asarray(decided, np.int64)
    probability = np.stack([0.8 - 0.6 * decided, 0.2 + 0.6 * decided], axis=1).astype(np.float32)
    labels = ("no singing", "singing")
    says = SimpleNamespace(labels=labels, decided=lambda probability: decided)
    whole, label = Listener.overall(says, torch.zeros(80, len(decided)), probability)
    return Prediction("m", "f", len(decided) / 70 if seconds is None else seconds, labels,
                      np.arange(len(decided)) / 70, probability, decided, 0.5, whole, labels[label])


def spectrogram_of(frames, seed=0):
    S = torch.randn(80, frames, generator=torch.Generator().manual_seed(seed)) * 2 - 3
    return Spectrogram(S, SR, 315, mel_frequencies(80, 27.5, 8000))


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_segments_tile_the_file_and_say_what_was_decided(decided):
    prediction = made(decided)
    segments = prediction.segments()
    assert segments[0].start == 0
    assert segments[-1].end == prediction.seconds
    for one, two in pairwise(segments):
        assert one.end == two.start
        assert one.name != two.name
    for time, says in zip(prediction.times, decided, strict=True):
        (inside,) = [s for s in segments if s.start <= time < s.end]
        assert inside.name == prediction.labels[says]


def test_label_is_that_of_the_larger_part():
    assert made([0, 1, 1]).label == "singing"
    assert made([0, 0, 1]).label == "no singing"
    assert made([0, 0, 1]).whole.tolist() == pytest.approx([0.6, 0.4])


@pytest.mark.parametrize("every", [0.1, 0.3, 0.5, 1.0])
def test_averages_are_of_equally_many_frames(every):
    rng = np.random.default_rng(0)
    prediction = made(rng.integers(0, 2, 70 * 6))
    times, probability = prediction.averaged(every)
    n = round(every * 70)
    assert len(times) == 70 * 6 // n
    np.testing.assert_allclose(times, prediction.times.reshape(-1, n).mean(1))
    np.testing.assert_allclose(probability, prediction.probability.reshape(-1, n, 2).mean(1), atol=1e-6)


def test_averages_over_less_than_a_frame_or_more_than_the_file():
    prediction = made([0, 1, 1, 0, 1])
    times, probability = prediction.averaged(0.001)
    np.testing.assert_allclose(times, prediction.times)
    np.testing.assert_allclose(probability, prediction.probability)
    times, probability = prediction.averaged(3600)
    assert len(times) == 1
    assert probability[0] == pytest.approx(prediction.whole, abs=1e-6)


@pytest.mark.parametrize("every", [None, 0.05])
def test_json_is_plain(every):
    found = made([0, 1, 1, 0, 1] * 4).as_json(every)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found.keys() == {"model", "file", "seconds", "labels", "probability", "label", "threshold", "curve",
                            "segments"}
    assert len(found["curve"]["times"]) == len(found["curve"]["probability"])
    assert len(found["probability"]) == len(found["labels"]) == 2


@pytest.mark.parametrize("frames", [1, 50, 115, 800])
def test_the_curve_is_excerpt_by_excerpt(listener, frames):
    spectrogram = spectrogram_of(frames)
    prediction = predict_spectrogram(spectrogram, listener, file="x", seconds=frames / 70)
    assert prediction.probability.shape == (frames, 2)
    some = sorted({0, frames // 3, frames // 2, frames - 1})
    with torch.no_grad():
        excerpts = torch.stack([listener.excerpt(spectrogram, i - 57) for i in some])
        expected = listener.probabilities(listener.scores(excerpts)).numpy()
    assert prediction.probability[some] == pytest.approx(expected, abs=1e-4)
    assert prediction.probability.sum(1) == pytest.approx(1, abs=1e-5)
    assert prediction.times[some] == pytest.approx(np.array(some) / 70)


@pytest.mark.parametrize("first", [-500, -116, -115, -57, 0, 100, 199, 200, 1000])
def test_excerpts_are_silent_beyond_the_ends(listener, first):
    spectrogram = spectrogram_of(200)
    excerpt = listener.excerpt(spectrogram, first)
    assert excerpt.shape == (80, 115)
    where = np.arange(first, first + 115)
    inside = (where >= 0) & (where < 200)
    torch.testing.assert_close(listener.spectrogram(excerpt)[:, inside], spectrogram.S[:, where[inside]], atol=1e-5,
                               rtol=0)
    assert listener.spectrogram(excerpt)[:, ~inside].numpy() == pytest.approx(np.log(1e-7), abs=1e-5)


def test_the_decision_is_made_on_the_median(random_listener):
    listener = random_listener(threshold=0.6)
    sung = np.full(300, 0.2, np.float32)
    sung[100:200] = 0.9
    sung[20:40] = 1.0                 # shorter than half of the filter: forgotten
    decided = listener.decided(np.stack([1 - sung, sung], axis=1))
    assert decided.dtype == np.int64
    assert np.flatnonzero(np.diff(decided)).tolist() == pytest.approx([99, 199], abs=1)


@pytest.mark.parametrize(("seconds", "sr", "channels"), [(0.0005, 44100, 1), (0.1, 8000, 2), (12.0, 44100, 2)])
def test_a_file_is_listened_to_as_a_whole(tmp_path, listener, seconds, sr, channels):
    y = 0.1 * np.random.default_rng(0).standard_normal((round(seconds * sr), channels))
    sf.write(tmp_path / "x.wav", y, sr)
    file = AudioFile(tmp_path / "x.wav")
    messages = []
    prediction = predict(file, listener, report=lambda progress: messages.append(progress.message))
    assert (prediction.file, prediction.model, prediction.seconds) == ("x.wav", "random", file.seconds)
    assert len(prediction.times) == pytest.approx(1 + seconds * 70, abs=1)
    assert prediction.segments()[-1].end == file.seconds
    assert list(dict.fromkeys(messages)) == ["analysing", "listening"]


def test_listening_can_be_cancelled(listener):
    def cancel(progress):
        if progress.message == "listening":
            raise Cancelled
    with pytest.raises(Cancelled):
        predict_spectrogram(spectrogram_of(800), listener, file="x", seconds=1, report=cancel)


def test_an_answer_that_is_no_number_is_refused(listener):
    spectrogram = spectrogram_of(130)
    spectrogram.S[:, 60] = float("nan")
    with pytest.raises(InputError, match=r"^x\.wav: the model answers with NaN"):
        predict_spectrogram(spectrogram, listener, file="x.wav", seconds=1)
