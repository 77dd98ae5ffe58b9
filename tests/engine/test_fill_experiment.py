"""The fill experiment: voices are planted where they should be, counts are right, files are looked at first."""

import argparse
import json

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.audio.features import MelFrontEnd
from engine.checks import InputError
from engine.commands import fills as command
from engine.explain import fill_experiment as experiment
from engine.explain.fill_experiment import Ruler, Stems, hits, outcomes, planted, sung_excerpts, trials
from engine.explain.segments import temporal
from engine.job import silent
from engine.listening import fills

FRONT_END = MelFrontEnd()
CUT = temporal(10, bands=80, frames=115, frames_per_second=FRONT_END.frames_per_second,
               frequencies=FRONT_END.frequencies)
RULER = Ruler.of(CUT, sr=22050, hop_length=315, n_fft=1024)
SECOND = 22050


def features(y):
    """Log-mel in the range that a standardised input has."""
    return (FRONT_END(torch.from_numpy(y))[:, 2:117] + 5) / 3


class HighBands:
    """Probability of "voice": how many frames are loud in the upper bands, where these tests' voices are."""

    def __call__(self, S):
        return torch.sigmoid((S[:, 55:70].mean(1) > 1.0).float().mean(1) * 8 - 1)


def stems(seconds=6.0, rests=()):
    """A high voice over a low accompaniment; it rests from `a` to `b` seconds."""
    t = np.arange(round(seconds * SECOND)) / SECOND
    vocal = sum(0.1 * np.sin(2 * np.pi * f * t) for f in range(3000, 5000, 130)).astype(np.float32)
    for a, b in rests:
        vocal[round(a * SECOND) : round(b * SECOND)] = 0
    return Stems("song", vocal, (0.1 * np.sin(2 * np.pi * 200 * t)).astype(np.float32))


def test_excerpts_with_a_rest_in_them_are_left_out():
    starts = sung_excerpts(stems(rests=[(2.0, 3.0)]).vocal, RULER, step=2000)
    assert starts
    # a segment at the border of the rest may be sung in part
    assert all(s + RULER.borders[-1] <= 2.25 * SECOND or s >= 2.8 * SECOND for s in starts)
    assert sung_excerpts(np.zeros(6 * SECOND, np.float32), RULER, step=2000) == []
    assert sung_excerpts(np.ones(SECOND, np.float32), RULER, step=2000) == []


def test_a_voice_is_added_in_its_segments_and_nowhere_else():
    pair = stems()
    first = 2 * SECOND
    y = planted(pair, first, (1, 4, 5), RULER)
    assert y.shape == (RULER.length,)
    part = slice(first - RULER.margin, first - RULER.margin + RULER.length)
    voice = y - pair.instrumental[part]
    fade = round(0.006 * SECOND)
    for i in range(10):
        low, high = RULER.borders[i : i + 2] + RULER.margin
        inside = slice(low + fade, high - fade)
        wanted = pair.vocal[part][inside] if i in (1, 4, 5) else np.zeros(high - low - 2 * fade)
        np.testing.assert_allclose(voice[inside], wanted, atol=1e-6)
    border = RULER.borders[5] + RULER.margin  # between two planted neighbours the voice goes on
    np.testing.assert_allclose(voice[border - fade : border + fade], pair.vocal[part][border - fade : border + fade],
                               atol=1e-6)


def test_frames_of_planted_segments_are_those_that_change():
    pair = stems()
    first = 2 * SECOND
    with_voice, without = (features(planted(pair, first, truth, RULER)) for truth in ((3,), ()))
    change = (with_voice - without)[55:70].mean(0)
    frames = (CUT.segment_map[0] == 3).nonzero()[:, 0]
    assert float(change[frames[2] : frames[-2]].min()) > 1
    assert float(change[: frames[0] - 2].abs().max()) < 0.5
    assert float(change[frames[-1] + 3 :].abs().max()) < 0.5


def test_a_model_that_hears_the_voice_names_what_was_planted():
    score = HighBands()
    kept, tried = trials(stems(), features, score, ruler=RULER, threshold=0.5, step=9000, most=6)
    assert len(kept) == tried == 6
    assert len({trial.truth for trial in kept}) > 1
    for trial in kept:
        assert hits(trial, score, segmentation=CUT, fills=("zero", "min-input"), data_minimum=None) == [3, 3]


def test_excerpts_that_the_model_does_not_call_vocal_are_left_out():
    kept, tried = trials(stems(), features, lambda S: torch.zeros(len(S)), ruler=RULER, threshold=0.5, step=9000,
                         most=100)
    assert kept == []
    assert tried > 3


def test_chance_is_what_random_weights_reach():
    rng = np.random.default_rng(0)
    found = np.array([[len(set(rng.permutation(10)[:3]) & {0, 1, 2})] for _ in range(20000)])
    (outcome,), _ = outcomes(["guess"], found, ["song"] * len(found), n_resamples=5)
    assert outcome.mean_hits == pytest.approx(experiment.CHANCE_MEAN_HITS, abs=0.02)
    assert outcome.all_three == pytest.approx(experiment.CHANCE_ALL_THREE, abs=0.003)


