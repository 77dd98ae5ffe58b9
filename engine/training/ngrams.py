"""What counting alone can predict: n-gram models, the yardstick of the folk network."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

Gram = tuple[int, ...]


class KneserNey:
    """Interpolated Kneser-Ney of some order (Chen and Goodman, Computer Speech and Language 1999, section 2.7).

    One discount for each order, n1 / (n1 + 2 n2) with n1 and n2 the numbers of n-grams seen once and twice; the lowest
    order is interpolated with the uniform distribution, so that no token is impossible.
    """

    def __init__(self, sequences: Sequence[Sequence[int]], *, vocabulary: int, order: int) -> None:
        """Count `sequences` of token indices, each with its start and end tokens."""
        self.vocabulary, self.order = vocabulary, order
        raw: Counter[Gram] = Counter()
        for tokens in sequences:
            for stop in range(2, len(tokens) + 1):  # the start token is given, never predicted
                for n in range(1, min(order, stop) + 1):
                    raw[tuple(tokens[stop - n:stop])] += 1
        starts = {tokens[0] for tokens in sequences}
        self.counts = _continuations(raw, order, starts)
        self.totals: dict[Gram, int] = defaultdict(int)
        self.kinds: dict[Gram, int] = defaultdict(int)
        spectrum = Counter((len(gram), n) for gram, n in self.counts.items() if n <= 2)
        for gram, n in self.counts.items():
            self.totals[gram[:-1]] += n
            self.kinds[gram[:-1]] += 1
        self.discounts = [0.0] + [_discount(spectrum[n, 1], spectrum[n, 2]) for n in range(1, order + 1)]

    def probability(self, token: int, context: Sequence[int]) -> float:
        """Probability of `token` behind `context`, of which the last order - 1 tokens count."""
        p = 1.0 / self.vocabulary
        for n in range(1, min(self.order, len(context) + 1) + 1):
            history = tuple(context[len(context) - n + 1:])
            total = self.totals.get(history, 0)
            if not total:
                break
            discount = self.discounts[n]
            seen = max(0.0, self.counts.get((*history, token), 0) - discount)
            p = (seen + discount * self.kinds[history] * p) / total
        return p

    def cross_entropy(self, sequences: Sequence[Sequence[int]]) -> float:
        """Mean of -ln p over all tokens behind the start, in nats per token."""
        nats, tokens = 0.0, 0
        for sequence in sequences:
            for stop in range(1, len(sequence)):
                nats -= math.log(self.probability(sequence[stop], sequence[max(0, stop - self.order + 1):stop]))
            tokens += len(sequence) - 1
        return nats / max(1, tokens)


def _continuations(raw: Counter[Gram], order: int, starts: set[int]) -> dict[Gram, int]:
    """Counts of the highest order; below it, before how many different tokens a gram was seen.

    What stands at the very beginning has nothing before it: those grams keep their counts.
    """
    counts: dict[Gram, int] = defaultdict(int)
    for gram, n in raw.items():
        if len(gram) == order or gram[0] in starts:
            counts[gram] = n
        if len(gram) > 1:
            counts[gram[1:]] += gram[1] not in starts
    return dict(counts)


def _discount(once: int, twice: int) -> float:
    return once / (once + 2 * twice) if once else 0.5


def unigram_cross_entropy(train: Sequence[Sequence[int]], held_out: Sequence[Sequence[int]], vocabulary: int) -> float:
    """Nats per token of the relative frequencies, each token counted once more than it was seen."""
    counts = Counter(token for sequence in train for token in sequence[1:])
    total = sum(counts.values()) + vocabulary
    tokens = [token for sequence in held_out for token in sequence[1:]]
    return -sum(math.log((counts[token] + 1) / total) for token in tokens) / max(1, len(tokens))


def baselines(train: Sequence[Sequence[int]], held_out: Sequence[Sequence[int]], vocabulary: int) -> dict[str, float]:
    """Held-out cross-entropies in nats per token."""
    return {"uniform": math.log(vocabulary), "unigram": unigram_cross_entropy(train, held_out, vocabulary),
            **{name: KneserNey(train, vocabulary=vocabulary, order=order).cross_entropy(held_out)
               for name, order in (("trigram", 3), ("kneser_ney_5", 5))}}
