"""The process that a user's model runs in: `python -m engine.models.foreign_child`, started by `foreign_worker`.

It gets the bytes of one model and serves scores, vector-Jacobian products and trial calls. It may take so much memory
and processor time and writes no files, where the system can see to that. It is no sandbox: what runs here has the
rights of the user.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.child import own_pipes
from engine.models import foreign_wire as wire
from engine.models.foreign_formats import Model, opened

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

MOST_WORDS = 300    # of an error
LOOK_SECONDS = 1.0  # whether whoever asks is still there
Arrays = list[NDArray[Any]]


class Server:
    """One model and what is asked of it."""

    def __init__(self) -> None:
        self.model: Model | None = None
        self.spec: dict[str, Any] = {}
        self.kept: tuple[int, Tensor, Tensor] | None = None  # token, input and answer of the last that may go back

    def answer(self, header: dict[str, Any], arrays: Arrays) -> wire.Message:
        """What is sent back."""
        if resource is not None:
            _limit_time(float(header.get("seconds", 60)))
        return {"load": self.load, "scores": self.scores, "vjp": self.vjp, "try": self.tried}[header["do"]](
            header, arrays)

    def load(self, header: dict[str, Any], arrays: Arrays) -> wire.Message:
        """Open the model whose bytes these are."""
        self.spec, self.kept = header["spec"], None
        data = arrays[0].tobytes()
        if resource is not None:
            _limit_memory(int(self.spec["memory_mb"]) * 2**20 + 2 * len(data))
            _limit(resource.RLIMIT_FSIZE, 4 * len(data) + 2**20)  # torch.export unpacks itself
        self.model = opened(str(self.spec["format"]), data, self.spec.get("arguments", {}))
        if resource is not None:
            _limit(resource.RLIMIT_FSIZE, 0)
        return {"differentiable": self.model.differentiable, **self.model.described()}, []

    def scores(self, header: dict[str, Any], arrays: Arrays) -> wire.Message:
        """Output (batch, width) for inputs (batch, time) or (batch, bands, time)."""
        x = torch.from_numpy(arrays[0])
        if not header["keep"]:
            with torch.no_grad():
                return {}, [self._outputs(x).numpy()]
        x.requires_grad_(True)
        with torch.enable_grad():
            out = self._outputs(x)
        self.kept = int(header["keep"]), x, out
        return {}, [out.detach().numpy()]

    def vjp(self, header: dict[str, Any], arrays: Arrays) -> wire.Message:
        """Gradient at an input: of the one kept under a token, else of the one sent along (input, cotangent)."""
        kept, self.kept = self.kept, None
        if len(arrays) == 1:
            if kept is None or kept[0] != header["token"]:
                return {"gone": True}, []
            _, x, out = kept
        else:
            x = torch.from_numpy(arrays[0]).requires_grad_(True)
            with torch.enable_grad():
                out = self._outputs(x)
        if not out.requires_grad:
            return {"cut": True}, []
        (gradient,) = torch.autograd.grad(out, x, torch.from_numpy(arrays[-1]), allow_unused=True)
        return {}, [(torch.zeros_like(x) if gradient is None else gradient).numpy()]

    def tried(self, header: dict[str, Any], arrays: Arrays) -> wire.Message:
        """Outputs for an input as it is, with no card's layout."""
        assert self.model is not None
        self.model.arguments = dict(header.get("arguments", {}))
        with torch.no_grad():
            self.model.begin(1, None)
            outputs = [out.float() for name, out in self.model.called(torch.from_numpy(arrays[0])).items()
                       if name.isdigit()]
        return {"shapes": [list(out.shape) for out in outputs]}, [out.numpy() for out in outputs[: wire.MOST_ARRAYS]]

    def _outputs(self, x: Tensor) -> Tensor:
        """All rows; as many at once as the model wants."""
        exact = self.spec.get("batch")
        if "batch" not in self.spec["layout"]:
            exact = 1
        if exact is None:
            return self._at_once(x)
        parts = []
        for part in torch.split(x, exact):
            missing = exact - len(part)
            padded = torch.cat([part, part[:1].expand(missing, *part.shape[1:])]) if missing else part
            parts.append(self._at_once(padded)[: len(part)])
        return torch.cat(parts)

    def _at_once(self, x: Tensor) -> Tensor:
        assert self.model is not None
        chunk, context = self.spec.get("chunk"), self.spec.get("context", 0)
        self.model.begin(len(x), self.spec.get("state"), self.spec.get("reset"))
        if chunk is None:
            return self._one(x)
        x = torch.nn.functional.pad(x, (context, -(x.shape[-1]) % chunk))
        outs = [self._one(x[..., i : i + context + chunk]) for i in range(0, x.shape[-1] - context, chunk)]
        return reduced(torch.stack(outs, dim=1), 1, self.spec["pool"])

    def _one(self, x: Tensor) -> Tensor:
        assert self.model is not None
        outputs = self.model.called(arranged(x, self.spec["layout"]))
        name = self.spec["output"]
        if str(name) not in outputs:
            raise ValueError(f"output {name}: there are {', '.join(outputs)}")
        return flattened(outputs[str(name)].float(), self.spec["output_layout"], self.spec["pool"], len(x))


