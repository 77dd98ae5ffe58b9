"""Imports MusicXML and MIDI files as ABC text: they are opened with suspicion here, and read by music21 in a child.

    imported(Path("tune.mxl")).text
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from engine.checks import InputError, shown
from engine.folk.child import Child, ChildDied, ChildRefused, ChildStopped, ChildTooSlow

ENDINGS = (".musicxml", ".xml", ".mxl", ".mid", ".midi")
PATIENCE = 30.0                     # seconds
LONGEST_XML = 20_000_000            # bytes
LONGEST_MIDI = 1_000_000            # bytes
_CONTAINER = "META-INF/container.xml"
_LONGEST_CONTAINER = 100_000        # bytes
_MOST_MEMBERS = 1000                # of an .mxl archive
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "latin-1",
              "latin-1": "latin-1", "windows-1252": "cp1252", "utf-16": "utf-16"}
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"""<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})""")
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^\[<>]*>")
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
_ROOTFILE = re.compile(r"""<(?:\w+:)?rootfile\b[^<>]*?\bfull-path\s*=\s*["']([^"'<>]{1,500})["']""")


@dataclass(frozen=True)
class Imported:
    """What a file became."""

    text: str                   # ABC
    notes: tuple[str, ...]      # what was left out, as sentences: "2 more parts were left out"


@dataclass(frozen=True)
class Source:
    """What the child is given to read."""

    content: str | bytes        # MusicXML without its DOCTYPE, or a Standard MIDI File
    title: str                  # if the file has none


class Importer:
    """Imports one file after another; its child process starts with the first."""

    def __init__(self) -> None:
        self.child = Child("engine.folk.import_child")

    def read(self, path: Path, *, seconds: float = PATIENCE) -> Imported:
        """The music of a file as ABC: the top voice of the first part with notes.

        Parameters
        ----------
        path : Path
            MusicXML, plain or compressed, or a Standard MIDI File; its content tells which.
        seconds : float
            Time that it may take.

        Raises
        ------
        InputError
            When it is none of these, or cannot be read.
        ChildStopped
            `close` was called meanwhile.
        """
        source = opened(path)
        what = "MusicXML" if isinstance(source.content, str) else "a MIDI file"
        try:
            answer: Imported = self.child.ask(source, seconds=seconds)
        except ChildStopped:
            raise
        except ChildTooSlow:
            raise InputError(f"{shown(path)}: expected music that is read within {seconds:g} s, this takes longer; "
                             "export a part of it") from None
        except (ChildDied, ChildRefused) as error:
            raise InputError(f"{shown(path)}: expected {what} with notes, {_reason(error)}; "
                             "export it again from the program that wrote it") from None
        return answer

    def close(self) -> None:
        """End the child, also in the middle of its work; the next file starts another."""
        self.child.close()


def imported(path: Path) -> Imported:
    """The music of one file as ABC; see `Importer.read`."""
    importer = Importer()
    try:
        return importer.read(path)
    finally:
        importer.close()


def _reason(error: Exception) -> str:
    """What went wrong in the child, in a few printable words; `Unusable` has its own."""
    kind, _, message = str(error).partition(": ")
    words = "".join(c if c.isprintable() else " " for c in message)[:160].strip().rstrip(".")
    if isinstance(error, ChildRefused) and kind == "Unusable":
        return words
    return "ran out of memory" if kind == "MemoryError" else f"could not read it ({words or kind})"


def opened(path: Path) -> Source:
    """What a file holds, once it is known to be harmless.

    Raises
    ------
    InputError
        When it cannot be read, is too long, is neither MusicXML nor MIDI, or declares entities.
    """
    data = _bytes_of(path)
    if data[:4] == b"MThd":
        if len(data) > LONGEST_MIDI:
            raise InputError(f"{shown(path)}: expected a MIDI file of at most {LONGEST_MIDI / 1e6:g} MB, "
                             f"found {len(data) / 1e6:.1f} MB; export a part of it")
        return Source(data, path.stem)
    if data[:2] == b"PK":
        data = _root_of(path, data)
    return Source(_checked(path, _decoded(path, data)), path.stem)


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{shown(path)}: expected MusicXML or MIDI, found a folder")
    if not path.exists():
        raise InputError(f"{shown(path)}: there is no such file; was it moved or renamed?")
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST_XML + 1)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror or error})") from None
    return _short_enough(path, data)


def _short_enough(path: Path, data: bytes) -> bytes:
    if len(data) > LONGEST_XML:
        raise InputError(f"{shown(path)}: expected a score of at most {LONGEST_XML // 1_000_000} MB, found more; "
                         "export a part of it")
    return data


def _root_of(path: Path, data: bytes) -> bytes:
    """The score in an .mxl archive; nothing is unpacked to disk."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.namelist()) > _MOST_MEMBERS:
                raise InputError(f"{shown(path)}: expected a compressed score, found an archive of "
                                 f"{len(archive.namelist()):,} files")
            name = _root_name(archive)
            if name is None:
                raise InputError(f"{shown(path)}: expected a compressed score, found an archive without one")
            return _short_enough(path, _member(archive, name, LONGEST_XML))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{shown(path)}: expected a compressed score, found a broken archive; "
                         "export it again from the program that wrote it") from None


def _root_name(archive: zipfile.ZipFile) -> str | None:
    """The member that the container names, else the first that is called XML."""
    names = archive.namelist()
    if _CONTAINER in names:
        text = _member(archive, _CONTAINER, _LONGEST_CONTAINER).decode("utf-8", "replace")
        named = [name for match in _ROOTFILE.finditer(text) if (name := unescape(match[1])) in names]
        if named:
            return named[0]
    return next((name for name in names if name.lower().endswith((".xml", ".musicxml"))
                 and not name.startswith(("META-INF/", "__MACOSX/"))), None)


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """At most `most + 1` bytes of a member, whatever it claims to have."""
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError("a method of compression that scores never have")
    with archive.open(name) as member:
        return member.read(most + 1)


def _decoded(path: Path, data: bytes) -> str:
    """The text of an XML file in the encoding that it declares."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        declared = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf").lstrip()[:300])
        encoding = _ENCODINGS.get(declared[1].decode().lower(), "") if declared else "utf-8"
        if encoding == "utf-16":     # it says so, but has no byte order mark
            encoding = "utf-8"
    try:
        text = data.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        text = ""
    if "\0" in text or not text.lstrip().startswith("<"):
        raise InputError(f"{shown(path)}: expected MusicXML or MIDI, found {_looks_like(data)}; is it a renamed file?")
    return text


def _looks_like(data: bytes) -> str:
    if not data.strip():
        return "an empty file"
    return "other text" if b"\0" not in data and data[:1000].isascii() else "something else"


def _checked(path: Path, text: str) -> str:
    """The document without declaration and DOCTYPE, which is never followed; entities of its own are refused."""
    declaration = _DECLARATION.match(text)
    text = text[declaration.end():] if declaration else text
    text = _DOCTYPE.sub("", text, count=1)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError(f"{shown(path)}: expected plain MusicXML, found entities declared inside it, which no score "
                         "has; export it again from the program that wrote it")
    root = _ROOT.search(re.sub(r"<!--.*?(?:-->|\Z)", "", text[:100_000], flags=re.DOTALL))
    if root is None or root[1] != "score-partwise":
        came = f"<{root[1]}>" if root else "no element"
        hint = "; export it partwise" if came == "<score-timewise>" else "; is it a renamed file?"
        raise InputError(f"{shown(path)}: expected MusicXML, which begins with <score-partwise>, found {came}{hint}")
    return text
