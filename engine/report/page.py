"""A report as one web page that needs nothing else: it can be looked at and listened to offline.

What came from a file name, a label or a card goes through `text`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np
import torch

from engine.audio.waveform import Waveform
from engine.explain.explanation import Segment
from engine.listening.explain import TOP
from engine.report.clips import EDGE_SECONDS, alone, data_address, gain_for, wav_address
from engine.report.facts import Facts
from engine.report.figure import signed
from engine.report.trust_words import trust_lines
from engine.report.web import Player, document, header, listen, look, provenance, table, text


def page(facts: Facts, sounds: dict[str, Waveform], light_png: bytes, dark_png: bytes) -> str:
    """The page, HTML.

    Parameters
    ----------
    sounds
        As `engine.listening.sounds.sounds` makes them.
    light_png, dark_png
        The picture for light and for dark screens.
    """
    parts = [*header(facts.title, facts.caption), *listen(_players(facts, sounds)),
             *_segments(facts, sounds["original"]), *_picture(facts, light_png, dark_png), *_trust(facts),
             *provenance(facts.provenance())]
    return document(f"{facts.title} of {facts.answer.file}", parts)


def _players(facts: Facts, sounds: dict[str, Waveform]) -> list[Player]:
    answer = facts.answer
    named = ", ".join(map(str, facts.top))
    words = {"original": ("Original", "The excerpt as it is in the file."),
             "kept": (f"Top {len(facts.top)} alone", f"Segments {named}; all else replaced by the fill "
                      f"“{answer.explanation.fill}”, as the model saw it."),
             "removed": (f"Top {len(facts.top)} removed", f"All but segments {named}, which the fill replaces."),
             "heard": ("What the model hears", f"Made again from its {facts.front_end.rows}; "
                       f"nothing above {facts.front_end.fmax:,.0f} Hz.")}
    return [Player(name, *words[name], sound) for name, sound in sounds.items()]


def _segments(facts: Facts, original: Waveform) -> Iterable[str]:
    yield "<section><h2>Segments</h2><p>Each can be heard alone: choose it in the map or in the table.</p>"
    yield from _map(facts)
    yield ('<div class="wide"><table><caption>Signed weights: what a segment adds to the '
           f'{text(facts.answer.explanation.units)} of “{text(facts.answer.target)}”.</caption><thead><tr>'
           '<th scope="col" class="left">Segment</th><th scope="col">Rank</th><th scope="col">Seconds of the file</th>'
           '<th scope="col">Hz</th><th scope="col">Weight</th><th scope="col">Standard error</th>'
           '<td aria-hidden="true"></td><th scope="col">Alone</th></tr></thead><tbody>')
    sounds = [alone(original, segment, facts) for segment in facts.answer.explanation.segmentation.segments]
    gain = gain_for(sounds)
    for segment, sound in zip(facts.answer.explanation.segmentation.segments, sounds, strict=True):
        yield _row(facts, segment, sound, gain)
    yield "</tbody></table></div></section>"


def _map(facts: Facts) -> Iterable[str]:
    """The excerpt with its segments as buttons; lengths in percent, so that it fills any screen."""
    x0, x1, _, bands = facts.extent
    weights = facts.answer.explanation.weights
    limit = float(np.abs(weights).max()) or 1.0
    yield (f'<svg class="map" role="group" aria-label="Map of the excerpt: time from left to right, low to high '
           f'frequencies from below"><image width="100%" height="100%" preserveAspectRatio="none" '
           f'href="{data_address(_loudness_png(facts.spectrogram), "image/png")}"/>')
    for segment in facts.answer.explanation.segmentation.segments:
        i = segment.index
        left, low, width, height = facts.box(i)
        x, y = 100 * (left - x0) / (x1 - x0), 100 * (1 - (low + height) / bands)
        w, h = 100 * width / (x1 - x0), 100 * height / bands
        named, rank = "", ""
        if i in facts.top:
            named = " top"
            rank = f'<text x="{x + w / 2:.3f}%" y="{y:.3f}%" dy="1.4em">{facts.top.index(i) + 1}</text>'
        yield (f'<g class="segment {_sign(weights[i])}{named}" data-sound="segment-{i}" '
               f'tabindex="0" role="button" aria-label="Play segment {i}, weight {signed(weights[i])}">'
               f'<rect x="{x:.3f}%" y="{y:.3f}%" width="{w:.3f}%" height="{h:.3f}%" '
               f'fill-opacity="{0.75 * (abs(weights[i]) / limit) ** 0.7:.3f}"/>{rank}</g>')
    yield (f'<line class="cursor" data-seconds="{x1 - x0:.6f}" x1="0" x2="0" y1="0" y2="100%"/></svg>'
           f'<div class="scale"><span>{x0:.2f} s</span><span>{x1:.2f} s</span></div>')


def _row(facts: Facts, segment: Segment, sound: Waveform, gain: float) -> str:
    e, i = facts.answer.explanation, segment.index
    rank = f'<span class="rank">{facts.top.index(i) + 1}</span>' if i in facts.top else ""
    error = "exact" if facts.exact else "none" if e.stderr is None else f"{e.stderr[i]:.2g}"
    begin = max(0.0, segment.start - EDGE_SECONDS)
    start, end = facts.answer.start + segment.start, facts.answer.start + segment.end
    return (f'<tr{" class=top" if rank else ""} data-sound="segment-{i}"><th scope="row" class="left">{i}</th>'
            f"<td>{rank}</td><td>{start:.3f} to {end:.3f}</td>"
            f"<td>{segment.fmin:.0f} to {segment.fmax:.0f}</td><td>{signed(e.weights[i])}</td><td>{error}</td>"
            f'<td>{_bar(e.weights[i], float(np.abs(e.weights).max()))}</td>'
            f'<td><button type="button" hidden data-plays="segment-{i}" aria-label="Play segment {i} alone">Play'
            f'</button><audio id="segment-{i}" controls data-from="{begin:.4f}" aria-label="Segment {i} alone" '
            f'src="{wav_address(sound, gain)}"></audio></td></tr>')


def _bar(weight: float, limit: float) -> str:
    length = 50 * abs(weight) / (limit or 1.0)
    return (f'<svg width="120" height="12" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
            f'<rect class="bar {_sign(weight)}" x="{50 if weight > 0 else 50 - length:.2f}" y="1" width="{length:.2f}" '
            'height="8"/><line class="axis" x1="50" x2="50" y1="0" y2="10"/></svg>')


def _picture(facts: Facts, light_png: bytes, dark_png: bytes) -> Iterable[str]:
    heard = "; ".join(f"rank {rank}: segment {i}, weight {signed(facts.answer.explanation.weights[i])}"
                      for rank, i in enumerate(facts.top, 1))
    words = ("Spectrogram of the excerpt, the weights of its segments over it, the weights as bars, and how they "
             f"change with other fills. {heard}.")
    yield from look(light_png, dark_png, words=words, source=facts.reference)


def _trust(facts: Facts) -> Iterable[str]:
    yield '<section><h2>How far it can be trusted</h2><dl class="trust">'
    for line in trust_lines(facts):
        yield (f'<dt>{text(line.name)}</dt><dd class="value">{text(line.value)}</dd><dd class="why">{text(line.says)} '
               f'<span class="cite">{text(line.source)}</span></dd>')
    yield "</dl>"
    if facts.answer.over_fills:
        rows = [(name, ", ".join(map(str, other.top(TOP))), facts.shared_top(other))
                for name, other in facts.answer.over_fills.items()]
        yield from table("The same excerpt and method with other fills", ("Fill", f"Its top {TOP}", "Shared"), rows)
    yield "</section>"


def _sign(weight: float) -> str:
    return "for" if weight > 0 else "against"


def _loudness_png(spectrogram: torch.Tensor) -> bytes:
    """Loudness as opacity of a middle grey: it is seen on white and on black."""
    from matplotlib.image import imsave

    share = ((spectrogram - spectrogram.max()) / 7 + 1).clamp(0, 1).flip(0).numpy()
    picture = np.full((*share.shape, 4), 125, np.uint8)
    picture[..., 3] = 230 * share
    out = io.BytesIO()
    imsave(out, picture, format="png")
    return out.getvalue()
