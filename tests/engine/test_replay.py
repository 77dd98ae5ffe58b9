"""What is saved can be asked again, and finds what is no longer as it was; a session from anybody does no harm."""

import argparse
import html
import json
import os
import re
import shutil
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import commands
from engine.checks import InputError
from engine.commands import again
from engine.commands import replay as replay_command
from engine.commands.again import NEVER, namespace
from engine.commands.saving import INPUTS, OURS, OUTPUTS, saved_arguments
from engine.job import silent
from engine.models import foreign_consent
from engine.sessions import AudioRef, ModelRef, Result, Session, read, reference, write

CLIP = Path(__file__).resolve().parents[2] / "resources" / "demo" / "fantasma.ogg"
WAVES = {"input": "waveform", "sample_rate": 8000, "window": 2000, "outputs": "logits", "labels": ["low", "high"]}
HOSTILE = "\"><script>alert(1)<img src=x onerror='alert(2)'>&amp;.ogg"
PATHLIKE = {"AUDIO", "DIR", "FILE", "PATH", "TUNE", "VOCAL", "INSTRUMENTAL", "DATA", "TABLE"}


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Caches and settings go below tmp_path."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def ask(capsys, *argv):
    """Exit code, JSON of stdout where there is some, stderr."""
    code = commands.run([*argv, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A session of explain, attack and compose, and its sound, whose name is hostile."""
    folder = tmp_path_factory.mktemp("saved")
    song, path = folder / HOSTILE, folder / "s.oto"
    shutil.copy(CLIP, song)
    for argv in (["explain", str(song), "--start", "1"],
                 ["attack", str(song), "--model", "svd", "--start", "2", "--seconds", "2", "--iterations", "3"],
                 ["compose", "-n", "2", "--max-tokens", "60", "--seed", "3"]):
        assert commands.run([*argv, "--json", "--save", str(path)]) == 0
    return path


@pytest.fixture
def copied(saved, tmp_path):
    """A copy of it to change, the sound beside it."""
    folder = tmp_path / "copied"
    shutil.copytree(saved.parent, folder)
    return folder / "s.oto"


def only(path, **changes):
    """The session with those results alone that are named, by their commands, and with the changes to each."""
    session = read(path).session
    results = tuple(Result(**{**vars(result), **changes[result.command](result)}) for result in session.results
                    if result.command in changes)
    write(Session(**{**vars(session), "results": results}), path)


def tampered(result):
    """Fields of an explanation with another weight."""
    first, *others = result.answer["segments"]
    return {"answer": {**result.answer, "segments": [{**first, "weight": first["weight"] + 1e-4}, *others]}}


# saving

def test_what_was_asked_and_answered_is_in_the_session(saved):
    session = read(saved).session
    assert [result.command for result in session.results] == ["explain", "attack", "compose"]
    (ref,) = session.audio.values()
    assert (ref.name, ref.seconds) == (HOSTILE, 28.0)
    explain, attack, compose = session.results
    assert explain.arguments["audio"] == {"audio": ref.key}
    assert explain.arguments["start"] == 1.0
    assert explain.answer["segments"]
    assert [model.name for model in explain.models] == ["svd"]
    assert len(explain.models[0].sha256) == 64
    assert attack.arguments["seconds"] == 2.0
    assert list(session.tunes.values()) == [tune["abc"] for tune in compose.answer["tunes"]]
    assert not {"trust", "save", "json", "debug"} & set().union(*(one.arguments for one in session.results))


@pytest.mark.parametrize(("name", "words"), [
    ("s.zip", "ends in .oto"), ("nowhere/s.oto", "no folder"), ("damaged.oto", "expected a session"),
    ("folder.oto", "found a folder"), ("partly.oto", "would lose")])
def test_a_bad_path_is_refused_before_the_work(tmp_path, capsys, monkeypatch, saved, name, words):
    (tmp_path / "damaged.oto").write_bytes(b"no session")
    (tmp_path / "folder.oto").mkdir()
    (tmp_path / "partly.oto").write_bytes(saved.read_bytes()[:-60])
    monkeypatch.setattr("engine.commands.layers.run", lambda *_: pytest.fail("it was asked"))
    code, _, said = ask(capsys, "layers", "svd", "--save", str(tmp_path / name))
    assert code == 2
    assert words in said


def test_an_answer_that_cannot_be_saved_is_printed_all_the_same(tmp_path, capsys, monkeypatch):
    def full(*_, **__):
        raise InputError("the disk is full")
    monkeypatch.setattr("engine.commands.saving.write", full)
    code, answer, said = ask(capsys, "layers", "svd", "--save", str(tmp_path / "s.oto"))
    assert code == 2
    assert answer["layers"]
    assert "the disk is full" in said


def test_tunes_of_one_name_do_not_replace_each_other(tmp_path, capsys):
    for temperature in ("1", "0.5", "0.5"):
        ask(capsys, "compose", "--max-tokens", "30", "--temperature", temperature, "--save", str(tmp_path / "s.oto"))
    session = read(tmp_path / "s.oto").session
    assert len(session.results) == 3
    assert list(session.tunes) == ["folk 0.0", "folk 0.0 (2)"]


def test_every_option_that_names_a_path_is_known_to_be_one():
    for name in set(commands.COMMANDS) - set(commands.OF_SESSIONS):
        for action in commands.parser_of(name)._actions:
            if action.metavar in PATHLIKE or action.type is Path:
                assert action.dest in {*INPUTS, *OUTPUTS, *OURS, "model"}, f"{name} {action.dest}"


def test_every_command_but_those_of_sessions_can_be_saved():
    for name in commands.COMMANDS:
        options = {action.dest for action in commands.parser_of(name)._actions}
        assert ("save" in options) == (name not in commands.OF_SESSIONS)


def test_folders_are_paths_and_what_is_not_there_is_text(tmp_path):
    known, files = saved_arguments({"data": [str(tmp_path), "music21"], "model": "svd", "trust": True, "do": ["a:b=1"],
                                    "out": "there"}, silent)
    assert known == {"data": [{"path": str(tmp_path)}, "music21"], "model": "svd", "do": ["a:b=1"],
                     "out": {"path": os.path.abspath("there")}}
    assert files == ()


# asking again

def test_an_untouched_session_has_no_differences(saved, capsys):
    code, answer, _ = ask(capsys, "replay", str(saved))
    assert code == 0
    assert answer == {"results": 3, "differences": [], "skipped": [], "missing": []}


def test_a_tampered_answer_is_found(copied, capsys):
    def other_tune(result):
        first, second = result.answer["tunes"]
        return {"answer": {**result.answer, "tunes": [first, {**second, "abc": "X:1"}]}, "seconds": 99.0}
    only(copied, explain=tampered, compose=other_tune)
    _, answer, _ = ask(capsys, "replay", str(copied))
    assert [(one["result"], one["where"]) for one in answer["differences"]] == [
        (1, "answer.segments[0].weight"), (2, "answer.tunes[1].abc")]
    assert answer["differences"][0]["was"] - answer["differences"][0]["is"] == pytest.approx(1e-4)


def test_another_model_is_a_difference_in_words(copied, capsys):
    only(copied, compose=lambda _: {"models": (ModelRef("folk", "0" * 64), ModelRef("gone", "1" * 64))})
    _, answer, _ = ask(capsys, "replay", str(copied))
    assert [(one["where"], one["was"]) for one in answer["differences"]] == [
        ("model folk", "0" * 64), ("model gone", "1" * 64)]
    assert answer["differences"][1]["is"] == "not used"


def test_a_changed_sound_is_a_difference_in_words(tmp_path, capsys):
    sf.write(tmp_path / "a.wav", np.zeros(8000), 8000)
    ref = reference(tmp_path / "a.wav")
    write(Session().adding(Result("predict", {"audio": {"audio": ref.key}}, {"a": 1}), ref), tmp_path / "s.oto")
    sf.write(tmp_path / "a.wav", np.ones(8000) / 2, 8000)
    _, answer, _ = ask(capsys, "replay", str(tmp_path / "s.oto"))
    assert answer["differences"] == [{"result": 1, "command": "predict", "where": "audio a.wav", "was": ref.sha256,
                                      "is": reference(tmp_path / "a.wav").sha256}]
    assert "has changed" in answer["missing"][0]


def test_a_missing_sound_is_missing(tmp_path, capsys):
    sf.write(tmp_path / "a.wav", np.zeros(8000), 8000)
    ref = reference(tmp_path / "a.wav")
    write(Session().adding(Result("predict", {"audio": {"audio": ref.key}}, {}), ref), tmp_path / "s.oto")
    (tmp_path / "a.wav").unlink()
    _, answer, _ = ask(capsys, "replay", str(tmp_path / "s.oto"))
    assert answer["differences"] == [{"result": 1, "command": "predict", "where": "audio a.wav", "was": ref.sha256,
                                      "is": "missing"}]


def test_what_takes_hours_is_not_run_again(tmp_path, capsys):
    write(Session(results=tuple(Result(name, {}, {}) for name in NEVER)), tmp_path / "s.oto")
    _, answer, _ = ask(capsys, "replay", str(tmp_path / "s.oto"))
    assert [one["command"] for one in answer["skipped"]] == list(NEVER)
    assert answer["differences"] == []


def test_what_was_painted_is_not_asked_again_and_told_in_words(saved, tmp_path, capsys):
    session = read(saved).session
    painted = replace(session.results[0], arguments={**session.results[0].arguments, "painted": ["adding energy"]})
    path = tmp_path / "s.oto"
    write(replace(session, results=(painted,)), path)
    _, answer, _ = ask(capsys, "replay", str(path))
    assert (answer["differences"], [one["why"] for one in answer["skipped"]]) == (
        [], ["the window alone knows what was painted"])
    _, answer, _ = ask(capsys, "report", str(path), "--out", str(tmp_path / "out"))
    page = Path(answer["written"][0]).read_text(encoding="utf-8")
    assert "adding energy" in page
    assert "could not be asked again" not in page


def test_many_differences_are_told_as_fifty(tmp_path, capsys):
    wrong = {"layers": [{"name": "x"}] * 500}
    write(Session(results=(Result("layers", {"model": "svd"}, {str(i): i for i in range(500)} | wrong),)),
          tmp_path / "s.oto")
    _, answer, _ = ask(capsys, "replay", str(tmp_path / "s.oto"))
    assert len(answer["differences"]) == replay_command.MOST_TOLD + 1


# sessions from anybody

@pytest.mark.parametrize(("command", "arguments", "words"), [
    ("replay", {"session": "s.oto"}, "command"), ("test", {}, "command"), ("../x", {}, "command"),
    ("layers", {"model": "svd", "trust": True}, "trust"), ("layers", {"model": "svd", "run": "x"}, "run"),
    ("layers", {"model": ["svd"]}, "one value"), ("layers", {"model": {"audio": "none"}}, "file of the session"),
    ("layers", {"model": {"path": 5}}, "file of the session"), ("layers", {}, "MODEL"),
    ("predict", {"audio": "x", "every": "soon"}, "--every"), ("predict", {"audio": "x", "every": {}}, "every"),
    ("horse", {"full": "yes"}, "true or false"), ("horse", {"plant": "--seeds=9"}, "choice"),
    ("dissect", {"path": "x", "highpass": ["--trust"]}, "an option among them"),
    ("dissect", {"path": "x", "highpass": [True]}, "text, a number"),
    ("attack", {"audio": "/dev/zero"}, "zero"), ("explain", {"audio": "x", "start": 10**400}, "")])
def test_options_of_a_session_are_examined(tmp_path, capsys, command, arguments, words):
    write(Session(results=(Result(command, arguments, {"a": 1}),)), tmp_path / "s.oto")
    code, answer, said = ask(capsys, "replay", str(tmp_path / "s.oto"))
    assert code == 0, said
    (one,) = answer["differences"]
    assert one["was"] == "an answer"
    assert words in one["is"]


def test_values_that_look_like_options_stay_values(tmp_path):
    args = namespace("attack", {"audio": "--trust", "target": "--out=x", "start": -1.5}, {}, tmp_path)
    assert (args.audio, args.target, args.start, args.trust, args.out) == ("--trust", "--out=x", -1.5, False, None)
    args = namespace("dissect", {"path": "-x", "gain": [-6, -3.5], "do": ["-a", "b:c=-1"]}, {}, tmp_path)
    assert (args.path, args.gain, args.do) == ("-x", [-6.0, -3.5], ["-a", "b:c=-1"])


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["--trust", "--out=/x", "-h", "--help", "--", "-1", "--save=x", "/etc/passwd", "svd"])
    | st.builds(lambda text: {"path": text}, st.text(max_size=8)) | st.just({"audio": "k"}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2), max_leaves=4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_odd_options_are_taken_by_the_parser_or_refused(tmp_path, data):
    name = data.draw(st.sampled_from(sorted(set(commands.COMMANDS) - {*commands.OF_SESSIONS, *NEVER})))
    known = [action.dest for action in commands.parser_of(name)._actions]
    saved = data.draw(st.dictionaries(st.sampled_from(known), odd, max_size=6))
    try:
        args = namespace(name, saved, {}, tmp_path)
    except InputError:
        return
    assert not getattr(args, "trust", False)
    assert args.save is None
    for place in OUTPUTS:
        where = getattr(args, place, None)
        assert where is None or Path(where).parent == tmp_path


@pytest.mark.parametrize("out", ["/etc/x.mid", "../../x.mid", "x/../../y.mid", ".mid", "a\0b.mid", "~/x.mid"])
def test_a_session_writes_nowhere(tmp_path, out):
    args = namespace("score", {"tune": "t.abc", "out": {"path": out}}, {}, tmp_path)
    assert args.out.parent == tmp_path
    for name in ("explain", "attack", "maximise", "dissect", "fills", "folk-stats", "demo"):
        needed = {"explain": {"audio": "x", "start": 0}, "attack": {"audio": "x"}, "dissect": {"path": "x"}}
        saved = {"out": {"path": out}, **needed.get(name, {})}
        if name == "maximise":
            saved |= {"work": {"path": out}, "into_card": {"path": out}}
        args = namespace(name, saved, {}, tmp_path)
        assert args.out is None or Path(args.out).parent == tmp_path
        if name == "maximise":
            assert args.into_card is None
            assert Path(args.work).parent == tmp_path


def test_a_grid_never_goes_on_with_one_elsewhere(tmp_path):
    assert Path(namespace("maximise", {"grid": True}, {}, tmp_path).work).parent == tmp_path


def test_a_model_from_elsewhere_needs_consent_again(tmp_path, capsys):
    (tmp_path / "own.pt").write_bytes(b"is not opened")
    (tmp_path / "own.json").write_text(json.dumps(WAVES | {"file": "own.pt"}))
    result = Result("layers", {"model": {"path": str(tmp_path / "own.json")}}, {"a": 1})
    write(Session(results=(result,)), tmp_path / "s.oto")
    _, answer, _ = ask(capsys, "replay", str(tmp_path / "s.oto"))
    (one,) = answer["differences"]
    assert one["was"] == "an answer"
    assert not foreign_consent.agreed(tmp_path / "own.pt")
    assert "nobody agreed" in one["is"]


def test_a_score_is_written_to_nowhere_and_compared(tmp_path, capsys):
    (tmp_path / "t.abc").write_text("X:1\nT:a\nM:4/4\nL:1/8\nK:C\nCDEF GABc|\n")
    ask(capsys, "score", str(tmp_path / "t.abc"), "--out", str(tmp_path / "made" / "my tune.mid"), "--save",
        str(tmp_path / "s.oto"))
    (tmp_path / "made" / "my tune.mid").unlink()
    _, answer, _ = ask(capsys, "replay", str(tmp_path / "s.oto"))
    assert answer["differences"] == []
    assert list((tmp_path / "made").iterdir()) == []


# the report

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


def test_a_cancelled_replay_is_cancelled(saved, monkeypatch):
    from engine.job import Cancelled

    def cancel(*_, **__):
        raise Cancelled
    monkeypatch.setattr(again, "command", lambda name: argparse.Namespace(run=cancel))
    with pytest.raises(Cancelled):
        replay_command.replayed(read(saved), silent)


def test_saving_needs_nothing_before_the_environment_is_there():
    assert commands.Parser
    assert "engine.commands.saving" not in vars(sys.modules["engine.commands"])
