"""Reads NumPy's archives (.npz) with suspicion: nothing is unpickled, and no more memory is taken than is allowed."""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

from numpy.lib import format as npy
from numpy.typing import NDArray

MOST_MEMBERS = 1000


def read_arrays(path: Path, *, most: int) -> dict[str, NDArray[Any]]:
    """All arrays of an archive, by name.

    Parameters
    ----------
    most
        Bytes that all of them may have together, unpacked.

    Raises
    ------
    OSError
        When it cannot be read.
    ValueError
        When it is no such archive, or a larger one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
            if len(members) > MOST_MEMBERS:
                raise ValueError(f"{len(members):,} arrays")
            found: dict[str, NDArray[Any]] = {}
            for member in members:
                with archive.open(member) as file:
                    most -= _size(file)
                if most < 0:
                    raise ValueError("arrays that are larger than any such file has")
                with archive.open(member) as file:
                    found[member.filename.removesuffix(".npy")] = npy.read_array(file, allow_pickle=False)
            return found
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OverflowError, SyntaxError, MemoryError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None  # RuntimeError: encrypted, or an unknown method


def _size(file: Any) -> int:
    """Bytes that an array claims to have; the header may not be longer than NumPy's own."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject or any(n < 0 for n in shape):
        raise ValueError("an array of no plain numbers")
    return int(math.prod(shape) * dtype.itemsize)
