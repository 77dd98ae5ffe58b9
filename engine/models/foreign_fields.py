"""The keys of a card of a user's model: what each means and how its value is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.checks import InputError, choice, within

FORMATS = {".pt": "torchscript", ".jit": "torchscript", ".ts": "torchscript", ".pth": "torchscript",
           ".pt2": "torch-export", ".onnx": "onnx"}
INPUTS = ("waveform", "log-mel", "magnitude")
OUTPUTS = ("logits", "probabilities")
SCALES = ("natural", "log10", "decibel", "log1p", "linear")
POOLS = ("mean", "max", "last")

Check = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Field:
    """A key of a card: how its value is checked, what it means, and which inputs cannot do without it."""

    check: Check
    words: str
    needed: tuple[str, ...] = ()


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{what}: expected words, got {value!r:.80}; put it in quotes")
    return value.strip()


def _flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{what}: expected true or false, got {value!r:.80}")
    return value


def _number(low: float, high: float) -> Check:
    def check(value: Any, what: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{what}: expected a number from {low:,.10g} to {high:,.10g}, got {value!r:.80}")
        return float(within(float(value), low, high, what))
    return check


def _whole(low: int, high: int) -> Check:
    def check(value: Any, what: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise InputError(f"{what}: expected a whole number from {low:,} to {high:,}, got {value!r:.80}")
        return int(within(value, low, high, what))
    return check


def _one_of(choices: tuple[str, ...]) -> Check:
    return lambda value, what: choice(_text(value, what), choices, what)


def _labels(value: Any, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not 2 <= len(value) <= 10_000:
        raise InputError(f"{what}: expected a list of two or more labels, got {value!r:.80}; a detector has two, such "
                         "as [no speech, speech]")
    found = tuple(_text(one, what) for one in value)
    if twice := sorted({one for one in found if found.count(one) > 1}):
        raise InputError(f"{what}: expected different ones, got {twice[0]!r} twice; rename one")
    return found


def _axes(known: tuple[str, ...]) -> Check:
    def check(value: Any, what: str) -> tuple[str | int, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= 6:
            raise InputError(f"{what}: expected a list of axes such as [{', '.join(known)}], got {value!r:.80}")
        found = tuple(1 if axis == 1 and axis is not True else choice(_text(str(axis), what), (*known, "1"), what)
                      for axis in value)
        names = [axis for axis in found if axis != 1]
        if len(set(names)) < len(names):
            raise InputError(f"{what}: expected each axis once, got {value!r:.80}")
        return found
    return check


def _numbers(low: float, high: float) -> Check:
    def check(value: Any, what: str) -> tuple[float, ...]:
        one = _number(low, high)
        many = value if isinstance(value, list) else [value]
        if not 1 <= len(many) <= 10_000:
            raise InputError(f"{what}: expected one number, or one a band, got {len(many)}")
        return tuple(float(one(number, what)) for number in many)
    return check


def _arguments(value: Any, what: str) -> dict[str, Any]:
    flat = isinstance(value, dict) and all(isinstance(one, int | float) or (
        isinstance(one, list) and all(isinstance(item, int | float) for item in one)) for one in value.values())
    if not flat:
        raise InputError(f"{what}: expected names with numbers or lists of numbers, such as sr: 16000, got "
                         f"{value!r:.80}")
    return {str(name): one for name, one in value.items()}


def _state(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != {"input", "output", "shape"} or not isinstance(
            value["shape"], list) or not all(axis == "batch" or isinstance(axis, int) for axis in value["shape"]):
        raise InputError(f"{what}: expected input, output and shape, such as {{input: h, output: hn, shape: "
                         f"[1, batch, 128]}}, got {value!r:.80}")
    return {"input": str(value["input"]), "output": str(value["output"]), "shape": value["shape"]}


def _output(value: Any, what: str) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value, what)


SPECTRAL = ("log-mel", "magnitude")
FIELDS = {
    "file": Field(_text, "the model, beside the card or in the package", INPUTS),
    "input": Field(_one_of(INPUTS), "what it hears", INPUTS),
    "sample_rate": Field(_whole(1000, 384_000), "in Hz", INPUTS),
    "window": Field(_whole(1, 50_000_000), "what it hears at once: samples of a waveform, else frames", INPUTS),
    "labels": Field(_labels, "in the order of its outputs; of one output two, the second being what it is for", INPUTS),
    "outputs": Field(_one_of(OUTPUTS), "what its numbers are", INPUTS),
    "title": Field(_text, "its name for people"),
    "package": Field(_text, "Python package that the file lies in"),
    "format": Field(_one_of(tuple(sorted(set(FORMATS.values())))), "where the file's ending does not say it"),
    "sha256": Field(_text, "of the file, if no other will do"),
    "source": Field(_text, "where the file comes from"),
    "weights_licence": Field(_text, "under which it may be used"),
    "note": Field(_text, "anything else"),
    "layout": Field(_axes(("batch", "bands", "time")), "axes of its input, 1 for an axis of one"),
    "stride": Field(_whole(1, 50_000_000), "from one vote on a recording to the next; a quarter of the window"),
    "exclusive": Field(_flag, "whether one label at a time holds (softmax), or each for itself (sigmoid)"),
    "positive": Field(_text, "the label that a detector is there to find; it must be the last"),
    "threshold": Field(_number(0.001, 0.999), "probability from which a detector says so"),
    "output": Field(_output, "number or name of the output, where there are several"),
    "output_layout": Field(_axes(("batch", "time", "labels")), "axes of that output; time and 1 are pooled"),
    "pool": Field(_one_of(POOLS), "how axes of time and chunks are reduced"),
    "arguments": Field(_arguments, "further inputs, by name"),
    "chunk": Field(_whole(1, 50_000_000), "samples or frames given at a time, one after the other"),
    "context": Field(_whole(0, 10_000_000), "of the chunk before, put in front of each"),
    "state": Field(_state, "what it hands from chunk to chunk: input, output, shape"),
    "reset": Field(_text, "method that makes it forget"),
    "batch": Field(_whole(1, 4096), "excerpts at once, if it takes no other number"),
    "n_fft": Field(_whole(16, 65_536), "samples of the Hann window", SPECTRAL),
    "hop_length": Field(_whole(1, 65_536), "samples from frame to frame", SPECTRAL),
    "n_mels": Field(_whole(4, 1024), "mel bands", ("log-mel",)),
    "fmin": Field(_number(0, 100_000), "in Hz: lower edge of the lowest band"),
    "fmax": Field(_number(10, 192_000), "in Hz: upper edge of the highest band; half the sample rate"),
    "mel_scale": Field(_one_of(("htk", "slaney")), "as librosa and torchaudio name them"),
    "mel_norm": Field(_one_of(("sum", "slaney", "none")), "weights of a band: sum 1, area 1, or peak 1"),
    "power": Field(_whole(1, 2), "bands are summed over magnitudes (1) or powers (2)"),
    "scale": Field(_one_of(SCALES), "of what it hears"),
    "compression": Field(_number(1e-6, 1e9), "c of log1p: log(1 + c x)"),
    "floor": Field(_number(1e-20, 1), "least magnitude"),
    "mean": Field(_numbers(-1e6, 1e6), "subtracted, one number or one a band"),
    "std": Field(_numbers(1e-9, 1e6), "then divided by"),
    "seconds": Field(_number(0.1, 3600), "that one batch may take"),
    "memory_mb": Field(_whole(64, 1_000_000), "that it may take beside the library"),
}
"""Key -> how it is checked, what it means, and the kinds of input that need it."""
