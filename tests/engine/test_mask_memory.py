"""A model that takes long is asked about each mask once, whatever wants to know it."""

import pytest
import torch

from engine.job import Cancelled
from engine.models.mask_memory import EXCERPTS_KEPT, MaskMemory

S, FILLED = torch.arange(8.0).view(2, 4), torch.zeros(2, 4)
MAP = torch.tensor([[0, 0, 1, 1], [2, 2, 2, 2]])
MASKS = torch.tensor([[bool(row >> bit & 1) for bit in range(3)] for row in range(8)])


class Model:
    """Sums what it is shown, and counts how often it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, masks):
        self.asked += masks.tolist()
        return torch.where(masks[:, MAP], S, FILLED).sum(dim=(1, 2))[:, None]


def answers(memory, model, masks=MASKS, S=S, rows=3, **others):
    return memory.answers(S, FILLED, MAP, masks, model, rows, **others)


def test_answers_are_those_of_the_model_and_it_is_asked_once():
    memory, model = MaskMemory(), Model()
    twice = torch.cat([MASKS, MASKS[[5, 2]]])
    found = answers(memory, model, twice)
    torch.testing.assert_close(found, torch.where(twice[:, MAP], S, FILLED).sum(dim=(1, 2))[:, None])
    assert model.asked == MASKS.tolist(), "each once, in the order in which they are wanted"
    torch.testing.assert_close(answers(memory, model, MASKS[[7, 0]]), found[[7, 0]])
    assert len(model.asked) == 8


def test_another_excerpt_fill_or_cut_is_asked_about_anew():
    memory, model = MaskMemory(), Model()
    answers(memory, model)
    answers(memory, model, S=S + 1)
    memory.answers(S, FILLED + 1, MAP, MASKS, model, 3)
    memory.answers(S, FILLED, MAP.flip(0), MASKS, model, 3)
    assert len(model.asked) == 4 * 8


def test_what_was_answered_before_somebody_stopped_is_kept():
    memory, model, told = MaskMemory(), Model(), []

    def report(progress):
        told.append((progress.done, progress.total))
        if progress.done >= 6:
            raise Cancelled

    with pytest.raises(Cancelled):
        answers(memory, model, report=report)
    assert told == [(0, 8), (3, 8), (6, 8)]
    answers(memory, model, report=lambda progress: told.append((progress.done, progress.total)))
    assert told[3:] == [(6, 8)], "it goes on in the middle, and says so"
    assert model.asked == MASKS.tolist()


def test_what_was_asked_longest_ago_is_forgotten():
    memory, model = MaskMemory(), Model()
    for shift in range(EXCERPTS_KEPT + 1):
        answers(memory, model, MASKS[:1], S=S + shift)
    model.asked.clear()
    answers(memory, model, MASKS[:1], S=S + 1)
    assert not model.asked
    answers(memory, model, MASKS[:1], S=S)
    assert len(model.asked) == 1
