"""There and back: what is left of a sound after a file format or a lower sample rate.

Rate, channels and length come out as they went in, without delay. More than two channels are coded in pairs.
"""

from __future__ import annotations

import io

import numpy as np
import soundfile as sf

from engine.audio.waveform import Samples, Waveform
from engine.checks import within

MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
# kbit/s that MPEG-2.5, MPEG-2 and MPEG-1 allow, by the highest sample rate of each; libsndfile scales them to 1 to 0
MP3_KBPS = ((12000, 8, 64), (24000, 8, 160), (48000, 32, 320))
MP3_DELAY = 1105            # samples, of encoder and decoder; left in where frames are too short for LAME's tag
OGG_HIGHEST_RATE = 192_000  # libvorbis crashes somewhat above 200 kHz
BLOCK = 65536               # frames: libvorbis overflows the stack when it gets millions at once


def wav_16(waveform: Waveform) -> Waveform:
    """16-bit WAV: rounded without dither, clipped at full scale."""
    return _in_pairs(waveform, waveform.sr, format="WAV", subtype="PCM_16")


def ogg(waveform: Waveform, *, quality: float = 0.5) -> Waveform:
    """OGG Vorbis of this quality (0 to 1); decoded to float, so nothing is clipped.

    Raises
    ------
    InputError
        When the quality is not within 0 to 1.
    """
    within(quality, 0.0, 1.0, "OGG quality")
    return _in_pairs(waveform, min(waveform.sr, OGG_HIGHEST_RATE), format="OGG", subtype="VORBIS",
                     compression_level=1 - quality)


def mp3(waveform: Waveform, *, kbps: float = 128.0) -> Waveform:
    """MP3 of constant bit rate; decoded to float, so nothing is clipped.

    A rate that MP3 does not know is resampled to the next higher one, or to 48 kHz. A bit rate that the sample
    rate does not allow (above 160 kbit/s up to 24 kHz, above 64 up to 12 kHz, below 32 above 24 kHz) becomes the
    nearest one that it does.

    Raises
    ------
    InputError
        When the bit rate is not within 8 to 320 kbit/s.
    """
    within(kbps, 8.0, 320.0, "MP3 bit rate in kbit/s")
    sr = min((rate for rate in MP3_RATES if rate >= waveform.sr), default=MP3_RATES[-1])
    low, high = next((low, high) for highest, low, high in MP3_KBPS if sr <= highest)
    level = (high - min(max(kbps, low + 1), high)) / (high - low)
    return _in_pairs(waveform, sr, format="MP3", subtype="MPEG_LAYER_III", compression_level=level,
                     bitrate_mode="CONSTANT")


def resampled_and_back(waveform: Waveform, *, rate_hz: float) -> Waveform:
    """The sound as a lower sample rate leaves it; untouched where its own is not higher.

    Raises
    ------
    InputError
        When the rate is not within 100 Hz to 1 MHz.
    """
    rate = round(within(rate_hz, 100.0, 1e6, "sample rate in Hz"))
    if rate >= waveform.sr or not waveform.y.size:
        return waveform
    return waveform.resampled(rate).resampled(waveform.sr).padded(waveform.y.shape[-1])


def _in_pairs(waveform: Waveform, sr: int, **settings: str | float) -> Waveform:
    if not waveform.y.size:
        return waveform
    y = np.atleast_2d(waveform.resampled(sr).y)
    coded = np.concatenate([_there_and_back(y[i : i + 2], sr, settings) for i in range(0, len(y), 2)])
    back = Waveform(coded.reshape(*waveform.y.shape[:-1], -1), sr).resampled(waveform.sr)
    return back.padded(waveform.y.shape[-1])


def _there_and_back(y: Samples, sr: int, settings: dict[str, str | float]) -> Samples:
    """One or two channels (channels, samples) through a file in memory."""
    memory = io.BytesIO()
    with sf.SoundFile(memory, "w", samplerate=sr, channels=len(y), **settings) as file:
        for start in range(0, y.shape[1], BLOCK):
            file.write(np.ascontiguousarray(y[:, start : start + BLOCK].T))
    memory.seek(0)
    with sf.SoundFile(memory) as file:
        out: Samples = file.read(dtype="float32", always_2d=True).T
    late = MP3_DELAY if settings["format"] == "MP3" and out.shape[1] > y.shape[1] else 0
    return Waveform(out[:, late:], sr).padded(y.shape[1]).y
