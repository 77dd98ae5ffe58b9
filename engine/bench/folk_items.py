"""The folk network's tokens: one stream and sixteen, against the formulae as they were first written in NumPy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from engine.bench.ground import Ground, Item
from engine.folk.rules import WholeTunes
from engine.folk.sampling import Manner, sample
from engine.models import folk_lstm
from engine.models.folk_lstm import END, START, FolkLstm, Layer

STREAMS = 16
TOKENS = 40           # of a run's tune, times the number of runs
UNITS, LAYERS = 512, 3
Floats = NDArray[np.float32]
VOCABULARY = (START, END, "M:4/4", "M:6/8", "K:Cmaj", "K:Cdor", "C", "D", "E", "F", "G", "A", "B", "c", "2", "3", "4",
              "/2", "(3", ">", "|", "|:", ":|", "|1", "|2")


def one_stream_against_numpy(ground: Ground) -> Item:
    """One tune, token by token."""
    model = folk_model()
    with one_thread():
        ours, theirs = _ours(ground, model, 1), _theirs(ground, model)
    return Item("folk tune: a token of one stream", ours, theirs, "the original sampler's formulae in NumPy, float32",
                f"{1 / ours:,.0f} against {1 / theirs:,.0f} tokens/s, one thread; ours with the grammar; largest "
                f"difference of a probability {_difference(model):.1e}")


def many_streams_against_numpy(ground: Ground) -> Item:
    """Many tunes at once; the original knows one at a time."""
    model = folk_model()
    ours, theirs = _ours(ground, model, STREAMS), _theirs(ground, model)
    return Item(f"folk tunes: a token of {STREAMS} streams", ours, theirs,
                "the original sampler's formulae in NumPy, float32",
                f"{1 / ours:,.0f} against {1 / theirs:,.0f} tokens/s, ours with the grammar; the peer writes one tune "
                "after the other")


def one_stream_against_memory(ground: Ground) -> Item:
    """No sampler of one stream can be faster than the weights are read."""
    model = folk_model()
    weights = model.W.numel() + sum(layer.U.numel() for layer in model.layers)
    megabytes = 4e-6 * (weights + sum(layer.W.numel() for layer in model.layers[1:]))
    block = torch.ones(2**25)  # 134 MB: more than any cache holds
    with one_thread():
        rate = 4e-6 * block.numel() / ground.timed(block.sum)  # MB/s
        ours = _steps(ground, model)
    bound = megabytes / rate
    return Item("folk network: a step of one stream", ours, bound, "reading its weights once",
                f"{megabytes:.1f} MB in float32 at {rate / 1000:.1f} GB/s, measured with one thread: at most "
                f"{1 / bound:,.0f} tokens/s so; weights that half precision holds without loss are read as such, "
                "and a large cache may hold them")


ITEMS = (one_stream_against_numpy, many_streams_against_numpy, one_stream_against_memory)


def folk_model() -> FolkLstm:
    """The shipped model; one of its size with random weights where there is none."""
    if (folk_lstm.FOLDER / "folk.json").exists():
        return folk_lstm.load()
    rng = torch.Generator().manual_seed(0)

    def random(*shape: int) -> torch.Tensor:
        return 0.06 * torch.randn(*shape, generator=rng)

    inputs = (len(VOCABULARY), *[UNITS] * (LAYERS - 1))
    layers = [Layer(random(4 * UNITS, below), random(4 * UNITS, UNITS), random(4 * UNITS), torch.zeros(UNITS),
                    torch.zeros(UNITS)) for below in inputs]
    return FolkLstm("random", VOCABULARY, layers, random(len(VOCABULARY), UNITS), random(len(VOCABULARY)), {})


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """A single stream has too little work for two threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _ours(ground: Ground, model: FolkLstm, n: int) -> float:
    """Seconds per token of the whole sampler."""
    drawn: list[int] = []

    def write() -> None:
        rule = WholeTunes(model.vocabulary)
        made = sample(model, rule, (), n=n, manner=Manner(max_tokens=TOKENS * ground.size.runs, seed=1))
        drawn[:] = [sum(len(one.drawn) for one in made)]

    return ground.timed(write) / drawn[0]


def _theirs(ground: Ground, model: FolkLstm) -> float:
    tokens = TOKENS * ground.size.runs
    step, rng = numpy_sampler(model), np.random.default_rng(1)

    def write() -> None:
        state, index = None, model.index[START]
        for _ in range(tokens):
            p, state = step(index, state)
            index = int(rng.choice(len(p), p=p / p.sum()))

    return ground.timed(write) / tokens


def _steps(ground: Ground, model: FolkLstm) -> float:
    steps, token = TOKENS * ground.size.runs, torch.tensor([model.index[START]])

    def run() -> None:
        memory = model.memory()
        for _ in range(steps):
            _, memory = model.step(token, memory)

    return ground.timed(run) / steps


State = list[tuple[Floats, Floats]]


def numpy_sampler(model: FolkLstm) -> Callable[[int, State | None], tuple[Floats, State]]:
    """The next probabilities as the paper's formulae say: four gates, two products each, and one-hot tokens."""
    layers = []
    for layer in model.layers:
        parts = [np.ascontiguousarray(gate.T.numpy()) for part in (layer.W, layer.U) for gate in part.chunk(4)]
        layers.append((parts[:4], parts[4:], [gate.numpy() for gate in layer.b.chunk(4)],
                       (layer.hidden.numpy(), layer.cell.numpy())))
    V, b = np.ascontiguousarray(model.W.T.numpy()), model.b.numpy()

    def sigma(x: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float32)

    def step(index: int, state: State | None) -> tuple[Floats, State]:
        x, after = np.zeros(len(model.vocabulary), dtype=np.float32), []
        x[index] = 1
        for n, (W, U, bias, begin) in enumerate(layers):
            h, c = state[n] if state else begin
            i, f, o = (sigma(x @ W[gate] + h @ U[gate] + bias[gate]) for gate in (0, 1, 3))
            c = f * c + i * np.tanh(x @ W[2] + h @ U[2] + bias[2])
            x = np.asarray(o * np.tanh(c), dtype=np.float32)
            after.append((x, c))
        z = x @ V + b
        p = np.exp(z - z.max())
        return np.asarray(p / p.sum(), dtype=np.float32), after

    return step


def _difference(model: FolkLstm) -> float:
    """Over a few tokens, so that both can be seen to compute the same."""
    step, state, memory, worst = numpy_sampler(model), None, model.memory(), 0.0
    for index in [model.index[START], *range(2, 12)]:
        p, state = step(index, state)
        logits, memory = model.step(torch.tensor([index]), memory)
        worst = max(worst, float(np.abs(p - logits[0].softmax(0).numpy()).max()))
    return worst
