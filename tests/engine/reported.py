"""An explanation and its report."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

from engine.audio.waveform import AudioFile
from engine.listening.explain import Question, excerpt_spectrogram, explain, judged
from engine.listening.sounds import sounds
from engine.report import write_explanation
from engine.report.facts import Facts

START = 0.5


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Three seconds in stereo: a low and a high tone, and a little noise."""
    sr = 32000
    t = np.arange(3 * sr) / sr
    y = 0.3 * np.sin(2 * np.pi * 300 * t) + 0.3 * np.sin(2 * np.pi * 5000 * t)
    y = y + 0.01 * np.random.default_rng(0).standard_normal(len(t))
    path = tmp_path_factory.mktemp("song") / "tones.wav"
    sf.write(path, np.stack([y, 0.5 * y], axis=1), sr, subtype="FLOAT")
    return AudioFile(path)


def ask(song, listener, **question):
    features = listener.excerpt(excerpt_spectrogram(song, listener, START), 0)
    return explain(features, listener, Question(start=START, **question), file=song.name)


@pytest.fixture(scope="module")
def answer(song, listener):
    found = judged(ask(song, listener), listener, fills=("mean", "zero"))
    return replace(found, explanation=replace(found.explanation, trust=replace(
        found.explanation.trust, max_sensitivity=None)))


@pytest.fixture(scope="module")
def heard(song, listener, answer):
    return sounds(song, listener, answer)


def facts_of(answer, listener, **more):
    return Facts(answer, listener.spectrogram(answer.features), listener.front_end, {"sha256": "c0ffee", **more})


@pytest.fixture(scope="module")
def folder(tmp_path_factory, answer, heard, listener):
    """An explanation as it is written, into a folder that was not there."""
    folder = tmp_path_factory.mktemp("out") / "deep" / "er"
    paths = write_explanation(folder, answer, heard, listener.spectrogram(answer.features), listener.front_end,
                              {"sha256": "c0ffee"})
    assert sorted(paths) == sorted(folder.iterdir())
    return folder
