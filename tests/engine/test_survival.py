"""What becomes of adversaries: known answers from a listener that looks at 1077, 2153 and 9474 Hz."""

import numpy as np
import pytest
import soundfile as sf

from engine.audio.interventions import SURVIVAL
from engine.audio.waveform import AudioFile
from engine.job import Cancelled
from engine.listening.attack import AttackQuestion, attack
from engine.listening.survival import every_label, judged_again, label_of, survival, transfer
from engine.models import catalogue

HZ = {"low": 50 * 22050 / 1024, "middle": 100 * 22050 / 1024, "high": 440 * 22050 / 1024}


@pytest.fixture(scope="module")
def tones(tone_model):
    return catalogue.read(tone_model)


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")

    def file(seconds=4.0, **amplitudes):
        t = np.arange(round(seconds * 22050)) / 22050
        y = sum(a * np.sin(2 * np.pi * HZ[name] * t) for name, a in amplitudes.items())
        path = folder / f"{len(list(folder.iterdir()))}.wav"
        sf.write(path, y + 1e-3 * np.random.default_rng(0).standard_normal(len(t)), 22050, subtype="FLOAT")
        return AudioFile(path)
    return file


@pytest.fixture(scope="module")
def made_high(make, tones):
    """An adversary that depends on what lies above 8 kHz."""
    answer = attack(make(low=0.3, high=0.2), tones, AttackQuestion(target="high", snr_db=8))
    assert answer.fooled
    return answer


def test_a_treatment_that_takes_the_trick_away_restores_the_label(made_high, tones):
    found = {one.name: one for one in survival(made_high, tones)}
    assert list(found) == list(SURVIVAL)
    assert {name: one.words for name, one in found.items()} == {name: t.words for name, t in SURVIVAL.items()}
    for name in ("resample", "low-pass"):
        assert (found[name].label, found[name].fooled) == ("low", False)
    for name in ("wav-16", "gain", "shift"):
        assert (found[name].label, found[name].fooled) == ("high", True)
        assert found[name].confidence == pytest.approx(made_high.after.confidence, abs=0.1)
    assert all(one.original_label == "low" for one in found.values())


def test_what_the_treatment_alone_does_is_shown(make, tones):
    answer = attack(make(low=0.2, high=0.3), tones, AttackQuestion(snr_db=8))
    found = {one.name: one for one in survival(answer, tones)}
    assert found["resample"].original_label == found["low-pass"].original_label == "low"
    assert found["gain"].original_label == "high"


def test_what_never_fooled_survives_nothing(make, tones):
    answer = attack(make(low=0.2, high=0.3), tones, AttackQuestion(snr_db=60, iterations=2))
    assert not answer.fooled
    found = survival(answer, tones)
    assert not any(one.fooled for one in found)
    assert {one.label for one in found} == {"low", "high"}


def test_a_part_of_a_recording_is_judged_within_the_recording(make, tones):
    file = make(seconds=9, low=0.3, high=0.25)
    answer = attack(file, tones, AttackQuestion(start=3.0, seconds=2.5))
    found = {one.name: one for one in survival(answer, tones)}
    assert found["shift"].confidence == pytest.approx(answer.after.confidence, abs=0.02)
    assert found["resample"].label == "low"


def test_a_recording_that_comes_back_is_judged_anew(made_high, tones):
    same = judged_again(made_high, tones, made_high.adversarial)
    assert (same.after.label, same.after.confidence) == (made_high.after.label, made_high.after.confidence)
    assert (same.fooled, same.snr_db, same.audible) == (True, made_high.snr_db, made_high.audible)
    undone = judged_again(made_high, tones, made_high.original)
    assert (undone.after.label, undone.fooled) == ("low", False)
    assert undone.snr_db > 250


def test_other_listeners_are_asked_about_both_sounds(made_high, tones, listener):
    found = transfer(made_high, [tones, listener])
    assert [(one.model, one.before, one.after, one.fooled) for one in found[:1]] == [("tones", "low", "high", True)]
    assert found[1].model == "random"
    assert found[1].fooled == (found[1].before != found[1].after)


def test_a_listener_that_needs_more_hears_what_lies_around_the_span_or_is_left_out(make, tones, listener):
    question = AttackQuestion(start=2.0, seconds=1.65, iterations=1)
    found = transfer(attack(make(low=0.3), listener, question), [tones])
    assert [(one.model, one.before) for one in found] == [("tones", "low")]
    short = attack(make(seconds=2.0, low=0.3), listener, AttackQuestion(iterations=1))
    assert transfer(short, [tones, listener])[0].model == "random"


def test_a_file_is_made_into_every_other_label(make, tones):
    file = make(low=0.25, middle=0.3, high=0.25)
    told = []
    answers = every_label(file, tones, AttackQuestion(snr_db=8), report=told.append)
    assert [answer.question.target for answer in answers] == ["low", "high"]
    assert [answer.after.label for answer in answers] == ["low", "high"]
    assert {(p.total, p.message) for p in told} == {(2, "attacking label by label")}
    assert label_of(file, tones, AttackQuestion()) == "middle"


def test_all_of_it_can_be_cancelled(made_high, tones):
    def cancel(progress):
        raise Cancelled

    for work in (survival, lambda answer, tones, report: transfer(answer, [tones], report=report)):
        with pytest.raises(Cancelled):
            work(made_high, tones, report=cancel)
