"""A session with one of everything."""

import json

import numpy as np
import pytest
import soundfile as sf
from hypothesis import strategies as st

from engine.sessions import ModelRef, Result, Session, reference, references, versions, write

TUNE = "X:1\nT:Ré \"mi\" <b>\r\nK:C\nCDEF|\n"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """Copies of sounds go here and not into the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(references.platformdirs, "user_cache_dir", lambda *_: str(folder))
    return folder


@pytest.fixture
def song(tmp_path):
    """Half a second of noise."""
    path = tmp_path / "work" / "song.wav"
    path.parent.mkdir()
    sf.write(path, np.random.default_rng(0).normal(size=4000) / 10, 8000)
    return path


@pytest.fixture
def session(song):
    """One of everything."""
    ref = reference(song)
    arguments = {"audio": {"audio": ref.key}, "start": 0.25, "model": {"path": str(song.parent / "m.yaml")}}
    result = Result("explain", arguments, {"weights": [0.1, -2.5e-9, None, True], "file": "song.wav"},
                    (ModelRef("svd", "ab" * 32),), "2026-03-01T12:00:00+01:00", 1.25)
    return Session(audio={ref.key: ref}, results=(result, Result("compose", {"n": 2}, {"tunes": []})),
                   tunes={"Ré/../<b>": TUNE, "empty": ""}, trials=({"right": 7, "of": 10},),
                   view={"Explain": {"zoom": 1.5, "chosen": None}}, made_with=versions(),
                   assets={"a b/c.png": bytes(range(256)), "none": b""})


def path_of(session, tmp_path, **options):
    path = tmp_path / "work" / "s.oto"
    assert write(session, path, **options) == ()
    return path


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(-2**60, 2**60) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8)
mappings = st.dictionaries(names, values, max_size=3)
results = st.builds(Result, names, mappings, mappings,
                    st.lists(st.builds(ModelRef, names, names), max_size=2).map(tuple),
                    st.datetimes().map(lambda time: time.isoformat()), st.floats(0, 1e6))


def fields(**others):
    return json.dumps({"format": "otoscope-session", "version": 1, **others})
