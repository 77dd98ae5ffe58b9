"""The planted horse: what is planted is there, and nowhere else; methods are scored by where the true cause stands."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.audio.change import level_of_change
from engine.audio.waveform import Waveform
from engine.checks import InputError
from engine.explain.dissect_tree import Measured
from engine.report.horse import write_horse
from engine.training import horse as planted
from engine.training import horse_methods as methods
from engine.training.horse_causes import CAUSES
from engine.training.horse_sounds import INFRASONIC_LEVEL, LABELS, OFFSET, PLANTED, PLANTS, SR, clips, music
from engine.training.horse_systems import fitted, panel_of, recordings_of

NAMES = [cause.name for cause in CAUSES]


@pytest.mark.parametrize("plant", PLANTS)
def test_a_plant_is_in_one_class_alone(plant):
    made = clips(plant, 3, seed=5)
    assert [clip.label for clip in made] == [0, 1] * 3
    for clip in made:
        assert np.array_equal(clip.heard.y, clip.clean.y) == (clip.label != PLANTED)
        assert clip.heard.y.shape == (5 * SR,)
    again = clips(plant, 3, seed=5)
    assert all(np.array_equal(a.heard.y, b.heard.y) for a, b in zip(made, again, strict=True))
    assert not np.array_equal(clips(plant, 1, seed=6)[1].heard.y, made[1].heard.y)


def spectrum(sound):
    return np.fft.rfftfreq(len(sound.y), 1 / SR), np.abs(np.fft.rfft(sound.y)) * 2 / len(sound.y)


def test_plants_are_what_they_are_called():
    def made(plant):
        return clips(plant, 1, seed=3)[PLANTED]

    hz, magnitude = spectrum(made("infrasonic").heard)
    low = (hz > 2) & (hz < 20)
    assert 7.7 < hz[low][magnitude[low].argmax()] < 12.3
    assert magnitude[low].max() == pytest.approx(INFRASONIC_LEVEL, rel=0.4)
    dc = made("dc")
    assert float((dc.heard.y - dc.clean.y).mean()) == pytest.approx(OFFSET, rel=1e-3)
    codec = made("codec")
    top = spectrum(codec.clean)[0] > 5200
    assert spectrum(codec.heard)[1][top].mean() < 0.1 * spectrum(codec.clean)[1][top].mean()
    louder = made("loudness")
    assert np.square(louder.heard.y).mean() / np.square(louder.clean.y).mean() == pytest.approx(10**0.4, rel=1e-3)
    clicks = made("clicks")
    assert 115 < np.count_nonzero(np.abs(clicks.heard.y - clicks.clean.y) > 1e-3) < 125


def test_inaudible_plants_are_inaudible():
    for plant in ("infrasonic", "dc"):
        for clip in clips(plant, 3, seed=0)[PLANTED::2]:
            assert level_of_change(clip.clean, clip.heard).audible is False


def test_a_fixed_tempo_is_the_only_thing_that_is_fixed():
    onsets = []
    for seed in (0, 1):
        sound = music(np.random.default_rng(seed), PLANTED, tempo=120.0)
        jump = np.diff(np.abs(sound.y).reshape(-1, 49).max(1))[: SR // 49 * 4]
        power = np.abs(np.fft.rfft(jump - jump.mean()))
        hz = np.fft.rfftfreq(len(jump), 49 / SR)
        near = (hz > 2.5) & (hz < 5.5)
        onsets.append(hz[near][power[near].argmax()])
    assert onsets == pytest.approx([4.0, 4.0], abs=0.25)


# ranks

def test_the_rank_is_the_place_and_equals_share_theirs():
    scores = [0.5, None, 0.5, 0.9, 0.1, *[0.0] * 7]
    assert methods.rank_of("codec", scores) == 1
    assert methods.rank_of("infrasonic", scores) == methods.rank_of("clicks", scores) == 2.5
    assert methods.rank_of("dc", scores) is None
    assert methods.rank_of("delay", scores) == 8
    assert len(set(NAMES)) == 12
    assert NAMES[: len(PLANTS)] == list(PLANTS)


def test_causes_show_in_rows_of_their_own():
    class Row:
        def __init__(self, hz, modulation_hz=None):
            self.hz, self.width_hz, self.modulation_hz, self.name = hz, 1.0, modulation_hz, ""

    def shows(row: Measured):
        return {cause.name for cause in CAUSES if cause.rows is not None and cause.rows(row)}

    assert shows(Row(10.0)) == {"infrasonic"}
    assert shows(Row(0.0)) == {"dc"}
    assert shows(Row(4800.0)) == {"codec"}
    assert "tempo" in shows(Row(440.0, 2.0))
    assert "mains hum" in shows(Row(50.0))
    assert shows(Row(500.0)) == {"loudness", "register"}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_every_cause_can_be_taken_up(cause):
    sound = clips(None, 1, seed=0)[0].heard
    for value in (*cause.family.values, *cause.swept):
        assert cause.family.treatment(value).apply(sound).sr == SR
    assert cause.family.said(cause.family.values[0])


# all of it, on little

def test_a_tree_finds_the_tone_that_nobody_hears(monkeypatch):
    few = tuple(cause for cause in CAUSES if cause.name in ("infrasonic", "dc", "hiss", "register"))
    monkeypatch.setattr(methods, "CAUSES", few)
    result = planted.horse("infrasonic", train=8, test=2)
    assert set(result) >= {"plant", "recall_before", "recall_after", "audible", "methods"}
    assert result["audible"] is False
    assert result["systems"]["tree"]["recall_before"] > result["systems"]["tree"]["recall_after"]
    found = {one["method"]: one for one in result["methods"]}
    assert list(found) == ["tree", "sweep", "search"]
    assert found["tree"]["rank"] == 1
    assert found["sweep"]["rank"] <= 2
    assert all(one["seconds"] >= 0 and one["spread"] == 0 for one in result["methods"])


def test_what_is_contained_is_found_and_what_cannot_be_has_no_rank():
    learnt, asked = clips("dc", 8, 0), clips("dc", 1, 99)
    systems = fitted(learnt)
    panel = panel_of(systems)
    heard, clean = (panel.hear(one.load(), lambda progress: None) for one in (
        recordings_of(asked)[PLANTED], recordings_of(asked, clean=True)[PLANTED]))
    assert heard[1][PLANTED] > clean[1][PLANTED] + 0.2               # order 0 of the scattering hears the offset
    assert methods.rank_of("dc", methods.by_tree(systems, panel, [], lambda progress: None)) == 1
    mel = methods.MelSystem(learnt)
    for name in ("slime-exact", "occlusion"):
        scores = methods.by_explainer(name)(mel, asked, lambda progress: None)
        assert methods.rank_of("infrasonic", scores) is None         # log-mels start at 27.5 Hz
        assert methods.rank_of("dc", scores) is None
        assert methods.rank_of("codec", scores) is not None


def test_the_system_for_explainers_learns_loudness():
    learnt = clips("loudness", 10, 0)
    mel = methods.MelSystem(learnt)
    new = clips("loudness", 5, 77)
    with torch.no_grad():
        said = [bool(mel(((mel.spectrogram(clip) - mel.mean) / mel.std)[None]) > 0.5) for clip in new]
    assert np.mean([one == (clip.label == PLANTED) for one, clip in zip(said, new, strict=True)]) >= 0.8


def test_an_adversary_weighs_rows():
    learnt = clips("infrasonic", 4, 0)
    systems = fitted(learnt)
    scores = methods.by_adversary(systems, panel_of(systems), learnt[:1], lambda progress: None)
    assert scores[NAMES.index("polarity")] is None
    assert scores[NAMES.index("dc")] is not None
    assert all(np.isfinite(score) for score in scores if score is not None)


def test_what_is_not_known_is_refused():
    with pytest.raises(InputError, match="--plant: expected one of infrasonic, dc"):
        planted.horse("horse")
    with pytest.raises(InputError, match="--seeds"):
        planted.horse("dc", seeds=0)
    assert len(LABELS) == 2
    assert isinstance(clips(None, 1, 0)[0].heard, Waveform)


def test_removing_infrasound_leaves_the_offset():
    cause = next(cause for cause in CAUSES if cause.name == "infrasonic")
    sound = clips("dc", 1, 0)[PLANTED].heard
    left = cause.family.treatment(25).apply(sound)
    assert float(left.y.mean()) == pytest.approx(float(sound.y.mean()), rel=1e-3)
    hz, magnitude = spectrum(Waveform(left.y - left.y.mean(), SR))
    assert magnitude[(hz > 0) & (hz < 15)].max() < 1e-5


@pytest.mark.slow
def test_a_fixed_tempo_is_learnt_by_windows_that_hold_several_notes():
    learnt, asked = clips("tempo", 16, 0), clips("tempo", 6, 1_000_003)
    panel = panel_of(fitted(learnt, long=True))
    right = [[int(panel.hear(sound, lambda progress: None)[1].argmax() == clip.label)
              for clip, sound in ((clip, sound(clip)) for clip in asked)]
             for sound in (lambda clip: clip.heard, lambda clip: clip.clean)]
    assert np.mean(right[0]) > np.mean(right[1]) + 0.1


def test_a_horse_is_written_as_table_numbers_and_page(tmp_path):
    method = {"method": "tree", "rank": None, "spread": None, "ranks": [None], "seconds": 1.0, "why": "<cannot>"}
    result = {"plant": "dc", "words": "an offset", "audible": False, "learnt": True, "seeds": 1, "causes": ["dc"],
              "systems": {"tree": {"recall_before": 1.0, "recall_after": 0.5}}, "methods": [method]}
    write_horse(tmp_path / "out", result)
    assert (tmp_path / "out/horse.csv").read_text().splitlines()[1] == "dc,tree,,,none,1.0,<cannot>,1,1"
    page = (tmp_path / "out/report.html").read_text()
    assert "&lt;cannot&gt;" in page
    assert "from 1.00 to 0.50 (tree)" in page
    assert (tmp_path / "out/horse.json").exists()
