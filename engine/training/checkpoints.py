"""Checkpoints of trainings on disk: written whole or not at all, whatever becomes of the disk."""

from __future__ import annotations

import json
import pickle
from collections.abc import Collection, Mapping
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


class Checkpoint:
    """The state of a training on disk, good for one configuration only.

    Parameters
    ----------
    path
        Its folder is made if need be.
    config, free
        The configuration, and names in it that may change: where the training lies and when it ends.
    parts, plain
        Attributes of the state that are kept: networks and optimisers, and plain values.
    """

    def __init__(self, path: Path, config: Mapping[str, Any], *, free: Collection[str], parts: Collection[str],
                 plain: Collection[str]) -> None:
        self.path, self.parts, self.plain = path, parts, plain
        self.config = json.dumps({name: value for name, value in config.items() if name not in free})
        path.parent.mkdir(parents=True, exist_ok=True)

    def save(self, state: Any) -> None:
        """Write everything, atomically."""
        save(self.path, {"config": self.config, "torch_rng": torch.get_rng_state(),
                         **{name: getattr(state, name).state_dict() for name in self.parts},
                         **{name: getattr(state, name) for name in self.plain}})

    def load(self, state: Any) -> None:
        """Restore what an interrupted training of the same configuration left, if anything.

        Raises
        ------
        InputError
            When it is damaged.
        """
        if not self.path.exists():
            return
        try:
            saved = torch.load(self.path, map_location="cpu", weights_only=True)
            if saved["config"] == self.config:
                for name in self.parts:
                    getattr(state, name).load_state_dict(saved[name])
                for name in self.plain:
                    setattr(state, name, saved[name])
                torch.set_rng_state(saved["torch_rng"])
        except (OSError, EOFError, LookupError, TypeError, ValueError, RuntimeError, pickle.UnpicklingError):
            raise InputError(f"{self.path}: expected the checkpoint of an interrupted training, found it damaged; "
                             "delete it to start again") from None
