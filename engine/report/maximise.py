"""A gallery as files: sounds, a picture, a table, numbers, and a page that holds them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from functools import partial
from pathlib import Path

from engine.audio.waveform import Waveform, write_wav
from engine.disk import write_whole
from engine.explain.maximise_grid import Ranked
from engine.job import Report, silent
from engine.listening.maximise_nearest import Nearest
from engine.listening.maximise_values import MaximiseAnswer
from engine.models.listener import Listener
from engine.report.facts import versions
from engine.report.files import Writing, csv_bytes, encoded, folder_made, json_bytes
from engine.report.maximise_figure import PUBLISHED, caption, gallery_figure, title, words_of
from engine.report.sheet import DARK, LIGHT, figure_bytes
from engine.report.web import Player, document, header, listen, look, provenance, table

COLUMNS = ("seed", "activation", "activation_after_audio", "probability", "failed_at")
NEAREST = ("file", "title", "artist", "licence", "start", "distance", "usual_distance", "is_copy")
MOST_HEARD = 24     # examples of the page, 100 kB each
LOUDNESS = 0.7      # peak of the sounds of the page: what is synthesised has no level of its own


def write_maximise(folder: str | Path, answer: MaximiseAnswer, listener: Listener, *,
                   report: Report = silent) -> list[Path]:
    """Write a gallery: each file appears whole or not at all.

    Returns
    -------
    list of Path
        What was written: seed-N.wav for each example that did not fail, gallery.png, examples.csv, maximise.json and
        report.html.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    heard = [example for example in answer.examples if example.failed is None]
    writing = Writing(Path(folder), len(heard) + 4, report)
    with folder_made(writing.folder):
        for example in heard:
            writing.step(f"seed-{example.seed}.wav", partial(write_wav, waveform=example.sound))
        writing.tell("drawing")
        light = figure_bytes(gallery_figure(answer, listener, LIGHT))
        dark = figure_bytes(gallery_figure(answer, listener, DARK))
        writing.content("gallery.png", light)
        writing.content("examples.csv", table_bytes(answer))
        writing.content("maximise.json", json_bytes(answer.as_json()))
        page = encoded(maximise_page(answer, listener, light, dark))
        writing.step("report.html", lambda path: write_whole(path, page))
    return writing.written


def table_bytes(answer: MaximiseAnswer) -> bytes:
    """One row an example, CSV."""
    return csv_bytes((*COLUMNS, *(f"nearest_{name}" for name in NEAREST)), (
        (*(one[name] for name in COLUMNS), *(one["nearest"][name] for name in NEAREST))
        for one in answer.as_json()["examples"]))


def write_ranking(folder: str | Path, ranking: Sequence[Ranked]) -> Path:
    """Write a ranked grid as ranking.csv, the most natural setting first.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    path = Path(folder) / "ranking.csv"
    with folder_made(path.parent):
        write_whole(path, ranking_bytes(ranking))
    return path


def ranking_bytes(ranking: Sequence[Ranked]) -> bytes:
    """One row a setting, CSV."""
    return csv_bytes([field.name for field in fields(Ranked)], (astuple(setting) for setting in ranking))


def maximise_page(answer: MaximiseAnswer, listener: Listener, light_png: bytes, dark_png: bytes) -> str:
    """The page, HTML; `light_png` and `dark_png` are the picture for light and for dark screens."""
    words = f"Spectrograms of {len(answer.examples)} synthesised and {len(answer.top)} real excerpts. {title(answer)}."
    settings = answer.settings
    made = {"Model": f"{answer.model}, weights sha256 {listener.card.get('sha256', 'unknown')}",
            "Neuron": f"{answer.neuron} of layer {answer.layer}", "Prior": answer.question.prior,
            "Settings": f"{settings.optimiser}, lr {settings.lr:g}, reg {settings.reg:g}, {settings.iterations} "
                        f"iterations, {'minimised' if settings.minimise else 'maximised'}",
            "Seeds": f"{answer.question.first_seed} to {answer.question.first_seed + answer.question.seeds - 1}",
            "Program": versions()}
    parts = [*header(title(answer), caption(answer)), *listen(_players(answer, listener)),
             *look(light_png, dark_png, words=words, source=PUBLISHED), *_table(answer), *provenance(made)]
    return document(title(answer), parts)


def _players(answer: MaximiseAnswer, listener: Listener) -> list[Player]:
    made = [Player(f"seed-{one.seed}", f"Seed {one.seed}", words_of(one).partition(": ")[2], levelled(one.sound))
            for one in answer.examples[:MOST_HEARD] if one.failed is None]
    real = [Player(f"real-{i}", f"Real {i + 1}", f"{one.activation:.2f}; {one.file.name}, {one.start:.1f} s",
                   levelled(one.sound(listener.window_seconds))) for i, one in enumerate(answer.top)]
    return made + real


def levelled(sound: Waveform) -> Waveform:
    """The sound with its peak where all others have theirs."""
    peak = float(abs(sound.y).max(initial=0.0))
    return Waveform(sound.y * (LOUDNESS / peak), sound.sr) if peak > 0 else sound


def _table(answer: MaximiseAnswer) -> Iterable[str]:
    yield "<section><h2>Examples</h2>"
    yield from table(
        "As sound: the activation once the spectrogram was turned into sound and heard again. Nearest: the excerpt it "
        "is most like of those that the prior learnt from, in standard deviations; real music that it has not heard "
        "has the usual distance.", ("Seed", "Activation", "As sound", "Probability", "Nearest", "Distance", "Usual"),
        [(one.seed, f"{one.activation:.3f}", f"{one.activation_after_audio:.3f}", f"{one.probability:.3f}",
          _source(one.nearest), f"{one.nearest.distance:.2f}", f"{one.nearest.usual:.2f}")
         if one.failed is None else (one.seed, f"failed at {one.failed}", "", "", "", "", "")
         for one in answer.examples])
    yield "</section>"


def _source(near: Nearest) -> str:
    licence = f" ({near.source.licence})" if near.source.licence else ""
    return f"{near.source.words}{licence}: {near.source.id}, {near.start:.1f} s"
