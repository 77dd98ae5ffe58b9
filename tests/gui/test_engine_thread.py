"""Newest wins, cancelling is quick, errors travel, closing never hangs."""

import subprocess
import sys
import textwrap
import threading
import time
import weakref

import pytest

from engine.checks import InputError
from engine.job import Progress
from gui.engine_thread import EngineThread, Lanes, sentence_of


def slow(steps, value, pause=0.005):
    def work(report):
        for i in range(steps):
            time.sleep(pause)
            report(Progress(i + 1, steps))
        return value
    return work


@pytest.fixture
def thread(qapp):
    thread = EngineThread()
    thread.start()
    yield thread
    thread.close()


@pytest.fixture
def heard(thread):
    """Everything that is heard, in order: (kind, lane, ticket, value)."""
    heard = []
    for kind in ("progressed", "answered", "failed", "cancelled"):
        getattr(thread, kind).connect(lambda *a, kind=kind: heard.append((kind, *a, threading.get_ident())))
    return heard


def kinds(heard, *wanted):
    return [entry for entry in heard if entry[0] in wanted]


def test_the_newest_question_wins_and_every_ticket_ends_once(thread, heard, qtbot):
    tickets = []
    for i in range(20):
        tickets.append(thread.ask("a", slow(20, i)))
        qtbot.wait(3)
    qtbot.waitUntil(lambda: bool(kinds(heard, "answered")))
    qtbot.wait(100)
    assert [e[:4] for e in kinds(heard, "answered")] == [("answered", "a", tickets[-1], 19)]
    assert sorted(e[2] for e in kinds(heard, "answered", "failed", "cancelled")) == tickets


def test_everything_is_heard_in_the_main_thread_even_by_plain_functions(thread, heard, qtbot):
    thread.ask("a", slow(3, 1))
    qtbot.waitUntil(lambda: bool(kinds(heard, "answered")))
    assert kinds(heard, "progressed")
    assert {entry[-1] for entry in heard} == {threading.get_ident()}


def test_nothing_is_heard_of_an_older_ticket(thread, heard, qtbot):
    old = thread.ask("a", lambda report: "old")
    time.sleep(0.1)                       # its answer lies in the queue of the main thread by now
    new = thread.ask("a", lambda report: "new")
    qtbot.waitUntil(lambda: len(kinds(heard, "answered", "cancelled")) == 2)
    assert [e[:3] for e in heard] == [("cancelled", "a", old), ("answered", "a", new)]


def test_cancelling_takes_less_than_100_ms(thread, heard, qtbot):
    ticket = thread.ask("a", slow(10_000, 1))
    qtbot.waitUntil(lambda: len(heard) > 2)
    started = time.perf_counter()
    thread.cancel("a")
    thread.ask("b", lambda report: 2)
    qtbot.waitUntil(lambda: bool(kinds(heard, "answered")))
    assert time.perf_counter() - started < 0.1
    assert [e[2] for e in kinds(heard, "cancelled")] == [ticket]
    assert kinds(heard, "answered")[0][1] == "b"


def test_work_that_finishes_although_cancelled_is_not_heard(thread, heard, qtbot):
    go = threading.Event()
    ticket = thread.ask("a", lambda report: go.wait(2))
    qtbot.wait(30)
    thread.cancel("a")
    go.set()
    qtbot.waitUntil(lambda: bool(heard))
    assert [e[:3] for e in heard] == [("cancelled", "a", ticket)]


def test_errors_travel_and_the_thread_lives_on(thread, heard, qtbot):
    def broken(report):
        raise ValueError("no K: field")

    thread.ask("a", broken)
    thread.ask("b", lambda report: 1)
    qtbot.waitUntil(lambda: len(heard) == 2)
    kind, lane, _, error, _ = heard[0]
    assert (kind, lane, str(error)) == ("failed", "a", "no K: field")
    assert heard[1][0] == "answered"


