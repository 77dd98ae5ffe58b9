"""How far a training has come, and when it is validated and ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Course:
    """Steps that are done, and what validations said.

    Parameters
    ----------
    history
        Figures of each validation, with the `step` it came behind.
    best
        Those of the best one, and its weights.
    """

    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, Any] | None = None

    def due(self, every: int, share: float) -> bool:
        """Whether to validate: `every` so many steps, and at the end; not again where a checkpoint was just loaded."""
        already = bool(self.history) and self.history[-1]["step"] == self.step
        return self.step > 0 and not already and (self.step % every == 0 or share >= 1)

    def stalled(self, steps: int) -> bool:
        """Whether the last so many steps brought nothing better."""
        return self.best is not None and self.step - self.best["step"] >= steps

    @property
    def best_so_far(self) -> dict[str, Any]:
        """Figures and weights of the best validation."""
        assert self.best is not None  # nothing ends before the first validation
        return self.best
