"""Which fill suits a listener: the experiment with planted voices, on files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.audio.waveform import AudioFile, Samples
from engine.checks import InputError, choice, shown
from engine.explain import fill_experiment as experiment
from engine.explain.fill_experiment import CHANCE_ALL_THREE, CHANCE_MEAN_HITS, Outcome, Ruler, Stems, Trial
from engine.explain.fills import FILLS
from engine.explain.segments import temporal
from engine.job import Progress, Report, silent
from engine.models.listener import Listener

EXAMPLE = Path(__file__).resolve().parents[2] / "resources" / "demo"
VOCALS, INSTRUMENTAL = "_vocals", "_instrumental"
STEP_SECONDS = 0.8
MOST_EXCERPTS = 24           # per song; "neighbour" takes 3 s or more for each
LONGEST_STEM_SECONDS = 3600.0
LENGTHS_MAY_DIFFER_SECONDS = 0.5
ENOUGH_SONGS = 10            # fewer tell about these songs, not about music

Pair = tuple[Path, Path]


def pairs_in(folder: str | Path) -> list[Pair]:
    """Pairs NAME_vocals.* and NAME_instrumental.* of a folder, by name.

    Raises
    ------
    InputError
        When the folder holds none.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{shown(folder)}: expected a folder with NAME{VOCALS}.* and NAME{INSTRUMENTAL}.* files")
    by_role = {role: {path.stem.removesuffix(role): path for path in sorted(folder.iterdir())
                      if path.is_file() and path.stem.endswith(role)} for role in (VOCALS, INSTRUMENTAL)}
    names = sorted(by_role[VOCALS].keys() & by_role[INSTRUMENTAL].keys())
    if not names:
        raise InputError(f"{shown(folder)}: expected pairs NAME{VOCALS}.* and NAME{INSTRUMENTAL}.*, found "
                         f"{len(by_role[VOCALS])} vocal and {len(by_role[INSTRUMENTAL])} instrumental files, "
                         "and no two of one name")
    return [(by_role[VOCALS][name], by_role[INSTRUMENTAL][name]) for name in names]


def run(pairs: Sequence[Pair], listener: Listener, *, fills: Sequence[str] = FILLS, most: int = MOST_EXCERPTS,
        seed: int = 0, report: Report = silent) -> dict[str, Any]:
    """Score every fill on excerpts in which it is known where the voice is.

    Parameters
    ----------
    pairs
        Vocal and instrumental files, one pair a song.
    listener
        Whose last label is "singing".
    fills
        Names of fills; "neighbour" is slow.
    most
        Excerpts to try in each song.
    seed
        Of the choice of segments, the noise and the bootstrap.

    Returns
    -------
    dict
        "fills": mean hits of 3, share with all three, number of excerpts and 95 % interval of the mean, each;
        "recommended"; "verdict": how far to trust that; "chance": what blind guessing reaches; and what was
        done.

    Raises
    ------
    InputError
        When the files cannot be used, nobody sings in them, or the model hears no singing.
    """
    began = time.perf_counter()
    for name in fills:
        choice(name, FILLS, "fill")
    front_end, score = listener.front_end, listener.score(listener.labels[-1])
    cut = temporal(experiment.SEGMENTS, bands=front_end.bands, frames=listener.window,
                   frames_per_second=front_end.frames_per_second, frequencies=front_end.frequencies)
    ruler = Ruler.of(cut, sr=front_end.sr, hop_length=front_end.hop_length, n_fft=front_end.n_fft)
    lead_in = ruler.margin // front_end.hop_length

    def features(y: Samples) -> Tensor:
        with torch.no_grad():
            S = front_end(torch.from_numpy(y))[:, lead_in : lead_in + listener.window]
        return listener.standardised(S)

    kept: list[Trial] = []
    tried = 0
    for i, (vocal, instrumental) in enumerate(pairs):
        stems = read_stems(vocal, instrumental, sr=front_end.sr, report=report)
        found, here = experiment.trials(stems, features, score, ruler=ruler, threshold=listener.threshold,
                                        step=round(STEP_SECONDS * front_end.sr), most=most, seed=seed + i,
                                        report=report)
        kept += found
        tried += here
    _check(kept, tried, listener)

    counts = []
    for i, trial in enumerate(kept):
        def step(progress: Progress, done: int = i) -> None:
            report(Progress(done, len(kept), "explaining excerpts with every fill"))

        counts.append(experiment.hits(trial, score, segmentation=cut, fills=fills, seed=seed + i, report=step,
                                      data_minimum=listener.fill_minimum))
    songs = [trial.song for trial in kept]
    outcomes, lead = experiment.outcomes(fills, np.array(counts), songs, seed=seed)
    best = max(outcomes, key=lambda outcome: outcome.mean_hits)
    return {"fills": [asdict(outcome) for outcome in outcomes], "recommended": best.fill,
            "verdict": _verdict(best, len(set(songs)), lead), "model": listener.name,
            "chance": {"mean_hits": CHANCE_MEAN_HITS, "all_three": CHANCE_ALL_THREE},
            "songs": [{"song": name, "n": songs.count(name)} for name in sorted(set(songs))],
            "tried": tried, "seconds": time.perf_counter() - began}


