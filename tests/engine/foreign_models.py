"""Small models as strangers might bring them, in three formats, with known answers."""

import json
import struct

import torch
from torch import nn

SR = 8000


class Waves(nn.Module):
    """Logits of three labels: sums of squares of the sound through three filters."""

    def __init__(self, seed: int = 0):
        super().__init__()
        torch.manual_seed(seed)
        self.filters = nn.Conv1d(1, 3, 16, bias=False)

    def forward(self, x):
        return self.filters(x.unsqueeze(1)).square().mean(dim=2)


class Mels(nn.Module):
    """One logit: a plane over the mean of log-mel (batch, 1, bands, time)."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.plane = nn.Linear(20, 1)

    def forward(self, x):
        return self.plane(x.mean(dim=3).squeeze(1))


class Odd(nn.Module):
    """Does what models should not, by how loud the first sample is."""

    def forward(self, x):
        loud = float(x[0, 0])
        if loud > 0.75:
            raise RuntimeError("I want no such sound")
        if loud > 0.5:
            total = 0
            while total >= 0:
                total = (total + 1) % 1000
        if loud > 0.25:
            return torch.zeros(40_000, 100_000) + x.sum()
        return torch.stack([x.sum(dim=1), -x.sum(dim=1)], dim=1)


class Rude(nn.Module):
    """Talks on the way that answers take, and answers what is none, by how loud the first sample is."""

    def forward(self, x):
        loud = float(x[0, 0])
        print("OTO1 I talk where I should answer")  # noqa: T201
        if loud > 0.75:
            return torch.stack([x.sum(dim=1), x.sum(dim=1) / torch.zeros(1)], dim=1)
        if loud > 0.5:
            return torch.zeros(x.size(0), 3)
        # the gradient of a root at 0 is infinite
        return torch.stack([x.sum(dim=1), -(x - x.detach()).abs().sqrt().sum(dim=1)], dim=1)


class Remembers(nn.Module):
    """Probability that grows with each call, until it is made to forget."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, x, sr: int):
        self.calls += 1
        return torch.full((x.size(0), 1), self.calls / 10.0) + 0.0 * x.sum() * sr

    @torch.jit.export
    def forget(self):
        self.calls = 0


class Timed(nn.Module):
    """Wants to know more than the sound."""

    def forward(self, x, speed: float):
        return torch.stack([x.mean(dim=1), speed * x.std(dim=1)], dim=1)


WAVES = {"file": "waves.pt", "input": "waveform", "sample_rate": SR, "window": 2000, "outputs": "logits",
         "labels": ["low", "middle", "high"]}
MELS = {"file": "mels.pt", "input": "log-mel", "sample_rate": SR, "window": 12, "labels": ["no", "yes"],
        "outputs": "logits", "n_fft": 256, "hop_length": 128, "n_mels": 20, "fmax": 4000,
        "layout": ["batch", 1, "bands", "time"], "mean": -3, "std": 2}
ODD = {**WAVES, "file": "odd.pt", "labels": ["a", "b"], "seconds": 2, "memory_mb": 400}
RUDE = {**ODD, "file": "rude.pt"}
REMEMBERS = {**WAVES, "file": "remembers.pt", "labels": ["no", "yes"], "outputs": "probabilities",
             "arguments": {"sr": SR}, "chunk": 500, "reset": "forget"}
NETS = {"waves.pt": Waves, "mels.pt": Mels, "odd.pt": Odd, "rude.pt": Rude, "timed.pt": Timed,
        "remembers.pt": Remembers}


def write_card(folder, card):
    """The card as a file, and its model beside it."""
    path = folder / (card["file"].partition(".")[0] + ".json")
    path.write_text(json.dumps(card))
    if not (folder / card["file"]).exists():
        write_model(folder / card["file"])
    return path


def write_model(path):
    """A model in the format that the name asks for."""
    if path.suffix == ".onnx":
        path.write_bytes(onnx_of(torch.linspace(-1, 1, 2000 * 3).view(2000, 3)))
    elif path.suffix == ".pt2":
        net, example = Waves(), torch.zeros(2, 2000)
        torch.export.save(torch.export.export(net, (example,), dynamic_shapes=({0: torch.export.Dim.AUTO},)), path)
    else:
        torch.jit.script(NETS[path.name]()).save(str(path))


def onnx_of(weights):
    """ONNX of x (batch, n) -> x @ weights."""
    rows, columns = weights.shape
    raw = struct.pack(f"<{weights.numel()}f", *weights.flatten().tolist())
    return onnx_with(field(1, rows) + field(1, columns) + field(9, raw), rows, columns)


def varint(n):
    """A number in protocol buffers."""
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def field(number, value):
    """A field of protocol buffers."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def onnx_with(initial, rows=4, columns=3):
    """An ONNX model of x (batch, rows) -> x @ w with w as given, a TensorProto without its name and type."""
    def value(name, size):
        shape = field(1, field(2, "batch")) + field(1, field(1, size))
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))

    node = field(1, "x") + field(1, "w") + field(2, "y") + field(4, "MatMul")
    graph = field(1, node) + field(2, "g") + field(5, initial + field(2, 1) + field(8, "w")) + field(
        11, value("x", rows)) + field(12, value("y", columns))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))
