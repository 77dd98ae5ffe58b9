"""Which files of a folder are tried: classes in turn, and first what nobody learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from engine.checks import InputError
from engine.training.dissect_files import Listed, in_turn, listed


def test_classes_come_in_turn_and_what_was_learnt_from_comes_last():
    files = [Listed(Path(f"{label}{i}"), label, str(i), {"artist": part, "track": "test"})
             for label in "ab" for i, part in enumerate(("train", "test", "valid", "test"))]
    chosen = in_turn(files, 5, lambda one: one.label, lambda one: len(one.learnt_in(["artist", "track"])))
    assert [str(one.path) for one in chosen] == ["a0", "a1", "a3", "b1", "b3"]
    assert [one.learnt_in(["artist", "track"]) for one in chosen] == [["artist"], [], [], [], []]
    assert Listed(Path("x"), None, "x").learnt_in(["artist"]) == []


def test_a_folder_is_listed_by_its_folders_and_an_empty_one_refused(tmp_path):
    (tmp_path / "slow").mkdir()
    with pytest.raises(InputError, match="expected audio files in it"):
        listed(tmp_path)
    sf.write(tmp_path / "slow/a.wav", np.zeros(100), 8000)
    assert [(one.path.name, one.label) for one in listed(tmp_path)] == [("a.wav", "slow")]
    assert listed(tmp_path / "slow/a.wav")[0].label == "slow"
