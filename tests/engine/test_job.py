"""How long work still takes is told from its reports."""

from __future__ import annotations

import types

import pytest

from engine import job
from engine.job import Pace, Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    now = types.SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(job.time, "monotonic", lambda: now.seconds)
    return now


def told(pace: Pace, clock: types.SimpleNamespace, seconds: float, done: int, total: int = 100) -> float | None:
    clock.seconds += seconds
    pace.hear(Progress(done, total))
    return pace.seconds_left()


def test_the_pace_so_far_goes_on(clock):
    pace = Pace()
    assert told(pace, clock, 0, 0) is None
    assert told(pace, clock, 0.5, 10) is None, "too early to say"
    assert told(pace, clock, 9.5, 25) == pytest.approx(30)
    assert told(pace, clock, 1, 100) is None, "done"


def test_work_that_goes_on_where_it_was_begins_in_the_middle(clock):
    pace = Pace()
    told(pace, clock, 0, 34)
    assert told(pace, clock, 10, 35) == pytest.approx(650)


def test_another_stretch_has_its_own_pace(clock):
    pace = Pace()
    told(pace, clock, 0, 0, 5)
    assert told(pace, clock, 10, 4, 5) == pytest.approx(2.5)
    assert told(pace, clock, 1, 0, 1000) is None
    assert told(pace, clock, 2, 10, 1000) == pytest.approx(198)
    assert told(pace, clock, 1, 1, 1000) is None, "less than before: it began anew"
    assert told(pace, clock, 2, 3, 1000) == pytest.approx(997)


def test_the_computer_slept(clock):
    pace = Pace()
    told(pace, clock, 0, 0)
    told(pace, clock, 10, 50)
    assert told(pace, clock, 3600, 50) == pytest.approx(10)
