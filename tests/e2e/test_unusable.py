"""What cannot be used is refused in one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from engine.models import catalogue
from tests.e2e.demos import DEMO, SONG, noise, of_bytes, written


def half_of(path):
    return of_bytes(path, path.read_bytes()[: path.stat().st_size // 2])


UNUSABLE = {
    "gone": (lambda folder: folder / "gone.wav", "no such file"),
    "a link to nothing": (lambda folder: (folder / "link.wav").symlink_to("gone") or folder / "link.wav", "no such"),
    "empty": (lambda folder: of_bytes(folder / "empty.wav", b""), "empty file"),
    "renamed": (lambda folder: of_bytes(folder / "song.wav", b"%PDF-1.7 " * 500), "renamed"),
    "a header alone": (lambda folder: of_bytes(folder / "song.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0"),
                       "found none in it"),
    "no samples": (lambda folder: written(folder / "none.wav", noise()[:0]), "length zero"),
    "cut off": (lambda folder: half_of(written(folder / "cut.flac", noise())), "damaged"),
    "NaN": (lambda folder: written(folder / "nan.wav", np.where(np.arange(44100) == 22050, np.nan, noise()[:, 0]),
                                   subtype="FLOAT"), "holds NaN or infinity at 0.500 s"),
    "beyond all": (lambda folder: written(folder / "huge.wav", noise(level=3e37), subtype="FLOAT"),
                   "samples are about -1 to 1"),
    "a folder": (lambda folder: folder, "folder"),
    "too long a name": (lambda folder: folder / ("x" * 5000 + ".wav"), "too long"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_is_no_sound_gets_one_sentence(refused, tmp_path, case):
    make, said = UNUSABLE[case]
    path = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for argv in (["predict", path, "--json"], ["explain", path, "--start", "0.2", "--out", tmp_path / "out"]):
        assert said in (sentence := refused(*argv))
        assert len(sentence) < 300
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="this system has no /proc")
def test_what_cannot_be_read_gets_one_sentence(refused):
    assert "mem: " in refused("predict", "/proc/self/mem")


@pytest.mark.parametrize(("arguments", "said"), [
    ("--start 28", r"start=28 s is not in fantasma\.ogg \(28\.0 s\)$"),
    ("--start 4410", r"start=4410 s is not in fantasma\.ogg \(28\.0 s\); was it given in samples\?"),
    ("--start 29", r"\(28\.0 s\)$"),
    ("--start 123456789", r"start=123456789 s .*\(28\.0 s\)$"),
    ("--start -1", "start=-1 s is not in"), ("--start nan", "start=nan s is not in"),
    ("--start inf", "start=inf s is not in"), ("--start soon", "--start.*'soon'"), ("", "--start"),
    ("--start 5 --segments 0", "at least 1, got 0"), ("--start 5 --segments -3", "at least 1, got -3"),
    ("--start 5 --segments 13", "at most 12 for an exact method, got 13"),
    ("--start 5 --segments 200 --method slime", "1 to 115 in frames.*got 200"),
    ("--start 5 --segments 81 --method slime --segmentation spectral", "1 to 80 in bands.*got 81"),
    ("--start 5 --segments 2.5", "--segments.*'2.5'"),
    ("--start 5 --target singin", "'singin'; did you mean singing"),
    ("--start 5 --method lime", "--method.*'lime'.*slime-exact"), ("--start 5 --fill meen", "--fill.*'meen'.*mean"),
    ("--start 5 --segmentation time", "--segmentation.*'time'.*temporal"),
    ("--start 5 --model svdd", "'svdd'; did you mean svd"),
    ("--start 5 --samples 0", "--samples.*got 0"), ("--start 5 --seed -1", "--seed.*got -1"),
    ("--start 5 --segmnts 5", "--segmnts"),
])
def test_an_unusable_question_gets_one_sentence(refused, arguments, said):
    assert re.search(said, refused("explain", SONG, *arguments.split()).rstrip())


@pytest.mark.parametrize("every", ["0", "-1", "nan", "inf", "x"])
def test_an_unusable_average_gets_one_sentence(refused, every):
    assert "--every" in refused("predict", SONG, "--every", every)


@pytest.mark.parametrize("command", [["explain", SONG, "--start", "5"], ["attack", SONG], ["demo"],
                                     ["train", "svd", "--data", DEMO], ["fills"]])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(refused, tmp_path, monkeypatch, command):
    monkeypatch.setattr("engine.models.catalogue.load", lambda name: pytest.fail("work has begun"))
    file = of_bytes(tmp_path / "taken", b"mine")
    for out in (file, file / "below"):
        assert "expected a folder, taken is a file" in refused(*command, "--out", out)
    monkeypatch.setattr("os.access", lambda path, mode: False)  # for a superuser everything can be written
    assert "nothing can be written to" in refused(*command, "--out", tmp_path / "new" / "folder")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"taken": b"mine"}


def test_without_models_a_command_says_so(refused, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    catalogue.load.cache_clear()
    for argv in (["predict", SONG], ["demo", "--out", tmp_path], ["evaluate", "svd", "--data", tmp_path]):
        assert "found no model there" in refused(*argv)
