"""A voice that nobody owns: formant synthesis that sings a made-up tune over a recording.

    python -m engine.training.synth_voice RECORDING START SECONDS resources/demo/tailwind

writes NAME_vocals.ogg and NAME_instrumental.ogg, the bundled example of the fill experiment. The tune follows the
recording's key, tempo and harmony; the same recording and seed give the same voice.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
import torch
from numpy.typing import NDArray

from engine.audio.sonify import faded
from engine.audio.waveform import AudioFile, Waveform

Array = NDArray[np.float64]

SR = 22050
CONTROL = 64                 # samples between two values of pitch and formants
LOWEST, HIGHEST = 50, 67     # MIDI: D3 to G4, a tenor
HARMONICS_TO = 9000.0        # Hz
SPREAD = 40
N_FFT = 512
BREATH = 0.02
LEVEL = 0.1                  # root mean square of the voice, -20 dB
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)  # Krumhansl & Kessler 1982
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

FORMANTS = {  # tenor; frequencies in Hz, levels in dB, bandwidths in Hz (Csound manual, appendix D)
    "a": ((650, 1080, 2650, 2900, 3250), (0, -6, -7, -8, -22), (80, 90, 120, 130, 140)),
    "e": ((400, 1700, 2600, 3200, 3580), (0, -14, -12, -14, -20), (70, 80, 100, 120, 120)),
    "i": ((290, 1870, 2800, 3250, 3540), (0, -15, -18, -20, -30), (40, 90, 100, 120, 120)),
    "o": ((400, 800, 2600, 2800, 3000), (0, -10, -12, -12, -26), (70, 80, 100, 130, 135)),
    "u": ((350, 600, 2700, 2900, 3300), (0, -20, -17, -14, -26), (40, 60, 100, 120, 120)),
    "m": ((250, 1100, 2200, 2900, 3300), (-4, -26, -30, -34, -40), (60, 120, 150, 150, 150)),
}
CONSONANTS = {  # hiss: centre and width in Hz, seconds, level; and how loud the voice is meanwhile
    "s": (6200.0, 1500.0, 0.09, 0.16, 0.0),
    "sh": (3200.0, 1200.0, 0.09, 0.16, 0.0),
    "t": (4200.0, 2500.0, 0.03, 0.35, 0.0),
    "k": (1900.0, 800.0, 0.04, 0.3, 0.0),
    "m": (1000.0, 500.0, 0.07, 0.0, 0.5),
    "": (1000.0, 500.0, 0.03, 0.0, 0.8),
}


@dataclass(frozen=True)
class Note:
    """A syllable: seconds, MIDI pitch, consonant and vowel."""

    start: float
    end: float
    pitch: float
    consonant: str
    vowel: str


def tune(y: NDArray[np.float32], rng: np.random.Generator) -> list[Note]:
    """Phrases of 5 to 8 seconds that walk along the recording's scale, towards what it plays at that moment."""
    import librosa  # its first call compiles for seconds

    chroma = librosa.feature.chroma_stft(y=y, sr=SR, hop_length=512)
    tempo, beats = librosa.beat.beat_track(y=y, sr=SR, hop_length=512)
    beat = 60.0 / (float(np.atleast_1d(tempo)[0]) or 120.0)  # 0 where it found no beat
    beat *= 2.0 ** round(np.log2(0.5 / beat))
    keys = [(np.corrcoef(np.roll(profile, tonic), chroma.mean(1))[0, 1], tonic, scale)
            for tonic in range(12) for profile, scale in ((MAJOR_PROFILE, MAJOR), (MINOR_PROFILE, MINOR))]
    _, tonic, scale = max(keys)
    steps = [p for p in range(LOWEST, HIGHEST + 1) if (p - tonic) % 12 in scale]
    time = float(beats[0] * 512 / SR) if len(beats) else 0.0
    end, place, notes = len(y) / SR - 0.5, len(steps) // 2, []
    while time + 3.0 < end:
        phrase_end = min(end, time + rng.uniform(5.0, 8.0))
        while time < phrase_end:
            last = time + 1.5 * beat >= phrase_end
            length = 2 * beat if last else beat * rng.choice([0.5, 0.5, 1.0, 1.0, 1.5])
            near = np.clip(place + np.array([-3, -2, -1, 0, 1, 2, 3]), 0, len(steps) - 1)
            heard = chroma[:, int(time * SR / 512) : int((time + length) * SR / 512) + 1].mean(1)
            wish = heard[np.array(steps)[near] % 12] ** 2 * [0.3, 0.8, 1.0, 0.4, 1.0, 0.8, 0.3] + 1e-6
            place = int(rng.choice(near, p=wish / wish.sum()))
            notes.append(Note(time, min(end, time + length), steps[place], str(rng.choice(list(CONSONANTS))),
                              str(rng.choice(list("aaeiou")))))
            time += length
        time += beat
    return notes


