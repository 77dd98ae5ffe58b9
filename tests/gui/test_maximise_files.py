"""Files of the Maximise page, and what an example is most like."""
# ruff: noqa: F811

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from PySide6.QtGui import QImage

from gui.maximise_page import MaximisePage
from tests.gui.maximising import folder, made, opened, page, write_song  # noqa: F401  (fixtures)
from tests.gui.showing import told
from tests.gui.waiting import wait_for


def test_what_an_example_is_most_like_stands_beside_it(page: MaximisePage):
    made(page)
    page.gallery.chosen.emit(2)
    assert page.nearest.pictures["made"].has_picture
    assert page.nearest.source.text().startswith("Zoë · Ein Lied\nlied at 0:0")
    assert page.nearest.source.text().endswith("licence: CC BY 4.0")
    page.nearest.buttons["made"].click()
    assert page.hearing.heard == ("made", 2)


def test_the_nearest_is_heard_as_a_sketch_or_itself_where_it_is_there(page: MaximisePage, folder: Path):
    made(page)
    page.gallery.chosen.emit(1)
    assert "sketch" in page.nearest.heard.text()
    page.nearest.buttons["real"].click()
    wait_for(lambda: page.hearing.heard == ("nearest", 0))
    assert "sketch" in told(page).said[-1]
    sketch = page.hearing._source.seconds
    (folder / "learnt").mkdir()
    write_song(folder / "learnt" / "lied.wav")
    page.open(folder / "learnt")
    wait_for(lambda: page.study.real is not None)
    page.nearest.buttons["real"].click()
    wait_for(lambda: told(page).said[-1] == "The recording itself: lied.wav")
    assert page.hearing._source.seconds == pytest.approx(sketch, abs=0.05)
    page.study.compare_with(None)


def test_everything_can_be_exported(page: MaximisePage, tmp_path: Path):
    made(page)
    exports = {text: write for text, _, _, write in page.exports()}
    told(page).said.clear()
    targets = {"Picture of what is seen (PNG) …": "seen.png", "Sounds of all examples (float WAV) …": "sounds",
               "Examples (CSV) …": "examples.csv", "Answer (JSON) …": "answer.json",
               "Report with everything …": "report"}
    written = 0
    for text, name in targets.items():
        exports[text](tmp_path / name)
        if name != "seen.png":
            written += 1
            wait_for(lambda written=written: len(told(page).said) == written)
    assert not QImage(str(tmp_path / "seen.png")).isNull()
    assert sorted(path.name for path in (tmp_path / "sounds").iterdir()) == [f"seed-{n}.wav" for n in range(4)]
    assert soundfile.info(tmp_path / "sounds" / "seed-0.wav").subtype == "FLOAT"
    rows = list(csv.DictReader((tmp_path / "examples.csv").open()))
    known = json.loads((tmp_path / "answer.json").read_text())
    assert [float(row["activation"]) for row in rows] == [one["activation"] for one in known["examples"]]
    assert (tmp_path / "report" / "report.html").exists()
    assert told(page).failed == []


def test_what_is_not_there_cannot_be_exported(page: MaximisePage, tmp_path: Path):
    page.study.forget()
    for text, name, _, write in page.exports()[1:]:
        with pytest.raises(ValueError, match=r"^(export|report): expected "):
            write(tmp_path / name)
        assert text.endswith(" …") or name == "the report"


def test_a_folder_of_recordings_becomes_what_is_compared_with(page: MaximisePage, tmp_path: Path):
    write_song(tmp_path / "other.wav", seconds=3.0)
    page.open(tmp_path)
    assert page.study.real is None
    wait_for(lambda: page.study.real is not None)
    assert {one.file.name for one in page.study.real.excerpts} == {"other.wav"}
    page.open(tmp_path / "other.wav")
    assert "expected a folder" in told(page).failed[-1]
    page.study.compare_with(None)
    wait_for(lambda: page.study.real is not None)


def test_bad_input_is_said_in_a_sentence(page: MaximisePage):
    page.study.wishes = replace(page.study.wishes, layer="nowhere")
    page.doing.maximise()
    wait_for(lambda: told(page).failed)
    assert "expected one of" in told(page).failed[0]
    assert not page.study.running
