"""Populations of tunes beside each other, as a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping

import matplotlib
from matplotlib.figure import Figure

from engine.composing.statistics import Comparison

MOST = 16                            # categories of a property; the rarer ones are left out
CORPUS, GENERATED = "#4477aa", "#ee7733"


def populations_png(found: Mapping[str, Comparison]) -> bytes:
    """One panel for each property: shares in the corpus and among generated tunes."""
    with matplotlib.rc_context({"font.size": 8}):
        figure = Figure(figsize=(13, 9), layout="constrained")
        for number, (name, one) in enumerate(found.items(), 1):
            axes = figure.add_subplot(3, 3, number)
            shares = {category: max(one.corpus.get(category, 0), one.generated.get(category, 0))
                      for category in (*one.corpus, *one.generated)}
            common = set(sorted(shares, key=lambda category: -shares[category])[:MOST])
            shown = [category for category in shares if category in common]
            for shift, part, colour in ((-0.2, one.corpus, CORPUS), (0.2, one.generated, GENERATED)):
                axes.bar([place + shift for place in range(len(shown))], [part.get(c, 0) for c in shown], 0.4,
                         color=colour)
            axes.set_xticks(range(len(shown)), [category[:22] for category in shown],
                            rotation=90 if max(map(len, shown), default=0) > 3 else 0)
            axes.set_title(f"{name.replace('_', ' ')}: {one.distance:.3f} bits (floor {one.floor:.3f})")
        figure.suptitle("Tunes of the corpus (blue) and generated ones (orange)")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
