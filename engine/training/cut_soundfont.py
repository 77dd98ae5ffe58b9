"""Cuts the soundfont that Otoscope plays tunes with out of a large one.

    apt-get download fluidr3mono-gm-soundfont && dpkg-deb -x fluidr3mono-gm-soundfont_*.deb fluid
    python -m engine.training.cut_soundfont fluid/usr/share/sounds/sf3/FluidR3Mono_GM.sf3 resources/soundfont/folk.sf2

The source is a SoundFont 3: a SoundFont 2.01 (E-mu, Creative; technical specification of 1998) whose samples are
Ogg Vorbis. What is written is SoundFont 2.01 with 16-bit samples: a few instruments, and of those the keys that
tunes have. Names, copyright and the licence's text inside the file are kept.
"""

from __future__ import annotations

import argparse
import io
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

PRESETS = {(0, 0): (55, 90), (0, 21): (55, 91), (0, 24): (55, 88), (0, 40): (55, 91), (0, 46): (50, 91),
           (0, 73): (59, 98), (0, 78): (60, 98), (128, 0): (76, 77)}
"""(bank, program) -> the keys whose samples are kept, which keys beyond share; bank 128: wood blocks to count by."""
KEYS, INSTRUMENT, SAMPLE = 43, 41, 53   # generators that name the key range, the instrument and the sample of a zone
SILENCE = 46                            # samples of silence behind each sample (specification, 7.10)
TERMINAL = {"phdr": b"EOP", "inst": b"EOI", "shdr": b"EOS"}
FORMATS = {"phdr": "<20sHHHIII", "pbag": "<HH", "pmod": "<HHhHH", "pgen": "<HH", "inst": "<20sH", "ibag": "<HH",
           "imod": "<HHhHH", "igen": "<HH", "shdr": "<20sIIIIIBbHH"}
Record = tuple[int | bytes, ...]


@dataclass
class Zone:
    """Generators and modulators for a range of keys and velocities."""

    generators: list[tuple[int, int]]
    modulators: list[Record]

    def value(self, generator: int) -> int | None:
        """What a generator is set to, None where it is not there."""
        return dict(self.generators).get(generator)

    def touches(self, low: int, high: int) -> bool:
        """Whether any key from `low` to `high` is in the zone."""
        keys = self.value(KEYS)
        return keys is None or (keys & 255 <= high and keys >> 8 >= low)

    def setting(self, generator: int, value: int) -> Zone:
        """The zone with a generator that it has set to something else."""
        return Zone([(g, value if g == generator else v) for g, v in self.generators], self.modulators)

    def widened(self, low: int, high: int) -> Zone:
        """The zone down to the lowest key if it has `low`, and up to the highest if it has `high`."""
        keys = self.value(KEYS)
        if keys is None:
            return self
        bottom, top = keys & 255, keys >> 8
        return self.setting(KEYS, (0 if bottom <= low else bottom) | (127 if top >= high else top) << 8)


@dataclass
class Font:
    """The tables of a soundfont."""

    info: list[tuple[bytes, bytes]] = field(default_factory=list)
    presets: list[tuple[Record, list[Zone]]] = field(default_factory=list)
    instruments: list[tuple[bytes, list[Zone]]] = field(default_factory=list)
    samples: list[tuple[Record, NDArray[np.int16]]] = field(default_factory=list)


