"""What is done on a thread of its own for users' models: looked at, tried, written. It touches no widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from engine.audio.waveform import AudioFile
from engine.checks import InputError, shown
from engine.disk import write_chosen
from engine.job import Progress, Report
from engine.models.foreign import ForeignListener
from engine.models.foreign_card import ENDINGS, Card, card_of, card_text, is_card, read_card, weights_of
from engine.models.foreign_consent import agree, agreed_to, model_bytes
from engine.models.foreign_loading import tried
from engine.models.foreign_probe import guesses, proposed_card

DEMO_SECONDS = 10.0
NO_GRADIENTS = ("It gives no gradients, as ONNX does not: Adversary, Maximise and the gradient methods of Explain stay "
                "closed; all else is open.")
GRADIENTS = "It gives gradients: every method is open to it."


@dataclass(frozen=True)
class Looked:
    """A model's file and, where there is one, its card; nothing of it was run.

    Parameters
    ----------
    weights
        The model.
    sha256
        Of the model.
    agreed
        Whether somebody agreed to run it.
    card
        Its card; None where it has none yet.
    entries
        What the card says.
    """

    weights: Path
    sha256: str
    agreed: bool
    card: Path | None = None
    entries: dict[str, Any] = field(default_factory=dict)

    def says(self, entries: Mapping[str, Any]) -> bool:
        """Whether its card says this already, if in other words."""
        try:
            return self.card is not None and card_of(dict(entries), "card") == card_of(dict(self.entries), "card")
        except InputError:
            return False

    @property
    def folder(self) -> Path:
        """Where names of files in the card begin."""
        return (self.card or self.weights).parent


@dataclass(frozen=True)
class Trial:
    """What came of a trial: the card, what of it is a guess, and what the model is found to be."""

    entries: dict[str, Any]
    guesses: tuple[str, ...]
    words: str


def looked(path: Path, report: Report) -> Looked:
    """Look at a card or at a model, with the card beside it if there is one."""
    report(Progress(0, 1, f"looking at {shown(path)}"))
    if is_card(path.name):
        card = read_card(path)
        weights = weights_of(card, path)
        sha256 = model_bytes(weights)[1]
        return Looked(weights, sha256, agreed_to(sha256), path, card.as_json())
    sha256 = model_bytes(path)[1]
    return _beside(path, sha256) or Looked(path, sha256, agreed_to(sha256))


def _beside(model: Path, sha256: str) -> Looked | None:
    """With the card of the same name, if it is one, and about this model."""
    for ending in ENDINGS:
        path = model.with_suffix(ending)
        try:
            card = read_card(path)
            if weights_of(card, path).samefile(model):
                return Looked(model, sha256, agreed_to(sha256), path, card.as_json())
        except (InputError, OSError):
            continue
    return None


def tried_out(what: Looked, entries: Mapping[str, Any] | None, demo: Path, report: Report) -> Trial:
    """Agree to a model, and try it: as its card says or, where there is none, to propose one."""
    agree(what.weights, what.sha256)
    if entries is None:
        proposed = proposed_card(what.weights, report=report)
        found = proposed.as_json()
        found.pop("sha256")     # consent is to these bytes already; a new version of the model may have this card, too
        found.pop("stride", None)   # a quarter of the window, also where that is put right
        try:
            said = checked(what, found, demo, report)
        except InputError as error:
            said = f"As it stands, it does not work yet: {error}."
        return Trial(found, guesses(proposed), said)
    return Trial(dict(entries), (), checked(what, entries, demo, report))


def checked(what: Looked, entries: Mapping[str, Any], demo: Path, report: Report) -> str:
    """Run the model as a card says, and say in words what became of it.

    Raises
    ------
    InputError
        When card and model do not fit.
    """
    card = card_of(dict(entries), "card")
    report(Progress(0, 1, "trying it as the card says"))
    listener = tried(card, what.folder, (what.card or what.weights).stem)
    try:
        said = _of_demo(listener, demo, report)
        return " ".join(filter(None, ["Tried: it takes what the card says.",
                                      GRADIENTS if listener.differentiable else NO_GRADIENTS, said]))
    finally:
        listener.worker.close()


def _of_demo(listener: ForeignListener, demo: Path, report: Report) -> str:
    """What it says of the song that comes with the program: a wrong sample rate shows there."""
    report(Progress(0, 1, "listening to the demo song"))
    file = AudioFile(demo)
    start = max(0.0, file.seconds / 2 - DEMO_SECONDS / 2)
    S = listener.front_end.spectrogram(file.read(start, start + max(DEMO_SECONDS, 1.1 * listener.window_seconds))).S
    if S.shape[1] < listener.vote_window:
        return ""
    with torch.inference_mode():
        p = listener.verdict(listener.votes(S))
    label = listener.decision(p)
    return f"Of {DEMO_SECONDS:.0f} s of the demo song it says: {listener.labels[label]}, {float(p[label]):.2f}."


def written(what: Looked, entries: Mapping[str, Any], path: Path, report: Report) -> Path:
    """Write a card that names its model wherever the card lies."""
    report(Progress(0, 1, f"writing {shown(path)}"))
    card = card_of(dict(entries), "card")
    at_home = path.parent.resolve() == what.weights.parent.resolve()
    file = what.weights.name if at_home else card.file if card.package else str(what.weights.resolve())
    write_chosen(path, card_text(Card(**{**vars(card), "file": file}), path.suffix.lower()).encode())
    return path