def read_stems(vocal: Path, instrumental: Path, *, sr: int, report: Report = silent) -> Stems:
    """Both stems, mono at `sr` Hz; where one is a little longer its end is left out.

    Raises
    ------
    InputError
        When one is unusable, silent or too long, or their lengths differ by half a second or more.
    """
    files = [AudioFile(path) for path in (vocal, instrumental)]
    for file in files:
        if file.seconds > LONGEST_STEM_SECONDS:
            raise InputError(f"{file.name}: expected a stem of at most {LONGEST_STEM_SECONDS / 60:.0f} minutes, "
                             f"got {file.seconds / 60:.0f}; cut it first")
    first, second = files
    if abs(first.seconds - second.seconds) >= LENGTHS_MAY_DIFFER_SECONDS:
        raise InputError(f"{first.name} and {second.name}: expected stems of one song and one length, got "
                         f"{first.seconds:.1f} s and {second.seconds:.1f} s")
    sounds = [_mono(file, sr, report) for file in files]
    length = min(map(len, sounds))
    return Stems(first.path.stem.removesuffix(VOCALS), sounds[0][:length], sounds[1][:length])


def _mono(file: AudioFile, sr: int, report: Report) -> Samples:
    blocks, done = [], 0
    for block in file.mono_blocks(sr):
        blocks.append(block)
        done += len(block)
        report(Progress(done, max(done, round(file.seconds * sr)), f"reading {file.name}"))
    y = np.concatenate(blocks)
    if np.sqrt(np.mean(np.square(y, dtype=np.float64))) < experiment.SILENCE:
        raise InputError(f"{file.name}: expected a stem with sound in it, found silence")
    return y


def _check(kept: list[Trial], tried: int, listener: Listener) -> None:
    if not tried:
        raise InputError(f"vocal stem: expected {listener.window_seconds:.1f} s somewhere in which the voice never "
                         "rests, found none; is it the vocal stem, and long enough?")
    if not kept:
        raise InputError(f"{listener.name} calls none of the {tried} excerpts with planted voice singing, so there "
                         "is no truth to find; try stems with a louder voice")


def _verdict(best: Outcome, songs: int, lead: float) -> str:
    sure = f"{best.fill} leads in {lead:.0%} of the resamples"
    if songs >= ENOUGH_SONGS:
        return f"{'clear' if lead >= 0.95 else 'open'}: {sure} of {songs} songs"
    basis = "one song, so the intervals are over its excerpts" if songs == 1 else f"{songs} songs"
    return f"indicative: {sure}, from {basis}; {ENOUGH_SONGS} songs or more would tell"
