"""The way back on every page: what was edited, in words, and as often as people would have it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication

from engine.audio.features import Spectrogram
from engine.audio.labels import Interval
from engine.listening.attack import AttackQuestion
from engine.listening.editing import Patch
from engine.listening.explain import Question
from gui.adversary_page.study import Opened as AdversaryOpened
from gui.adversary_page.study import Study as AdversaryStudy
from gui.dissect_page.bench import Bench
from gui.dissect_page.study import Study as DissectStudy
from gui.explain_page.study import Painted
from gui.explain_page.study import Study as ExplainStudy
from gui.maximise_page.study import Study as MaximiseStudy
from gui.maximise_page.values import Opened as MaximiseOpened
from gui.maximise_page.values import Shown
from gui.session import Change


@pytest.fixture(autouse=True)
def app(qapp: QApplication) -> None:
    """Signals need one."""


def back(stack: QUndoStack) -> str:
    """Undo once; what was undone."""
    said = stack.undoText()
    stack.undo()
    return said


# one command


def test_quick_changes_of_a_kind_are_one_and_others_are_not() -> None:
    held, stack = [0], QUndoStack()

    def put(value: int) -> None:
        held[0] = value

    for value in (1, 2, 3):
        stack.push(Change(put, held[0], value, "sliding", "slider"))
    stack.push(Change(put, 3, 4, "switching"))
    stack.push(Change(put, 4, 5, "switching"))
    assert (held[0], stack.count()) == (5, 3)
    assert [back(stack), back(stack)] == ["switching", "switching"]
    assert back(stack) == "sliding"
    assert held[0] == 0
    stack.redo()
    assert held[0] == 3


def test_a_pause_parts_changes_of_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    held, stack, now = [0], QUndoStack(), [100.0]
    monkeypatch.setattr("gui.session.way_back.time.monotonic", lambda: now[0])
    for value in (1, 2):
        stack.push(Change(lambda v: held.__setitem__(0, v), held[0], value, "sliding", "slider"))
        now[0] += 1.5
    assert stack.count() == 2


def test_what_came_back_to_where_it_began_is_nothing_to_undo() -> None:
    held, stack = [0], QUndoStack()
    for value in (1, 0):
        stack.push(Change(lambda v: held.__setitem__(0, v), held[0], value, "sliding", "slider"))
    assert not stack.canUndo()


# Explain


def test_the_excerpt_and_what_is_hidden_come_back_together() -> None:
    study = ExplainStudy()
    study.change(start=1.0)
    study.change_hidden(frozenset({2, 3}))
    study.change(start=2.0)
    assert study.hidden == frozenset(), "they were segments of another excerpt"
    assert back(study.undo_stack) == "moving the excerpt"
    assert (study.question.start, study.hidden) == (1.0, frozenset({2, 3}))
    assert back(study.undo_stack) == "hiding segments"
    assert back(study.undo_stack) == "moving the excerpt"
    assert study.question == Question(start=0.0)


def test_a_change_of_the_segments_is_one_step_though_the_panel_tells_of_two() -> None:
    study = ExplainStudy()
    study.ask(segments=7)
    study.change(segments=None)
    study.change(segmentation="grid")
    assert study.undo_stack.count() == 1
    back(study.undo_stack)
    assert (study.question.segments, study.question.segmentation) == (7, "temporal")


def test_what_the_program_asks_by_itself_is_not_undone() -> None:
    study = ExplainStudy()
    study.ask(start=3.0)
    study.change(fill="zero")
    assert back(study.undo_stack) == "changing the fill"
    assert study.question.start == 3.0
    assert not study.undo_stack.canUndo()


class _Song:
    """As much of a song as the brush needs."""

    def __init__(self) -> None:
        self.spectrogram = Spectrogram(torch.zeros(4, 20), 22050, 315, torch.linspace(50.0, 8000.0, 4).numpy())
        self.labels: tuple[Interval, ...] = ()


@pytest.fixture
def painted() -> ExplainStudy:
    study = ExplainStudy()
    study.song = _Song()  # type: ignore[assignment]
    study.paint(Painted(Patch(2, torch.ones(4, 3)), "adding energy"))
    study.paint(Painted(Patch(4, 2 * torch.ones(4, 3)), "adding energy"))
    return study


def frames(study: ExplainStudy) -> list[float]:
    assert study.spectrogram is not None
    return study.spectrogram.S[0].tolist()


def test_strokes_are_undone_one_by_one_and_reverted_as_one(painted: ExplainStudy) -> None:
    both = frames(painted)
    assert both[2:7] == [1.0, 1.0, 2.0, 2.0, 2.0]
    painted.revert()
    assert not any(frames(painted))
    assert not painted.is_edited
    assert back(painted.undo_stack) == "reverting all edits"
    assert frames(painted) == both
    assert len(painted.strokes) == 2
    back(painted.undo_stack)
    assert frames(painted)[2:7] == [1.0, 1.0, 1.0, 0.0, 0.0]
    back(painted.undo_stack)
    assert not any(frames(painted))
    assert not painted.is_edited


@pytest.mark.parametrize("patch", [Patch(-1, torch.ones(4, 3)), Patch(18, torch.ones(4, 3)), Patch(2, torch.ones(5, 3)),
                                   Patch(2, torch.ones(4, 0))])
def test_a_stroke_that_does_not_fit_is_left_out(painted: ExplainStudy, patch: Patch) -> None:
    before = frames(painted)
    painted.paint(Painted(patch, "adding energy"))
    assert frames(painted) == before
    assert len(painted.strokes) == 2


def test_labels_that_were_opened_can_be_taken_away_again() -> None:
    study = ExplainStudy()
    study.open_labels((Interval(0.0, 1.0, "sing"),))
    assert back(study.undo_stack) == "opening labels"
    assert study.labels == ()


# the other pages


def test_the_question_and_the_part_of_an_attack() -> None:
    study = AdversaryStudy()
    study.change(snr_db=20.0)
    study.change(start=1.0, seconds=4.0)
    study.change(start=1.5, seconds=4.0)
    assert back(study.undo_stack) == "marking a part"
    assert study.question.seconds is None
    assert back(study.undo_stack) == "changing the least SNR"
    assert study.question == AttackQuestion()


def adversary(model: str, monkeypatch: pytest.MonkeyPatch, path: str = "a.wav") -> AdversaryOpened:
    """A file that a model hears, as much of both as the study looks at."""
    monkeypatch.setattr("gui.adversary_page.study.default_method", lambda front_end: front_end)
    listener = SimpleNamespace(front_end=f"method of {model}", labels=("a", "b"))
    file = SimpleNamespace(path=path, seconds=10.0)
    return AdversaryOpened(file, None, model, ("one", "two"), listener)  # type: ignore[arg-type]


def test_a_model_comes_back_with_what_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    study, wanted = AdversaryStudy(), list[str]()
    study.model_wanted.connect(wanted.append)
    study.open(adversary("one", monkeypatch))
    study.change(target="b")
    study.open(adversary("two", monkeypatch))
    assert study.question.method == "method of two"
    assert back(study.undo_stack) == "choosing a model"
    assert (wanted, study.question.method) == (["one"], "method of two"), "it is on its way"
    assert back(study.undo_stack) == "changing the target"
    study.open(adversary("one", monkeypatch))
    assert (study.question.target, study.question.method) == (None, "method of one")
    study.undo_stack.redo()
    study.undo_stack.redo()
    assert wanted == ["one", "two"]
    study.stay()    # it cannot be opened any more
    back(study.undo_stack)
    assert (study.question.target, study.question.method) == ("b", "method of one")
    study.open(adversary("one", monkeypatch, "b.wav"))
    assert not study.undo_stack.canUndo(), "another file"


def test_the_bench_and_the_systems() -> None:
    study = DissectStudy()
    study.set_systems(("a", "b", "c"), ("a",))
    study.change_bench(Bench({"high-pass": {"cutoff_hz": 20.0}}))
    study.change_bench(Bench({"high-pass": {"cutoff_hz": 40.0}}))
    study.change_bench(Bench())
    study.change_systems(("a", "c"))
    assert back(study.undo_stack) == "choosing systems"
    assert study.systems == ("a",)
    assert back(study.undo_stack) == "changing High-pass"
    assert study.bench.settings == {"high-pass": {"cutoff_hz": 40.0}}
    assert back(study.undo_stack) == "changing High-pass", "switching on and sliding are one"
    assert study.bench == Bench()


def maximised(model: str) -> MaximiseOpened:
    """A listener of that name, as much of it as the study looks at."""
    return MaximiseOpened(model, ("one", "two"), SimpleNamespace(name=model), (), {}, {}, None, {})  # type: ignore


def test_another_neuron_and_what_was_known_of_the_first() -> None:
    study, shown = MaximiseStudy(), Shown.__new__(Shown)
    study.set_shown((shown,))
    study.change(replace(study.wishes, neuron=3))
    assert study.shown == ()
    assert back(study.undo_stack) == "choosing a neuron"
    assert study.wishes.neuron == 0
    assert len(study.shown) == 1
    assert study.shown[0] is shown
    study.change(replace(study.wishes, lr=0.1))
    assert back(study.undo_stack) == "changing the learning rate"
    assert study.shown[0] is shown, "other settings ask the same neuron"


def test_another_model_and_what_the_first_was_asked_and_made() -> None:
    study, wanted, shown = MaximiseStudy(), list[str](), Shown.__new__(Shown)
    study.model_wanted.connect(wanted.append)
    study.open(maximised("one"))
    study.change(replace(study.wishes, neuron=3))
    study.set_shown((shown,))
    study.change_ends(shown, None)
    study.open(maximised("two"))
    assert (study.wishes.model, study.shown, study.ends["a"]) == ("two", (), None)
    assert back(study.undo_stack) == "choosing a model"
    assert (wanted, study.wishes.model) == (["one"], "two"), "it is on its way"
    study.open(maximised("one"))
    assert (study.wishes.neuron, study.shown, study.ends["a"]) == (3, (shown,), shown)
    study.undo_stack.redo()
    study.open(maximised("two"))
    assert (wanted, study.wishes.model) == (["one", "two"], "two")
    back(study.undo_stack)
    assert back(study.undo_stack) == "choosing an end of the walk"
    assert back(study.undo_stack) == "choosing a neuron"
    study.open(maximised("one"))
    assert (study.wishes.neuron, study.ends["a"], wanted[2:]) == (0, None, ["one"]), "both waited for the model"
    study.undo_stack.redo()
    assert study.ends["a"] is None, "what it was taken from is of the other neuron"
    study.open(maximised("one"))
    assert not study.undo_stack.canUndo(), "the same, read again"


def test_a_model_that_is_gone_does_not_hold_up_what_is_undone_behind_it() -> None:
    study = MaximiseStudy()
    study.open(maximised("one"))
    study.change(replace(study.wishes, lr=0.5))
    study.open(maximised("two"))
    back(study.undo_stack)
    study.stay()
    study.change(replace(study.wishes, lr=0.25))
    assert (study.wishes.model, study.wishes.lr) == ("two", 0.25)


def test_the_ends_of_a_walk() -> None:
    study, one, two = MaximiseStudy(), Shown.__new__(Shown), Shown.__new__(Shown)
    study.change_ends(one, None)
    study.change_ends(one, two)
    study.change_ends(one, two)
    assert back(study.undo_stack) == "choosing an end of the walk"
    assert study.ends == {"a": one, "b": None}
    back(study.undo_stack)
    assert study.ends == {"a": None, "b": None}
