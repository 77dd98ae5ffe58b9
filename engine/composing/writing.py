"""Writes a tune in the formats that others read: engraved, as MIDI, as MusicXML, as sound, as ABC."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.audio.waveform import Waveform, write_wav
from engine.checks import InputError, choice, shown
from engine.disk import write_chosen
from engine.folk.engrave import A4, Engraver
from engine.folk.midi import midi_bytes
from engine.folk.musicxml import musicxml_bytes
from engine.folk.pdf import pdf_bytes
from engine.folk.performance import Performance, perform
from engine.folk.synth import INSTRUMENTS, Synth
from engine.folk.tune import Tune

TALL = 24_000.0     # pixels: an SVG is one page if at all possible
PATIENCE_S = 60.0
FORMATS = ("svg", "pdf", "mid", "musicxml", "wav")


@dataclass(frozen=True)
class Sounding:
    """How a tune sounds in MIDI and WAV."""

    instrument: str = "flute"
    tempo: float | None = None      # beats a minute; None: as written, or as usual
    chords: bool = False
    metronome: bool = False


class Workshop:
    """Writes one tune after another; what that needs is started when it is first needed."""

    def __init__(self, sounding: Sounding | None = None) -> None:
        self.sounding = sounding or Sounding()
        self._engraver, self._synth = Engraver(), Synth()

    def write(self, tune: Tune, text: str, out: Path, ending: str = "") -> list[Path]:
        """Write a tune.

        Parameters
        ----------
        tune : Tune
            Its problems are passed over.
        text : str
            What it was parsed from.
        out : Path
            The file; one in a format that has pages of its own, such as SVG, may become several.
        ending : str
            One of `FORMATS`; by default that of the file's name.

        Returns
        -------
        list of Path
            What was written.

        Raises
        ------
        InputError
            When the format is unknown, the tune has no notes, or the file cannot be written.
        """
        ending = choice(ending or out.suffix.lower().lstrip("."), FORMATS, "ending of the file")
        if not tune.notes:
            raise InputError(f"{shown(out)}: there is nothing to write, for the tune has no notes")
        if ending == "svg":
            return self._write_svg(tune, text, out)
        if ending == "wav":
            sound = self._synth.render(self._performance(tune), self.sounding.instrument)
            _write_sound(out, sound)
        elif ending == "pdf":
            score = self._engraver.engrave(tune, text, seconds=PATIENCE_S)
            write_chosen(out, pdf_bytes(score.pages, A4, tune.title))
        elif ending == "mid":
            program = INSTRUMENTS[choice(self.sounding.instrument, INSTRUMENTS, "instrument")].program
            write_chosen(out, midi_bytes(self._performance(tune), program=program))
        else:
            write_chosen(out, musicxml_bytes(tune))
        return [out]

    def close(self) -> None:
        """End the child processes."""
        self._engraver.close()
        self._synth.close()

    def _performance(self, tune: Tune) -> Performance:
        return perform(tune, tempo=self.sounding.tempo, chords=self.sounding.chords,
                       metronome=self.sounding.metronome)

    def _write_svg(self, tune: Tune, text: str, out: Path) -> list[Path]:
        """One file; a tune of very many bars has a file for each page."""
        score = self._engraver.engrave(tune, text, height=TALL, flat=False, seconds=PATIENCE_S)
        files = [out if not page else out.with_stem(f"{out.stem}-page{page + 1}") for page in range(score.count)]
        for file, page in zip(files, score.pages, strict=True):
            write_chosen(file, page.svg.encode())
        return files


def _write_sound(out: Path, sound: Waveform) -> None:
    try:
        write_wav(out, sound, subtype="PCM_16")
    except OSError as error:
        raise InputError(f"{shown(out)}: could not be written ({error.strerror or error}); choose another folder"
                         ) from None
