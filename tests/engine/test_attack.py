"""Adversaries for files: at the file's own rate, within the least SNR, judged as a file is, refused in a sentence."""

import math
import re

import numpy as np
import pytest
import soundfile as sf

from engine.audio.waveform import AudioFile, write_wav
from engine.checks import InputError
from engine.job import Cancelled
from engine.listening.attack import AttackQuestion, attack, hear
from engine.listening.attack_folder import Attacked, AttackTable, Labelled, attack_folder, chosen
from engine.models import catalogue

HZ = {"low": 50 * 22050 / 1024, "middle": 100 * 22050 / 1024, "high": 440 * 22050 / 1024}


@pytest.fixture(scope="module")
def tones(tone_model):
    return catalogue.read(tone_model)


def sound(path, seconds=4.0, sr=22050, channels=1, **amplitudes):
    """A file of sines at the places that the listener looks at, and a little noise; the second channel is fainter."""
    t = np.arange(round(seconds * sr)) / sr
    y = sum(a * np.sin(2 * np.pi * HZ[name] * t) for name, a in amplitudes.items())
    y = y + 1e-3 * np.random.default_rng(0).standard_normal(len(t))
    sf.write(path, np.stack([y, 0.6 * y], axis=1)[:, :channels], sr, subtype="FLOAT")
    return AudioFile(path)


def snr(y, other):
    return 10 * math.log10(float((y.astype(float) ** 2).sum() / ((other - y).astype(float) ** 2).sum()))


@pytest.mark.parametrize("method", ["magnitude", "waveform"])
@pytest.mark.parametrize(("sr", "channels"), [(22050, 1), (22050, 2), (44100, 1), (44100, 2)])
def test_a_file_fools_at_its_own_rate_and_as_it_was_written(tmp_path, tones, sr, channels, method):
    file = sound(tmp_path / "a.wav", sr=sr, channels=channels, low=0.3, middle=0.2)
    answer = attack(file, tones, AttackQuestion(target="middle", method=method, snr_db=10))
    assert (answer.before.label, answer.after.label, answer.fooled) == ("low", "middle", True)
    assert answer.adversarial.sr == sr
    assert answer.adversarial.y.shape == answer.original.y.shape == (channels, 4 * sr)
    np.testing.assert_array_equal(answer.original.y, file.read().y)
    assert answer.snr_db == pytest.approx(snr(answer.original.y, answer.adversarial.y), abs=0.01)
    assert answer.snr_db >= 10 - 0.05
    write_wav(tmp_path / "b.wav", answer.adversarial)
    again = hear(AudioFile(tmp_path / "b.wav").read(), tones)
    assert (again.label, again.confidence) == (answer.after.label, answer.after.confidence)
    np.testing.assert_array_equal(answer.residual.y, answer.adversarial.y - answer.original.y)


def test_the_change_lies_where_the_listener_looks(tmp_path, tones):
    answer = attack(sound(tmp_path / "a.wav", low=0.3, middle=0.2), tones, AttackQuestion(target="middle", snr_db=10))
    residual = answer.residual.y[0] * np.hanning(answer.residual.y.shape[1])
    power = np.abs(np.fft.rfft(residual)) ** 2
    hz = np.fft.rfftfreq(len(residual), 1 / 22050)
    near = sum(power[np.abs(hz - HZ[name]) < 50].sum() for name in ("low", "middle"))
    assert near > 0.95 * power.sum()


