"""One harness for all readers: odd bytes and changed files go in, a value or one clear sentence comes out, and soon.

A reader takes the path of a file. Nothing but `InputError` may leave it, in one line of at most `LONGEST_SENTENCE`
signs that holds no traceback; it may take so many seconds a file and leave so much memory behind, and no more.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.checks import InputError

LONGEST_SENTENCE = 900
STANDSTILL = 240.0         # s
MOST_GROWTH = 600          # MB of the most that was ever in use, over all cases of a reader
NUMBERS = [b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0\0\0\0\x80", b"\xff" * 8,
           b"-1", b"0", b"1e999", b"nan", b"999999999999", b"..", b"/", b"\n", b"\r\n", b'"', b"\xef\xbb\xbf",
           b"\xed\xa0\x80", b"%s", b"<", b"&"]


@dataclass
class Reader:
    """What is tried: how files are read, files that are fine, and pieces that mean something in them.

    Parameters
    ----------
    read
        Reads the file at a path.
    seeds
        Contents of files that can be read.
    ending
        Of the file's name.
    pieces
        Put into files, beside `NUMBERS`.
    seconds
        Of work in this process that one file may take.
    """

    read: Callable[[Path], object]
    seeds: Sequence[bytes]
    ending: str
    pieces: Sequence[bytes] = ()
    seconds: float = 10.0
    slowest: float = field(default=0.0, init=False)
    cases: int = field(default=0, init=False)
    refused: int = field(default=0, init=False)


def mutated(data: bytes, dice: random.Random, pieces: Sequence[bytes]) -> bytes:
    """The data with some of its bytes and lines changed, doubled, dropped, moved, or pieces put in."""
    found = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 1, 2, 2, 3, 8, 30))):
        at = dice.randrange(len(found) + 1)
        kind = dice.randrange(8)
        if kind == 0:
            del found[at:at + dice.choice((1, 1, 1, 4, 60, len(found)))]
        elif kind == 1:
            found[at:at] = dice.choice(pieces) * dice.choice((1, 1, 2, 30, 3000))
        elif kind == 2:
            piece = dice.choice(pieces)
            found[at:at + len(piece)] = piece
        elif kind == 3 and found:
            found[at % len(found)] ^= 1 << dice.randrange(8)
        elif kind == 4:
            found[at:at + 1] = bytes([dice.randrange(256)])
        elif kind == 5:
            found[at:at] = found[at:at + dice.randrange(400)]
        elif kind == 6:
            found[at:at + 4] = dice.randrange(2**32).to_bytes(4, dice.choice(("big", "little")))
        else:
            lines = bytes(found).splitlines(keepends=True)
            dice.shuffle(lines)
            found = bytearray(b"".join(lines))
    return bytes(found)


def cases(reader: Reader) -> st.SearchStrategy[bytes]:
    """Files as a stranger might send: plain noise, pieces in a row, and changed files that were fine."""
    pieces = [*NUMBERS, *reader.pieces]
    changed = st.tuples(st.sampled_from(list(reader.seeds)), st.integers(0, 2**48)).map(
        lambda drawn: mutated(drawn[0], random.Random(drawn[1]), pieces))
    in_a_row = st.lists(st.tuples(st.sampled_from(pieces), st.integers(1, 40)), max_size=40).map(
        lambda row: b"".join(piece * times for piece, times in row))
    noise = st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
    return st.one_of(changed, changed, changed, in_a_row, noise)


def check(reader: Reader, path: Path, data: bytes) -> None:
    """One case: it is read, or refused in one sentence, within its time."""
    path.write_bytes(data)
    reader.cases += 1
    began, worked = time.perf_counter(), time.process_time()
    try:
        reader.read(path)
    except InputError as error:
        reader.refused += 1
        sentence = str(error)
        assert sentence == sentence.strip() != "", sentence
        assert "\n" not in sentence, sentence
        assert "Traceback" not in sentence, sentence
        assert len(sentence) <= LONGEST_SENTENCE, sentence
    took, work = time.perf_counter() - began, time.process_time() - worked
    reader.slowest = max(reader.slowest, work)
    assert work < reader.seconds, f"{work:.1f} s"
    assert took < STANDSTILL, f"{took:.1f} s"       # also of what a child does; a machine may have other work


def hammer(reader: Reader, folder: Path, *, count: int, thorough: bool = False) -> None:
    """Try `count` cases; the same ones each time, but others when thorough. A failing one stays in the folder."""
    path = folder / f"case{reader.ending}"
    before = most_memory()

    @settings(max_examples=count, deadline=None, database=None, derandomize=not thorough,
              suppress_health_check=list(HealthCheck))
    @given(cases(reader))
    def try_all(data: bytes) -> None:
        check(reader, path, data)

    try_all()
    grown = most_memory() - before
    sys.stdout.write(f"{reader.ending}: {reader.cases} cases, {reader.refused} refused, slowest "
                     f"{reader.slowest:.2f} s, {grown:.0f} MB more at most\n")
    assert grown < MOST_GROWTH, f"{grown:.0f} MB"


def most_memory() -> float:
    """The most memory that this process ever had, in MB; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
