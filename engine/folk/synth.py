"""Turns performances into sound, with the instruments of a small soundfont (resources/soundfont).

The synthesiser is rustysynth through midirenderer, in a child process. The same performance gives the same samples.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf

from engine.audio.waveform import Waveform
from engine.checks import InputError, choice
from engine.folk.child import Child, ChildDied, ChildRefused, ChildStopped, ChildTooSlow
from engine.folk.midi import midi_bytes
from engine.folk.performance import Performance

SOUNDFONT = Path(__file__).resolve().parents[2] / "resources" / "soundfont" / "folk.sf2"
TAIL_S = 1.5                # seconds for the last note and the room to die away
LONGEST_S = 20 * 60.0
PEAK = 0.97                 # highest sample


@dataclass(frozen=True)
class Instrument:
    """An instrument of the soundfont."""

    program: int            # of General MIDI, counted from 0
    gain: float             # that makes a tune on it as loud as on the others


INSTRUMENTS = {
    "flute": Instrument(73, 2.6),
    "violin": Instrument(40, 4.2),
    "accordion": Instrument(21, 4.7),
    "whistle": Instrument(78, 1.3),
    "piano": Instrument(0, 4.0),
    "guitar": Instrument(24, 3.9),
    "harp": Instrument(46, 2.4),
}


class Synth:
    """Plays one performance after another; its child process starts with the first."""

    def __init__(self) -> None:
        self.child = Child("engine.folk.synth_child")

    def render(self, performance: Performance, instrument: str = "flute") -> Waveform:
        """The sound of a performance.

        Parameters
        ----------
        performance : Performance
            Its chords and clicks sound too, if it has any.
        instrument : str
            One of `INSTRUMENTS`, for the melody.

        Returns
        -------
        Waveform
            Stereo, 48,000 Hz; it goes on for `TAIL_S` behind the last note. No sample exceeds `PEAK`.

        Raises
        ------
        InputError
            When there is no such instrument, the performance is empty or too long, or the synthesiser fails.
        ChildStopped
            `close` was called meanwhile.
        """
        played = INSTRUMENTS[choice(instrument, INSTRUMENTS, "instrument")]
        if not performance.seconds:
            raise InputError("there is nothing to play: the tune has no notes")
        if performance.seconds > LONGEST_S:
            raise InputError(f"the tune would play for {performance.seconds / 60:.0f} min, more than the "
                             f"{LONGEST_S / 60:.0f} min that can be rendered; play a part of it, or faster")
        midi = midi_bytes(performance, program=played.program, tail_s=TAIL_S)
        patience = 10 + performance.seconds / 2
        try:
            wav = self.child.ask((str(SOUNDFONT), midi), seconds=patience)
        except ChildStopped:
            raise
        except ChildTooSlow:
            raise InputError(f"rendering took longer than {patience:.0f} s; is the machine busy?") from None
        except (ChildDied, ChildRefused) as error:
            raise InputError(f"the tune cannot be played ({error}); is {SOUNDFONT.name} damaged?") from None
        y, sr = sf.read(io.BytesIO(wav), dtype="float32", always_2d=True)
        y *= played.gain
        if (peak := float(np.abs(y).max(initial=0.0))) > PEAK:
            y *= PEAK / peak
        length = round((performance.seconds + TAIL_S) * sr)
        return Waveform(np.ascontiguousarray(y[:length].T), sr).padded(length)

    def close(self) -> None:
        """End the child, also in the middle of its work; the next performance starts another."""
        self.child.close()
