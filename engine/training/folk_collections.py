"""Collections of folk tunes: which may be learnt from and on what terms, where they lie, and what is in their files.

Of the collections inside music21 (`music21/corpus`) those are used whose music is out of copyright and whose encodings
are not restricted; the card quotes what each says. A folder of the user's own adds `*.abc`, and `*.txt` in the text
form of folk-rnn's data (`[M:3/4]`, `[K:DMaj]`, tokens between spaces, an empty line between tunes).
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.checks import InputError, shown
from engine.folk.abc_text import parse_book
from engine.folk.tune import Tune

MUSIC21_TERMS = ("music21/corpus/license.txt: \"To the best of our knowledge, the each piece of music in the corpus is "
                 "either out of copyright in the United States or is licensed for use\"; \"Some encodings included in "
                 "the corpus may not be used for commercial uses or have other restrictions: please see the licenses "
                 "embedded in individual compositions or directories\". The folder has no licence file of its own, "
                 "and no tune in it states a restriction.")


@dataclass(frozen=True)
class Collection:
    """A folder of music21's corpus."""

    folder: str
    title: str
    terms: str = MUSIC21_TERMS


COLLECTIONS = (
    Collection("oneills1850", "O'Neill's Music of Ireland (1903), transcribed by many volunteers named in Z: fields"),
    Collection("ryansMammoth", "Ryan's Mammoth Collection (1883), contributed by Ray Davies"),
    Collection("airdsAirs", "Aird's Selection of Scotch, English, Irish and Foreign Airs (1778 to 1801), Jack Campin"),
    Collection("miscFolk", "American fife music and Northumbrian Minstrelsy (1882), Jack Campin"),
)
LEFT_OUT = {
    "essenFolksong": "music21/corpus/essenFolksong/license.txt: \"The legal status of the Essen folksong database is "
                     "unclear\"; permission is given \"for non-commercial distribution and use of these files in "
                     "music21\" only",
    "nottingham-dataset": "the Nottingham Music Database is under GPL version 3, which could be held to reach weights "
                          "made from it; it serves as a test of tunes from elsewhere, where it is at hand",
    "folkwiki": "not for redistribution",
    "thesession.org": "its terms forbid training on its tunes",
}


def music21_corpus() -> Path:
    """The folder of music21's corpus; music21 itself, which is slow to load, is not imported.

    Raises
    ------
    InputError
        When music21 or its corpus is not there.
    """
    spec = importlib.util.find_spec("music21")
    folder = Path(spec.origin).parent / "corpus" if spec is not None and spec.origin else None
    if folder is None or not (folder / COLLECTIONS[0].folder).is_dir():
        raise InputError("music21: expected its corpus of folk tunes, found none; install the package music21 whole")
    return folder


def files(places: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """(collection, file) of every file with tunes."""
    for place in places:
        if place == "music21":
            for collection in COLLECTIONS:
                folder = music21_corpus() / collection.folder
                yield from ((collection.folder, path) for path in sorted(folder.glob("*.abc")))
            continue
        folder = Path(place)
        paths = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.suffix in (".abc", ".txt"))
        if not paths:
            raise InputError(f"{shown(folder)}: expected a folder with .abc files or the word music21, found none")
        yield from ((folder.stem, path) for path in paths)


def read_tunes(path: Path) -> Iterator[Tune]:
    """The tunes of one file.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror})") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if path.suffix == ".txt":
        text = from_token_text(text)
    yield from parse_book(text)


def from_token_text(text: str) -> str:
    """ABC of the text form in which folk-rnn's data comes."""
    tunes = []
    for number, block in enumerate(re.split(r"\n\s*\n", text), start=1):
        fields, music = [f"X:{number}"], list[str]()
        for line in block.splitlines():
            field = re.fullmatch(r"\[?([LMK]:[^\]]*)\]?", line.strip())
            fields.append(field[1]) if field and not music else music.append(line.replace(" ", ""))
        fields.sort(key=lambda field: field.startswith("K:"))
        tunes.append("\n".join([*fields, *music]))
    return "\n\n".join(tunes)
