"""Experiments, sweeps, search and trees on systems that are known to the last digit."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from engine.audio.interventions import INTERVENTIONS
from engine.audio.scattering_features import Path
from engine.audio.waveform import Waveform
from engine.checks import InputError
from engine.commands import dissect
from engine.explain.dissect import TOO_FEW, Heard, Outcome, Panel, Recording, experiment, with_levels
from engine.explain.dissect_search import FAMILIES, Family, search
from engine.explain.dissect_sweep import SWEEPS, sweep
from engine.explain.dissect_tree import band, importances, read_tree, sound_of_band, told_by_band
from engine.explain.recall import interval_over_tracks
from engine.job import Cancelled
from engine.listening.dissect_answer import answered
from engine.report.dissect import write_dissect, write_table

SR = 8000
LABELS = ("music", "infrasound")


def sound(infrasonic, seconds=1.0, seed=0):
    """A tone of 440 Hz, perhaps with one of 8 Hz that nobody hears."""
    t = np.arange(round(seconds * SR)) / SR
    y = 0.2 * np.sin(2 * np.pi * 440 * t) + 1e-3 * np.random.default_rng(seed).standard_normal(len(t))
    return Waveform((y + 0.05 * infrasonic * np.sin(2 * np.pi * 8 * t)).astype(np.float32), SR)


def horse(sound, report):
    """Knows its class by what lies between 4 and 12 Hz alone."""
    y, hz = sound.mono().y, np.fft.rfftfreq(sound.y.shape[-1], 1 / sound.sr)
    low = np.abs(np.fft.rfft(y))[(hz > 4) & (hz < 12)].max() / len(y)
    p = 1 / (1 + np.exp(-20 * (low / 0.0125 - 1)))
    return np.array([1 - p, p])


def listener(sound, report):
    """Knows its class by loudness near 440 Hz, which is alike in all."""
    return np.array([0.6, 0.4])


def panel(*hearers):
    return Panel(tuple(one.__name__ for one in hearers), (LABELS,) * len(hearers),
                 lambda sound, report: [one(sound, report) for one in hearers], lambda i, p: int(p.argmax()))


def recordings(n=4, **options):
    return [Recording(f"{i}.wav", LABELS[i % 2], f"track {i // 2}", lambda i=i: sound(i % 2, seed=i, **options))
            for i in range(n)]


@pytest.fixture(scope="module")
def outcome():
    return experiment(panel(horse), recordings(), [INTERVENTIONS["high-pass"].at(cutoff_hz=30)])[0]


def test_a_horse_falls_to_chance_by_a_change_nobody_hears(outcome):
    assert outcome.recall(after=False) == 1.0
    assert outcome.recall(after=True) == 0.5
    assert [one.flipped for one in outcome.files] == [False, True, False, True]
    assert outcome.figures(after=True)["confusion"] == [[2, 0], [2, 0]]
    assert outcome.change_interval() is None, "of a track or two nobody knows how others would do"
    assert outcome.figures(after=True)["mean_recall_interval"] is None
    assert all(one.audible is False for one in outcome.audible)
    assert outcome.loudest_margin_db < 0


def test_many_systems_and_treatments_come_in_order():
    treatments = [INTERVENTIONS["polarity"].at(), INTERVENTIONS["high-pass"].at(cutoff_hz=30)]
    found = experiment(panel(horse, listener), recordings(2), treatments, audible=False)
    assert [(one.system, one.treatment) for one in found] == [
        (name, treatment.words) for treatment in treatments for name in ("horse", "listener")]
    assert [one.recall(after=True) for one in found] == [1.0, 0.5, 0.5, 0.5]
    levelled = with_levels(found[0], recordings(2), treatments[0])
    assert [one.audible for one in levelled.audible] == [False, False]


def test_files_without_a_known_label_have_no_recall():
    unknown = [Recording("a.wav", "speech", "a", lambda: sound(1)), Recording("b.wav", None, "b", lambda: sound(0))]
    found = experiment(panel(horse), unknown, [INTERVENTIONS["polarity"].at()])[0]
    assert (found.recall(after=True), found.figures(after=False), found.change_interval()) == (None, None, None)


def outcome_of(tracks):
    """So many tracks of each class, of which the second falls to the first."""
    p = np.array([0.5, 0.5])
    return Outcome("horse", LABELS, "high-pass", tuple(
        Heard(f"{label} {i}", label, f"track {i}", label, LABELS[0], p, p) for label in LABELS for i in range(tracks)))


def test_an_interval_wants_five_tracks_of_each_class():
    few, enough = outcome_of(4), outcome_of(5)
    assert (few.change_interval(), few.certainty) == (None, TOO_FEW)
    assert enough.change_interval() == (-0.5, -0.5)
    assert enough.certainty == "95 % interval of the change -0.50 to -0.50"
    one_class_short = Outcome("horse", LABELS, "high-pass", enough.files[:-1])
    assert one_class_short.figures(after=False)["mean_recall_interval"] is None


def test_a_report_has_a_dash_and_the_reason_where_there_is_no_interval(tmp_path):
    for tracks, words, empty in ((4, f"95 % interval over tracks –; {TOO_FEW}", True),
                                 (5, "95 % interval over tracks 0.50 to 0.50", False)):
        answer = {"model": "horse", **answered(outcome_of(tracks))}
        write_dissect(tmp_path / str(tracks), answer)
        assert words in (tmp_path / str(tracks) / "report.html").read_text(encoding="utf-8")
        cell = {"system": "horse", "partition": "artist", "train": "untouched", "test": "changed", "n_excerpts": 8,
                **answer["figures_after"]}
        result = {"cells": [cell], "sentence": "So it is."}
        write_table(tmp_path / str(tracks), result)
        row, = csv.DictReader((tmp_path / str(tracks) / "experiment.csv").open(newline=""))
        assert ((row["low"], row["high"]) == ("", "")) is empty
        said = dissect.show(result)
        assert ("(- over tracks)" in said, TOO_FEW in said) == (empty, empty)


def test_an_interval_of_a_change_draws_the_same_tracks():
    assert interval_over_tracks(["a", "a", "b"], [-1, -1, 0], [1, 1, 1]) == (-0.5, -0.5)
    low, high = interval_over_tracks(["a"] * 20, [1] * 10 + [0] * 10, [1] * 20)
    assert 0.2 < low < 0.4
    assert 0.6 < high < 0.8


def test_a_sweep_finds_where_the_decision_turns():
    found = sweep(panel(horse, listener), recordings(2), "highpass", values=[2.0, 4.0, 16.0, 64.0])
    horses, listeners = found
    assert horses.turns(0) is None
    assert horses.turns(1) == 16.0           # the tone lies at 8 Hz
    assert horses.recalls() == [1.0, 1.0, 0.5, 0.5]
    assert horses.values[horses.worst] == 16.0
    assert horses.probabilities(1).shape == (4, 2)
    np.testing.assert_allclose(listeners.mean_probabilities(), np.tile([0.6, 0.4], (4, 1)))


def test_sweeps_span_what_was_promised_and_stop_below_half_the_rate():
    assert (SWEEPS["highpass"].values[0], SWEEPS["highpass"].values[-1]) == (5.0, 8000.0)
    assert (SWEEPS["tempo"].values[0], SWEEPS["tempo"].values[-1]) == (0.8, 1.25)
    assert all(list(one.values) == sorted(one.values) for one in SWEEPS.values())
    found = sweep(panel(listener), recordings(1), "lowpass")[0]
    assert max(found.values) < SR / 2
    assert sweep(panel(listener), recordings(1), "tempo", values=[0.9])[0].outcomes[0].files[0].after == "music"


def test_a_sweep_can_be_cancelled():
    def stop(progress):
        if progress.done > 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        sweep(panel(horse), recordings(2), "highpass", report=stop)


def test_a_causal_sweep_filters_as_a_device_would():
    values = [30.0]
    zero, causal = (sweep(panel(horse), recordings(2), "highpass", values=values, causal=c)[0].treatments[0]
                    for c in (False, True))
    assert ("zero-phase" in zero.words, "causal" in causal.words) == (True, True)


@pytest.mark.parametrize(("files", "values", "message"), [
    (recordings(1), [5000.0], r"0\.wav: high-pass: expected a frequency .* below half the sample rate \(4,000 Hz\)"),
    ([], [20.0], "data: expected recordings to experiment on, found none"),
])
def test_what_cannot_be_swept_is_one_sentence(files, values, message):
    with pytest.raises(InputError, match=message):
        sweep(panel(horse), files, "highpass", values=values)


# the search

def test_the_search_names_the_horse_and_the_smallest_change():
    assert search(panel(horse), recordings())[0].best.family in ("infrasound", "hum")   # taken away or put everywhere
    found, honest = search(panel(horse, listener), recordings(), families=[f for f in FAMILIES if f.name != "hum"])
    assert found.best.family == "infrasound"
    assert 8 <= found.best.value <= 12         # the tone lies at 8 Hz
    assert found.best.margin_db < 0
    assert found.sentence().startswith(f"removing energy below {found.best.value:g} Hz, inaudible, lowers mean recall "
                                       "from 1.00 to 0.50 (a class has fewer than 5 tracks: too few for an interval; "
                                       "4 files)")
    assert found.tried[0].drop >= found.tried[-1].drop
    assert all(one.margin_db <= 0 for one in found.tried)
    assert honest.best is None
    assert "none of" in honest.sentence()


def test_the_search_of_one_file_says_what_it_turns_into():
    found = search(panel(horse), recordings(2)[1:])[0]
    assert found.sentence().endswith("turns 1.wav from infrasound to music")


def test_what_can_be_heard_is_not_tried():
    loud = Family("louder", "raising the level by {value} dB", (0.001, 6.0, 12.0),
                  lambda value: INTERVENTIONS["gain"].at(gain_db=value))
    found = search(panel(horse), recordings(2), families=[loud])[0]
    assert [one.value for one in found.tried] == [0.001]
    deaf = Family("loud", "{value}", (6.0,), loud.treatment)
    assert search(panel(horse), recordings(2), families=[deaf])[0].tried == ()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_can_be_done_at_every_value(family):
    short = Waveform(sound(1, 0.2).resampled(44100).y, 44100)
    for value in family.values:
        changed = family.treatment(value).apply(short)
        assert changed.y.shape == short.y.shape
        assert f"{value:,g}" in family.said(value) or len(family.values) == 1


# the tree

PATHS = (Path(10.0, 2.0, None), Path(440.0, 20.0, None), Path(440.0, 20.0, 5.3))
TREE = {"feature": np.array([0, -1, 2, -1, -1]), "threshold": np.array([0.5, 0, -1.0, 0, 0]),
        "left": np.array([1, -1, 3, -1, -1]), "right": np.array([2, -1, 4, -1, -1]),
        "share": np.array([[0.5, 0.5], [1, 0], [1 / 6, 5 / 6], [0.5, 0.5], [0, 1]]),
        "reached": np.array([1.0, 0.4, 0.6, 0.2, 0.4])}


@pytest.fixture(scope="module")
def nodes():
    return read_tree(**TREE, paths=PATHS, mean=np.array([-8.0, 0, -2.0]), std=np.array([2.0, 1, 0.5]))


def test_a_tree_is_read_in_hertz(nodes):
    assert [node.name for node in nodes] == ["10 Hz", "", "440 Hz, modulated at 5.3 Hz", "", ""]
    assert [node.inaudible for node in nodes] == [True, False, False, False, False]
    assert [(node.parent, node.depth) for node in nodes] == [(-1, 0), (0, 1), (0, 1), (2, 2), (2, 2)]
    assert nodes[0].threshold == pytest.approx(0.5 * 2 - 8)
    assert nodes[2].modulation_hz == 5.3
    assert (nodes[2].low_hz, nodes[2].high_hz) == band(PATHS[2]) == (400.0, 480.0)


def test_importances_are_the_decrease_of_impurity(nodes):
    gini = 1 - np.square(TREE["share"]).sum(1)
    root = gini[0] - 0.4 * gini[1] - 0.6 * gini[2]
    second = 0.6 * gini[2] - 0.2 * gini[3] - 0.4 * gini[4]
    found = importances(*(TREE[key] for key in ("feature", "left", "right", "share", "reached")))
    np.testing.assert_allclose(found, np.array([root, 0, second, 0, 0]) / (root + second))
    assert told_by_band(nodes, (0, 20, 1000)) == pytest.approx([found[0], found[2]])


def test_a_band_is_played_alone_and_an_inaudible_one_on_a_tone():
    both = sound(1, 2.0)
    t = np.arange(len(both.y)) / SR

    def share(y, hz):
        spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)))) ** 2
        near = np.abs(np.fft.rfftfreq(len(y), 1 / SR) - hz) < 20
        return spectrum[near].sum() / spectrum.sum()

    assert share(sound_of_band(both, 400, 480).y, 440) > 0.99
    played = sound_of_band(both, 6.0, 14.0)
    assert share(played.y, 220) > 0.9                      # the tone, which moves at 8 Hz
    envelope = np.abs(played.y).reshape(-1, 100).max(1)
    assert np.argmax(np.abs(np.fft.rfft(envelope - envelope.mean()))) / (len(t) / SR) == pytest.approx(8, abs=0.6)
    assert not sound_of_band(Waveform(np.zeros(800, np.float32), SR), 400, 480).y.any()


def test_a_treatment_that_is_refused_names_the_file():
    with pytest.raises(InputError, match=r"^0\.wav: band-stop"):
        experiment(panel(horse), recordings(1), [INTERVENTIONS["band-stop"].at(low_hz=50, high_hz=5000)])
