"""Sounds as a web page can carry them: 16-bit WAV, which every browser plays, as data: addresses."""

from __future__ import annotations

import base64
import io

import numpy as np
import soundfile as sf
import torch

from engine.audio.sonify import faded, with_mel_gain
from engine.audio.waveform import Waveform
from engine.explain.explanation import Segment
from engine.report.facts import Facts

HIGHEST_RATE = 48_000  # Hz; not every browser takes more
EDGE_SECONDS = 0.02    # kept on both sides of a segment: half a window of analysis smears its borders
CEILING = 0.99


def data_address(content: bytes, kind: str) -> str:
    """`content` as an address that holds it, for a media type such as image/png."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def gain_for(sounds: list[Waveform]) -> float:
    """One factor, at most 1, with which none of the sounds clips; one for all, so that their levels compare."""
    peak = max((float(np.abs(sound.y).max(initial=0.0)) for sound in sounds), default=0.0)
    return min(1.0, CEILING / peak) if peak > 0 else 1.0


def wav_address(sound: Waveform, gain: float = 1.0) -> str:
    """The sound as a 16-bit WAV; one or two channels, at most 48 kHz."""
    sound = sound.mono() if sound.y.ndim > 1 and len(sound.y) > 2 else sound
    sound = sound.resampled(min(sound.sr, HIGHEST_RATE))
    out = io.BytesIO()
    sf.write(out, np.clip(np.atleast_2d(sound.y).T * gain, -1, 1), sound.sr, subtype="PCM_16", format="WAV")
    return data_address(out.getvalue(), "audio/wav")


def alone(original: Waveform, segment: Segment, facts: Facts) -> Waveform:
    """One segment of the excerpt, in time and in frequency; mono, at the rate of the front end."""
    inside = facts.answer.explanation.segmentation.segment_map == segment.index
    sound = with_mel_gain(original.mono().resampled(facts.front_end.sr), inside.to(torch.float32), facts.front_end,
                          before=facts.spectrogram.exp())
    return faded(sound.cut(segment.start - EDGE_SECONDS, segment.end + EDGE_SECONDS))
