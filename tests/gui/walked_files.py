"""Good files and bad ones to open on a walk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf

HOSTILE = "<img src=x onerror=alert(1)> & <b>bold.wav"


def files_in(folder: Path) -> list[Path]:
    """Good files and bad ones, of all kinds that the window opens."""
    good, bad = folder / "good", folder / "bad"
    for one in (good, bad, folder / "out"):
        one.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    t = np.arange(4 * 22050) / 22050
    for name, hz, channels in (("low.wav", 300, 1), ("high.flac", 3000, 2), ("song.ogg", 700, 1), (HOSTILE, 500, 1)):
        y = 0.3 * np.sin(2 * np.pi * hz * t) + 0.05 * rng.standard_normal(len(t))
        sf.write(good / name, np.stack([y] * channels, axis=1), 22050)
    (good / "low.csv").write_text("start,end,name\n0,1,<b>a</b>\n2,3,b\n")
    (good / "tune.abc").write_text("X:1\nT:<img src=x> & One\nM:6/8\nL:1/8\nK:D\n|:DFA dAF|GBd gdB:|\n\n"
                                   "X:2\nT:Two\nM:4/4\nK:G\nGABc d2e2|")
    (good / "broken.abc").write_text("X:1\nK:none\n(3[A\"\x0b!{|:::[9-1A999/256>>>\n")
    whole = (good / "low.wav").read_bytes()
    for name, data in (("cut.wav", whole[:3000]), ("empty.wav", b""), ("noise.ogg", rng.bytes(5000)),
                       ("text.mp3", b"hello"), ("noise.mid", b"MThd" + rng.bytes(300)),
                       ("noise.mxl", b"PK\x03\x04" + rng.bytes(300)), ("noise.pkl", rng.bytes(300)),
                       ("noise.oto", rng.bytes(300)),
                       ("noise.abc", rng.bytes(300)), ("card.yaml", b"file: x.pt\n"), ("x" * 200 + ".wav", b"RIFF")):
        (bad / name).write_bytes(data)
    return [*sorted(good.iterdir()), *sorted(bad.iterdir()), folder / "missing.wav", bad]
