"""A disk that is full, a folder that cannot be written: what was there stays whole, and nothing half is left."""

import contextlib
import os
import sys

import numpy as np
import pytest
import torch

from engine.audio.scattering_features import ScatteringFrontEnd
from engine.audio.waveform import Waveform, write_wav
from engine.checks import InputError
from engine.composing.tunebook import book_of, write_book
from engine.disk import growing, write_chosen, write_whole
from engine.models import catalogue
from engine.report.files import folder_made
from engine.training import checkpoints, scattering_material
from engine.training.style_data import Excerpt

resource = pytest.importorskip("resource")
ROOM = 20_000           # bytes that a file may have: what is written fits only in part
OLD = b"what was there before\n"


@contextlib.contextmanager
def full():
    """No file grows beyond `ROOM`: the system writes that much and then says no, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    sys.stdout.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_growing(path):
    with growing(path) as file:
        for _ in range(100):
            file.write(bytes(1000))


NOISE = np.random.default_rng(0).standard_normal(50_000).astype(np.float32)
WRITERS = {
    "write_whole": lambda path: write_whole(path, bytes(100_000)),
    "write_chosen": lambda path: write_chosen(path, bytes(100_000)),
    "growing": write_growing,
    "write_wav": lambda path: write_wav(path, Waveform(NOISE, 22050)),
    "a tune book": lambda path: write_book(path, book_of("X:1\nK:C\n" + "CDEF|" * 20_000)),
    "a checkpoint": lambda path: checkpoints.save(path, {"net": torch.from_numpy(NOISE)}),
    "a model": lambda path: catalogue.write(path, {"mean": torch.from_numpy(NOISE)}, {"kind": "x"}),
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_old_file_stays_and_nothing_else_is_left(tmp_path, name):
    path = tmp_path / "it.json"
    path.write_bytes(OLD)
    with pytest.raises((OSError, InputError, RuntimeError)) as caught, full():
        WRITERS[name](path)
    assert path.read_bytes() == OLD
    assert [one.name for one in tmp_path.iterdir()] == ["it.json"]
    if isinstance(caught.value, InputError):
        assert "File too large" in str(caught.value)
        assert "\n" not in str(caught.value)
    WRITERS[name](path)
    assert path.read_bytes() != OLD


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("name", WRITERS)
def test_a_folder_that_is_read_only(tmp_path, name):
    path = tmp_path / "it.json"
    path.write_bytes(OLD)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises((OSError, InputError)):
            WRITERS[name](path)
    finally:
        tmp_path.chmod(0o700)
    assert path.read_bytes() == OLD


@pytest.mark.parametrize("name", WRITERS)
def test_a_folder_that_is_gone_or_is_none(tmp_path, name):
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises((OSError, InputError)):
        WRITERS[name](tmp_path / "file" / "it.json")
    assert (tmp_path / "file").read_bytes() == OLD


def test_reports_say_it_in_a_sentence(tmp_path):
    with pytest.raises(InputError, match="folder that can be written, got “File too large”; choose another"), \
            folder_made(tmp_path / "out"), full():
        write_whole(tmp_path / "out" / "it.wav", bytes(100_000))


def test_what_is_only_kept_to_be_quick_is_done_without(tmp_path):
    """Measured features are kept in a cache; on a full disk they are measured, and not kept."""
    write_wav(tmp_path / "a.wav", Waveform(NOISE, 22050))
    excerpt, front_end = Excerpt("a", "x", "a", "a", tmp_path / "a.wav", "", {}), ScatteringFrontEnd()
    cache = tmp_path / "cache"
    with full():
        (measured,) = scattering_material.scattered([excerpt], front_end, cache=cache)
    assert measured.windows.shape[1] == front_end.bands
    (again,) = scattering_material.scattered([excerpt], front_end, cache=tmp_path / "a.wav" / "cache")
    np.testing.assert_array_equal(again.windows, measured.windows)
