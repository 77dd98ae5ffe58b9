"""The process in which Verovio engraves: `python -m engine.folk.engraver_child`, started by `engrave`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from engine.folk.child import serve
from engine.folk.engrave import Drawn, Sheet
from engine.folk.flatten import Box, Page, flatten
from engine.folk.mei import ID

_OPTIONS = {"adjustPageHeight": True, "footer": "none", "breaks": "smart", "svgViewBox": True, "xmlIdSeed": 1,
            "pageMarginTop": 60, "pageMarginBottom": 60, "pageMarginLeft": 60, "pageMarginRight": 60}


class Desk:
    """Verovio, silent, with the sheet that it set last."""

    def __init__(self) -> None:
        import verovio  # never in the process of the window, which it could end

        verovio.enableLog(verovio.LOG_OFF)
        self.kit = verovio.toolkit()
        self.sheet: Sheet | None = None

    def set(self, sheet: Sheet) -> Any:
        """Verovio with all pages of a sheet set, which is most of the work: nothing to do if it just did.

        Raises
        ------
        ValueError
            When Verovio refuses the music.
        """
        whole = replace(sheet, first=0, most=0)
        if self.sheet != whole:
            self.sheet, pixels = None, 100 / sheet.scale
            self.kit.setOptions({**_OPTIONS, "scale": sheet.scale,
                                 "smuflTextFont": "none" if sheet.flat else "embedded",
                                 "pageWidth": round(sheet.width * pixels), "pageHeight": round(sheet.height * pixels)})
            if not self.kit.loadData(sheet.mei):
                raise ValueError("Verovio cannot read it")
            self.sheet = whole
        return self.kit


@cache
def desk() -> Desk:
    """The one of this process, made for the first sheet."""
    return Desk()


def draw(sheet: Sheet) -> Drawn:
    """Engrave a sheet; of the sheet that was engraved last, further pages come at once.

    Raises
    ------
    ValueError
        When Verovio refuses the music.
    """
    kit = desk().set(sheet)
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
