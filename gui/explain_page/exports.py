"""Files that leave the page: pictures of what is seen, sounds of what is heard, numbers, labels, the report."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from engine.audio.labels import audacity_text
from engine.checks import InputError, shown
from engine.listening.explain import Answer
from engine.listening.predict import Prediction


def picture(widget: QWidget, path: Path) -> None:
    """What is seen, as PNG or SVG by the ending."""
    temporary = path.with_name(path.name + ".part")
    try:
        if path.suffix.lower() == ".svg":
            _draw_svg(widget, temporary)
        elif not widget.grab().save(str(temporary), "PNG"):
            raise InputError(f"{shown(path)}: could not be written; is the folder writable?")
        os.replace(temporary, path)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be written ({error.strerror}); choose another folder") from None
    finally:
        temporary.unlink(missing_ok=True)


def _draw_svg(widget: QWidget, path: Path) -> None:
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the tiny profile knows no clipping
    generator.setResolution(widget.logicalDpiX())
    generator.setFileName(str(path))
    generator.setSize(QSize(widget.width(), widget.height()))
    generator.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    generator.setTitle("Otoscope")
    painter = QPainter(generator)
    widget.render(painter, QPoint())
    painter.end()


def explanation_json(answer: Answer) -> bytes:
    """The explanation as the command line prints it."""
    return (json.dumps(answer.as_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def explanation_csv(answer: Answer) -> bytes:
    """One row per segment."""
    rows = answer.as_json()["segments"]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def prediction_labels(prediction: Prediction) -> bytes:
    """What the model decided, as an Audacity label track; for two labels only the second one is written."""
    segments = prediction.segments()
    if len(prediction.labels) == 2:
        segments = [s for s in segments if s.name == prediction.labels[-1]]
    return audacity_text(segments).encode()
