"""What can be heard of an answer: the excerpt, the named segments alone, all but these, what the model hears.

All sounds are float and exactly an excerpt long, with ends faded over 5 ms. Nothing is normalised or clipped:
levels compare, and where a change adds energy samples may exceed 1.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from engine.audio.sonify import faded, from_spectrogram, with_mel_gain
from engine.audio.waveform import AudioFile, Waveform
from engine.job import Progress, Report, silent
from engine.listening.explain import TOP, Answer
from engine.models.listener import Listener

MARGIN_SECONDS = 0.1  # more than a window of analysis: the excerpt's ends sound as they do within the song
SOUNDS = ("original", "kept", "removed", "heard")


def sounds(file: AudioFile, listener: Listener, answer: Answer, *, k: int = TOP, hidden: set[int] | None = None,
           estimated_phase: bool = False, report: Report = silent) -> dict[str, Waveform]:
    """The sounds of an answer, by name.

    Parameters
    ----------
    file, listener
        What the answer is about.
    k
        How many segments are named.
    hidden
        Segments that somebody hid; None where nobody did.
    estimated_phase
        Whether "heard" gets an estimated phase (Griffin-Lim) and not the excerpt's own.

    Returns
    -------
    dict
        "original": the excerpt; "kept": only the k named segments, or all but the hidden ones; "removed": all
        but the k named ones; "heard": what is left of the excerpt in the model's input, at the front end's
        rate. In "kept" and "removed" the rest is replaced by the fill, as the model saw it. All but "heard"
        have the file's rate and channels.
    """
    steps = _Steps(report, len(SOUNDS))
    excerpt = _Excerpt(file, listener, answer.start)
    named = set(answer.explanation.top(k))
    every = set(range(len(answer.explanation.segmentation)))
    gone = {"kept": every - named if hidden is None else hidden & every, "removed": named}
    result = {"original": excerpt.cut(excerpt.waveform)}
    for name, segments in gone.items():
        steps.next("making sounds")
        result[name] = excerpt.changed(answer.features, _filled(answer, segments))
    steps.next("making sounds")
    phase = None if estimated_phase else excerpt.cut_raw(excerpt.waveform)
    result["heard"] = faded(from_spectrogram(listener.spectrogram(answer.features), listener.front_end, phase=phase,
                                         report=steps.within))
    return result


def edited(file: AudioFile, listener: Listener, start: float, features_before: Tensor,
           features_after: Tensor) -> Waveform:
    """The excerpt from `start` seconds, changed as its features were: what a brush does to the sound.

    Parameters
    ----------
    features_before, features_after
        (bands, window), standardised.
    """
    return _Excerpt(file, listener, start).changed(features_before, features_after)


class _Steps:
    """A report that a few steps share."""

    def __init__(self, report: Report, total: int) -> None:
        self.report, self.total, self.done = report, total, 0

    def next(self, message: str) -> None:
        """A step begins."""
        self.report(Progress(self.done, self.total, message))
        self.done += 1

    def within(self, progress: Progress) -> None:
        """A part of the present step is done."""
        self.report(replace(progress, done=self.done - 1, total=self.total))


def _filled(answer: Answer, hidden: set[int]) -> Tensor:
    """The excerpt's features with these segments hidden, as the model saw them."""
    segmentation = answer.explanation.segmentation
    keep = torch.ones(1, len(segmentation), dtype=torch.bool)
    keep[0, list(hidden)] = False
    return answer.fill.apply(answer.features, segmentation.segment_map, keep)[0]


class _Excerpt:
    """An excerpt of a file with a little sound around it, silence beyond the file's ends."""

    def __init__(self, file: AudioFile, listener: Listener, start: float) -> None:
        self.listener = listener
        frames_per_second = listener.front_end.frames_per_second
        begin = round(start * frames_per_second) / frames_per_second  # where the model's first frame lies
        sr = file.sr
        self.margin = round(MARGIN_SECONDS * sr)
        self.samples = round(listener.window_seconds * sr)
        first = round(begin * sr) - self.margin
        inside = file.read(max(0, first) / sr, (first + self.samples + 2 * self.margin) / sr)
        missing = max(0, -first)
        y = torch.nn.functional.pad(torch.from_numpy(inside.y), (missing, 0)).numpy()
        self.waveform = Waveform(y, sr).padded(self.samples + 2 * self.margin)

    def cut_raw(self, waveform: Waveform) -> Waveform:
        return Waveform(waveform.y[..., self.margin : self.margin + self.samples], waveform.sr)

    def cut(self, waveform: Waveform) -> Waveform:
        return faded(self.cut_raw(waveform))

    def changed(self, before: Tensor, after: Tensor) -> Waveform:
        before, after = self.listener.spectrogram(before), self.listener.spectrogram(after)
        return self.cut(with_mel_gain(self.waveform, (after - before).exp(), self.listener.front_end,
                                      before=before.exp(), start=self.margin / self.waveform.sr))
