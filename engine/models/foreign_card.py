"""The card of a user's model: what Otoscope must know to feed it and to understand its answers.

A small YAML or JSON file. `foreign_fields.FIELDS` is the list of what may stand in it.
"""

from __future__ import annotations

import difflib
import importlib.util
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from engine.checks import InputError, shown
from engine.models.foreign_fields import FIELDS, FORMATS

LARGEST_CARD = 64 * 1024    # bytes
ENDINGS = (".json", ".yaml", ".yml")


@dataclass(frozen=True)
class Card:
    """What a card says; see `FIELDS` for words, units and ranges.

    Parameters
    ----------
    window, stride
        Samples of a waveform, else frames.
    """

    file: str
    input: str
    sample_rate: int
    window: int
    labels: tuple[str, ...]
    outputs: str
    title: str = ""
    package: str = ""
    format: str = ""
    sha256: str = ""
    source: str = ""
    weights_licence: str = ""
    note: str = ""
    layout: tuple[str | int, ...] = ()
    stride: int | None = None
    exclusive: bool = True
    positive: str | None = None
    threshold: float = 0.5
    output: str = "0"
    output_layout: tuple[str | int, ...] = ("batch", "labels")
    pool: str = "mean"
    arguments: dict[str, Any] = field(default_factory=dict)
    chunk: int | None = None
    context: int = 0
    state: dict[str, Any] | None = None
    reset: str | None = None
    batch: int | None = None
    n_fft: int | None = None
    hop_length: int | None = None
    n_mels: int | None = None
    fmin: float = 0.0
    fmax: float | None = None
    mel_scale: str = "htk"
    mel_norm: str = "sum"
    power: int = 1
    scale: str = "natural"
    compression: float = 1.0
    floor: float = 1e-7
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    seconds: float = 60.0
    memory_mb: int = 4096

    @property
    def bands(self) -> int:
        """Rows of its spectrograms; 0 of a waveform."""
        if self.input == "waveform":
            return 0
        return int(self.n_mels or 0) if self.input == "log-mel" else int(self.n_fft or 0) // 2 + 1

    def as_json(self) -> dict[str, Any]:
        """What differs from the defaults, as it stands in a card."""
        plain = {f.name: f.default for f in fields(self)}
        found = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
                 if value != plain[name] and value not in ({}, (), None)}
        if self.fmax == self.sample_rate / 2:
            found.pop("fmax", None)
        for name in ("mean", "std"):
            if name in found and len(found[name]) == 1:
                found[name] = found[name][0]
        return found


def is_card(name: str) -> bool:
    """Whether the name of a model is that of a file."""
    return name.lower().endswith(ENDINGS)


def read_card(path: Path) -> Card:
    """The card in a file.

    Raises
    ------
    InputError
        When it cannot be read, or says something unknown, too little or impossible.
    """
    try:
        return card_of(entries(path), shown(path))
    except InputError:
        raise
    except (ValueError, OverflowError):  # YAML takes hexadecimal numbers of any length, which cannot even be printed
        raise InputError(f"{shown(path)}: expected numbers of at most a few digits, found one with thousands") from None


