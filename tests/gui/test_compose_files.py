"""Files of the Compose page: what is damaged, what is written, what comes back, and nothing is lost unasked."""
# ruff: noqa: F811

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from engine.folk.abc_text import parse
from gui.compose_page import ComposePage
from tests.gui.composing import end_of_music, opened, page, threads, told  # noqa: F401  (fixtures)
from tests.gui.waiting import wait_for


def test_nothing_is_lost_unasked(page: ComposePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    end_of_music(page)
    QTest.keyClicks(page.editor, "abc")
    other = tmp_path / "other.abc"
    other.write_text("X:1\nT:Other\nK:C\nC")
    asked: list[str] = []

    def answer(button: Any) -> Callable[..., Any]:
        def ask(*args: Any) -> Any:
            asked.append(args[2])
            return button
        return ask

    monkeypatch.setattr(QMessageBox, "question", answer(QMessageBox.StandardButton.Cancel))
    page.open(other)
    assert not page.may_close()
    assert len(asked) == 2
    assert "tunes.abc" in asked[0]
    monkeypatch.setattr(QMessageBox, "question", answer(QMessageBox.StandardButton.Save))
    assert page.may_close()
    assert "edB dBA|abc" in (tmp_path / "tunes.abc").read_text()


def test_a_broken_file_is_named_and_the_book_stays(page: ComposePage, tmp_path: Path) -> None:
    before = page.tunes.state
    page.open(tmp_path / "nowhere.abc")
    wait_for(lambda: bool(told(page).failed))
    assert "nowhere.abc" in told(page).failed[0]
    broken = tmp_path / "broken.mid"
    broken.write_bytes(b"MThd nonsense")
    page.open(broken)
    wait_for(lambda: len(told(page).failed) == 2)
    assert "broken.mid" in told(page).failed[1]
    assert page.tunes.state == before


def test_a_pickle_that_is_no_network_is_refused_by_name(page: ComposePage, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os.system, (f"touch {tmp_path / 'owned'}",)

    path = tmp_path / "evil.pkl"
    path.write_bytes(pickle.dumps(Evil()))
    network = page.suggesting.network
    page.open(path)
    wait_for(lambda: bool(told(page).failed))
    assert "evil.pkl" in told(page).failed[0]
    assert page.suggesting.network is network
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("ending", ["abc", "svg", "pdf", "mid", "musicxml", "wav"])
def test_the_tune_is_exported(page: ComposePage, tmp_path: Path, ending: str) -> None:
    write = next(how for _, name, _, how in page.exports() if name.endswith(ending))
    path = tmp_path / f"out.{ending}"
    write(path)
    wait_for(path.exists)
    assert path.stat().st_size > 60


def test_midi_comes_back_in(page: ComposePage, tmp_path: Path) -> None:
    path = tmp_path / "kesh.mid"
    next(how for _, name, _, how in page.exports() if name.endswith("mid"))(path)
    wait_for(path.exists)
    pitches = [note.pitches[0].midi for note in parse(page.tunes.tune.text).notes]
    page.open(path)
    wait_for(lambda: page.tunes.path == path)
    assert [note.pitches[0].midi for note in parse(page.tunes.tune.text).notes if note.pitches][:13] == pitches[:13]
    assert not page.tunes.is_saved, "a MIDI file cannot be written again as it was"
    page.tunes.saved(page.tunes.path)


def test_the_sound_is_given_to_another_page(page: ComposePage) -> None:
    page.files.listen("Explain")
    wait_for(lambda: bool(told(page).listened))
    path, title = told(page).listened[0]
    assert title == "Explain"
    assert path.exists()
    assert path.stem == "The Kesh"
