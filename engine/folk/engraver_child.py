"""The process in which Verovio engraves: `python -m engine.folk.engraver_child`, started by `engrave`."""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.folk.child import serve
from engine.folk.engrave import Drawn, Sheet
from engine.folk.flatten import Box, Page, flatten
from engine.folk.mei import ID

_OPTIONS = {"adjustPageHeight": True, "footer": "none", "breaks": "smart", "svgViewBox": True, "xmlIdSeed": 1,
            "pageMarginTop": 60, "pageMarginBottom": 60, "pageMarginLeft": 60, "pageMarginRight": 60}


@cache
def toolkit() -> Any:
    """Verovio, silent."""
    import verovio  # never in the process of the window, which it could end

    verovio.enableLog(verovio.LOG_OFF)
    return verovio.toolkit()


def draw(sheet: Sheet) -> Drawn:
    """Engrave a sheet.

    Raises
    ------
    ValueError
        When Verovio refuses the music.
    """
    kit, pixels = toolkit(), 100 / sheet.scale
    kit.setOptions({**_OPTIONS, "scale": sheet.scale, "smuflTextFont": "none" if sheet.flat else "embedded",
                    "pageWidth": round(sheet.width * pixels), "pageHeight": round(sheet.height * pixels)})
    if not kit.loadData(sheet.mei):
        raise ValueError("Verovio cannot read it")
    count = kit.getPageCount()
    pages: list[Page] = []
    boxes: dict[str, Box] = {}
    for number in range(sheet.first, min(count, sheet.first + sheet.most)):
        svg = kit.renderToSVG(number + 1)
        page, found = flatten(svg, number)
        pages.append(page if sheet.flat else Page(svg, page.width, page.height))
        boxes.update({name: box for name, box in found.items() if ID.fullmatch(name)})
    return Drawn(count, tuple(pages), boxes)


if __name__ == "__main__":
    serve(draw)