def sing(notes: list[Note], seconds: float, rng: np.random.Generator) -> Waveform:
    """The voice alone: harmonics and hiss shaped by formants, in a small room."""
    times = np.arange(0, seconds, CONTROL / SR)
    f0, loudness = _pitch(notes, times, rng), _loudness(notes, times, rng)
    formants = _formants(notes, times)
    samples = round(seconds * SR)
    y = _voiced(f0, loudness, formants, times, samples) + _hiss(notes, loudness, formants, times, samples, rng)
    room = rng.standard_normal(SR // 2) * np.exp(-np.arange(SR // 2) / (0.09 * SR))
    wet = np.fft.irfft(np.fft.rfft(y, 2 * samples) * np.fft.rfft(room, 2 * samples), 2 * samples)[:samples]
    y = y + 0.25 * wet / np.linalg.norm(wet) * np.linalg.norm(y)
    return Waveform((LEVEL * y / np.sqrt(np.mean(y**2))).astype(np.float32), SR)


def _pitch(notes: list[Note], times: Array, rng: np.random.Generator) -> Array:
    """f0 in Hz: each note is scooped into, and vibrates once it has been held for a while."""
    pitch = np.full(len(times), float(notes[0].pitch))
    depth = np.zeros(len(times))
    for note in notes:
        inside = (times >= note.start) & (times < note.end)
        held = times[inside] - note.start
        pitch[times >= note.start] = note.pitch
        pitch[inside] -= rng.uniform(0.2, 1.2) * np.exp(-held / 0.05)
        depth[inside] = rng.uniform(0.35, 0.7) * np.clip((held - 0.12) / 0.25, 0, 1)
    pitch = _smooth(pitch, 0.05)
    rate = 5.6 + 0.4 * _drift(len(times), rng)
    vibrato = _smooth(depth, 0.1) * np.sin(2 * np.pi * np.cumsum(rate) * CONTROL / SR)
    return np.asarray(440.0 * 2 ** ((pitch + vibrato + 0.12 * _drift(len(times), rng) - 69) / 12))


def _loudness(notes: list[Note], times: Array, rng: np.random.Generator) -> Array:
    level = np.zeros(len(times))
    for note in notes:
        *_, seconds, _, meanwhile = CONSONANTS[note.consonant]
        inside = (times >= note.start) & (times < note.end)
        level[inside] = rng.uniform(0.75, 1.0)
        level[inside & (times < note.start + seconds)] *= meanwhile
    return _smooth(level, 0.025) * (1 + 0.06 * _drift(len(times), rng))


def _formants(notes: list[Note], times: Array) -> Array:
    """(3, 5, times): frequency in Hz, level in dB, bandwidth in Hz of each formant."""
    track = np.repeat(np.array(FORMANTS[notes[0].vowel], dtype=np.float64)[:, :, None], len(times), axis=2)
    for note in notes:
        seconds = CONSONANTS[note.consonant][2]
        if note.consonant == "m":
            track[:, :, times >= note.start] = np.array(FORMANTS["m"])[:, :, None]
        track[:, :, times >= note.start + seconds] = np.array(FORMANTS[note.vowel])[:, :, None]
    return np.apply_along_axis(_smooth, 2, track, 0.05)


def _response(frequency: Array, formants: Array) -> Array:
    """Sum of the resonances at `frequency`, which broadcasts against (times,)."""
    total = np.zeros(np.broadcast_shapes(frequency.shape, formants.shape[2:]))
    for centre, level, width in formants.transpose(1, 0, 2):
        total += 10 ** (level / 20) / np.sqrt(1 + ((frequency - centre) / (width / 2)) ** 2)
    return total


def _voiced(f0: Array, loudness: Array, formants: Array, times: Array, samples: int) -> Array:
    """Harmonics of a phase that runs at f0, each as loud as the formants make it; none reaches half the rate."""
    at = np.arange(samples) / SR
    phase = 2 * np.pi * np.cumsum(np.interp(at, times, f0)) / SR
    y = np.zeros(samples)
    for k in range(1, int(HARMONICS_TO / f0.min()) + 1):
        fading = np.clip((HARMONICS_TO - k * f0) / 1000, 0, 1)
        spread = np.pi * k * (k - 1) / SPREAD  # Schroeder phases: pulses of moderate height
        y += np.interp(at, times, loudness * fading * _response(k * f0, formants)) * np.sin(k * phase + spread)
    return y


def _hiss(notes: list[Note], loudness: Array, formants: Array, times: Array, samples: int,
          rng: np.random.Generator) -> Array:
    """Breath through the same formants, and the noise of consonants."""
    hop = 2 * CONTROL
    frequency: Array = (np.arange(N_FFT // 2 + 1) * (SR / N_FFT)).astype(np.float64)[:, None]
    frames = times[::2]
    target: Array = _response(frequency, formants[:, :, ::2]) * (BREATH * loudness[::2])
    for note in notes:
        centre, width, seconds, level, _ = CONSONANTS[note.consonant]
        during = (frames >= note.start) & (frames < note.start + seconds)
        target += level * np.exp(-(((frequency - centre) / width) ** 2)) * during
    window = torch.hann_window(N_FFT)
    noise = torch.from_numpy(rng.standard_normal(samples).astype(np.float32))
    D = torch.stft(noise, N_FFT, hop, window=window, pad_mode="constant", return_complex=True)
    shape = torch.from_numpy(target.astype(np.float32))[:, : D.shape[1]]
    D = D * torch.nn.functional.pad(shape, (0, D.shape[1] - shape.shape[1]))
    return torch.istft(D, N_FFT, hop, window=window, length=samples).double().numpy()


def _smooth(values: Array, seconds: float) -> Array:
    n = max(3, round(seconds * SR / CONTROL)) | 1
    window = np.hanning(n + 2)[1:-1]
    return np.convolve(np.pad(values, n // 2, mode="edge"), window / window.sum(), mode="valid")


def _drift(n: int, rng: np.random.Generator) -> Array:
    """Slow random unsteadiness of standard deviation 1."""
    slow = _smooth(rng.standard_normal(n), 0.08)
    return np.asarray(slow / slow.std())


def main() -> None:
    """Cut the recording, sing over it, write both stems."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=Path)
    parser.add_argument("start", type=float)
    parser.add_argument("seconds", type=float)
    parser.add_argument("out", type=Path, help="path and first part of the names")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    part = AudioFile(args.recording).read(args.start, args.start + args.seconds).mono().resampled(SR)
    rng = np.random.default_rng(args.seed)
    voice = sing(tune(part.y, rng), part.seconds, rng)
    for role, sound in (("vocals", voice), ("instrumental", faded(part, 0.05))):
        sf.write(args.out.with_name(f"{args.out.name}_{role}.ogg"), sound.y, SR, format="OGG", subtype="VORBIS")


if __name__ == "__main__":
    main()
