"""Finds models by name: a card (JSON) and its weights (safetensors, checked by sha256) in resources/models.

Those that users bring are found by the path of their card.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_of_bytes
from safetensors.torch import save as bytes_of_tensors
from torch import Tensor

from engine.checks import InputError, choice, shown, within
from engine.disk import write_whole
from engine.models import foreign_loading
from engine.models.foreign_card import entries, is_card
from engine.models.listener import Listener
from engine.models.scattering_listener import ScatteringSvmListener, ScatteringTreeListener
from engine.models.style_listener import FrameMlpListener, PatchCnnListener
from engine.models.svd_listener import SvdListener

ALIASES = "aliases.json"
FOLDER = Path(__file__).resolve().parents[2] / "resources" / "models"
KINDS: dict[str, Callable[[str, dict[str, Tensor], dict[str, Any]], Listener]] = {
    "svd_cnn": SvdListener, "frame_mlp": FrameMlpListener, "patch_cnn": PatchCnnListener,
    "scattering_svm": ScatteringSvmListener, "scattering_tree": ScatteringTreeListener}
_own: dict[str, Path] = {}
SCATTERING = "scattering"   # folder of those that hear no spectrogram: not offered where one is drawn or changed


def names() -> list[str]:
    """Names of the models that hear sound or spectrograms: users' own, then what is shipped and its aliases, sorted."""
    return [*sorted(_own), *sorted({*_shipped(), *aliases()})]


def own() -> dict[str, Path]:
    """Name -> card of the models that users brought to this program."""
    return dict(_own)


def set_own(cards: Iterable[Path]) -> None:
    """These are users' models: each has the name of its card, with a number where that is taken."""
    global _own
    taken, found = {*_shipped(), *aliases(), *scattering_names()}, dict[str, Path]()
    for card in cards:
        names = (card.stem if n == 1 else f"{card.stem} {n}" for n in count(1))
        found[next(name for name in names if name not in taken and name not in found)] = card
    _own = found


def scattering_names() -> list[str]:
    """Names of the shipped models that hear time scattering, sorted."""
    return sorted(path.stem for path in (FOLDER / SCATTERING).glob("*.json"))


def cards() -> list[dict[str, Any]]:
    """The model cards of what is shipped, sorted by name; the weights are not looked at.

    Raises
    ------
    InputError
        When one cannot be read.
    """
    found = []
    paths = [FOLDER / f"{name}.json" for name in _shipped()]
    for path in sorted([*paths, *(FOLDER / SCATTERING).glob("*.json")], key=lambda path: path.stem):
        try:
            found.append({**json.loads(path.read_text(encoding="utf-8")), "name": path.stem})
        except (OSError, TypeError, ValueError, RecursionError):
            raise InputError(f"{path.name}: expected a model card, found it damaged; install Otoscope again") from None
    return found


def titles() -> dict[str, str]:
    """Name -> title of the card, of all `names`; that of an alias names the model too."""
    known, stands_for = {card["name"]: str(card.get("title", card["name"])) for card in cards()}, aliases()
    brought = {name: f"Your own model, {card}" for name, card in _own.items()}
    return {name: brought.get(name) or known.get(name) or f"{known[stands_for[name]]}: {stands_for[name]}"
            for name in names()}


def aliases() -> dict[str, str]:
    """Alias -> name of the shipped model that it stands for, such as the best of a kind.

    Raises
    ------
    InputError
        When aliases.json is damaged.
    """
    path = FOLDER / ALIASES
    try:
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        shipped = _shipped()
        return {str(alias): name for alias, name in known.items() if name in shipped and alias not in shipped}
    except (OSError, TypeError, AttributeError, ValueError, RecursionError):
        raise InputError(f"{ALIASES}: expected names of models, found it damaged; install Otoscope again") from None


def _shipped() -> list[str]:
    return [path.stem for path in FOLDER.glob("*.json") if path.name != ALIASES]