def test_intervals_are_over_songs_and_hold_the_mean():
    found = np.array([[3, 1]] * 10 + [[1, 1]] * 10)
    (first, second), lead = outcomes(["a", "b"], found, ["x"] * 10 + ["y"] * 10)
    assert (first.mean_hits, first.all_three, first.n) == (2.0, 0.5, 20)
    assert (first.low, first.high) == (1.0, 3.0)  # two songs that differ: nothing is known about a third
    assert (second.low, second.high) == (1.0, 1.0)
    assert lead == pytest.approx(0.875, abs=0.05)  # a draw where song y was drawn twice: 1 in 4, counting half


def write(path, y, sr=SECOND):
    sf.write(path, y, sr, subtype="FLOAT")
    return path


@pytest.fixture
def pair(tmp_path):
    both = stems(4.5)
    return (write(tmp_path / "one_vocals.wav", both.vocal), write(tmp_path / "one_instrumental.wav", both.instrumental))


def test_files_to_table(pair, random_listener):
    result = fills.run([pair], random_listener(threshold=0.0), fills=("mean", "zero"), most=3)
    assert [row["fill"] for row in result["fills"]] == ["mean", "zero"]
    assert all(row["n"] == 3 and 0 <= row["low"] <= row["mean_hits"] <= row["high"] <= 3 for row in result["fills"])
    best = max(result["fills"], key=lambda row: row["mean_hits"])
    assert result["recommended"] == best["fill"]
    assert result["verdict"].startswith("indicative")
    json.dumps(result, allow_nan=False)
    again = fills.run([pair], random_listener(threshold=0.0), fills=("mean", "zero"), most=3)
    assert again["fills"] == result["fills"]


def test_a_model_that_hears_no_singing_says_so_in_one_sentence(pair, random_listener):
    with pytest.raises(InputError, match=r"calls none of the \d+ excerpts"):
        fills.run([pair], random_listener(threshold=1.1), fills=("mean",))


def test_rates_may_differ_and_a_longer_end_is_left_out(tmp_path, pair):
    other = write(tmp_path / "other.wav", np.full(round(4.8 * 16000), 0.1, np.float32), 16000)
    read = fills.read_stems(pair[0], other, sr=SECOND)
    assert len(read.vocal) == len(read.instrumental) == round(4.5 * SECOND)
    assert read.song == "one"


@pytest.mark.parametrize(("seconds", "level", "message"), [(8.0, 0.1, "one length"), (4.5, 0.0, "silence")])
def test_stems_that_do_not_fit_are_refused(tmp_path, pair, seconds, level, message):
    other = write(tmp_path / "other.wav", np.full(round(seconds * SECOND), level, np.float32))
    with pytest.raises(InputError, match=message):
        fills.read_stems(pair[0], other, sr=SECOND)


def test_a_vocal_stem_in_which_nobody_sings_for_long_is_refused(tmp_path, pair, random_listener):
    short = np.zeros(round(4.5 * SECOND), np.float32)
    short[:SECOND] = np.sin(np.arange(SECOND))
    with pytest.raises(InputError, match="never rests"):
        fills.run([(write(tmp_path / "v.wav", short), pair[1])], random_listener(threshold=0.0), fills=("mean",))


def test_a_folder_gives_its_pairs(tmp_path, pair):
    write(tmp_path / "lonely_vocals.wav", np.ones(10, np.float32))
    assert fills.pairs_in(tmp_path) == [pair]
    with pytest.raises(InputError, match="expected a folder"):
        fills.pairs_in(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="found 0 vocal and 0 instrumental"):
        fills.pairs_in(empty)


def arguments(*words):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args([str(word) for word in words])


def test_the_command_writes_a_table_a_picture_and_json(tmp_path, pair, monkeypatch, random_listener):
    monkeypatch.setattr(command.catalogue, "load", lambda name: random_listener(threshold=0.0))
    args = arguments(*pair, "--fills", "mean,noise", "--excerpts", 2, "--out", tmp_path / "out")
    result = command.run(args, silent)
    table = command.show(result)
    assert "2.16" in table
    assert "chance" in table
    assert "Recommended" in table
    assert (tmp_path / "out" / "fills.png").stat().st_size > 5000
    assert json.loads((tmp_path / "out" / "fills.json").read_text()) == result


@pytest.mark.parametrize(("words", "message"), [
    (["a.wav"], "got one file"), (["a.wav", "b.wav", "--data", "x"], "got both"),
    (["--excerpts", "0"], "excerpts"), (["--fills", ","], "got none")])
def test_the_command_refuses_what_makes_no_sense(words, message):
    with pytest.raises(InputError, match=message):
        command.run(arguments(*words), silent)
