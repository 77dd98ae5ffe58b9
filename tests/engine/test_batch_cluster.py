"""Clusters of others: what is wrong with them is not blamed on the files."""

import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from distributed import KilledWorker

from engine.batch.running import _Going
from engine.batch.workers import cluster
from engine.checks import InputError


class Came:
    """A chunk that has come back with an error."""

    status = "error"

    def __init__(self, error):
        self.error = error

    def done(self):
        return True

    def exception(self):
        return self.error


def going(error):
    """Two items of which this has become."""
    made = _Going(SimpleNamespace(nthreads=lambda: {"w": 1}), lambda item: [], [])
    made.sent = {Came(error): ["a0", "b0"]}
    return made


def test_what_a_cluster_cannot_carry_is_said_of_each_item(monkeypatch):
    monkeypatch.setattr("distributed.wait", lambda *arguments, **options: None)
    made = going(RuntimeError("Error during deserialization"))
    answers = made.finished()
    assert [answer.item for answer in answers] == ["a0", "b0"]
    assert {answer.error for answer in answers} == {
        "the cluster could not ask (RuntimeError: Error during deserialization)"}
    assert not made.suspects


def test_chunks_over_which_workers_died_are_asked_again(monkeypatch):
    monkeypatch.setattr("distributed.wait", lambda *arguments, **options: None)
    made = going(KilledWorker("task", SimpleNamespace(address="w"), 2))
    assert made.finished() == []
    assert list(made.suspects) == [["a0", "b0"]]


@pytest.mark.timeout(60)
def test_a_scheduler_without_the_program_is_refused_before_the_work(tmp_path):
    """It looks into what it hands on; each file would be said to have killed its worker."""
    place = tmp_path / "scheduler.json"
    scheduler = subprocess.Popen(
        [sys.executable, "-P", "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--host",
         "127.0.0.1", "--scheduler-file", str(place)], cwd=tmp_path, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 40
        while not (place.exists() and "tcp://" in place.read_text()):
            assert time.monotonic() < until
            time.sleep(0.1)
        address = place.read_text().split('"address": "')[1].split('"')[0]
        with pytest.raises(InputError, match=r"cannot run Otoscope .* start them in its folder"), (
                cluster(scheduler=address)):
            pass
    finally:
        scheduler.kill()
        scheduler.wait()


def test_work_is_sent_while_all_workers_are_on_their_way():
    """One whose workers were just restarted would else be told that all is done, with nothing asked."""
    sent = []
    client = SimpleNamespace(nthreads=dict, submit=lambda *arguments, **options: sent.append(arguments) or Came(None))
    made = _Going(client, lambda item: [], ["a", "b"])
    assert made.waits()
    assert sent
