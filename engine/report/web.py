"""What all pages of reports share: the document with its policy, players, the picture, tables.

What came from a file name, a label or a card goes through `text`. The policy in the head lets a browser run no
script and load no style but the two of `style`, and nothing at all from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.audio.waveform import Waveform
from engine.report.clips import data_address, gain_for, wav_address
from engine.report.facts import printable
from engine.report.style import CSS, SCRIPT


@dataclass(frozen=True)
class Player:
    """A sound of a page: `id` in the page, what it is called, and what it is in a sentence."""

    id: str
    title: str
    says: str
    sound: Waveform


def document(title: str, parts: Iterable[str]) -> str:
    """The whole page of these parts, HTML."""
    policy = ("default-src 'none'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'; "
              f"style-src {_hash(CSS)}; script-src {_hash(SCRIPT)}")
    return "\n".join([
        '<!doctype html>', '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{text(title)}</title>", f"<style>{CSS}</style></head><body><main>",
        *parts, f"</main><script>{SCRIPT}</script></body></html>", ""])


def text(value: object) -> str:
    """Text that is nothing but text, between tags and between quotes."""
    return html.escape(printable(str(value)), quote=True)


def header(title: str, lines: Sequence[str]) -> Iterable[str]:
    """What the page is about."""
    yield f"<header><h1>{text(title)}</h1>"
    for line in lines:
        yield f'<p class="lead">{text(line)}</p>'
    yield "</header>"


def listen(players: Sequence[Player]) -> Iterable[str]:
    """The sounds, with one gain for all where one of them would clip."""
    gain = gain_for([player.sound for player in players])
    quieter = f"{-20 * np.log10(gain):.1f}"
    yield "<section><h2>Listen</h2>"
    if quieter not in ("0.0", "-0.0"):
        yield f"<p>All sounds are {quieter} dB quieter here, so that none of them clips.</p>"
    yield '<div class="sounds">'
    for p in players:
        yield (f'<article class="sound"><h3 id="title-{p.id}">{text(p.title)}</h3><p id="says-{p.id}">{text(p.says)}'
               f'</p><audio id="{p.id}" controls data-from="0" aria-labelledby="title-{p.id}" '
               f'aria-describedby="says-{p.id}" src="{wav_address(p.sound, gain)}"></audio></article>')
    yield "</div></section>"


def look(light_png: bytes, dark_png: bytes, *, words: str, source: str) -> Iterable[str]:
    """The picture, for light and for dark screens; `words` are for those who do not see it."""
    yield ('<section><h2>Look</h2><figure><picture><source media="(prefers-color-scheme: dark)" '
           f'srcset="{data_address(dark_png, "image/png")}"><img src="{data_address(light_png, "image/png")}" '
           f'alt="{text(words)}"></picture><figcaption>{text(source)}</figcaption></figure></section>')


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterable[str]:
    """A table of words: the first column names the row."""
    heads = "".join(f'<th scope="col" class="left">{text(column)}</th>' for column in columns)
    yield (f'<div class="wide"><table class="wrap"><caption>{text(caption)}</caption><thead><tr>{heads}</tr></thead>'
           "<tbody>")
    for first, *others in rows:
        cells = "".join(f'<td class="left">{text(cell)}</td>' for cell in others)
        yield f'<tr><th scope="row" class="left">{text(first)}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def provenance(lines: Mapping[str, str]) -> Iterable[str]:
    """All that is needed to make the same again."""
    yield '<section><h2>How it was made</h2><div class="wide"><table class="words"><tbody>'
    for name, value in lines.items():
        yield f'<tr><th scope="row">{text(name)}</th><td>{text(value)}</td></tr>'
    yield "</tbody></table></div></section>"


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
