"""Small files that are fine, of which tests make files that are not, and how a refusal is looked at."""

import time

import numpy as np
import pytest

from engine.checks import InputError
from tests.engine.fuzzing import LONGEST_SENTENCE, most_memory

JIG = """X:1
T:The Test
C:Trad.
M:6/8
L:1/8
Q:3/8=100
K:D
A|"D"dAF DFA|"Em7"G2B {fg}A3-|[1A2G (3FED A:|[2A3 [DFA]2||
|:~d3 !trill!c3|B<G .E z c2:|[M:2/4][K:Gm]"Bb"B4|=B4-|[Q:1/4=90]B2 !fermata!^f2|]
"""
FOLK_TOKENS = ("<s>", "</s>", "M:4/4", "K:Cmaj", "G", "A", "2", "|")


def folk_arrays(units: int = 6, layers: int = 2):
    """Parameters of a small network in the order of an official checkpoint."""
    rng = np.random.default_rng(0)
    below, arrays = len(FOLK_TOKENS), []
    for _ in range(layers):
        for _gate in range(4):
            arrays += [rng.normal(size=(below, units)), rng.normal(size=(units, units)), rng.normal(size=units)]
        arrays += [rng.normal(size=(1, units)), rng.normal(size=(1, units))]
        below = units
    arrays += [rng.normal(size=(units, len(FOLK_TOKENS))), rng.normal(size=len(FOLK_TOKENS))]
    return [array.astype(np.float32) for array in arrays]


def refusal(read, *arguments, seconds=10.0, megabytes=300.0):
    """The one sentence with which something is refused, in bounded time and memory."""
    memory, began = most_memory(), time.perf_counter()
    with pytest.raises(InputError) as caught:
        read(*arguments)
    took, grown = time.perf_counter() - began, most_memory() - memory
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert 10 < len(sentence) <= LONGEST_SENTENCE, sentence
    assert took < seconds, f"{took:.1f} s: {sentence}"
    assert grown < megabytes, f"{grown:.0f} MB: {sentence}"
    return sentence
