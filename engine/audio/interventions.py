"""All that can be done to a sound before a model hears it again, with parameters in physical units.

`INTERVENTIONS` is what a page offers with sliders; `Intervention.at` sets them and gives a `Treatment`, a named
function from `Waveform` to `Waveform`. `SURVIVAL` are the treatments that an adversary should survive.
All are deterministic, keep rate and channels, and (but for the tempo) the number of samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from engine.audio.codecs import mp3, ogg, resampled_and_back, wav_16
from engine.audio.disturb import (
    gain,
    in_a_room,
    inverted,
    shifted,
    with_hum,
    with_noise,
    with_offset,
    without_hum,
    without_offset,
)
from engine.audio.filters import band_stop, high_pass, low_pass
from engine.audio.tempo import pitched, stretched
from engine.audio.waveform import Waveform
from engine.checks import choice, within


@dataclass(frozen=True)
class Parameter:
    """What a slider sets.

    Parameters
    ----------
    name, words, unit
        Keyword of the intervention; what a label says; "" where there is no unit.
    low, high, default
        In that unit.
    logarithmic
        Equal steps of the slider are equal ratios.
    whole
        Only whole numbers.
    """

    name: str
    words: str
    unit: str
    low: float
    high: float
    default: float
    logarithmic: bool = False
    whole: bool = False

    def said(self, value: float) -> str:
        """The value as a person reads it: "cut-off 20 Hz"."""
        return f"{self.words} {value:,g} {self.unit}".rstrip()


@dataclass(frozen=True)
class Treatment:
    """An intervention with all set.

    Parameters
    ----------
    name, words
        Key, and what a person reads.
    apply
        From `Waveform` to `Waveform`.
    aligned
        Whether each sample afterwards belongs to one before, so that their difference means something.
    """

    name: str
    words: str
    apply: Callable[[Waveform], Waveform]
    aligned: bool = True


@dataclass(frozen=True)
class Intervention:
    """Something that can be done to a sound.

    Parameters
    ----------
    name, words
        Key, and what a person reads.
    function
        Takes a `Waveform` and the parameters by their names.
    parameters
        Perhaps none.
    aligned
        As in `Treatment`.
    """

    name: str
    words: str
    function: Callable[..., Waveform]
    parameters: tuple[Parameter, ...] = ()
    aligned: bool = True

    def at(self, **values: float) -> Treatment:
        """The treatment with these values, and defaults for the others.

        Raises
        ------
        InputError
            When there is no such parameter, or a value is out of its range.
        """
        for name in values:
            choice(name, [p.name for p in self.parameters], f"{self.name}: parameter")
        given: dict[str, float] = {}
        for p in self.parameters:
            what = f"{self.name}: {p.words}" + (f" in {p.unit}" if p.unit else "")
            value = within(values.get(p.name, p.default), p.low, p.high, what)
            given[p.name] = round(value) if p.whole else value
        said = ", ".join(p.said(given[p.name]) for p in self.parameters if p.name != "seed")
        return Treatment(self.name, f"{self.words} ({said})" if said else self.words,
                         partial(self.function, **given), self.aligned)

    def apply(self, waveform: Waveform, **values: float) -> Waveform:
        """The sound after it; values as for `at`.

        Raises
        ------
        InputError
            As `at`, and when a frequency is not below half the sample rate.
        """
        return self.at(**values).apply(waveform)


def _cutoff(default: float) -> Parameter:
    return Parameter("cutoff_hz", "cut-off", "Hz", 1.0, 20000.0, default, logarithmic=True)


_EDGES = (Parameter("low_hz", "lower edge", "Hz", 1.0, 20000.0, 200.0, logarithmic=True),
          Parameter("high_hz", "upper edge", "Hz", 1.0, 20000.0, 400.0, logarithmic=True))
_HUM = Parameter("hz", "frequency", "Hz", 0.5, 200.0, 10.0, logarithmic=True)
_SNR = Parameter("snr_db", "SNR", "dB", -20.0, 120.0, 30.0)
_SEED = Parameter("seed", "seed", "", 0, 2**31 - 1, 0, whole=True)

INTERVENTIONS: dict[str, Intervention] = {one.name: one for one in (
    Intervention("high-pass", "high-pass, zero-phase", high_pass, (_cutoff(20.0),)),
    Intervention("low-pass", "low-pass, zero-phase", low_pass, (_cutoff(8000.0),)),
    Intervention("band-stop", "band-stop, zero-phase", band_stop, _EDGES),
    Intervention("high-pass-causal", "high-pass, causal", partial(high_pass, causal=True), (_cutoff(20.0),)),
    Intervention("low-pass-causal", "low-pass, causal", partial(low_pass, causal=True), (_cutoff(8000.0),)),
    Intervention("band-stop-causal", "band-stop, causal", partial(band_stop, causal=True), _EDGES),
    Intervention("gain", "gain", gain, (Parameter("gain_db", "change", "dB", -60.0, 40.0, -6.0),)),
    Intervention("dc-added", "DC offset added", with_offset,
                 (Parameter("offset", "offset", "of full scale", -0.5, 0.5, 0.05),)),
    Intervention("dc-removed", "DC offset removed", without_offset),
    Intervention("hum-added", "hum added", with_hum,
                 (_HUM, Parameter("level_db", "level", "dB re full scale", -120.0, 0.0, -30.0))),
    Intervention("hum-removed", "hum removed", without_hum, (_HUM,)),
    Intervention("tempo", "time stretch", stretched,
                 (Parameter("tempo", "tempo", "times", 0.5, 2.0, 1.1, logarithmic=True),), aligned=False),
    Intervention("pitch", "pitch shift", pitched,
                 (Parameter("semitones", "shift", "semitones", -12.0, 12.0, 1.0),), aligned=False),
    Intervention("noise", "white noise", with_noise, (_SNR, _SEED)),
    Intervention("room", "recorded again in a room", in_a_room,
                 (Parameter("decay_s", "reverberation time", "s", 0.0, 5.0, 0.3),
                  Parameter("direct_db", "direct over echo", "dB", -20.0, 60.0, 6.0), _SNR, _SEED)),
    Intervention("polarity", "polarity inverted", inverted),
    Intervention("shift", "delay", shifted,
                 (Parameter("samples", "later by", "samples", -48000, 48000, 1, whole=True),)),
    Intervention("resample", "resampled and back", resampled_and_back,
                 (Parameter("rate_hz", "rate", "Hz", 1000.0, 48000.0, 16000.0, logarithmic=True),)),
    Intervention("wav-16", "16-bit WAV, clipped at full scale", wav_16),
    Intervention("ogg", "OGG Vorbis", ogg, (Parameter("quality", "quality", "", 0.0, 1.0, 0.5),)),
    Intervention("mp3", "MP3", mp3, (Parameter("kbps", "bit rate", "kbit/s", 8.0, 320.0, 128.0, logarithmic=True),)),
)}


def _low_pass_8k(waveform: Waveform) -> Waveform:
    return low_pass(waveform, cutoff_hz=min(8000.0, 0.45 * waveform.sr))


SURVIVAL: dict[str, Treatment] = {
    "wav-16": INTERVENTIONS["wav-16"].at(),
    "ogg": INTERVENTIONS["ogg"].at(quality=0.5),
    "mp3": INTERVENTIONS["mp3"].at(kbps=128),
    "resample": INTERVENTIONS["resample"].at(rate_hz=16000),
    "low-pass": Treatment("low-pass", "low-pass at 8 kHz (at 0.45 of a sample rate below 17.8 kHz)", _low_pass_8k),
    "gain": INTERVENTIONS["gain"].at(gain_db=-6),
    "shift": INTERVENTIONS["shift"].at(samples=1),
    "noise": INTERVENTIONS["room"].at(decay_s=0.3, direct_db=6, snr_db=30),
}