def entries(path: Path) -> dict[str, Any]:
    """What stands in a YAML or JSON file of key and value.

    Raises
    ------
    InputError
        When it is no such file.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_CARD + 1)
        if len(data) > LARGEST_CARD:
            raise InputError(f"{shown(path)}: expected the card of a model, found a file above {LARGEST_CARD:,} bytes; "
                             "is it the model itself?")
        text = data.decode()
        found = json.loads(text) if path.suffix.lower() == ".json" else _yaml(text)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror})") from None
    except InputError:
        raise
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"{shown(path)}: expected a card in {'JSON' if path.suffix == '.json' else 'YAML'}, found "
                         f"none ({reason})") from None
    if not isinstance(found, dict):
        raise InputError(f"{shown(path)}: expected keys and values such as sample_rate: 16000, found none")
    return {str(key): value for key, value in found.items()}


def card_text(card: Card, ending: str = ".yaml") -> str:
    """The card as it stands in a file of that ending."""
    if ending == ".json":
        return json.dumps(card.as_json(), indent=1, ensure_ascii=False) + "\n"
    return str(yaml.safe_dump(card.as_json(), sort_keys=False, allow_unicode=True, width=110))


def _yaml(text: str) -> Any:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):  # a few lines of them can stand for gigabytes
            raise ValueError("aliases are not for cards")
    return yaml.safe_load(text)


def card_of(found: dict[str, Any], where: str) -> Card:
    """The card that says this.

    Raises
    ------
    InputError
        When a key is unknown or missing, or a value is not possible.
    """
    if unknown := [key for key in found if key not in FIELDS]:
        near = difflib.get_close_matches(unknown[0], FIELDS, n=1)
        raise InputError(f"{where}: expected keys of a model's card, got {unknown[0]!r:.80}"
                         + (f"; did you mean {near[0]}?" if near else f"; there are {', '.join(FIELDS)}"))
    found = {key: value for key, value in found.items() if value is not None}
    kind = FIELDS["input"].check(found["input"], f"{where}: input") if "input" in found else "waveform"
    if missing := [key for key, one in FIELDS.items() if kind in one.needed and key not in found]:
        raise InputError(f"{where}: expected {', '.join(missing)} for a model that hears "
                         f"{'a ' if kind == 'waveform' else ''}{kind}, found no such key; add "
                         + ", ".join(f"{key} ({FIELDS[key].words})" for key in missing[:2]))
    return _fitting(Card(**{key: FIELDS[key].check(value, f"{where}: {key}") for key, value in found.items()}), where)


def _fitting(card: Card, where: str) -> Card:
    """The card, if its values go together; what follows from others is filled in."""
    given = asdict(card)
    suffix = Path(card.file).suffix.lower()
    if not card.format and suffix not in FORMATS:
        raise InputError(f"{where}: file: expected one that ends in {', '.join(FORMATS)}, got {card.file!r:.80}; say "
                         "which format it is, such as format: torchscript")
    spectral = card.input != "waveform"
    layout = card.layout or (("batch", "bands", "time") if spectral else ("batch", "time"))
    if ("bands" in layout) != spectral or "time" not in layout:
        raise InputError(f"{where}: layout: expected {'bands and time' if spectral else 'time and no bands'} for "
                         f"{card.input}, got {list(layout)}")
    if "labels" not in card.output_layout and len(card.labels) > 2:
        raise InputError(f"{where}: output_layout: expected an axis of labels, got "
                         f"{list(card.output_layout)!s:.80}")
    for name in ("mean", "std"):
        if len(given[name]) not in (1, card.bands or 1):
            raise InputError(f"{where}: {name}: expected one number or {card.bands or 1}, one a band, got "
                             f"{len(given[name])}")
    if card.positive not in (None, card.labels[-1]) or (card.positive and len(card.labels) > 2):
        raise InputError(f"{where}: positive: expected the second of two labels, got {card.positive!r:.80}; put "
                         "it last")
    for name in ("sr", "sample_rate", "sampling_rate"):
        if card.arguments.get(name, card.sample_rate) != card.sample_rate:
            raise InputError(f"{where}: expected one sample rate, got sample_rate {card.sample_rate} and the argument "
                             f"{name} {card.arguments[name]}; make them one")
    fmax = card.fmax or card.sample_rate / 2
    if not card.fmin < fmax <= card.sample_rate / 2:
        raise InputError(f"{where}: expected fmin below fmax, and that at most {card.sample_rate / 2:,.0f} Hz, half "
                         f"the sample rate, got {card.fmin:g} and {fmax:g}; is the sample rate right?")
    if spectral and (int(card.n_fft or 0) % 2 or int(card.hop_length or 0) > int(card.n_fft or 0)):
        raise InputError(f"{where}: expected an even n_fft and a hop_length of at most that, got {card.n_fft} and "
                         f"{card.hop_length}")
    return Card(**{**given, "layout": layout, "fmax": fmax, "format": card.format or FORMATS[suffix],
                   "stride": card.stride or max(1, card.window // 4)})


def weights_of(card: Card, path: Path) -> Path:
    """The model's file: beside the card, else in the installed package.

    Raises
    ------
    InputError
        When it is nowhere; it says where the card thinks it comes from.
    """
    beside = [path.parent / card.file, path.parent / Path(card.file).name]
    within_package = []
    if card.package.isidentifier() and (spec := importlib.util.find_spec(card.package)) is not None:
        within_package = [Path(folder) / card.file for folder in spec.submodule_search_locations or []]
    for candidate in (*beside, *within_package):
        if candidate.is_file():
            return candidate
    hint = f"; it comes from {card.source}" if card.source else ""
    raise InputError(f"{shown(path)}: expected the model {card.file} beside the card"
                     f"{f' or in the package {card.package}' if card.package else ''}, found none{hint}")