def chunks(data: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and stop of each RIFF chunk; the pad byte behind odd ones may be missing, as MuseScore leaves it."""
    while start < stop:
        name, size = struct.unpack_from("<4sI", data, start)
        yield name, start + 8, start + 8 + size
        start += 8 + size
        start += size % 2 and data[start:start + 1] == b"\0"


def read(data: bytes) -> Font:
    """The tables of a SoundFont 3, with the samples decoded that `PRESETS` needs."""
    found: dict[bytes, bytes] = {}
    font = Font()
    for name, start, stop in chunks(data, 12, len(data)):
        kind = data[start:start + 4]
        for inner, at, end in chunks(data, start + 4, stop) if name == b"LIST" else ():
            found[inner] = data[at:end]
            if kind == b"INFO":
                font.info.append((inner, data[at:end]))
    tables = {name: list(struct.iter_unpack(form, found[name.encode()])) for name, form in FORMATS.items()}
    font.presets = [(head, zones(tables, "p", head[3], after[3]))
                    for head, after in zip(tables["phdr"], tables["phdr"][1:], strict=False)]
    font.instruments = [(head[0], zones(tables, "i", head[1], after[1]))
                        for head, after in zip(tables["inst"], tables["inst"][1:], strict=False)]
    pool = found[b"smpl"]
    font.samples = [(head, decoded(pool[head[1]:head[2]])) for head in tables["shdr"][:-1]]
    return font


def zones(tables: dict[str, list[tuple[int, ...]]], side: str, start: int, stop: int) -> list[Zone]:
    """The zones of a preset (`side` p) or an instrument (i)."""
    bags, generators, modulators = (tables[side + name] for name in ("bag", "gen", "mod"))
    return [Zone([(g, v) for g, v in generators[bags[i][0]:bags[i + 1][0]]],
                 list(modulators[bags[i][1]:bags[i + 1][1]])) for i in range(start, stop)]


def decoded(vorbis: bytes) -> NDArray[np.int16]:
    """The samples of one Ogg Vorbis stream."""
    y, _ = sf.read(io.BytesIO(vorbis), dtype="int16")
    return np.asarray(y, np.int16)


def cut(font: Font) -> Font:
    """The font with `PRESETS` alone, and only what they use."""
    smaller = Font(info=[(name, b"Otoscope folk\0" if name == b"INAM" else struct.pack("<HH", 2, 1)
                          if name == b"ifil" else text) for name, text in font.info])
    numbers: dict[int, int] = {}
    for head, zones_of_preset in font.presets:
        keys = PRESETS.get((int(head[2]), int(head[1])))
        if keys is None:
            continue
        kept = []
        for zone in zones_of_preset:
            if (instrument := zone.value(INSTRUMENT)) is None:
                kept.append(zone)
                continue
            name, inner = font.instruments[instrument]
            used = [with_sample(z, numbers) for z in inner if z.touches(*keys)]
            if zone.touches(*keys) and any(z.value(SAMPLE) is not None for z in used):
                kept.append(zone.setting(INSTRUMENT, len(smaller.instruments)))
                smaller.instruments.append((name, [z.widened(*keys) for z in used] if not head[2] else used))
        smaller.presets.append((head, kept))
    smaller.samples = [font.samples[old] for old in numbers]
    return smaller


def with_sample(zone: Zone, numbers: dict[int, int]) -> Zone:
    """The zone with its sample's new number; `numbers` goes from old to new."""
    sample = zone.value(SAMPLE)
    return zone if sample is None else zone.setting(SAMPLE, numbers.setdefault(sample, len(numbers)))


def written(font: Font) -> bytes:
    """The bytes of a SoundFont 2.01."""
    tables: dict[str, list[Record]] = {name: [] for name in FORMATS}
    for head, inner in font.presets:
        tables["phdr"].append((*head[:3], len(tables["pbag"]), *head[4:]))
        append(tables, "p", inner)
    for name, inner in font.instruments:
        tables["inst"].append((name, len(tables["ibag"])))
        append(tables, "i", inner)
    pool, at = [], 0
    for head, y in font.samples:  # loops count from the sample in SoundFont 3, from the pool's beginning in 2
        _, _, _, loop, loop_end, *rest = head
        tables["shdr"].append((head[0], at, at + len(y), at + int(loop), at + int(loop_end), *rest[:-1], 1))
        pool += [y, np.zeros(SILENCE, np.int16)]
        at += len(y) + SILENCE
    tables["phdr"].append((TERMINAL["phdr"], 0, 0, len(tables["pbag"]), 0, 0, 0))
    tables["inst"].append((TERMINAL["inst"], len(tables["ibag"])))
    tables["shdr"].append((TERMINAL["shdr"], *[0] * 9))
    for side in "pi":
        append(tables, side, [Zone([], [])])
        tables[side + "gen"].append((0, 0))
        tables[side + "mod"].append((0, 0, 0, 0, 0))
    packed = [(name.encode(), b"".join(struct.pack(form, *record) for record in tables[name]))
              for name, form in FORMATS.items()]
    return chunk(b"RIFF", b"sfbk" + listed(b"INFO", font.info)
                 + listed(b"sdta", [(b"smpl", np.concatenate(pool).astype("<i2").tobytes())]) + listed(b"pdta", packed))


def append(tables: dict[str, list[Record]], side: str, zones_of_one: list[Zone]) -> None:
    """Add zones to the tables of one side."""
    for zone in zones_of_one:
        tables[side + "bag"].append((len(tables[side + "gen"]), len(tables[side + "mod"])))
        tables[side + "gen"] += zone.generators
        tables[side + "mod"] += zone.modulators


def chunk(name: bytes, content: bytes) -> bytes:
    """One RIFF chunk."""
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


def listed(name: bytes, inner: list[tuple[bytes, bytes]]) -> bytes:
    """A RIFF list of chunks."""
    return chunk(b"LIST", name + b"".join(chunk(key, content) for key, content in inner))


def main() -> None:
    """Cut one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    font = cut(read(args.source.read_bytes()))
    args.out.write_bytes(written(font))
    sys.stderr.write(f"{len(font.samples)} samples, {args.out.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
