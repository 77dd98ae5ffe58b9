"""Scores, MIDI files and tunes to import."""

import io
from fractions import Fraction

import mido
import pytest

from engine.folk.abc_text import parse
from engine.folk.importing import Importer
from engine.folk.tune import Bar
from engine.training.folk_collections import music21_corpus

PARTWISE = '<?xml version="1.0" encoding="UTF-8"?>\n{doctype}<score-partwise version="4.0">{parts}</score-partwise>'
PUBLIC = ('<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
          '"http://www.musicxml.org/dtds/partwise.dtd">\n')
LIST = "<part-list>{}</part-list>"


@pytest.fixture(scope="module")
def importer():
    made = Importer()
    yield made
    made.close()


def note(step="C", duration=4, extra="", voice=1):
    return (f"<note><pitch><step>{step}</step><octave>5</octave></pitch><duration>{duration}</duration>"
            f"<voice>{voice}</voice>{extra}</note>")


def score(*parts, doctype=PUBLIC, attributes="<divisions>4</divisions>"):
    """A MusicXML document; each part is the inside of its only measure."""
    names = "".join(f'<score-part id="P{i}"><part-name>P{i}</part-name></score-part>' for i in range(len(parts)))
    music = "".join(f'<part id="P{i}"><measure number="1"><attributes>{attributes}</attributes>{part}</measure></part>'
                    for i, part in enumerate(parts))
    return PARTWISE.format(doctype=doctype, parts=LIST.format(names) + music)


def overfull(tune):
    """Whether a bar is longer than the meter, which music21 does not write."""
    time = Fraction(0)
    for event in tune.events:
        time = Fraction(0) if isinstance(event, Bar) else time + getattr(event, "duration", 0)
        if time > tune.meter.bar:
            return True
    return False


def ryans(count):
    """Tunes from all over the alphabet whose bars fit."""
    paths = sorted((music21_corpus() / "ryansMammoth").glob("*.abc"))
    tunes = [parse(path.read_text(encoding="latin-1")) for path in paths[::len(paths) // count // 2]]
    return [tune for tune in tunes if not overfull(tune)][:count]


def midi(events, ticks=480, tracks=1):
    """A file whose tracks all have these (delta, on, pitch)."""
    file = mido.MidiFile(type=1, ticks_per_beat=ticks)
    for channel in range(tracks):
        track = mido.MidiTrack()
        for delta, on, pitch in events:
            track.append(mido.Message("note_on" if on else "note_off", note=pitch, time=delta, channel=channel))
        file.tracks.append(track)
    data = io.BytesIO()
    file.save(file=data)
    return data.getvalue()