def opened(name: str) -> Listener:
    """The listener of that name, or of a card at that path: of a model trained here, or of one that a user brings.

    What ends in .json, .yaml or .yml is a path; the names of `own` are names.

    Raises
    ------
    InputError
        When there is no such model, its weights are damaged, or nobody agreed to run it.
    """
    if (card := _own.get(name)) is not None:
        if not card.is_file():
            raise InputError(f"{name}: expected its card at {card}, found none there; was it moved? Add the model "
                             "again, or take it off the list")
        return foreign_loading.load(card, name)
    if not is_card(name):
        return load(name)
    path = Path(name)
    ours = path.suffix.lower() == ".json" and "kind" in entries(path)
    return read(path) if ours else foreign_loading.load(path)


@cache
def load(name: str) -> Listener:
    """The listener of that name, loaded once; that of an alias has the name of the model itself.

    Raises
    ------
    InputError
        When there is no such model, or its weights are damaged.
    """
    known = names()
    if not known:
        raise InputError(f"model: expected {name} in {FOLDER}, found no model there; install Otoscope again")
    if name in (scattering := scattering_names()):
        return read(FOLDER / SCATTERING / f"{name}.json")
    model = aliases().get(choice(name, [*(one for one in known if one not in _own), *scattering], "model"))
    return load(model) if model else read(FOLDER / f"{name}.json")


def read(card_path: Path) -> Listener:
    """The listener of a model card; the weights lie beside it under the same name.

    Raises
    ------
    InputError
        When card or weights are missing, damaged, of an unknown kind, or not made for each other.
    """
    with pair(card_path, "a model card") as (card, tensors):
        make = KINDS[choice(card["kind"], KINDS, f"kind of {shown(card_path)}")]
        listener = make(card_path.stem, tensors, card)
        within(listener.threshold, 0.001, 0.999, f"threshold of {shown(card_path)}")  # its log-odds are needed
    return listener


@contextmanager
def pair(card_path: Path, what: str) -> Iterator[tuple[dict[str, Any], dict[str, Tensor]]]:
    """A card and the weights beside it, all finite; `what` says of which model the card is.

    Raises
    ------
    InputError
        When one of them is missing or damaged, they are not made for each other, or nothing can be made of them.
    """
    weights = card_path.with_suffix(".safetensors")
    try:
        card = json.loads(card_path.read_text(encoding="utf-8"))
        data = weights.read_bytes()
        if hashlib.sha256(data).hexdigest() != card["sha256"]:
            raise InputError(f"{shown(weights)}: the weights are not those its card names; install Otoscope again")
        yield card, finite(tensors_of_bytes(data))
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{shown(error.filename or card_path)}: could not be read ({error.strerror})") from None
    except (LookupError, TypeError, ValueError, SafetensorError, RuntimeError) as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0][:200]
        raise InputError(f"{shown(card_path)}: expected {what} with its weights, found it damaged "
                         f"({reason})") from None


def finite(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors.

    Raises
    ------
    ValueError
        When one holds NaN or infinity, or something else than real numbers.
    """
    for name, tensor in tensors.items():
        if tensor.is_complex() or not bool(torch.isfinite(tensor.float()).all()):
            raise ValueError(f"{name[:60]} holds numbers that are not finite")
    return tensors


def write(card_path: Path, tensors: dict[str, Tensor], card: dict[str, Any], *, exact: Collection[str] = ()) -> None:
    """Write weights in half precision (but those named `exact`) and the card with their sha256, each atomically."""
    data = bytes_of_tensors({key: (value if key in exact else value.to(torch.float16)).detach().contiguous()
                             for key, value in tensors.items()})
    card = {**card, "sha256": hashlib.sha256(data).hexdigest()}
    card_path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(card_path.with_suffix(".safetensors"), data)
    write_whole(card_path, _text(card))


def write_aliases(folder: Path, known: dict[str, str]) -> None:
    """Write the aliases of a folder of models, atomically."""
    write_whole(folder / ALIASES, _text(known))


def _text(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
