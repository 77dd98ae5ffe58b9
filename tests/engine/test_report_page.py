"""The page of an explanation: true, safe to open, readable without seeing."""
# ruff: noqa: F811

import base64
import hashlib
import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile as sf

from engine.audio.waveform import Waveform
from engine.listening.sounds import SOUNDS
from engine.report.clips import gain_for
from engine.report.figure import explanation_figure
from engine.report.page import page
from engine.report.sheet import figure_bytes
from engine.report.web import text
from tests.engine.reported import answer, facts_of, folder, heard, song  # noqa: F401  (fixtures)

HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'> $\\frac{ \x07.wav"


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
