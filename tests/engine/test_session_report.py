"""The report of a session: offline, and from anybody without harm."""
# ruff: noqa: F811

import html
import re
from html.parser import HTMLParser

import pytest

from engine import commands
from engine.sessions import AudioRef, ModelRef, Result, Session, write
from tests.engine.saved import HOSTILE, ask, copied, folders, only, saved  # noqa: F401  (fixtures)


class Page(HTMLParser):
    """Tags, ids, what refers to ids, and text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.ids, self.wanted, self.addresses = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("aria-labelledby", "aria-describedby", "data-plays", "data-sound"):
                self.wanted.append(value)
            if name in ("src", "href", "srcset"):
                self.addresses.append(value)
            assert not name.startswith("on"), (tag, name)


@pytest.fixture(scope="module")
def reported(saved, tmp_path_factory):
    out = tmp_path_factory.mktemp("reported")
    assert commands.run(["report", str(saved), "--out", str(out)]) == 0
    return (out / "report.html").read_text(encoding="utf-8")


def test_the_report_can_be_listened_to_offline(reported):
    page = Page(reported)
    assert page.tags.count("article") >= 3 + 4 + 3
    assert page.tags.count("audio") == (4 + 10) + 3 + 2     # of explain, attack, compose
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    assert "Top 3 alone" in reported
    assert "What it survives" in reported
    assert "T:folk 3.0" in reported


def test_ids_of_the_report_are_each_of_one_thing(reported):
    page = Page(reported)
    assert len(page.ids) == len(set(page.ids))
    assert set(page.wanted) <= set(page.ids)


def test_names_with_html_are_nothing_but_text(reported):
    page = Page(reported)
    assert "<script>alert" not in reported
    assert page.tags.count("script") == 1
    assert page.tags.count("img") == 2
    assert html.escape(HOSTILE, quote=True) in reported


def test_everything_in_a_hostile_session_is_text(tmp_path, capsys):
    evil = "</pre><script>alert(1)</script><b onclick='x'>\""
    ref = AudioRef(evil, tmp_path / "gone.wav", "0" * 64, 5, 1.0)
    results = (Result(evil, {evil: evil, "audio": {"audio": "k"}}, {evil: evil}, (ModelRef(evil, evil),)),
               Result("predict", {}, {"segments": evil}), Result("compose", {}, {"tunes": [{"abc": evil}]}))
    session = Session(results=results, audio={"k": ref}, tunes={evil: f"X:1\nT:{evil}\nK:C\nCDEF|"},
                      trials=({evil: evil},), view={evil: {evil: evil}}, made_with={evil: evil},
                      assets={evil: b""})
    write(session, tmp_path / "s.oto")
    code, answer, said = ask(capsys, "report", str(tmp_path / "s.oto"), "--out", str(tmp_path / "out"))
    assert code == 0, said
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.tags.count("script") == 1
    assert "b" not in page.tags
    assert page.tags.count("article") == 3 + 1 + 1 + page.tags.count("audio")
    assert answer["missing"]


def test_a_tampered_answer_is_shown_in_words_and_not_with_other_sounds(copied, tmp_path, capsys):
    only(copied, explain=lambda result: {"answer": {**result.answer, "score_full": 0.123}})
    ask(capsys, "report", str(copied), "--out", str(tmp_path / "out"))
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "answered otherwise today" in text
    assert "Top 3 alone" not in text
    assert "singing 0.123" in text


def test_a_session_of_nothing_is_a_page(tmp_path, capsys):
    write(Session(), tmp_path / "s.oto")
    code, answer, _ = ask(capsys, "report", str(tmp_path / "s.oto"), "--out", str(tmp_path / "out"))
    assert code == 0
    assert answer["results"] == 0
    assert re.search("0 results", (tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
