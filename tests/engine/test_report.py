"""The files of an explanation: complete, true to the answer, safe to open, readable without seeing."""

import base64
import hashlib
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile as sf
import torch

from engine.audio.waveform import AudioFile, Waveform
from engine.checks import InputError
from engine.explain.explanation import Trust
from engine.job import Cancelled
from engine.listening.explain import Question, excerpt_spectrogram, explain, judged
from engine.listening.sounds import SOUNDS, sounds
from engine.report import save_figure, write_explanation
from engine.report.clips import alone, gain_for
from engine.report.facts import Facts
from engine.report.figure import explanation_figure
from engine.report.page import page
from engine.report.sheet import DARK, figure_bytes
from engine.report.web import text

START = 0.5
HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'> $\\frac{ \x07.wav"


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


class Elements(HTMLParser):
    """All elements of a page with their attributes, and the text inside script and style."""

    def __init__(self, html):
        super().__init__()
        self.found, self.inside = [], {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.found and self.found[-1][0] in ("script", "style") and self.found[-1][0] not in self.inside:
            self.inside[self.found[-1][0]] = data

    def of(self, *tags):
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.fixture(scope="module")
def elements(folder):
    return Elements((folder / "report.html").read_text(encoding="utf-8"))


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


def test_page_loads_nothing_from_elsewhere(folder, elements):
    for _, attributes in elements.found:
        for name in ("src", "href", "srcset"):
            assert attributes.get(name, "data:").startswith("data:")
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert not elements.of("link", "iframe", "object", "form")
    assert "url(" not in elements.inside["style"]


def test_policy_admits_the_page_s_own_script_and_style_only(elements):
    policy = next(m["content"] for m in elements.of("meta") if m.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for tag in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(elements.inside[tag].encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"
        assert len(elements.of(tag)) == 1


def test_page_can_be_used_without_seeing_it(elements, answer):
    ids = [a["id"] for _, a in elements.found if "id" in a]
    assert len(ids) == len(set(ids))
    players = elements.of("audio")
    assert len(players) == len(SOUNDS) + len(answer.explanation.weights)
    for player in players:
        assert "controls" in player
        assert player.get("aria-label") or player["aria-labelledby"] in ids
    assert all(image["alt"] for image in elements.of("img"))
    for element in elements.of("g", "button"):
        assert element["aria-label"]
        assert element.get("data-plays", element.get("data-sound")) in ids


def test_page_says_what_was_found_and_how(folder, answer):
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "c0ffee" in html
    assert "not measured" in html   # max-sensitivity
    assert f"{answer.explanation.trust.deletion_auc:.3g}" in html
    for source in ("IJCNN 2020", "ISMIR 2021", "BMVC 2018", "NeurIPS 2019", "ISMIR 2017"):
        assert source in html


def sound_of(address):
    kind, content = address.split(",", 1)
    assert kind == "data:audio/wav;base64"
    return sf.read(io.BytesIO(base64.b64decode(content)), dtype="float64", always_2d=True)


def test_loud_sounds_do_not_clip_in_the_page_and_keep_their_levels(answer, heard, listener):
    loud = {name: Waveform(8 * sound.y, sound.sr) for name, sound in heard.items()}
    html = page(facts_of(answer, listener), loud, b"light", b"dark")
    assert "quieter here" in html
    decoded = [sound_of(a["src"])[0] for a in Elements(html).of("audio")[: len(SOUNDS)]]
    peaks = [np.abs(y).max() for y in decoded]
    assert 0.95 < max(peaks) < 1
    expected = np.array([np.abs(sound.y).max() for sound in heard.values()])
    np.testing.assert_allclose(np.array(peaks) / max(peaks), expected / expected.max(), atol=1e-3)
    assert gain_for([Waveform(np.zeros(9, np.float32), 8000)]) == 1


def test_many_channels_and_high_rates_become_what_browsers_play(answer, heard, listener):
    odd = {name: Waveform(np.random.default_rng(0).uniform(-.5, .5, (6, 9600)).astype(np.float32), 96000)
           for name in SOUNDS}
    y, sr = sound_of(Elements(page(facts_of(answer, listener), odd, b"", b"")).of("audio")[0]["src"])
    assert sr == 48000
    assert y.shape == (4800, 1)


def test_hostile_names_are_text_everywhere(tmp_path, answer, heard, listener):
    hostile = replace(answer, file=HOSTILE, model=HOSTILE, target=HOSTILE)
    facts = facts_of(hostile, listener, sha256=HOSTILE)
    html = page(facts, heard, b"", b"")
    elements = Elements(html)
    assert len(elements.of("script")) == 1
    assert len(elements.of("img")) == 1
    assert "alert(1)" not in elements.inside["script"]
    assert "&lt;script&gt;alert(1)" in html
    svg = ET.fromstring(figure_bytes(explanation_figure(facts), "svg"))
    assert not [e for e in svg.iter() if e.tag.endswith("script")]


def test_text_escapes_quotes_and_hides_what_cannot_be_shown():
    assert text("<'\"&\x00\udc80>") == "&lt;&#x27;&quot;&amp;??&gt;"


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


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_picture_alone(tmp_path, answer, listener, ending):
    path = tmp_path / f"picture.{ending}"
    save_figure(path, answer, listener.spectrogram(answer.features), listener.front_end, {}, dark=True)
    start = path.read_bytes()[:200]
    assert {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF"}[ending] in start or b"<?xml" in start


def test_unknown_pictures_and_closed_folders_are_refused(tmp_path, answer, heard, listener):
    rest = (listener.spectrogram(answer.features), listener.front_end, {})
    with pytest.raises(InputError, match=r"\.svg"):
        save_figure(tmp_path / "picture.bmp", answer, *rest)
    with pytest.raises(InputError, match="No such file"):
        save_figure(tmp_path / "missing" / "picture.png", answer, *rest)
    (tmp_path / "taken").write_text("a file")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "deeper"):
        with pytest.raises(InputError, match="folder that can be written"):
            write_explanation(folder, answer, heard, *rest)
    assert (tmp_path / "taken").read_text() == "a file"


def test_a_full_disk_leaves_the_old_report_whole(tmp_path, answer, listener, monkeypatch):
    path = tmp_path / "picture.png"
    path.write_text("old")

    def no_space(*names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.disk.os.replace", no_space)
    with pytest.raises(InputError, match="No space left"):
        save_figure(path, answer, listener.spectrogram(answer.features), listener.front_end, {})
    assert [p.name for p in tmp_path.iterdir()] == ["picture.png"]
    assert path.read_text() == "old"


def test_writing_can_be_cancelled(tmp_path, answer, heard, listener):
    def cancel(progress):
        raise Cancelled

    with pytest.raises(Cancelled):
        write_explanation(tmp_path, answer, heard, listener.spectrogram(answer.features), listener.front_end, {},
                          report=cancel)
    assert not list(tmp_path.iterdir())
