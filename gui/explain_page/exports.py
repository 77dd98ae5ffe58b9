"""What leaves the page: numbers and labels."""

from __future__ import annotations

from engine.audio.labels import audacity_text
from engine.listening.explain import Answer
from engine.listening.predict import Prediction
from engine.report.files import csv_bytes, json_bytes


def explanation_json(answer: Answer) -> bytes:
    """The explanation as the command line prints it."""
    return json_bytes(answer.as_json())


def explanation_csv(answer: Answer) -> bytes:
    """One row per segment."""
    rows = answer.as_json()["segments"]
    return csv_bytes(rows[0], (row.values() for row in rows))


def prediction_labels(prediction: Prediction) -> bytes:
    """What the model decided, as an Audacity label track; for two labels only the second one is written."""
    segments = prediction.segments()
    if len(prediction.labels) == 2:
        segments = [s for s in segments if s.name == prediction.labels[-1]]
    return audacity_text(segments).encode()
