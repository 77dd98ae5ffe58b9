"""Verovio's SVG made plain, with the places of its notes.

Qt's SVG reader skips nested `<svg>` and nested `<tspan>` and knows little CSS. So the inner picture becomes one scaled
group, each line of text one `<text>`, and styles become attributes; groups that only name things are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree

INK = "#000000"             # every colour in the picture
FONT = "Times, serif"       # of all words
_TO = re.compile(r"translate\((-?[\d.]+),\s*(-?[\d.]+)\)")
_NUMBERS = re.compile(r"-?[\d.]+")
_HREF = "{http://www.w3.org/1999/xlink}href"
_SPACE = ' xmlns="http://www.w3.org/2000/svg"'
_DROPPED = {"id", "class", "transform", "fill", "stroke"}   # of a shape, or written anew
_MUSIC_SIGNS = {0xEA64: "♭", 0xEA65: "♮", 0xEA66: "♯"}   # from Verovio's music font
_SHAPES = {"path", "polygon", "polyline", "rect", "ellipse", "use", "circle"}
_STYLES = {"ending": 'font-weight="bold"', "tempo": 'font-weight="bold"', "reh": 'font-weight="bold"',
           "dir": 'font-style="italic"', "dynam": 'font-style="italic"', "mNum": 'font-style="italic"'}
_HEAD_WIDTH, _HEAD_HEIGHT = 226.0, 191.0     # of a notehead, in the units of a picture; a staff is 720 high


@dataclass(frozen=True)
class Box:
    """Where something stands on a page, in pixels: its own box, and the staff it is on."""

    page: int           # from 0
    x: float
    y: float
    w: float
    h: float
    staff_top: float
    staff_bottom: float


@dataclass(frozen=True)
class Page:
    """One page as SVG."""

    svg: str
    width: float        # pixels
    height: float


def flatten(svg: str, page: int = 0) -> tuple[Page, dict[str, Box]]:
    """A page of Verovio for Qt, and the box of each note, rest and measure by its id.

    Parameters
    ----------
    svg : str
        From `renderToSVG` with the option `svgViewBox`.
    page : int
        Its number, for the boxes.
    """
    root = ElementTree.fromstring(svg.replace(_SPACE, "", 1))   # so that tags are plain names
    inner = next(child for child in root if child.tag == "svg")
    _, _, width, height = map(float, root.get("viewBox", "").split())
    scale = width / float(inner.get("viewBox", "").split()[2])
    walker = _Walker(page, scale)
    walker.walk(inner, 0.0, 0.0, "")
    glyphs = "".join(f'<path id="{glyph.get("id")}" transform="{path.get("transform")}" d="{path.get("d")}"/>'
                     for glyph in root.iter() if glyph.get("id", "").startswith("E")
                     and (path := next(iter(glyph), None)) is not None)
    flat = (f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
            f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"><defs>{glyphs}</defs>'
            f'<g transform="scale({scale:g})" fill="{INK}" font-family="{FONT}">'
            f'{"".join(walker.parts)}</g></svg>')
    return Page(flat, width, height), walker.boxes


class _Walker:
    """Goes through the groups of a page; `x`, `y` are where the group stands."""

    def __init__(self, page: int, scale: float) -> None:
        self.page, self.scale = page, scale
        self.parts: list[str] = []
        self.boxes: dict[str, Box] = {}
        self.staff = (0.0, 0.0)
        self.measure = ""

    def walk(self, group: ElementTree.Element, x: float, y: float, style: str) -> None:
        """Write down what a group holds."""
        for child in group:
            tag = child.tag
            if tag == "g":
                named = child.get("class", "")
                kind = named.partition(" ")[0]
                if moved := _TO.match(child.get("transform", "")):
                    self.walk(child, x + float(moved[1]), y + float(moved[2]), style)
                    continue
                if "placeholder" in named:
                    continue
                self.place(child, kind, x, y)
                self.walk(child, x, y, _STYLES.get(kind, style))
            elif tag in _SHAPES:
                self.shape(tag, child, x, y)
            elif tag == "text":
                self.parts += lines(child, x, y, style)

    def place(self, group: ElementTree.Element, kind: str, x: float, y: float) -> None:
        """Note down the box of a note, a rest or a measure."""
        name = group.get("id", "")
        if kind == "measure":
            self.measure = name
        elif kind == "staff":
            rows = [list(map(float, _NUMBERS.findall(path.get("d", "")))) for path in group if path.tag == "path"]
            if rows:
                self.staff = y + rows[0][1], y + rows[-1][1]
                self.box(self.measure, x + rows[0][0], self.staff[0], rows[0][2] - rows[0][0],
                         self.staff[1] - self.staff[0])
        elif kind in ("note", "rest", "mRest"):
            use = next(group.iter("use"), None)
            if use is not None and (at := _TO.match(use.get("transform", ""))):
                self.box(name, x + float(at[1]), y + float(at[2]) - _HEAD_HEIGHT / 2, _HEAD_WIDTH, _HEAD_HEIGHT)

    def box(self, name: str, x: float, y: float, w: float, h: float) -> None:
        """Keep a box, in pixels."""
        values = (round(value * self.scale, 2) for value in (x, y, w, h, *self.staff))
        self.boxes[name] = Box(self.page, *values)

    def shape(self, tag: str, element: ElementTree.Element, x: float, y: float) -> None:
        """Write down one shape."""
        given = "".join(f' {"xlink:href" if name == _HREF else name}="{value}"' for name, value in element.items()
                        if name not in _DROPPED)    # numbers and names of Verovio's: nothing to escape
        if float(element.get("stroke-width", "0")):
            given += f' stroke="{INK}"'
        if element.get("fill") in ("none", "transparent"):
            given += ' fill="none"'
        moves = f"translate({x:g},{y:g}) " if x or y else ""
        if transform := moves + element.get("transform", ""):
            given += f' transform="{transform}"'
        self.parts.append(f"<{tag}{given}/>")


def lines(text: ElementTree.Element, x: float, y: float, style: str) -> Iterator[str]:
    """The lines of a `<text>` as one element each; what stands at a place of its own begins a line."""
    found: list[tuple[dict[str, str], list[str]]] = []

    def collect(element: ElementTree.Element, inherited: dict[str, str]) -> None:
        given = {**inherited, **{k: v for k, v in element.attrib.items() if k not in ("id", "class")}}
        if "x" in element.attrib or not found:
            found.append((given, []))
        if element.text and element.text.strip():
            if not found[-1][1]:
                found[-1] = (given, [])
            found[-1][1].append(element.text.translate(_MUSIC_SIGNS))
        for child in element:
            collect(child, given)

    collect(text, {})
    for given, words in found:
        if words:
            more = "".join(f' {name}="{escape(given[name])}"' for name in
                           ("font-size", "text-anchor", "font-weight", "font-style") if name in given)
            styled = f" {style}" if style and style.partition("=")[0] not in given else ""
            yield (f'<text x="{x + float(given.get("x", 0)):g}" y="{y + float(given.get("y", 0)):g}"{more}{styled}>'
                   f'{escape("".join(words))}</text>')
