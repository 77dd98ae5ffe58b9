"""What a session keeps of the Dissect page, and what is said of files that a system has learnt from."""
# ruff: noqa: F811

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.audio.interventions import INTERVENTIONS
from engine.explain.dissect import Heard, Outcome
from engine.explain.dissect_sweep import Sweep
from engine.training.dissect_files import Listed
from gui.dissect_page import DissectPage, work
from gui.dissect_page.values import Swept
from gui.dissect_page.words import swept
from gui.session import Held
from tests.gui.dissecting import still_page as page  # noqa: F401  (fixture)

LABELS = ("a", "b")
TREATMENT = INTERVENTIONS["high-pass"].at(cutoff_hz=20.0)


def held(page: DissectPage) -> Held:
    """What the page would get back from a file."""
    kept = page.keep()
    assert kept is not None
    return Held(kept.work, kept.sight)


def test_whether_whole_files_are_heard_is_kept_and_comes_back(page: DissectPage) -> None:
    middle = held(page)
    page.whole.click()
    assert page.study.whole
    all_of_it = held(page)
    page.restore(middle)
    assert (page.study.whole, page.whole.isChecked()) == (False, False)
    page.restore(all_of_it)
    assert (page.study.whole, page.whole.isChecked()) == (True, True)
    page.restore(Held({"whole": "yes"}))
    assert page.study.whole, "what is damaged changes nothing"


def sweep(system: str, learnt: int, *, files: int = 3, known: bool = True, turned: bool = True) -> Swept:
    """Two values; at the second the first file is taken for something else."""
    outcomes = []
    for after in ("a", "b" if turned else "a"):
        heard = tuple(Heard(f"{n}.wav", "a" if known else "other", str(n), "a", after if n == 0 else "a",
                            np.array([0.9, 0.1]), np.array([0.9, 0.1])) for n in range(files))
        outcomes.append(Outcome(system, LABELS, "high-pass", heard))
    made = Sweep("highpass", "Hz", system, LABELS, (10.0, 20.0), (TREATMENT, TREATMENT), tuple(outcomes))
    return Swept(made, tuple(made.recalls()), learnt)


def test_the_sentence_of_a_sweep_says_who_has_learnt_from_how_many_of_the_files() -> None:
    assert swept([sweep("scattering-svm-artist", 0), sweep("scattering-svm-random", 2)], 2) == (
        "3 files; svm-artist least (0.67) at 20 Hz; svm-random least (0.67) at 20 Hz, 2 of 3 files not from its test "
        "part")
    assert swept([sweep("mine", 1, known=False)], 2) == "3 files; mine, 1 of 3 files not from its test part"
    assert swept([sweep("mine", 0, known=False)], 2) == "3 files"


def test_of_one_file_it_says_so_too() -> None:
    assert swept([sweep("one", 1, files=1), sweep("two", 0, files=1)], 2) == (
        "one turns at 20 Hz, not from its test part; two turns at 20 Hz")
    assert swept([sweep("one", 1, files=1, turned=False)], 2) == "no decision turns"


def test_files_are_counted_that_the_system_learnt_from_or_was_chosen_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "partition_of", lambda name: "split")
    files = [Listed(Path(f"{part}.wav"), "a", part, {"split": part, "other": "train"})
             for part in ("train", "valid", "test")]
    assert work.learnt_by("any", [*files, Listed(Path("new.wav"), "a", "new")]) == 2
