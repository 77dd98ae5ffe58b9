"""The network of folk-rnn: one-hot tokens, LSTM layers, a softmax (Sturm et al., CSMC 2016, section 3.1).

With x the one-hot token or the layer below, and sigma the logistic function, each layer computes
i = sigma(x W_xi + h W_hi + b_i), f = sigma(x W_xf + h W_hf + b_f), o = sigma(x W_xo + h W_ho + b_o),
c' = f c + i tanh(x W_xc + h W_hc + b_c), h' = o tanh(c'); the logits are h' W + b. The four products are one here,
and the product with a one-hot vector is the look-up of a row.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine.checks import InputError
from engine.models import catalogue

START, END = "<s>", "</s>"
FOLDER = catalogue.FOLDER / "folk"
FIELDS = ("W", "U", "b", "cell", "hidden")
OF_LAYER = 14  # arrays of a layer in an official checkpoint: three for each gate, then cell_init and hid_init


@dataclass(frozen=True)
class Layer:
    """Weights of an LSTM layer; the gates lie side by side in the order i, f, c, o."""

    W: Tensor           # (4 units, inputs) from below
    U: Tensor           # (4 units, units) from the step before
    b: Tensor           # (4 units,)
    cell: Tensor        # (units,) before the first token
    hidden: Tensor      # (units,)


@dataclass(frozen=True)
class Memory:
    """What the network remembers of some streams: (layers, streams, units) each."""

    hidden: Tensor
    cell: Tensor

    def pick(self, streams: Sequence[int] | Tensor) -> Memory:
        """The memory of some of the streams, in that order; an index may come again."""
        index = torch.as_tensor(streams, dtype=torch.long)
        return Memory(self.hidden[:, index], self.cell[:, index])


class FolkLstm:
    """A trained network and its vocabulary.

    Attributes
    ----------
    name, card
        As in the catalogue; a checkpoint that was opened has a card of its file name alone.
    vocabulary
        Tokens in the order of the scores.
    index
        Position of each token.
    """

    def __init__(self, name: str, vocabulary: Sequence[str], layers: Sequence[Layer], W: Tensor, b: Tensor,
                 card: dict[str, Any]) -> None:
        self.name, self.card, self.vocabulary = name, card, tuple(vocabulary)
        self.index = {token: i for i, token in enumerate(self.vocabulary)}
        _fitting(self.vocabulary, self.index, layers, W, b)
        self.layers, self.W, self.b = tuple(layers), W, b
        self.rows = (layers[0].W + layers[0].b[:, None]).T.contiguous()            # (tokens, 4 units)
        stacked = [torch.cat([layer.W, layer.U], 1) for layer in layers[1:]]  # (4 units, 2 units)
        self.products = [product(layers[0].U), *(product(part, layer.b) for part, layer in
                                                 zip(stacked, layers[1:], strict=True)), product(W, b)]

    def memory(self, streams: int = 1) -> Memory:
        """The memory before the first token."""
        hidden = torch.stack([layer.hidden.expand(streams, -1) for layer in self.layers])
        cell = torch.stack([layer.cell.expand(streams, -1) for layer in self.layers])
        return Memory(hidden, cell)

    @torch.inference_mode()
    def step(self, tokens: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Read one token in each stream.

        Parameters
        ----------
        tokens : Tensor
            (streams,) indices into the vocabulary.
        memory : Memory
            Of as many streams; it is not changed.

        Returns
        -------
        logits : Tensor
            (streams, tokens) of what comes next.
        memory : Memory
            After this token.
        """
        hidden, cell = torch.empty_like(memory.hidden), torch.empty_like(memory.cell)
        gates = self.products[0](memory.hidden[0]).add_(self.rows[tokens])
        for n in range(len(self.layers)):
            if n:
                gates = self.products[n](torch.cat([hidden[n - 1], memory.hidden[n]], 1))
            i, f, c, o = gates.chunk(4, 1)
            torch.addcmul(f.sigmoid() * memory.cell[n], i.sigmoid(), c.tanh(), out=cell[n])
            torch.mul(o.sigmoid(), cell[n].tanh(), out=hidden[n])
        return self.products[-1](hidden[-1]), Memory(hidden, cell)

    @torch.inference_mode()
    def log_probabilities(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """Natural logarithms of the probabilities of what follows each of `tokens`, (len(tokens), vocabulary).

        The start token is put in front where it is missing, so that the first row is always the one behind it; there
        is one row more than tokens then.

        Raises
        ------
        InputError
            When a token is not in the vocabulary.
        """
        memory, rows = self.memory(), []
        for index in self.encode(tokens if tokens[:1] == [START] or tokens[:1] == (START,) else [START, *tokens]):
            logits, memory = self.step(torch.tensor([index]), memory)
            rows.append(F.log_softmax(logits[0], 0))
        return torch.stack(rows).numpy()

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """Positions of tokens.

        Raises
        ------
        InputError
            When one is not in the vocabulary; it names the nearest that is.
        """
        for token in tokens:
            if token not in self.index:
                raise InputError(f"token {token[:40]!r}: the model {self.name} does not know it"
                                 f"{_nearest(token, self.vocabulary)}")
        return [self.index[token] for token in tokens]


def product(W: Tensor, b: Tensor | None = None) -> Callable[[Tensor], Tensor]:
    """x -> x W^T + b for x of shape (streams, inputs), in float32.

    One stream is as fast as its weights are read. Weights that half precision holds without loss, as those of shipped
    models, are therefore read as such, and multiplied and summed in float32, where this build of PyTorch can.
    """
    if torch.equal(W.half().float(), W) and "fbgemm" in torch.backends.quantized.supported_engines:
        packed = torch.ops.quantized.linear_prepack_fp16(W.contiguous(), b)
        return lambda x: torch.ops.quantized.linear_dynamic_fp16(x.contiguous(), packed)
    return lambda x: F.linear(x, W, b)


def _nearest(token: str, vocabulary: Sequence[str]) -> str:
    near = difflib.get_close_matches(token, vocabulary, n=1, cutoff=0.3)
    return f"; did you mean {near[0]}?" if near else ""


def _fitting(vocabulary: tuple[str, ...], index: dict[str, int], layers: Sequence[Layer], W: Tensor, b: Tensor) -> None:
    tokens = len(vocabulary)
    inputs = [tokens, *(layer.U.shape[-1] for layer in layers)]
    fits = bool(layers) and len(index) == tokens and START in index and END in index
    for layer, below in zip(layers, inputs, strict=False):
        units = layer.U.shape[-1]
        fits &= (layer.W.shape == (4 * units, below) and layer.U.shape == (4 * units, units)
                 and layer.b.shape == (4 * units,) and layer.cell.shape == layer.hidden.shape == (units,))
    if not fits or W.shape != (tokens, inputs[-1]) or b.shape != (tokens,):
        raise InputError("folk-rnn weights: expected LSTM layers and a softmax that fit a vocabulary with <s> and "
                         "</s>, got other shapes; is this a folk-rnn model?")


def from_arrays(name: str, token2idx: dict[str, int], arrays: Sequence[NDArray[Any]],
                card: dict[str, Any]) -> FolkLstm:
    """The network of an official checkpoint's `param_values`.

    Parameters
    ----------
    token2idx : dict
        Position of each token.
    arrays : sequence of arrays
        The embedding (tokens, inputs), an identity matrix in one-hot models, which some files leave out; for each
        layer W_xi W_hi b_i W_xf W_hf b_f W_xc W_hc b_c W_xo W_ho b_o cell_init hid_init; softmax W and b.

    Raises
    ------
    InputError
        When number or shapes of the arrays fit no such network.
    """
    embedded = len(arrays) % OF_LAYER == 3
    n_layers, rest = divmod(len(arrays) - embedded, OF_LAYER)
    if n_layers < 1 or rest != 2 or sorted(token2idx.values()) != list(range(len(token2idx))):
        raise InputError(f"{name}: expected 14 arrays for each LSTM layer and 2 or 3 more, got {len(arrays)}; "
                         "is this a folk-rnn model?")
    tensors = [torch.from_numpy(np.array(array, dtype=np.float64)) for array in arrays]
    layers = [_layer(tensors[start:start + OF_LAYER])
              for start in range(int(embedded), len(tensors) - 2, OF_LAYER)]
    if embedded and layers[0].W.shape[1:] == tensors[0].shape[1:]:
        layers[0] = replace(layers[0], W=layers[0].W @ tensors[0].T)
    layers = [Layer(*(getattr(layer, f).float() for f in FIELDS)) for layer in layers]
    if tensors[-2].ndim != 2:
        raise InputError(f"{name}: expected a matrix before the last array, got {tensors[-2].ndim} dimensions")
    return FolkLstm(name, sorted(token2idx, key=token2idx.__getitem__), layers,
                    tensors[-2].T.float().contiguous(), tensors[-1].float(), card)


def _layer(tensors: Sequence[Tensor]) -> Layer:
    gates = [[tensors[3 * gate + part] for gate in range(4)] for part in range(3)]
    if any(array.shape != part[0].shape or array.ndim != ndim
           for part, ndim in zip(gates, (2, 2, 1), strict=True) for array in part):
        raise InputError("folk-rnn weights: expected four gates of one shape in each layer, got others; "
                         "is this a folk-rnn model?")
    W, U = (torch.cat([array.T for array in part]) for part in gates[:2])
    return Layer(W, U, torch.cat(gates[2]), tensors[-2].flatten(), tensors[-1].flatten())


def to_tensors(model: FolkLstm) -> dict[str, Tensor]:
    """What `write` stores."""
    tensors = {"softmax.W": model.W, "softmax.b": model.b}
    for n, layer in enumerate(model.layers):
        for field in FIELDS:
            tensors[f"layer{n}.{field}"] = getattr(layer, field)
    return tensors


def write(card_path: Path, tensors: dict[str, Tensor], card: dict[str, Any]) -> None:
    """Write weights in half precision and their card, which holds the vocabulary."""
    catalogue.write(card_path, tensors, {"kind": "folk_lstm", **card})


@cache
def load(name: str = "folk") -> FolkLstm:
    """A model that is shipped.

    Raises
    ------
    InputError
        When it is missing or damaged.
    """
    return read(FOLDER / f"{name}.json")


def read(card_path: Path) -> FolkLstm:
    """The model of a card; the weights lie beside it.

    Raises
    ------
    InputError
        When card or weights are missing, damaged or not made for each other.
    """
    with catalogue.pair(card_path, "the card of a folk model") as (card, halves):
        tensors = {key: value.float() for key, value in halves.items()}
        n_layers = sum(key.endswith(".U") for key in tensors)
        layers = [Layer(*(tensors[f"layer{n}.{field}"] for field in FIELDS))
                  for n in range(n_layers)]
        model = FolkLstm(card_path.stem, card["vocabulary"], layers, tensors["softmax.W"], tensors["softmax.b"], card)
    return model
