"""What a model that takes long has said of an excerpt under masks, so that nobody asks it the same again."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engine.job import Progress, Report, silent

EXCERPTS_KEPT = 12      # each with one fill: of 4,096 masks and 88 labels 1.4 MB


class MaskMemory:
    """Answers of one model by excerpt, fill, segments and mask; what was asked about longest ago is forgotten first.

    Other labels, units and methods ask about the same masks, and so does whoever goes on where somebody stopped.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, dict[bytes, Tensor]] = OrderedDict()
        self._door = threading.Lock()

    def answers(self, S: Tensor, filled: Tensor, segment_map: Tensor, masks: Tensor, ask: Callable[[Tensor], Tensor],
                rows: int, report: Report = silent) -> Tensor:
        """Answers (m, width) to masks; those that are not known are asked for in the order in which they are wanted.

        Parameters
        ----------
        S, filled, segment_map
            (bands, frames), as in `Listener.scores_of_masks`.
        masks
            bool (m, segments).
        ask
            Answers (some, width) to masks; what came before it raises is kept.
        rows
            Masks to ask about at once.
        """
        found = self._of(S, filled, segment_map)
        keys = [row.tobytes() for row in np.packbits(masks.numpy(), axis=1)]
        missing = {key: row for row, key in reversed(list(enumerate(keys))) if key not in found}
        first = torch.tensor(sorted(missing.values()), dtype=torch.int64)
        for done in range(0, len(first), rows):
            report(Progress(len(masks) - len(first) + done, len(masks), "asking the model"))
            part = first[done : done + rows]
            found.update(zip([keys[row] for row in part.tolist()], ask(masks[part]), strict=True))
        return torch.stack([found[key] for key in keys])

    def _of(self, *asked: Tensor) -> dict[bytes, Tensor]:
        mark = hashlib.blake2b(digest_size=16)
        for one in asked:
            mark.update(one.contiguous().numpy().data)
        with self._door:
            found = self._known.setdefault(mark.digest(), {})
            self._known.move_to_end(mark.digest())
            while len(self._known) > EXCERPTS_KEPT:
                self._known.popitem(last=False)
            return found
