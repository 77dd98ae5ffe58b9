"""A file of tunes: split where an X: field begins one, and written back as it came."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from engine.checks import InputError, shown
from engine.disk import write_chosen
from engine.folk.edits import Edit
from engine.folk.files import read_text

MOST_TUNES = 10_000
_NUMBER = re.compile(r"^(X[ \t]?:(?![|:])[ \t]*)(\d*)", re.MULTILINE)
_TITLE = re.compile(r"^T[ \t]?:[ \t]*([^%\n]*)", re.MULTILINE)
_MUSIC = re.compile(r"^(?!%)[^\s%]", re.MULTILINE)


@dataclass(frozen=True)
class Book:
    """Tunes of one file.

    Attributes
    ----------
    head : str
        What stands before the first tune.
    tunes : tuple of str
        Each from its X: field to the next, with whatever stands between them; lines end in `\\n`.
    newline : str
        How lines end in the file: `\\n`, `\\r\\n` or `\\r`.
    encoding : str
        Of the file.
    """

    head: str
    tunes: tuple[str, ...]
    newline: str = "\n"
    encoding: str = "utf-8"


def book_of(text: str) -> Book:
    """The tunes of a text; one without any X: is a single tune, unless nothing but comments stands in it.

    Raises
    ------
    InputError
        When there are more than 10,000.
    """
    starts = [match.start() for match in _NUMBER.finditer(text)]
    if not starts and _MUSIC.search(text):
        starts = [0]
    if len(starts) > MOST_TUNES:
        raise InputError(f"tune book: expected at most {MOST_TUNES:,} tunes, found {len(starts):,}; split it")
    return Book(text[:starts[0]] if starts else text, tuple(text[a:b] for a, b in pairwise([*starts, len(text)])))


def text_of_book(book: Book) -> str:
    """The text of a book, as it came where nothing was changed; a tune whose last line is open is closed."""
    parts = [part for part in (book.head, *book.tunes) if part]
    return "".join([*(part if part.endswith("\n") else part + "\n\n" for part in parts[:-1]), *parts[-1:]])


def apart(tune: str) -> str:
    """A tune's text with an empty line at its end, so that another tune may follow."""
    return tune.rstrip() + "\n\n"


def title_of(text: str) -> str:
    """The first title of a tune, empty where it has none."""
    match = _TITLE.search(text)
    return match[1].strip() if match is not None else ""


def titled(text: str, title: str) -> Edit:
    """What gives a tune this title: instead of its first T: field, or as one behind its X:."""
    at = 0
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        if bare.startswith("T:"):
            return Edit(at, at + len(bare), f"T:{title}")
        if not bare.startswith("X:") and bare[1:2] == ":":
            break
        at += len(line)
    newline = "" if not at or text[at - 1:at] == "\n" else "\n"
    return Edit(at, at, f"{newline}T:{title}\n")


def number_of(text: str) -> int:
    """The number of a tune; 0 where it has none."""
    match = _NUMBER.search(text)
    return int(match[2][:9] or 0) if match is not None else 0


def numbered(text: str, number: int) -> str:
    """The tune's text with this number in its X: field."""
    found = _NUMBER.search(text)
    if found is None:
        return f"X:{number}\n{text}"
    return f"{text[:found.start()]}{found[1]}{number}{text[found.end():]}"


def next_number(book: Book) -> int:
    """A number above all those of a book."""
    return 1 + max(map(number_of, book.tunes), default=0)


def read_book(path: Path) -> Book:
    """The tunes of a file.

    Raises
    ------
    InputError
        When it cannot be read, is no text, or is too long; it names the file.
    """
    text = read_text(path)
    try:
        data = path.read_bytes()
        book = book_of(text)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror or error})") from None
    except InputError as error:
        raise InputError(f"{shown(path)}: {error}") from None
    return replace(book, newline=_newline(data), encoding=_encoding(data))


def _newline(data: bytes) -> str:
    """How most lines end."""
    pairs = data.count(b"\r\n")
    counts = {"\n": data.count(b"\n") - pairs, "\r\n": pairs, "\r": data.count(b"\r") - pairs}
    return max(counts, key=counts.__getitem__)


def _encoding(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"


def write_book(path: Path, book: Book) -> None:
    """Write the tunes to a file, in UTF-8 where its own encoding lacks a sign.

    Raises
    ------
    InputError
        When it cannot be written; what was there is left as it was.
    """
    text = text_of_book(book).replace("\n", book.newline)
    try:
        data = text.encode(book.encoding)
    except UnicodeEncodeError:
        data = text.encode("utf-8", errors="replace")
    write_chosen(path, data)
