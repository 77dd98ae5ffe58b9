"""A question about an excerpt of a file: the excerpt is that of the whole file, the answer is about it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.audio.waveform import AudioFile
from engine.checks import InputError
from engine.listening.explain import Question, decision_threshold, excerpt_spectrogram, explain, judged


@pytest.fixture(scope="module", params=[(22050, "wav"), (44100, "flac"), (48000, "ogg"), (8000, "wav")])
def file(tmp_path_factory, request):
    sr, ending = request.param
    path = tmp_path_factory.mktemp("sound") / f"x.{ending}"
    rng = np.random.default_rng(0)
    sf.write(path, 0.1 * rng.standard_normal((round(6.6 * sr), 2)).astype(np.float32), sr)
    return AudioFile(path)


@pytest.mark.parametrize("start", [0.0, 0.004, 1.0, 2.513, 3.99, 4.95, 6.0, 6.59])
def test_an_excerpt_is_that_of_the_whole_file(file, listener, start):
    whole = listener.front_end.spectrogram_of_file(file).S
    found = excerpt_spectrogram(file, listener, start).S
    first = round(start * 70)
    expected = whole[:, first : first + 115]
    assert found.shape == expected.shape
    # resampled from another place on, and what a band beyond the file's own rate holds is rounding: magnitudes
    torch.testing.assert_close(found.exp(), expected.exp(), atol=2e-3, rtol=2e-2)


def test_a_start_outside_the_file_is_refused_and_the_mistake_guessed(file, listener):
    for start in (-0.1, file.seconds, math.nan, math.inf):
        with pytest.raises(InputError, match=r"^start=.* s is not in x\.\w+ \(6\.6 s\)$"):
            excerpt_spectrogram(file, listener, start)
    with pytest.raises(InputError, match="was it given in samples"):
        excerpt_spectrogram(file, listener, 3.0 * file.sr)


def features():
    return torch.randn(80, 115, generator=torch.Generator().manual_seed(4))


def test_an_answer_is_plain_and_its_segments_lie_in_the_file(listener):
    answer = explain(features(), listener, Question(2.5, segments=5), file="x.wav")
    plain = answer.as_json()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert (plain["target"], answer.question.target) == ("singing", "singing")
    assert [s["start"] for s in plain["segments"]] == pytest.approx([2.5 + i * 23 / 70 for i in range(5)], abs=1e-6)
    assert plain["top"] == np.argsort(-answer.explanation.weights)[:3].tolist()
    assert plain["score_full"] == pytest.approx(float(listener.score("singing")(features()[None])), abs=1e-5)


def test_the_two_labels_have_opposite_reasons(listener):
    sung, silent = (explain(features(), listener, Question(0, target=label, segments=4)) for label in
                    ("singing", "no singing"))
    assert sung.explanation.weights == pytest.approx(-silent.explanation.weights, abs=1e-5)
    assert np.abs(sung.explanation.weights).max() > 1e-3


@pytest.mark.parametrize(("name", "value"), [("target", "sining"), ("method", "slim"), ("segmentation", "time"),
                                             ("fill", "man"), ("units", "logits")])
def test_what_is_unknown_is_named(listener, name, value):
    with pytest.raises(InputError, match=f"got '{value}'"):
        explain(features(), listener, replace(Question(0, segments=3), **{name: value}))


def test_the_decision_turns_at_the_threshold_in_both_labels_and_units(random_listener):
    listener = random_listener(threshold=0.3)
    assert decision_threshold(listener, "singing", "probability") == 0.3
    assert decision_threshold(listener, "no singing", "probability") == 0.7
    logit = decision_threshold(listener, "singing", "logit")
    assert 1 / (1 + math.exp(-logit)) == pytest.approx(0.3)
    assert decision_threshold(listener, "no singing", "logit") == pytest.approx(-logit)


def test_trust_is_asked_over_the_other_fills(listener):
    answer = explain(features(), listener, Question(0, segments=3, fill="mean"))
    found = judged(answer, listener, fills=("mean", "zero"))
    assert set(found.over_fills) == {"mean", "zero"}
    assert found.over_fills["mean"] is answer.explanation
    alone = explain(features(), listener, Question(0, segments=3, fill="zero"))
    assert found.over_fills["zero"].weights == pytest.approx(alone.explanation.weights)
    assert found.curves is not None
    assert all(value is not None for value in found.as_json()["trust"].values())
    assert found.seconds > answer.seconds
