"""What file names, titles and labels say stays text in every report: no element, no script, no picture, no formula."""

import csv
import json
import math
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from engine.audio.waveform import Waveform, write_wav
from engine.explain.maximise import Settings
from engine.listening.maximise_nearest import Nearest
from engine.listening.maximise_real import RealExcerpt
from engine.listening.maximise_values import Example, MaximiseAnswer, MaximiseQuestion
from engine.models.mel_bank import Source
from engine.report.dissect import Pair, write_dissect
from engine.report.maximise import write_maximise
from engine.report.web import Player, document, header, listen, look, provenance, table

NAMES = ["\"><script>alert(1)</script><img src=x onerror='alert(2)'> $\\frac{ \x07.wav",
         "</style><svg onload=alert(3)>", "--></script><iframe src=//evil.example>", "javascript:alert(4)", "&lt;b&gt;",
         "{{7*7}}${8*8}",
         "\u202egnp.exe", "'; DROP TABLE x; --", "a\nb\r\nc", "\ud800", "$$$$$", "<!--", "]]>", "%3Cscript%3E",
         "＜script＞", "x" * 5000]
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "script", "header", "h1", "h2", "h3", "p", "section",
        "article", "audio", "div", "figure", "figcaption", "picture", "source", "img", "table", "caption", "thead",
        "tr", "th", "tbody", "td", "br", "span", "button", "input", "label", "a", "ul", "li", "details", "summary"}


class Page(HTMLParser):
    """All elements of a page, and all that its attributes say."""

    def __init__(self, html):
        super().__init__()
        self.elements = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def assert_harmless(html):
    """Only elements of ours, one script, nothing that runs on an event, nothing from elsewhere, and a policy."""
    page = Page(html)
    tags = [tag for tag, _ in page.elements]
    assert set(tags) <= TAGS
    assert tags.count("script") <= 1
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
        for name in ("src", "srcset", "href", "action", "data"):
            address = attributes.get(name) or "data:"
            assert address.startswith(("data:image/png;base64,", "data:audio/wav;base64,", "data:", "#")), address[:80]
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    html.encode("utf-8")
    assert "\x07" not in html


def tone():
    return Waveform(np.full(22050, 0.1, np.float32), 22050)


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_that_all_pages_share(name):
    sounds = [Player("one", name, name, tone())]
    parts = [*header(name, [name]), *listen(sounds), *look(b"x", b"y", words=name, source=name),
             *table(name, (name, name), [[name, name]]), *provenance({name: name})]
    assert_harmless(document(name, parts))


@pytest.mark.parametrize("name", NAMES)
def test_maximise(tmp_path, listener, name):
    near = Nearest(Source(name, name, name, name), 12.0, 0.1, 0.3, np.zeros((16, 23), np.float32))
    example = Example(0, 4.5, 3.25, 0.9, np.linspace(0, 4.5, 11), np.arange(11), None, torch.zeros(128),
                      torch.zeros(80, 115), tone(), near)
    failed = replace(example, seed=1, activation=math.nan, failed=3)
    sound = tmp_path / (name.replace("/", "_")[:80] if name.isascii() else "real.wav")
    write_wav(sound, tone())
    real = RealExcerpt(sound, 0.0, 5.0, torch.zeros(80, 115))
    answer = MaximiseAnswer(name, "logit", 0, name, MaximiseQuestion(seeds=2), Settings(0.01, 0.1, 10),
                            (example, failed), None, None, "dense2", 2, 5.0, (real,), 1.5)
    write_maximise(tmp_path / "out", answer, listener)
    assert_harmless((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    json.loads((tmp_path / "out" / "maximise.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ["sweep", "figures", "bars"])
@pytest.mark.parametrize("name", NAMES)
def test_dissect(tmp_path, name, kind):
    labels = [name, f"{name} 2"]
    audible = {"audible": True, "margin_db": 1.0, "words": name}
    file = {"file": name, "label": name, "before": name, "after": name, "probability_before": [0.5, 0.5],
            "probability_after": [0.5, 0.5], "audible": audible}
    figures = {"confusion": [[1, 0], [0, 1]], "mean_recall": 0.5, "mean_recall_interval": [0.4, 0.6],
               "labels": labels, "recall": dict.fromkeys(labels, 0.5)}
    result = {"model": name, "treatment": name, "labels": labels, "n": 1, "n_labelled": 1, "recall_before": 0.5,
              "recall_after": 0.5, "change_interval": None, "flipped": 0, "sentence": name, "files": [file],
              "figures_before": figures if kind == "figures" else None, "figures_after": figures,
              "tree": {"nodes": [{"importance": 0.5, "name": name}]}}
    if kind == "sweep":
        result["sweep"] = {"kind": name, "unit": name, "values": [1.0, 2.0], "mean_probability": [[0.5, 0.5]] * 2,
                           "recall": [0.5, 0.5], "curves": [{"decided": [name, name]}]}
    write_dissect(tmp_path / "out", result, [Pair(name, name, tone(), tone())])
    assert_harmless((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    with (tmp_path / "out" / "dissect.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert {len(row) for row in rows} == {len(rows[0])}
