"""Draws the program's icon: `python resources/packaging/draw_icons.py` writes SVG, PNG and ICO into resources/icons.

A sound seen through the funnel of an otoscope, on a dark tile. Small sizes have fewer, thicker bars: see FEW.
"""

from __future__ import annotations

import io
import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parents[1] / "icons"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)     # px
ICO = (16, 24, 32, 48, 64, 256)
FEW = 48            # px: up to here the simple drawing
MANY_BARS = (0.08, 0.16, 0.15, 0.66, 0.42, 0.9, 0.58, 0.76, 0.15, 0.2, 0.1)   # heights: a sound
FEW_BARS = (0.42, 0.9, 0.6)
TILE, RIM, RING, LIT, QUIET = "#171c24", "#2e3744", "#5cc8b8", "#f5a35c", "#6d7888"


def svg(*, few: bool) -> str:
    """The drawing, 256 units wide."""
    bars, step, wide, radius, line = (FEW_BARS, 44, 24, 88, 22) if few else (MANY_BARS, 20, 10.5, 71, 9)
    drawn = []
    for place, height in enumerate(bars):
        x, tall = 128 + (place - (len(bars) - 1) / 2) * step, height * 2 * (radius - line)
        colour = LIT if abs(x - 128) < radius - line / 2 else QUIET     # the ring runs through gaps
        drawn.append(f'<rect x="{x - wide / 2:.1f}" y="{128 - tall / 2:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
                     f'rx="{wide / 2:.1f}" fill="{colour}"/>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256">'
            f'<title>Otoscope</title>'
            f'<rect x="8" y="8" width="240" height="240" rx="54" fill="{TILE}" stroke="{RIM}" stroke-width="4"/>'
            f'<circle cx="128" cy="128" r="{radius}" fill="{RING}" fill-opacity="0.14"/>{"".join(drawn)}'
            f'<circle cx="128" cy="128" r="{radius}" fill="none" stroke="{RING}" stroke-width="{line}"/></svg>\n')


def png(drawing: str, side: int) -> bytes:
    """The drawing as a PNG of that many pixels a side."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """An icon of Windows: a directory, then the PNGs as they are (Vista and later)."""
    head, body = io.BytesIO(), io.BytesIO()
    head.write(struct.pack("<HHH", 0, 1, len(pictures)))
    start = 6 + 16 * len(pictures)
    for side, data in pictures.items():
        head.write(struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(data), start + body.tell()))
        body.write(data)
    return head.getvalue() + body.getvalue()


def main() -> None:
    """All files."""
    application = QGuiApplication(sys.argv)
    drawings = {side: svg(few=side <= FEW) for side in SIZES}
    (FOLDER / "otoscope.svg").write_text(drawings[SIZES[-1]], encoding="utf-8")
    pictures = {side: png(drawing, side) for side, drawing in drawings.items()}
    for side, data in pictures.items():
        (FOLDER / f"otoscope-{side}.png").write_bytes(data)
    (FOLDER / "otoscope.ico").write_bytes(ico({side: pictures[side] for side in ICO}))
    application.quit()


if __name__ == "__main__":
    main()
