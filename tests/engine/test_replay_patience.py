"""A session whose questions took hours: that is said before, and they can be left out."""

from pathlib import Path

import pytest

from engine import commands
from engine.checks import InputError
from engine.commands import patience
from engine.commands.patience import Patience, TooLong, forecast, lasting, seconds_of
from engine.job import Progress, silent
from engine.sessions import Result, Session, write
from tests.engine.saved import ask

LAYERS = Result("layers", {"model": "svd"}, {"a": 1}, seconds=0.5)
GRID = Result("maximise", {"grid": True}, {"a": 1, "seconds": 8640.0}, seconds=3.0)
HORSE = Result("horse", {"seeds": 9}, {"a": 1}, seconds=40.0)


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write(Session(results=(LAYERS, GRID, HORSE)), tmp_path / "s.oto")
    return str(tmp_path / "s.oto")


def test_what_took_long_is_said_and_left_out(session, capsys):
    code, answer, said = ask(capsys, "replay", session, "--longest", "30")
    assert code == 0
    assert [(one["result"], one["why"]) for one in answer["skipped"]] == [
        (2, "it took 2.4 h at first"), (3, "it took 40 s at first")]
    assert {one["result"] for one in answer["differences"]} == {1}
    assert said == "", "half a second is not worth a word"


def test_how_long_it_will_take_is_said_before(session, capsys, monkeypatch):
    monkeypatch.setattr("engine.commands.replay.ask_again", lambda *arguments: {"a": 1})
    _, answer, said = ask(capsys, "replay", session)
    assert answer["skipped"] == []
    assert said.startswith("3 questions took 2.4 h at first, 2.4 h of it number 2, maximise; --longest S leaves out ")


@pytest.mark.parametrize(("only", "left"), [("1", [1]), ("layers", [1]), ("horse, 01", [1, 3]), ("", [1, 2, 3])])
def test_some_of_it(session, capsys, monkeypatch, only, left):
    monkeypatch.setattr("engine.commands.replay.ask_again", lambda *arguments: {"a": 1})
    _, answer, _ = ask(capsys, "replay", session, "--only", only)
    assert sorted({1, 2, 3} - {one["result"] for one in answer["skipped"]}) == left
    assert {one["why"] for one in answer["skipped"]} <= {"it was not asked for"}


@pytest.mark.parametrize(("option", "value", "words"), [
    ("--only", "4", "numbers from 1 to 3"), ("--only", "0", "numbers from 1 to 3"), ("--only", "layer", "did you mean"),
    ("--longest", "-1", "expected 0 to"), ("--longest", "nan", "expected 0 to")])
def test_what_cannot_be_meant_is_refused(session, capsys, option, value, words):
    code, _, said = ask(capsys, "replay", session, option, value)
    assert code == 2
    assert words in said


def test_what_takes_longer_today_is_let_go(session, capsys, monkeypatch):
    """A session from anybody may say that 10^9 iterations took no time."""
    times = iter(range(0, 1000, 20))
    monkeypatch.setattr(patience.time, "monotonic", lambda: next(times))
    monkeypatch.setattr("engine.commands.replay.ask_again", lambda result, audio, scratch, report: [
        report(Progress(i, 0)) for i in range(10)])
    _, answer, _ = ask(capsys, "replay", session, "--only", "1", "--longest", "30")
    assert answer["skipped"][0] == {"result": 1, "command": "layers", "why": "it took longer than 30 s"}
    assert answer["differences"] == []


def test_a_report_leaves_out_the_same(session, capsys, tmp_path):
    _, answer, _ = ask(capsys, "report", session, "--longest", "30", "--out", str(tmp_path / "out"))
    page = Path(answer["written"][0]).read_text(encoding="utf-8")
    assert "horse" in page
    write(Session(results=(Result("maximise", {}, {"a": 1}, seconds=99.0),)), session)
    _, answer, _ = ask(capsys, "report", session, "--longest", "30", "--out", str(tmp_path / "out"))
    page = Path(answer["written"][0]).read_text(encoding="utf-8")
    assert "It was not asked again for its sounds and pictures: it took 2 min at first." in page


def test_times():
    assert seconds_of(GRID) == 8640
    assert seconds_of(Result("predict", {}, {"seconds": 300.0}, seconds=2.0)) == 2, "that is the length of a song"
    assert seconds_of(Result("maximise", {}, {"seconds": "x"}, seconds=2.0)) == 2
    assert [lasting(s) for s in (1.25, 40, 100, 8640)] == ["1.25 s", "40 s", "2 min", "2.4 h"]
    assert forecast([]) == forecast([(1, LAYERS)]) == ""
    assert forecast([(2, GRID)]).startswith("1 question took 2.4 h at first; ")


def test_without_a_limit_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(patience.time, "monotonic", lambda: 1e12)
    Patience().heard_by(silent)(Progress(0, 0))
    heard = Patience(5.0).heard_by(silent)
    monkeypatch.setattr(patience.time, "monotonic", lambda: 1e12 + 6)
    with pytest.raises(TooLong):
        heard(Progress(0, 0))
    assert not issubclass(TooLong, InputError)


def test_people_are_not_told_what_they_left_out(session, capsys, monkeypatch):
    monkeypatch.setattr("engine.commands.replay.ask_again", lambda *arguments: {"a": 1})
    commands.run(["replay", session, "--only", "layers"])
    assert capsys.readouterr().out == "1 of 3 results are the same again\n"
