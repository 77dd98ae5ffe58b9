"""A batch asks for each item once, whatever happens on the way, and its table says what became of all."""

from __future__ import annotations

import csv
import json
import os
import signal
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from engine import commands
from engine.batch import Journal, cluster, run, write_table
from engine.batch.journal import Answered
from engine.batch.running import answers_of
from engine.checks import InputError
from engine.job import Cancelled

FACTS = {"task": "test"}


def answered(item, value=1, error=""):
    return Answered(item, [] if error else [{"value": value}], error, "here", 0.5)


def asked(log, item):
    """The item's length, with a line in the log; "bad" is refused, "deadly" brings the worker down."""
    with open(log, "a", encoding="utf-8") as file:
        file.write(item + "\n")
    if item == "bad":
        raise InputError("bad: expected a good one, got bad")
    if item == "odd":
        raise RuntimeError("out of cheese")
    if item == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return [{"length": len(item)}]


@pytest.fixture(scope="module")
def client():
    with cluster(workers=2) as client:
        yield client


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_items_are_asked_once_and_errors_stay_alone(client, tmp_path):
    items = [*(f"item {i}" for i in range(60)), "bad", "odd"]
    journal = Journal(tmp_path / "j.jsonl", FACTS)
    outcome = run(items, partial(asked, str(tmp_path / "log")), journal, client)
    assert (outcome.asked, outcome.failed, outcome.known, outcome.workers) == (62, 2, 0, 2)
    assert sorted((tmp_path / "log").read_text().splitlines()) == sorted(items)
    assert write_table(tmp_path / "t.csv", journal, items) == 62
    rows = rows_of(tmp_path / "t.csv")
    assert [row["item"] for row in rows] == items
    assert rows[11]["length"] == str(len("item 11"))
    assert rows[-2]["error"] == "bad: expected a good one, got bad"
    assert "out of cheese" in rows[-1]["error"]
    assert rows[-1]["length"] == ""


def test_an_item_that_kills_its_worker_is_named_and_the_rest_is_answered(client, tmp_path):
    items = ["deadly", *(f"item {i}" for i in range(10))]
    journal = Journal(tmp_path / "j.jsonl", FACTS)
    outcome = run(items, partial(asked, str(tmp_path / "log")), journal, client)
    answers = {answer.item: answer for answer in journal.answers(items)}
    assert outcome.failed == 1
    assert "worker died" in answers["deadly"].error
    assert all(not answers[item].error for item in items[1:])


def test_an_interrupted_run_goes_on_where_it_was(client, tmp_path):
    items = [f"item {i}" for i in range(40)]
    ask, path = partial(asked, str(tmp_path / "log")), tmp_path / "j.jsonl"

    def enough(progress):
        if progress.done >= 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(items, ask, Journal(path, FACTS), client, report=enough)
    journal = Journal(path, FACTS)
    known = sum(map(journal.is_done, items))
    assert 10 <= known < 40
    outcome = run(items, ask, journal, client)
    assert (outcome.known, outcome.asked) == (known, 40 - known)
    assert all(map(journal.is_done, items))
    assert run(items, ask, Journal(path, FACTS), client).asked == 0


def test_what_failed_is_asked_again(client, tmp_path):
    path = tmp_path / "j.jsonl"
    journal = Journal(path, FACTS)
    journal.keep([answered("a"), answered("b", error="no disk")])
    outcome = run(["a", "b"], partial(asked, str(tmp_path / "log")), journal, client)
    assert (outcome.asked, outcome.known, outcome.failed) == (1, 1, 0)
    assert [answer.error for answer in Journal(path, FACTS).answers(["a", "b"])] == ["", ""]


