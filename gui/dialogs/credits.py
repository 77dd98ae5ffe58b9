"""Whose work Otoscope stands on: papers and data, what models learnt from, and under which terms everything is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "resources"
PACKAGES = ("torch", "numpy", "scipy", "librosa", "soundfile", "soxr", "safetensors", "captum", "scikit-learn",
            "matplotlib", "platformdirs", "music21", "verovio", "mido", "midirenderer", "svglib", "reportlab",
            "sounddevice", "PySide6-Essentials", "PySide6_Addons", "pyqtgraph", "PyYAML", "distributed")
"""What Otoscope needs to run, as pyproject.toml has it."""
RESTRICTED = ("NC", "ND", "GPL")    # words of a licence that somebody who passes weights on should see
_FIELD = re.compile(r"^\s*(\w+)\s*=\s*\{(.*)\},?\s*$", re.MULTILINE)
_ACCENT = re.compile(r"\{?\\(['\"~`^])\{?(\w)\}?\}?")
_COMBINING = {"'": "\u0301", '"': "\u0308", "~": "\u0303", "`": "\u0300", "^": "\u0302"}


@dataclass(frozen=True)
class Citation:
    """An entry of BibTeX, and the same for people."""

    bibtex: str
    text: str


@dataclass(frozen=True)
class ModelTerms:
    """A model, what it learnt from, and the terms of both."""

    name: str
    title: str
    architecture: str
    weights: str                    # licence of the weights
    sources: Mapping[str, int]      # licence -> how many of the recordings it learnt from
    remarks: tuple[str, ...]

    @property
    def restricted(self) -> list[str]:
        """Licences of training material with terms of the kinds NC, ND or GPL."""
        return [name for name in self.sources if any(word in re.split(r"[^A-Z]+", name) for word in RESTRICTED)]


def citations(path: Path = RESOURCES / "citations.bib") -> list[Citation]:
    """The entries of a BibTeX file that has one field a line, in its order."""
    entries = re.split(r"^(?=@)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [Citation(entry.strip(), _readable(dict(_FIELD.findall(entry)))) for entry in entries]


def _readable(fields: Mapping[str, str]) -> str:
    def plain(text: str) -> str:
        import unicodedata

        accented = _ACCENT.sub(lambda found: found[2] + _COMBINING[found[1]], text)
        return unicodedata.normalize("NFC", re.sub(r"\\url|[{}]", "", accented))

    authors = [" ".join(reversed(name.split(", "))) if not name.startswith("{") else name
               for name in fields["author"].split(" and ")]
    where = fields.get("booktitle") or fields.get("journal") or fields.get("howpublished", "")
    year = f", {fields['year']}" if "year" in fields else ""
    note = f" {fields['note']}." if "note" in fields else ""
    return plain(f"{', '.join(authors)}: {fields['title']}. {where}{year}.{note}".replace("?.", "?"))


def models(folder: Path = RESOURCES / "models") -> list[ModelTerms]:
    """What the cards of all shipped models say."""
    found = []
    for path in sorted(folder.rglob("*.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        if "weights_licence" in card:
            data = card.get("data", {})
            remarks = [str(card.get("limits", "")), *(f"{c['title']}. {c['terms']}" for c in
                                                      data.get("collections", {}).values())]
            found.append(ModelTerms(path.stem, str(card.get("title", path.stem)), str(card.get("architecture", "")),
                                    str(card["weights_licence"]), dict(_training_licences(data)),
                                    tuple(filter(None, remarks))))
    return found


def _training_licences(data: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Licence and number, from wherever in a card what it learnt from is counted."""
    for key, value in data.items():
        if key == "train" and isinstance(value, Mapping):
            yield from value.get("licences", {}).items()
        elif key.startswith("licences_of_train"):
            yield from value.items()


def packages() -> list[tuple[str, str, str]]:
    """Name, version and licence of each package that is needed and there."""
    found = []
    for name in PACKAGES:
        try:
            about = metadata.metadata(name).json
        except metadata.PackageNotFoundError:
            continue
        classified = [line.split("::")[-1].strip() for line in about.get("classifier", ())
                      if line.startswith("License ::")]
        short = str(about.get("license", "")).split("\n", 1)[0]
        found.append((name, metadata.version(name),
                      str(about.get("license_expression") or ", ".join(classified) or short)))
    return found


def version() -> str:
    """That of Otoscope, as far as it is known here."""
    try:
        return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    except (OSError, KeyError, ValueError):
        pass
    try:
        return metadata.version("otoscope")
    except metadata.PackageNotFoundError:
        return "frozen"


def licence() -> str:
    """The licence of Otoscope itself; beside its sources, or with what was installed."""
    for path in (ROOT / "LICENSE", *ROOT.glob("otoscope-*.dist-info/licenses/LICENSE")):
        if path.exists():
            return path.read_text(encoding="utf-8")
    return "MIT"
