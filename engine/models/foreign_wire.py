"""What passes between Otoscope and the process that a user's model runs in: a JSON header and plain arrays.

Nothing is pickled: whoever sends may be hostile. A message is `OTO1`, the lengths of header and body, the header
(JSON, an object, at most 64 KiB), and the body: the arrays it lists, little-endian, one after the other.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MARK = b"OTO1"
MOST_HEADER = 64 * 1024
MOST_BODY = 2 * 1024**3
MOST_ARRAYS, MOST_DIMENSIONS = 4, 8
DTYPES: dict[str, np.dtype[Any]] = {"float32": np.dtype("<f4"), "uint8": np.dtype("u1")}

_HEAD = struct.Struct("<4sIQ")
Message = tuple[dict[str, Any], list[NDArray[Any]]]


class WireError(ValueError):
    """What came is no message."""


def write(stream: BinaryIO, header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Send a header and arrays of float32 or uint8."""
    listed = [{"dtype": array.dtype.name, "shape": list(array.shape)} for array in arrays]
    text = json.dumps({**header, "arrays": listed}).encode()
    parts = [np.ascontiguousarray(array, DTYPES[array.dtype.name]) for array in arrays]
    stream.write(_HEAD.pack(MARK, len(text), sum(part.nbytes for part in parts)) + text)
    for part in parts:
        stream.write(part.reshape(-1).view(np.uint8).data)
    stream.flush()


def read(stream: BinaryIO, *, most: int = MOST_BODY) -> Message:
    """Receive a header and arrays of at most `most` bytes together.

    Raises
    ------
    EOFError
        When the other side is gone.
    WireError
        When it is no message, or a larger one.
    """
    mark, header_size, body_size = _HEAD.unpack(_exactly(stream, _HEAD.size))
    if mark != MARK or header_size > MOST_HEADER or body_size > most:
        raise WireError(f"a header of {header_size:,} and a body of {body_size:,} bytes, marked {mark!r}")
    header = _object(_exactly(stream, header_size))
    shapes = [_shape(one) for one in _list(header.pop("arrays", []), MOST_ARRAYS)]
    if sum(dtype.itemsize * math.prod(shape) for dtype, shape in shapes) != body_size:
        raise WireError("arrays of another size than the body")
    arrays = []
    for dtype, shape in shapes:
        data = _exactly(stream, dtype.itemsize * math.prod(shape))
        arrays.append(np.frombuffer(data, dtype).reshape(shape))
    return header, arrays


def _object(text: bytearray) -> dict[str, Any]:
    try:
        found = json.loads(bytes(text).decode())
    except (ValueError, RecursionError):
        raise WireError("a header that is no JSON") from None
    if not isinstance(found, dict):
        raise WireError("a header that is no object")
    return found


def _list(found: Any, most: int) -> list[Any]:
    if not isinstance(found, list) or len(found) > most:
        raise WireError("no list, or one too long")
    return found


def _shape(one: Any) -> tuple[np.dtype[Any], tuple[int, ...]]:
    dtype = DTYPES.get(str(one.get("dtype"))) if isinstance(one, dict) else None
    if dtype is None:
        raise WireError("an array of no known kind")
    shape = tuple(_list(one.get("shape"), MOST_DIMENSIONS))
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MOST_BODY for n in shape):
        raise WireError("an array of no possible shape")
    return dtype, shape


def _exactly(stream: BinaryIO, size: int) -> bytearray:
    """So many bytes, into memory that numpy may write to."""
    data = bytearray(size)
    view, got = memoryview(data), 0
    while got < size:
        n = stream.readinto(view[got:])  # type: ignore[attr-defined]
        if not n:
            raise EOFError
        got += n
    return data