def test_lanes_do_not_disturb_each_other(thread, heard, qtbot):
    for lane in "abc":
        thread.ask(lane, slow(3, lane))
    qtbot.waitUntil(lambda: len(kinds(heard, "answered")) == 3)
    assert [e[3] for e in kinds(heard, "answered")] == ["a", "b", "c"]


def test_progress_does_not_flood_the_window(thread, heard, qtbot):
    thread.ask("a", slow(1000, 1, pause=0.0005))
    qtbot.waitUntil(lambda: bool(kinds(heard, "answered")), timeout=10_000)
    told = kinds(heard, "progressed")
    assert 2 <= len(told) < 100
    assert told[-1][3].done == 1000


def test_answers_are_not_kept(thread, heard, qtbot):
    class Answer:
        pass

    kept = []
    thread.answered.connect(lambda lane, ticket, value: kept.append(weakref.ref(value)))
    thread.ask("a", lambda report: Answer())
    qtbot.waitUntil(lambda: bool(heard))
    heard.clear()
    qtbot.waitUntil(lambda: kept[0]() is None, timeout=1000)


def test_closing_while_busy_is_quick(qapp, qtbot):
    thread = EngineThread()
    thread.start()
    thread.ask("a", slow(100_000, 1))
    qtbot.wait(30)
    started = time.perf_counter()
    assert thread.close()
    assert time.perf_counter() - started < 0.1
    assert thread.isFinished()
    assert EngineThread().close()         # never started


def test_work_that_never_reports_hangs_neither_the_close_nor_the_exit():
    code = """
        import sys, time
        from PySide6.QtCore import QCoreApplication
        from gui.engine_thread import EngineThread
        app = QCoreApplication([])
        thread = EngineThread(app)
        thread.start()
        thread.ask("a", lambda report: time.sleep(60))
        time.sleep(0.1)
        closed = thread.close(0.2)
        del thread
        sys.exit(int(closed))
    """
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, capture_output=True,
                          text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    assert time.perf_counter() - started < 10


@pytest.fixture
def lanes(thread):
    return Lanes(thread, "mine-", thread)


@pytest.fixture
def told(lanes):
    """Everything that lanes tell, in order."""
    told = []
    for kind in ("working", "over", "answered", "failed", "cancelled"):
        getattr(lanes, kind).connect(lambda *a, kind=kind: told.append((kind, *a)))
    return told


def test_lanes_hear_of_their_own_newest_work_only(thread, lanes, told, qtbot):
    Lanes(thread, "other-", thread).ask(thread, "a", lambda report: "another asker's")
    lanes.ask(thread, "a", lambda report: "old")
    lanes.ask(thread, "a", lambda report: "new")
    assert "a" in lanes
    qtbot.waitUntil(lambda: "a" not in lanes)
    assert told == [("working", "mine-a", None), ("over", "a"), ("answered", "a", "new")]


def test_work_that_is_let_go_of_is_over_at_once_and_never_heard_of_again(thread, heard, lanes, told, qtbot):
    lanes.ask(thread, "a", lambda report: time.sleep(0.05))
    lanes.cancel("mine-a")
    lanes.cancel("a")
    assert "a" not in lanes
    assert told == [("working", "mine-a", None), ("over", "a"), ("cancelled", "a")]
    qtbot.waitUntil(lambda: bool(kinds(heard, "cancelled")))
    assert len(told) == 3


def test_lanes_tell_of_progress_and_failures(thread, lanes, told, qtbot):
    def work(report):
        report(Progress(1, 1))
        raise InputError("expected another")

    lanes.ask(thread, "a", work)
    qtbot.waitUntil(lambda: "a" not in lanes)
    (*_, (kind, name, error)) = told
    assert told[0] == ("working", "mine-a", Progress(1, 1))
    assert (kind, name, sentence_of(error, "a")) == ("failed", "a", "expected another")
    assert sentence_of(KeyError("b"), "a") == "a: something went wrong (KeyError: 'b')"