def arranged(x: Tensor, layout: list[str | int]) -> Tensor:
    """(batch, time) or (batch, bands, time) in the axes of a card's layout."""
    axes = {"batch": 0, "bands": 1, "time": x.dim() - 1}
    if "batch" not in layout:
        x, axes = x[0], {"bands": 0, "time": x.dim() - 2}
    x = x.permute([axes[str(axis)] for axis in layout if axis != 1])
    for place, axis in enumerate(layout):
        if axis == 1:
            x = x.unsqueeze(place)
    return x.contiguous()


def flattened(out: Tensor, layout: list[str | int], pool: str, batch: int) -> Tensor:
    """An output as (batch, labels), its other axes reduced.

    Raises
    ------
    ValueError
        When it has other axes than the layout.
    """
    if "batch" not in layout:
        out, layout = out.unsqueeze(0), ["batch", *layout]
    if out.dim() == 1 and layout == ["batch", "labels"]:  # one number an excerpt
        out = out[:, None]
    if out.dim() != len(layout) or out.shape[layout.index("batch")] != batch:
        raise ValueError(f"the output has the shape {tuple(out.shape)} for {batch} excerpts, the card's output_layout "
                         f"says ({', '.join(map(str, layout))})")
    for place in range(len(layout) - 1, -1, -1):
        if layout[place] in ("time", 1):
            out = reduced(out, place, pool)
    kept = [axis for axis in layout if axis in ("batch", "labels")]
    return out if kept == ["batch", "labels"] else out.T


def reduced(out: Tensor, axis: int, pool: str) -> Tensor:
    """An axis less."""
    if pool == "max":
        return out.amax(dim=axis)
    return out.select(axis, -1) if pool == "last" else out.mean(dim=axis)


def _limit_memory(size: int) -> None:
    """So much more than is taken now; and nothing is left behind by a crash."""
    taken = 8 * 2**30
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as statm:
        taken = int(statm.read().split()[0]) * resource.getpagesize()
    _limit(resource.RLIMIT_AS, taken + size)
    _limit(resource.RLIMIT_CORE, 0)


def _limit_time(seconds: float) -> None:
    """Processor time until the next question: ends a model that works on though nobody waits any more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds * (os.cpu_count() or 1)) + 2
    _limit(resource.RLIMIT_CPU, most)


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of addresses
        resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def said(error: BaseException) -> str:
    """An error in a few words: its last lines are those that say what was wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and "~~~" not in line]
    kept = next((line for line in reversed(lines) if "Error: " in line), lines[0] if lines else "no message")
    return f"{type(error).__name__}: {kept.rpartition('Error: ')[2]}"[:MOST_WORDS]


def _end_with(parent: int) -> None:
    """No model works on when the program that asked it was killed; Windows names a parent that is gone."""
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)


def main() -> None:
    """Serve until nobody asks any more."""
    threading.Thread(target=_end_with, args=(os.getppid(),), name="parent", daemon=True).start()
    questions, answers = own_pipes()
    server = Server()
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            header, arrays = wire.read(questions)
            try:
                found, back = server.answer(header, arrays)
                back = [np.asarray(array, np.float32) for array in back]
                wire.write(answers, {**found, "ok": True}, back)
            except Exception as error:
                wire.write(answers, {"ok": False, "error": said(error),
                                     "memory": isinstance(error, MemoryError) or "allocate" in str(error)})


if __name__ == "__main__":
    main()