def test_a_torn_last_line_is_cut_off(tmp_path):
    path = tmp_path / "j.jsonl"
    Journal(path, FACTS).keep([answered("a", 7), answered("b", 8)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    journal = Journal(path, FACTS)
    assert journal.is_done("a")
    assert not journal.is_done("b")
    journal.keep([answered("b", 8)])
    assert path.read_bytes() == whole


@pytest.mark.parametrize("cut", range(0, 200, 7))
def test_a_journal_cut_anywhere_is_read_as_far_as_it_goes_or_refused(tmp_path, cut):
    path = tmp_path / "j.jsonl"
    Journal(path, FACTS).keep([answered("a"), answered("b")])
    path.write_bytes(path.read_bytes()[:cut])
    header = len(json.dumps(FACTS)) + 1
    if cut < header:
        with pytest.raises(InputError, match="expected the journal"):
            Journal(path, FACTS)
    else:
        assert set(Journal(path, FACTS).places) <= {"a", "b"}


def test_results_of_other_options_are_not_mixed(tmp_path):
    Journal(tmp_path / "j.jsonl", {"task": "attack --snr 20"})
    with pytest.raises(InputError, match=r"attack --snr 20.*now it is attack --snr 15"):
        Journal(tmp_path / "j.jsonl", {"task": "attack --snr 15"})
    (tmp_path / "k.jsonl").write_bytes(b"\x00not json\n")
    with pytest.raises(InputError, match="expected the journal of a batch"):
        Journal(tmp_path / "k.jsonl", FACTS)


def test_parquet_holds_the_same_as_csv_and_says_where_it_is_from(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    journal = Journal(tmp_path / "j.jsonl", FACTS)
    journal.keep([Answered("a", [{"x": 1, "y": "one", "z": None, "w": True}], "", "here", 0.5),
                  Answered("b", [{"x": 2.5, "y": 3, "z": None, "w": False}], "", "here", 0.5),
                  Answered("odd \udcff", [], "refused", "", 0.0)])
    items = ["a", "b", "odd \udcff"]
    write_table(tmp_path / "t.parquet", journal, items)
    table = parquet.read_table(tmp_path / "t.parquet")
    assert table.column("x").to_pylist() == [1.0, 2.5, None]
    assert table.column("y").to_pylist() == ["one", "3", None]
    assert table.column("z").to_pylist() == [None] * 3
    assert table.column("w").to_pylist() == [True, False, None]
    assert table.column("error").to_pylist() == ["", "", "refused"]
    assert json.loads(table.schema.metadata[b"otoscope"]) == FACTS
    write_table(tmp_path / "t.csv", journal, items)
    assert [row["x"] for row in rows_of(tmp_path / "t.csv")] == ["1", "2.5", ""]
    assert json.loads((tmp_path / "t.json").read_text())["rows"] == 3


def test_a_table_of_another_kind_is_refused_before_the_work(tmp_path, capsys):
    assert commands.run(["batch", "predict", str(tmp_path), "--out", str(tmp_path / "t.xlsx")]) == 2
    assert "ends in .csv or .parquet" in capsys.readouterr().err


@pytest.mark.parametrize(("task", "word"), [("juggle", "juggle"), ("predict --out /tmp", "--out"), ("", "expected one"),
                                            ("predict 'a", "expected a command"), ("attack --snr loud", "--snr"),
                                            ("predict --nonsense", "--nonsense"), ("predict --save x.oto", "--save")])
def test_a_task_that_is_not_possible_is_refused_before_the_work(task, word, tmp_path, capsys):
    assert commands.run(["batch", task, str(tmp_path), "--out", str(tmp_path / "t.csv")]) == 2
    assert word in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_scheduler_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr("engine.batch.workers.WAIT_SECONDS", 0.5)
    with pytest.raises(InputError, match=r"tcp://127\.0\.0\.1:9"), cluster(scheduler="tcp://127.0.0.1:9"):
        pass


def test_a_cluster_that_runs_already_is_used_by_its_address(client, tmp_path):
    with cluster(scheduler=client.scheduler.address) as other:
        journal = Journal(tmp_path / "j.jsonl", FACTS)
        assert run(["a", "b"], partial(asked, str(tmp_path / "log")), journal, other).asked == 2


def test_an_item_that_fails_does_so_alone(tmp_path):
    threads = threading.active_count()
    answers = answers_of(partial(asked, str(tmp_path / "log")), ["ok", "bad", "fine"])
    assert [answer.rows for answer in answers] == [[{"length": 2}], [], [{"length": 4}]]
    assert threading.active_count() == threads


@pytest.mark.slow
def test_a_folder_is_predicted_and_a_damaged_file_is_a_row(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    time = np.arange(3 * 22050) / 22050
    for name, hz in (("low.wav", 110.0), ("high.flac", 880.0)):
        sf.write(folder / name, 0.3 * np.sin(2 * np.pi * hz * time), 22050)
    (folder / "broken.wav").write_bytes(b"RIFF")
    result = json.loads(_printed(["batch", "predict --model svd", str(folder), "--workers", "1", "--out",
                                  str(tmp_path / "t.csv"), "--json"]))
    assert (result["items"], result["failed"], result["rows"]) == (3, 1, 3)
    rows = {row["item"]: row for row in rows_of(tmp_path / "t.csv")}
    assert "broken.wav" in rows["broken.wav"]["error"]
    assert 0 <= float(rows["low.wav"]["probability.singing"]) <= 1
    assert float(rows["high.flac"]["length"]) == pytest.approx(3.0)


def _printed(arguments):
    import subprocess
    import sys

    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, str(root / "main.py"), *arguments], capture_output=True, text=True,
                          check=True, timeout=110)
    return done.stdout
