"""TorchScript, torch.export and ONNX as one: called with a tensor, they answer with named tensors.

Only the process of a user's model opens any of them.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from torch import Tensor

TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
         "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_}


class Model(ABC):
    """A model as it was brought.

    Attributes
    ----------
    differentiable
        Whether gradients can come back from it.
    arguments
        Values of further inputs, by name.
    """

    differentiable = True

    def __init__(self, arguments: dict[str, Any]) -> None:
        self.arguments = arguments
        self._state: dict[str, Any] = {}
        self._state_output = ""

    def begin(self, batch: int, state: dict[str, Any] | None, reset: str | None = None) -> None:
        """A new excerpt: what it remembered is forgotten."""
        self._state, self._state_output = {}, ""
        if state is not None:
            shape = [batch if axis == "batch" else int(axis) for axis in state["shape"]]
            self._state = {str(state["input"]): torch.zeros(shape)}
            self._state_output = str(state["output"])

    def called(self, x: Tensor) -> dict[str, Tensor]:
        """Its outputs by number and, where they have one, by name."""
        outputs = self._called(x, {**self.arguments, **self._state})
        if self._state:
            self._state = dict.fromkeys(self._state, outputs[self._state_output])
        return outputs

    @abstractmethod
    def _called(self, x: Tensor, others: dict[str, Any]) -> dict[str, Tensor]: ...

    @abstractmethod
    def described(self) -> dict[str, Any]:
        """What is known of it: `inputs` (name -> shape), `first` (shape of the first weight), `methods`."""


class TorchModel(Model):
    """Of TorchScript or torch.export."""

    def __init__(self, net: Any, arguments: dict[str, Any], inputs: dict[str, Any]) -> None:
        super().__init__({name: torch.tensor(value) if isinstance(value, list) else value
                          for name, value in arguments.items()})
        self.net, self.inputs = net, inputs
        for weight in net.parameters():
            weight.requires_grad_(False)

    def begin(self, batch: int, state: dict[str, Any] | None, reset: str | None = None) -> None:
        super().begin(batch, state)
        if reset is not None:
            getattr(self.net, reset)()

    def _called(self, x: Tensor, others: dict[str, Any]) -> dict[str, Tensor]:
        return _named(self.net(x, **others))

    def described(self) -> dict[str, Any]:
        weights = (list(value.shape) for value in self.net.state_dict().values() if value.dim() > 1)
        methods = self.net._c._method_names() if isinstance(self.net, torch.jit.ScriptModule) else []
        return {"inputs": self.inputs, "first": next(weights, []), "methods": methods}


class OnnxModel(Model):
    """Of ONNX, through onnxruntime: it answers, and no gradient comes back."""

    differentiable = False
    def __init__(self, data: bytes, arguments: dict[str, Any]) -> None:
        super().__init__(arguments)
        import onnxruntime

        onnxruntime.set_default_logger_severity(4)
        self.session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        self.inputs = {one.name: one for one in self.session.get_inputs()}

    def _called(self, x: Tensor, others: dict[str, Any]) -> dict[str, Tensor]:
        missing = [name for name in self.inputs if name not in others]
        if len(missing) != 1:
            raise ValueError(f"the model has the inputs {', '.join(self.inputs)}: arguments or state must name all "
                             "but the one that takes the sound")
        feeds = {missing[0]: x, **{name: value for name, value in others.items() if name in self.inputs}}
        outputs = self.session.run(None, {name: self._fed(name, value) for name, value in feeds.items()})
        found = [torch.from_numpy(np.asarray(value, np.float32)) for value in outputs]
        names = [one.name for one in self.session.get_outputs()]
        return {**{str(i): value for i, value in enumerate(found)}, **dict(zip(names, found, strict=True))}

    def _fed(self, name: str, value: Any) -> Any:
        array = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
        return array.astype(TYPES.get(self.inputs[name].type, np.float32))

    def described(self) -> dict[str, Any]:
        shapes = {name: [axis if isinstance(axis, int) else None for axis in one.shape]
                  for name, one in self.inputs.items()}
        return {"inputs": shapes, "first": [], "methods": []}


def opened(kind: str, data: bytes, arguments: dict[str, Any]) -> Model:
    """The model of these bytes."""
    if kind == "onnx":
        return OnnxModel(data, arguments)
    if kind == "torch-export":
        program = torch.export.load(io.BytesIO(data))
        names = set(program.graph_signature.user_inputs)
        inputs = {node.name: [axis if isinstance(axis, int) else None for axis in node.meta["val"].shape]
                  for node in program.graph.nodes
                  if node.op == "placeholder" and node.name in names and hasattr(node.meta.get("val"), "shape")}
        return TorchModel(program.module(), arguments, inputs)
    net = torch.jit.load(io.BytesIO(data), map_location="cpu").eval()  # type: ignore[no-untyped-call]
    known = {argument.name: None for argument in net.forward.schema.arguments[1:]}
    return TorchModel(net, arguments, known)


def _named(output: Any) -> dict[str, Tensor]:
    """Outputs of a network, whether it gives one, several or a dictionary."""
    if isinstance(output, Tensor):
        return {"0": output}
    if isinstance(output, dict):
        found = list(output.items())
        return {**{str(i): value for i, (_, value) in enumerate(found)}, **{str(key): value for key, value in found}}
    return {str(i): value for i, value in enumerate(output)}
