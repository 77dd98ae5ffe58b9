"""Checkpoints of trainings on disk: written whole or not at all, whatever becomes of the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from engine.checks import InputError, shown
from engine.disk import growing


def save(path: Path, values: dict[str, Any]) -> None:
    """Write a checkpoint.

    Raises
    ------
    InputError
        When it cannot be written; the one before is left as it was.
    """
    try:
        with growing(path) as file:
            torch.save(values, file)
    except (OSError, RuntimeError) as error:  # PyTorch turns what the disk says into a RuntimeError of its own
        said = error if isinstance(error, OSError) else error.__context__
        reason = getattr(said, "strerror", None) or str(error).partition("\n")[0][:100]
        raise InputError(f"{shown(path)}: the training could not be kept ({reason}), and ends here; free some space "
                         "and start it again: it goes on from what was kept before") from None