@pytest.mark.parametrize("sr", [22050, 44100])
def test_only_the_span_is_changed(tmp_path, tones, sr):
    file = sound(tmp_path / "a.wav", seconds=6, sr=sr, low=0.3, middle=0.25)
    answer = attack(file, tones, AttackQuestion(start=1.3, seconds=2.5))
    assert answer.fooled
    assert answer.span == (1.3, 3.8)
    first, last = round(1.3 * sr), round(3.8 * sr)
    residual = answer.residual.y
    assert not residual[:, :first].any()
    assert not residual[:, last + 1 :].any()
    assert residual[:, first + sr // 10 : last - sr // 10].any()
    assert answer.snr_db == pytest.approx(
        snr(answer.original.y[:, first:last], answer.adversarial.y[:, first:last]), abs=0.01)
    assert answer.before.vote_times[0] == pytest.approx(1.3)
    assert len(answer.before.votes) == len(answer.before.vote_times) == len(answer.after.votes)


def test_what_cannot_be_reached_is_said_and_not_forced(tmp_path, tones):
    file = sound(tmp_path / "a.wav", low=0.5, middle=0.05)  # 20 dB apart: no change at 30 dB makes them equal
    answer = attack(file, tones, AttackQuestion(target="middle", snr_db=30, iterations=8))
    assert (answer.before.label, answer.after.label, answer.fooled) == ("low", "low", False)
    assert answer.snr_db >= 29.95
    assert len(answer.steps) == 8
    json = answer.as_json()
    assert (json["fooled"], json["iterations"]) == (False, 8)
    assert json["after"] == {"label": "low", "confidence": answer.after.confidence}


def test_the_smallest_change_is_smaller_than_the_first_one(tmp_path, tones):
    file = sound(tmp_path / "a.wav", low=0.3, middle=0.2)
    first, least = (attack(file, tones, AttackQuestion(snr_db=5, iterations=40, smallest=smallest))
                    for smallest in (False, True))
    assert first.fooled
    assert least.fooled
    assert least.snr_db > first.snr_db + 1


def test_a_seed_gives_the_same_samples_again(tmp_path, tones):
    file = sound(tmp_path / "a.wav", low=0.3, middle=0.25)
    one, same, other = (attack(file, tones, AttackQuestion(seed=seed)).adversarial.y for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_each_iterate_is_told_and_the_work_can_be_cancelled(tmp_path, tones):
    file = sound(tmp_path / "a.wav", low=0.5, middle=0.05)
    seen = []
    answer = attack(file, tones, AttackQuestion(snr_db=40, iterations=5), watch=seen.append)
    assert tuple(seen) == answer.steps
    assert all(step.snr_db >= 39.9 for step in seen)

    def cancel(progress):
        if len(seen) > 7:
            raise Cancelled

    with pytest.raises(Cancelled):
        attack(file, tones, AttackQuestion(snr_db=40, iterations=50), watch=seen.append, report=cancel)
    assert len(seen) < 12


@pytest.mark.parametrize(("question", "said"), [
    ({"target": "low"}, "low to tones already; choose another label \\(middle, high\\)"),
    ({"target": "hihg"}, "'hihg'; did you mean high"), ({"snr_db": 200}, "snr: expected -20 to 120, got 200"),
    ({"iterations": 0}, "iterations"), ({"confidence": 1.5}, "confidence"), ({"method": "magic"}, "method"),
    ({"weighting": "loud"}, "weighting"), ({"start": 4.0}, "start=4 s is not in"),
    ({"start": -1.0}, "start=-1 s is not in"), ({"start": 3.0}, "expected at least 2.32 s.*got 1.00 s"),
    ({"seconds": 2.0}, "got 2.00 s"),
])
def test_an_impossible_question_gets_one_sentence(tmp_path, tones, question, said):
    file = sound(tmp_path / "a.wav", low=0.3, middle=0.2)
    with pytest.raises(InputError, match=said) as refused:
        attack(file, tones, AttackQuestion(**question))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("y", "said"), [
    (np.zeros(88200), "found silence"), (np.full(22050, 0.1), "at least 2.32 s.*got 1.00 s"),
])
def test_silent_and_short_sounds_get_one_sentence(tmp_path, tones, y, said):
    sf.write(tmp_path / "a.wav", y, 22050)
    with pytest.raises(InputError, match=said):
        attack(AudioFile(tmp_path / "a.wav"), tones, AttackQuestion())


def test_the_least_snr_is_kept_where_magnitudes_are_no_sound_s(tmp_path, tones):
    """The last samples lie where the last window ends: resynthesis divides by next to nothing there."""
    t = np.arange(173 * 512 - 1) / 22050
    y = 0.5 * np.sin(2 * np.pi * HZ["low"] * t) + 0.01 * np.random.default_rng(1).standard_normal(len(t))
    sf.write(tmp_path / "a.wav", y, 22050, subtype="FLOAT")
    question = AttackQuestion(target="high", snr_db=20, iterations=10)
    assert attack(AudioFile(tmp_path / "a.wav"), tones, question).snr_db >= 19.99


@pytest.mark.parametrize("start", np.linspace(0, 2.3, 12))
def test_an_excerpt_of_just_one_window_is_enough_wherever_it_starts(tmp_path, tones, start):
    file = sound(tmp_path / "a.wav", seconds=5, low=0.3, middle=0.29)
    question = AttackQuestion(start=float(start), seconds=tones.window_seconds, iterations=1)
    assert attack(file, tones, question).before.label == "low"


# a folder

def row(label, before, after, snr_db=20.0):
    return Attacked("f", label, before, after, 0.9, before != after, snr_db, 3, snr_db / 100)


def table(rows, labels=("a", "b", "c")):
    return AttackTable("m", labels, AttackQuestion(), tuple(rows), (), 2.0)


def test_figures_of_a_table_are_those_counted_by_hand():
    found = table([row("a", "a", "b", 10), row("a", "a", "a", 50), row("a", "b", "a", 20), row("b", "b", "c", 30),
                   row(None, "c", "c", 60)])
    assert found.mean_recall(after=False) == pytest.approx((2 / 3 + 1) / 2)   # there is no c
    assert found.mean_recall(after=True) == pytest.approx((2 / 3 + 0) / 2)
    assert found.fooled_share() == pytest.approx(3 / 5)
    assert found.fooled_share(right_before=True) == pytest.approx(2 / 3)
    assert found.snr() == pytest.approx({"mean": 20, "std": math.sqrt(200 / 3), "min": 10, "max": 30})
    json = found.as_json()
    assert (json["n"], json["n_labelled"], json["files_per_second"]) == (5, 4, 2.5)
    assert json["audible_share"] == pytest.approx(0.2)


def test_a_table_without_truth_or_success_has_no_figures_of_them():
    found = table([row(None, "a", "a")])
    assert found.mean_recall(after=True) is None
    assert found.snr() is None
    assert found.fooled_share() == 0
    assert found.fooled_share(right_before=True) is None


def test_a_limit_takes_all_classes_in_turn_and_the_same_again():
    files = [Labelled(f"{label}{i}", label) for label, n in (("a", 20), ("b", 2), ("c", 9)) for i in range(n)]
    some = chosen(files, 8, seed=3)
    assert [sum(one.label == label for one in some) for label in "abc"] == [3, 2, 3]
    assert some == chosen(files, 8, seed=3) != chosen(files, 8, seed=4)
    assert some == [one for one in files if one in some]
    assert chosen(files, 99) == files


def test_a_folder_is_attacked_file_by_file_and_broken_ones_are_named(tmp_path, tones):
    files = [Labelled(sound(tmp_path / "one.wav", low=0.3, middle=0.25).path, "low"),
             Labelled(sound(tmp_path / "two.wav", low=0.25, middle=0.3).path, "low"),
             Labelled(tmp_path / "gone.wav", "high"),
             Labelled(sound(tmp_path / "short.wav", seconds=1, high=0.3).path, "high")]
    told = []
    found = attack_folder(files, tones, AttackQuestion(), report=told.append)
    assert [(r.file, r.before, r.fooled) for r in found.rows] == [("one.wav", "low", True), ("two.wav", "middle", True)]
    assert [one.file for one in found.failed] == ["gone.wav", "short.wav"]
    assert re.search("no such file", found.failed[0].reason)
    assert found.mean_recall(after=False) == 0.5
    assert {(p.total, p.message) for p in told} == {(4, "attacking files")}
    assert [p.done for p in told] == sorted(p.done for p in told)


def test_files_that_have_the_target_already_are_left_and_counted_apart(tmp_path, tones):
    files = [Labelled(sound(tmp_path / "one.wav", low=0.3, middle=0.25).path, "low"),
             Labelled(sound(tmp_path / "two.wav", low=0.25, middle=0.3).path, "middle")]
    found = attack_folder(files, tones, AttackQuestion(target="middle"))
    assert [(r.before, r.after, r.fooled) for r in found.rows] == [("low", "middle", True), ("middle", "middle", None)]
    assert found.fooled_share() == 1
    assert (found.mean_recall(after=False), found.mean_recall(after=True)) == (1, 0.5)


def test_a_folder_in_which_nothing_can_be_attacked_is_refused(tmp_path, tones):
    with pytest.raises(InputError, match=r"none that can.*no such file"):
        attack_folder([Labelled(tmp_path / "gone.wav", "low")], tones, AttackQuestion())
    with pytest.raises(InputError, match="did you mean high"):
        attack_folder([], tones, AttackQuestion(target="hig"))
