"""What is saved can be asked again, and finds what is no longer as it was."""
# ruff: noqa: F811

import argparse
import json
from dataclasses import replace
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
from engine.commands.saving import OUTPUTS
from engine.job import silent
from engine.models import foreign_consent
from engine.sessions import ModelRef, Result, Session, read, reference, write
from tests.engine.saved import ask, copied, folders, only, saved  # noqa: F401  (fixtures)

WAVES = {"input": "waveform", "sample_rate": 8000, "window": 2000, "outputs": "logits", "labels": ["low", "high"]}


def tampered(result):
    """Fields of an explanation with another weight."""
    first, *others = result.answer["segments"]
    return {"answer": {**result.answer, "segments": [{**first, "weight": first["weight"] + 1e-4}, *others]}}


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


def test_a_cancelled_replay_is_cancelled(saved, monkeypatch):
    from engine.job import Cancelled

    def cancel(*_, **__):
        raise Cancelled
    monkeypatch.setattr(again, "command", lambda name: argparse.Namespace(run=cancel))
    with pytest.raises(Cancelled):
        replay_command.replayed(read(saved), silent)
