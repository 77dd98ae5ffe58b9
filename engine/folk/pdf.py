"""Engraved pages as PDF: svglib reads our flat SVG, ReportLab writes it with the fonts that Matplotlib brings along."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from engine.folk.flatten import Page

_FAMILY = "STIXGeneral"     # like Times, with the letters of all of Europe and with sharps and flats
_FONTS = {("normal", "normal"): "STIXGeneral", ("bold", "normal"): "STIXGeneralBol",
          ("normal", "italic"): "STIXGeneralItalic", ("bold", "italic"): "STIXGeneralBolIta"}
_BOLD_NOTE = re.compile(r'(<text[^>]*?) font-weight="bold"([^>]*>[^<]*[♩♪])')     # which the bold font has not
_POINTS = 72 / 96           # of a pixel


def pdf_bytes(pages: Sequence[Page], size: tuple[float, float], title: str) -> bytes:
    """A PDF of engraved pages.

    Parameters
    ----------
    pages : sequence of Page
        Flat ones.
    size : pair of float
        Width and height of the paper in pixels, at 96 to the inch; a page begins at its top.
    title : str
        Of the document.
    """
    from reportlab.graphics import renderPDF
    from reportlab.pdfgen.canvas import Canvas
    from svglib.svglib import svg2rlg

    _register_fonts()
    width, height = (pixels * _POINTS for pixels in size)
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=(width, height), invariant=True)
    canvas.setTitle(title)
    canvas.setCreator("Otoscope")
    for page in pages:
        svg = _BOLD_NOTE.sub(r"\1\2", page.svg.replace("Times, serif", _FAMILY))
        drawing = svg2rlg(io.BytesIO(svg.encode()))
        renderPDF.draw(drawing, canvas, 0, height - page.height * _POINTS)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


@cache
def _register_fonts() -> None:
    import matplotlib
    from svglib.fonts import register_font

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for (weight, style), name in _FONTS.items():
        register_font(_FAMILY, str(folder / f"{name}.ttf"), weight, style)
