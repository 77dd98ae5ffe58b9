"""Opens the checkpoints of folk-rnn: pickles of Python 2, read without running anything that is in them.

A pickle is a program that may call any function. This reader admits the two calls by which NumPy writes arrays and
numbers, builds them itself from their bytes, and refuses everything else by its name.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.checks import InputError, shown
from engine.disk import bytes_up_to
from engine.models.folk_lstm import FolkLstm, from_arrays

LARGEST = 512 * 2**20    # bytes of a file; the published ones have 22 to 45 MB
MOST_ARRAYS = 16 * 14 + 3
MOST_PARTS = 10**7       # of a value, those that are remembered counted wherever they stand
MOST_MEMOS = 10**6       # a pickle may number what it remembers as it likes, and the table is as long as the number
KINDS = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"}


def read_checkpoint(path: Path) -> FolkLstm:
    """The network in a checkpoint of folk-rnn (`token2idx` and `param_values`).

    Raises
    ------
    InputError
        When it cannot be read, holds anything but arrays and plain containers, or no folk-rnn network.
    """
    name = shown(path)
    saved = _unpickled(path)
    if not isinstance(saved, dict) or not {"token2idx", "param_values"} <= saved.keys():
        raise InputError(f"{name}: expected a folk-rnn checkpoint with token2idx and param_values, found another "
                         "pickle; is this the right file?")
    tokens, arrays = saved["token2idx"], saved["param_values"]
    if not isinstance(tokens, dict) or not all(isinstance(k, str) and type(v) is int for k, v in tokens.items()):
        raise InputError(f"{name}: expected token2idx to give each token a number, found something else")
    if not isinstance(arrays, list | tuple) or len(arrays) > MOST_ARRAYS:
        raise InputError(f"{name}: expected param_values to be a list of at most {MOST_ARRAYS} arrays")
    real = [value.array for value in arrays if isinstance(value, _Array)]
    if len(real) != len(arrays) or not all(a.dtype.kind == "f" and np.isfinite(a).all() for a in real):
        raise InputError(f"{name}: expected param_values to hold arrays of finite numbers, found something else")
    return from_arrays(path.stem, tokens, real, {"file": path.name})


def _unpickled(path: Path) -> Any:
    """What a pickle holds, if it is made of numbers, texts, containers and arrays (as `_Array`)."""
    try:
        data = bytes_up_to(path, LARGEST)
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be read ({error.strerror})") from None
    if data is None:
        raise InputError(f"{shown(path)}: expected a checkpoint of at most {LARGEST // 2**20} MB, it is larger")
    try:
        if not _is_modest(data):
            raise InputError(f"{shown(path)}: expected a folk-rnn checkpoint, found a pickle that asks for too much "
                             "memory or time")
        return _Unpickler(io.BytesIO(data), encoding="latin-1").load()
    except InputError as error:
        raise InputError(f"{shown(path)}: {error}" if not str(error).startswith(shown(path)) else str(error)) from None
    except Exception as error:  # a damaged pickle can raise anything
        raise InputError(f"{shown(path)}: expected a pickle with a folk-rnn checkpoint, found it damaged "
                         f"({type(error).__name__})") from None


def _is_modest(data: bytes) -> bool:
    """Whether building what a pickle describes takes no more memory and time than its size allows.

    What is remembered can be put into tuples again and again: each doubles what a hash or a comparison has to walk
    through, and a hundred bytes keep a computer busy for years. So the parts of each value are counted as the
    unpickler's stack would hold them, without building any.
    """
    stack: list[int] = []
    marks: list[int] = []
    memo: dict[int, int] = {}
    for opcode, argument, _ in pickletools.genops(data):
        name, before, after = opcode.name, opcode.stack_before, opcode.stack_after
        if "PUT" in name or name == "MEMOIZE":
            memo[len(memo) if argument is None else int(argument)] = stack[-1]
            if max(len(memo), int(argument or 0)) > MOST_MEMOS:
                return False
            continue
        if name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[int(argument or 0)])
            continue
        if name == "MARK":
            marks.append(len(stack))
        elif name == "POP" and marks and marks[-1] == len(stack):
            marks.pop()
        else:
            marked = pickletools.markobject in before
            start = marks.pop() - before.index(pickletools.markobject) if marked else len(stack) - len(before)
            parts = stack[-1] if name == "DUP" else sum(stack[start:]) + 1
            if parts > MOST_PARTS or start < 0:
                return False
            stack[start:] = [parts] * len(after)
    return True


class _Unpickler(pickle.Unpickler):
    """Finds the names that NumPy's arrays need, and no others."""

    def find_class(self, module: str, name: str) -> Any:
        """A stand-in for a global name of the pickle."""
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name in ("_reconstruct", "scalar"):
            return {"_reconstruct": _Array, "scalar": _Scalar}[name]
        if module == "numpy" and name in ("ndarray", "dtype"):
            return {"ndarray": None, "dtype": _Dtype}[name]
        if module == "_codecs" and name == "encode":  # Python 3 writes bytes for Python 2 with it
            return _Encoded
        raise InputError(f"expected numbers, texts and arrays only, found {module[:60]}.{name[:60]}, which could run "
                         "any program; nothing of it was run")

    def persistent_load(self, pid: Any) -> Any:
        """There is nothing outside."""
        raise InputError("expected a pickle that is complete in itself, found a reference to something outside")


class _Dtype:
    """Stands for numpy.dtype."""

    def __init__(self, kind: str, *_: object) -> None:
        if kind not in KINDS:
            raise InputError(f"expected arrays of numbers, found the type {str(kind)[:40]!r}")
        self.kind, self.order = kind, "<"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = ">" if state[1] == ">" else "<"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The real one."""
        return np.dtype(self.order + self.kind)


class _Array:
    """Stands for an array until its state comes."""

    def __init__(self, *_: object) -> None:
        self.array: NDArray[Any] = np.zeros(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, kind, fortran, data = state
        data = data.encode("latin-1") if isinstance(data, str) else data
        flat = np.frombuffer(data, kind.dtype)
        if len(shape) > 4 or math.prod(shape) != flat.size:
            raise InputError("expected arrays as long as their shapes say, found others")
        self.array = flat.reshape(shape, order="F" if fortran else "C")


class _Scalar:
    """Stands for the function that makes a number of NumPy's; a class, because a pickle could change a function."""

    def __new__(cls, kind: _Dtype, data: str | bytes) -> float:  # type: ignore[misc]
        """The number, as Python has it."""
        data = data.encode("latin-1") if isinstance(data, str) else data
        value: float = np.frombuffer(data, kind.dtype, count=1)[0].item()
        return value

    def __setstate__(self, state: object) -> None:
        raise InputError("expected numbers without a state, found one")


class _Encoded(_Scalar):
    """Stands for the function with which Python 3 writes bytes for Python 2."""

    def __new__(cls, text: str, encoding: str) -> bytes:  # type: ignore[misc]
        """The bytes."""
        if encoding != "latin1":
            raise InputError(f"expected bytes in latin1, found {encoding[:40]}")
        return text.encode("latin-1")
