"""A user's model at work in its own process, as a differentiable function.

This is no sandbox: a model is a program with the rights of the user. What the process gives is that a crash, an endless
loop or a hunger for memory takes nothing else along, and that nothing of what the model sends is unpickled.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.checks import InputError
from engine.child import ChildDied, ChildProcess, ChildStopped, ChildTooSlow
from engine.job import Cancelled, wanted
from engine.models import foreign_wire as wire

MODULE = "engine.models.foreign_child"
SECONDS_TO_LOAD = 120.0
MOST_ELEMENTS = 1_000_000   # of one batch: of 16 kHz a minute, after which whoever does not want the rest is heard
LOOK_SECONDS = 0.1          # whether somebody waits for an answer
PATIENCE_SECONDS = 1.0      # with an answer that nobody waits for: to start again takes longer
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "OMP_NUM_THREADS",
             "VIRTUAL_ENV")


_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


class Worker:
    """One model in one process, which starts when it is first asked and again after it died.

    Parameters
    ----------
    name
        Of the model, for messages.
    data
        The model's bytes.
    spec
        How it is fed and what is done to its outputs, as `foreign_child` reads it.
    seconds
        That one batch may take.

    Attributes
    ----------
    facts
        What the process says of the model: `differentiable`, `inputs`, `first`.
    """

    def __init__(self, name: str, data: bytes, spec: dict[str, Any], *, seconds: float) -> None:
        self.name, self.data, self.spec, self.seconds = name, np.frombuffer(data, np.uint8), spec, seconds
        folder = tempfile.TemporaryDirectory(prefix="otoscope-model-", ignore_cleanup_errors=True)
        # no secrets that lie about in an environment, and no files that lie about in a folder
        environment = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
        self._child = ChildProcess(MODULE, folder=Path(folder.name), environment={
            **environment, "HOME": folder.name, "TMPDIR": folder.name, "OMP_WAIT_POLICY": "PASSIVE"})
        self._loaded: int | None = None
        self._asked = 0
        self._tokens = itertools.count(1)
        self.facts: dict[str, Any] = {}
        self._ending = weakref.finalize(self, _end, self._child, folder)
        _workers.add(self)

    @property
    def busy(self) -> bool:
        """Whether it is asked something now."""
        return self._asked > 0

    @property
    def pid(self) -> int | None:
        """Process id, None while there is none."""
        return self._child.pid

    def load(self) -> None:
        """Start the process and open the model, if that is not done.

        Raises
        ------
        InputError
            When the model cannot be opened.
        """
        self._child.start()
        if self._loaded != self._child.pid:
            header = {"do": "load", "spec": self.spec, "seconds": SECONDS_TO_LOAD}
            self.facts, _ = self._exchanged(header, [self.data], SECONDS_TO_LOAD)
            self._loaded = self._child.pid

    def ask(self, header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> wire.Message:
        """The process's answer.

        Raises
        ------
        InputError
            When the model raises, dies, takes too long, or sends what is no answer.
        """
        self.load()
        return self._exchanged({**header, "seconds": self.seconds}, arrays, self.seconds)

    def close(self) -> None:
        """End the process, also in the middle of its work."""
        self._child.close()

    def outputs(self, x: Tensor, width: int | None = None) -> Tensor:
        """Outputs (batch, width) for inputs (batch, time) or (batch, bands, time); differentiable where the model is.

        Raises
        ------
        InputError
            As `ask`; and when a gradient is wanted of a model that gives none.
        """
        self.load()
        if torch.is_grad_enabled() and x.requires_grad and not self.facts.get("differentiable"):
            raise InputError(f"{self.name}: expected a model that gives gradients, got one in ONNX, which only "
                             "answers; choose a method without gradients (slime, shapley, occlusion, dissect), or "
                             "bring the model as TorchScript or torch.export")
        rows = max(1, MOST_ELEMENTS // max(1, x[0].numel()))
        check, parts = wanted(), []
        for part in torch.split(x, rows):
            if check is not None and not check():
                raise Cancelled
            parts.append(_Across.apply(part, self, width))  # type: ignore[no-untyped-call]
        return torch.cat(parts)

    def scored(self, x: Tensor, *, keep: bool, width: int | None) -> tuple[Tensor, int]:
        """Outputs of one batch, and the token of what was kept for the way back."""
        token = next(self._tokens) if keep else 0
        _, arrays = self.ask({"do": "scores", "keep": token}, [x.detach().numpy().astype(np.float32, copy=False)])
        out = self._one(arrays)
        if out.ndim != 2 or len(out) != len(x) or out.shape[1] != (out.shape[1] if width is None else width):
            raise InputError(f"{self.name}: expected answers of {len(x)} excerpts by {width or 'some'} outputs, got "
                             f"{out.shape}; are labels, output and output_layout of the card right?")
        if not np.isfinite(out).all():
            raise InputError(f"{self.name}: the model answers with numbers that are none (NaN or infinite); is the "
                             "recording far beyond full scale, or are mean, std and sample_rate of the card others "
                             "than it was made for?")
        return torch.from_numpy(out), token

    def gradient(self, x: Tensor, cotangent: Tensor, token: int) -> Tensor:
        """Vector-Jacobian product at x: of the graph that was kept, else of another one."""
        back = np.ascontiguousarray(cotangent.numpy(), np.float32)
        said, arrays = self.ask({"do": "vjp", "token": token}, [back])
        if said.get("gone"):
            said, arrays = self.ask({"do": "vjp", "token": 0}, [x.numpy().astype(np.float32, copy=False), back])
        if said.get("cut"):
            raise InputError(f"{self.name}: expected a differentiable model, got one that is cut off from its input "
                             "(no_grad, detach or whole numbers within); choose slime, shapley or occlusion")
        found = self._one(arrays)
        if found.shape != tuple(x.shape):
            raise InputError(f"{self.name}: expected a gradient of shape {tuple(x.shape)}, got {found.shape}")
        if not np.isfinite(found).all():
            raise InputError(f"{self.name}: the model's gradient is NaN or infinite here; choose a method without "
                             "gradients (slime, shapley, occlusion), or another excerpt")
        return torch.from_numpy(found)

    def _one(self, arrays: list[NDArray[Any]]) -> NDArray[np.float32]:
        if len(arrays) != 1 or arrays[0].dtype != np.float32:
            raise InputError(f"{self.name}: expected one array from the model's process, got {len(arrays)}")
        return arrays[0]

    def _exchanged(self, header: dict[str, Any], arrays: Sequence[NDArray[Any]], seconds: float) -> wire.Message:
        most = 64 * MOST_ELEMENTS + 16 * sum(array.nbytes for array in arrays)

        def talk(to_child: BinaryIO, from_child: BinaryIO) -> wire.Message:
            wire.write(to_child, header, arrays)
            return wire.read(from_child, most=most)

        self._asked += 1
        try:
            with self._let_go():
                said, back = self._child.exchange(talk, seconds=seconds)
        except ChildStopped:
            raise Cancelled from None
        except ChildTooSlow:
            raise InputError(f"{self.name}: the model took longer than {seconds:g} s and was ended; raise `seconds` in "
                             "its card, or make the window shorter") from None
        except ChildDied as error:
            raise InputError(f"{self.name}: the model's process {_why(error)}; the next question starts another"
                             ) from None
        finally:
            self._asked -= 1
        if said.get("ok") is not True:
            raise InputError(self._refused(said, header, arrays))
        return said, back

    @contextlib.contextmanager
    def _let_go(self) -> Iterator[None]:
        """End the process when it works on for longer than a moment though nobody waits any more."""
        check, done = wanted(), threading.Event()
        if check is None:
            yield
            return

        def watch() -> None:
            unwanted = 0.0
            while not done.wait(LOOK_SECONDS):
                unwanted = 0.0 if check() else unwanted + LOOK_SECONDS
                if unwanted > PATIENCE_SECONDS:
                    self.close()
                    return

        watcher = threading.Thread(target=watch, name="unwanted", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _refused(self, said: dict[str, Any], header: dict[str, Any], arrays: Sequence[NDArray[Any]]) -> str:
        reason = "".join(c if c.isprintable() else " " for c in str(said.get("error", "no reason")))[:300]
        if said.get("memory"):
            return (f"{self.name}: the model wants more memory than its card allows (memory_mb: "
                    f"{self.spec['memory_mb']:,}); raise that or shorten the window ({reason})")
        if "No module named 'onnxruntime'" in reason:
            return f"{self.name}: ONNX needs a package that is not here; install it: pip install onnxruntime"
        if header["do"] == "load":
            return f"{self.name}: expected a model in {self.spec['format']}, found none that opens ({reason})"
        shape = tuple(arrays[0].shape) if arrays else ()
        axes = ", ".join(map(str, self.spec["layout"]))
        return (f"{self.name}: the model refused {_axes(shape)} laid out as ({axes}): {reason}; are window, layout "
                "and sample_rate of the card those it was made for?")


class _Across(torch.autograd.Function):
    """Forward asks the process for scores, backward for the vector-Jacobian product."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, worker: Worker, width: int | None) -> Tensor:
        out, ctx.token = worker.scored(x, keep=bool(ctx.needs_input_grad[0]), width=width)
        ctx.worker = worker
        ctx.save_for_backward(x)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, cotangent: Tensor) -> tuple[Tensor, None, None]:
        (x,) = ctx.saved_tensors
        return ctx.worker.gradient(x, cotangent, ctx.token), None, None


def end_all() -> None:
    """End the processes of all models, also in the middle of their work; who asks one again starts it again."""
    for worker in list(_workers):
        worker.close()


def _why(error: ChildDied) -> str:
    """What ended a process, in words."""
    found = re.fullmatch(r"ended with code -(\d+)", str(error))
    if found is None:
        return str(error)
    number = int(found[1])
    if number == signal.SIGKILL:
        return "was killed, as systems do when memory runs out"
    if number == getattr(signal, "SIGXCPU", None):
        return "used up its processor time (seconds in its card) and was ended"
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    return f"crashed ({name})"


def _axes(shape: tuple[int, ...]) -> str:
    names = ("excerpts", "samples") if len(shape) == 2 else ("excerpts", "bands", "frames")
    return " of ".join(f"{n:,} {name}" for n, name in zip(shape, names, strict=False))


def _end(child: ChildProcess, folder: tempfile.TemporaryDirectory[str]) -> None:
    child.close()
    folder.cleanup()
