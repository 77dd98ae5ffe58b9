"""The process that plays MIDI on a soundfont: `python -m engine.folk.synth_child`, started by `synth`.

midirenderer holds Python's lock for all of its work: in the process of the window nothing else would move meanwhile.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engine.folk.child import serve


@cache
def font(path: str) -> bytes:
    """A soundfont."""
    return Path(path).read_bytes()


def render(question: tuple[str, bytes]) -> bytes:
    """The WAV of (path of the soundfont, Standard MIDI File)."""
    import midirenderer

    path, midi = question
    return bytes(midirenderer.render_wave_from(font(path), midi))


if __name__ == "__main__":
    serve(render)
