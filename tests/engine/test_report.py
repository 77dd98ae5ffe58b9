"""The files of an explanation: complete and true to the answer."""
# ruff: noqa: F811

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.checks import InputError
from engine.explain.explanation import Trust
from engine.job import Cancelled
from engine.listening.sounds import SOUNDS, sounds
from engine.report import write_explanation
from engine.report.clips import alone
from engine.report.figure import explanation_figure
from engine.report.page import page
from engine.report.sheet import DARK, figure_bytes
from tests.engine.reported import START, answer, ask, facts_of, folder, heard, song  # noqa: F401  (fixtures)


def test_all_files_are_there_and_nothing_else(folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {"explanation.png", "original.wav", "kept.wav", "removed.wav", "heard.wav", "explanation.json",
                     "segments.txt", "report.html"}


def test_sounds_are_float_and_just_as_they_were(folder, heard):
    for name in SOUNDS:
        y, sr = sf.read(folder / f"{name}.wav", dtype="float32", always_2d=True)
        assert sf.info(folder / f"{name}.wav").subtype == "FLOAT"
        assert sr == heard[name].sr
        np.testing.assert_array_equal(y.T, np.atleast_2d(heard[name].y))


def test_json_is_the_answer_without_nan(folder, answer):
    def refuse(name):
        raise AssertionError(name)

    found = json.loads((folder / "explanation.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert found == json.loads(json.dumps(answer.as_json()))
    assert found["trust"]["max_sensitivity"] is None


def test_labels_lie_on_the_sounds(folder, answer):
    lines = [line.split("\t") for line in (folder / "segments.txt").read_text(encoding="utf-8").splitlines()]
    assert [float(start) for start, _, _ in lines] == pytest.approx(
        [s.start for s in answer.explanation.segmentation.segments], abs=1e-6)
    assert "top 1" in lines[answer.explanation.top()[0]][2]


def test_picture_is_sharp_at_1200_pixels(folder):
    width, height = np.frombuffer((folder / "explanation.png").read_bytes()[16:24], ">u4")
    assert width >= 1200
    assert 0.5 < width / height < 1.5


def power(sound, hz):
    y = sound.mono().y * np.hanning(sound.y.shape[-1])
    spectrum = np.abs(np.fft.rfft(y))
    at = round(hz * len(y) / sound.sr)
    return spectrum[at - 3 : at + 4].max()


def test_a_band_alone_keeps_its_tone_and_drops_the_other(song, listener):
    answer = ask(song, listener, segmentation="spectral", segments=2)
    original = sounds(song, listener, answer)["original"]
    low, high = (alone(original, s, facts_of(answer, listener)) for s in answer.explanation.segmentation.segments)
    before = original.mono().resampled(low.sr)
    assert power(low, 300) > 0.9 * power(before, 300)
    assert power(low, 5000) < 0.01 * power(before, 5000)
    assert power(high, 5000) > 0.9 * power(before, 5000)
    assert power(high, 300) < 0.01 * power(before, 300)


def test_a_stretch_alone_is_as_long_as_its_segment(song, listener, answer, heard):
    segment = answer.explanation.segmentation.segments[4]
    sound = alone(heard["original"], segment, facts_of(answer, listener))
    assert sound.seconds == pytest.approx(segment.end - segment.start + 0.04, abs=1e-3)
    whole = heard["original"].mono().resampled(sound.sr).y[round((segment.start - 0.02) * sound.sr) :]
    within = slice(round(0.05 * sound.sr), round(0.14 * sound.sr))
    np.testing.assert_allclose(sound.y[within], whole[within], atol=0.02)


def test_axes_are_seconds_of_the_file_and_hertz(answer, listener):
    figure = explanation_figure(facts_of(answer, listener))
    axes = figure.axes[0]
    assert axes.get_xlim() == pytest.approx((START, START + listener.window_seconds))
    ticks = dict(zip([label.get_text() for label in axes.get_yticklabels()], axes.get_yticks(), strict=True))
    centres = listener.front_end.frequencies[1:-1]
    nearest = int(np.abs(centres - 1000).argmin())
    assert abs(ticks["1k"] - (nearest + 0.5)) < 1
    assert ticks["100"] < ticks["500"] < ticks["1k"] < ticks["4k"]


def test_bars_and_ranks_are_the_weights(answer, listener):
    noisy = replace(answer.explanation, stderr=np.full(10, 0.1))
    figure = explanation_figure(facts_of(replace(answer, explanation=noisy), listener), DARK)
    bars = next(a for a in figure.axes if a.containers)
    drawn = next(c for c in bars.containers if hasattr(c, "patches"))
    np.testing.assert_allclose([bar.get_height() for bar in drawn.patches], answer.explanation.weights)
    whiskers = drawn.errorbar.lines[2][0].get_segments()
    np.testing.assert_allclose([w[1, 1] - w[0, 1] for w in whiskers], 0.2)
    top = answer.explanation.top()
    ranks = {t.get_text(): t.xy[0] for t in bars.texts if t.get_text() in ("1", "2", "3")}
    assert ranks == pytest.approx({str(rank): drawn.patches[i].get_x() + drawn.patches[i].get_width() / 2
                                   for rank, i in enumerate(top, 1)})


def test_curves_are_drawn_step_by_step(answer, listener):
    figure = explanation_figure(facts_of(answer, listener))
    drawn = {line.get_label().split(",")[0]: line.get_ydata() for line in figure.axes[-1].lines}
    np.testing.assert_array_equal(drawn["removed"], answer.curves.deletion)
    np.testing.assert_array_equal(drawn["added"], answer.curves.insertion)


def test_a_bare_answer_is_drawn_and_written_too(song, listener):
    answer = ask(song, listener, method="occlusion", segmentation="grid", segments=20, units="logit")
    facts = facts_of(answer, listener)
    assert answer.explanation.trust == Trust()
    assert figure_bytes(explanation_figure(facts)).startswith(b"\x89PNG")
    assert page(facts, sounds(song, listener, answer), b"", b"").count("not measured") == 6


def test_weights_of_zero_are_drawn(answer, listener):
    zero = replace(answer, explanation=replace(answer.explanation, weights=np.zeros(10)), over_fills={})
    facts = facts_of(replace(zero, features=torch.zeros_like(answer.features)), listener)
    assert figure_bytes(explanation_figure(facts), "png")


def test_closed_folders_are_refused(tmp_path, answer, heard, listener):
    rest = (listener.spectrogram(answer.features), listener.front_end, {})
    (tmp_path / "taken").write_text("a file")
    for place in (tmp_path / "taken", tmp_path / "taken" / "deeper"):
        with pytest.raises(InputError, match="folder that can be written"):
            write_explanation(place, answer, heard, *rest)
    assert (tmp_path / "taken").read_text() == "a file"


def test_a_full_disk_leaves_the_old_report_whole(tmp_path, answer, listener, monkeypatch):
    path = tmp_path / "explanation.png"
    path.write_text("old")

    def no_space(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.disk.os.replace", no_space)
    with pytest.raises(InputError, match="No space left"):
        write_explanation(tmp_path, answer, {}, listener.spectrogram(answer.features), listener.front_end, {})
    assert [p.name for p in tmp_path.iterdir()] == ["explanation.png"]
    assert path.read_text() == "old"


def test_writing_can_be_cancelled(tmp_path, answer, heard, listener):
    def cancel(progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        write_explanation(tmp_path, answer, heard, listener.spectrogram(answer.features), listener.front_end, {},
                          report=cancel)
    assert not list(tmp_path.iterdir())
