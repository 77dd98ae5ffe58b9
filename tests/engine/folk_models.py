"""Networks that write folk tunes and that nobody trained: enough for everything but what a trained one knows."""

import torch

from engine.models.folk_lstm import FolkLstm, Layer

METERS = ("M:4/4", "M:6/8", "M:3/4", "M:2/4", "M:9/8", "M:3/2")
LENGTHS = ("2", "3", "4", "6", "8", "/2", "3/2", "/4", "3/4", "7", "12", "/8", "16", "4/3", "5/2")
TUPLETS = ("(2", "(3", "(4", "(5", "(6", "(7", "(8", "(9")
SIGNS = ("|", "||", "|:", ":|", "|1", "|2", "|]", "|3")
NOTES = ("C", "D", "E", "G", "A", "B", "c", "^F", "_B", "=e", "c'", "z")
OTHERS = ("<", ">", ">>", "<<", "[", "]", "<s>", "</s>")
V2 = (*OTHERS, *METERS, "M:none", "K:Cmaj", "K:Cdor", *NOTES, *LENGTHS, *TUPLETS, *SIGNS)
V3 = ("<s>", "</s>", "M:6/8", "M:4/4", "K:min", "=C", "^D", "=G", "2", "3", "/2", "(3", ">", "|", "|:", ":|", "|1",
      "|2")


def folk_model(vocabulary, *, units=12, layers=1, scale=0.5, seed=0):
    """A network of random weights; with a scale of 0 every token is as probable as any other."""
    rng = torch.Generator().manual_seed(seed)

    def random(*shape):
        return scale * torch.randn(*shape, generator=rng)

    inputs = [len(vocabulary)] + [units] * (layers - 1)
    made = [Layer(random(4 * units, below), random(4 * units, units), random(4 * units), random(units), random(units))
            for below in inputs]
    return FolkLstm("tiny", vocabulary, made, random(len(vocabulary), units), random(len(vocabulary)), {})


UNIFORM, UNIFORM_V3 = (folk_model(vocabulary, units=3, scale=0.0) for vocabulary in (V2, V3))
