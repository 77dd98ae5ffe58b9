"""Sessions: all of one's work in one .oto file.

An .oto file is a zip. `session.json` says what there is; `tunes/*.abc` are texts, `audio/*` copies of the files that
results were made of (where copies were asked for), `assets/*` whatever else belongs to it. Files that are not copied
are found again by their paths, absolute and as seen from the session file, and known by their SHA-256.

What comes in an .oto file is trusted in nothing: see `read`.
"""

from engine.sessions.reading import Opened, read
from engine.sessions.references import fingerprint, reference
from engine.sessions.values import SUFFIX, VERSION, AudioRef, Json, ModelRef, Result, Session
from engine.sessions.writing import versions, write

__all__ = ["SUFFIX", "VERSION", "AudioRef", "Json", "ModelRef", "Opened", "Result", "Session", "fingerprint", "read",
           "reference", "versions", "write"]
