"""What is seen, as a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from engine.disk import write_chosen


def write_picture(widget: QWidget, path: Path) -> None:
    """Write what is seen as SVG where the name ends so, else as PNG.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if path.suffix.lower() == ".svg":
        _draw_svg(widget, buffer)
    else:
        widget.grab().save(buffer, "PNG")
    write_chosen(path, bytes(buffer.data().data()))


def _draw_svg(widget: QWidget, device: QIODevice) -> None:
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the tiny profile knows no clipping
    generator.setResolution(widget.logicalDpiX())
    generator.setOutputDevice(device)
    generator.setSize(widget.size())
    generator.setViewBox(QRect(QPoint(), widget.size()))
    generator.setTitle("Otoscope")
    painter = QPainter(generator)
    widget.render(painter, QPoint())
    painter.end()
