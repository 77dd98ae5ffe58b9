"""The journal as a table, CSV or Parquet: one row for each answer in the order of the items, errors in a column."""

from __future__ import annotations

import csv
import importlib.util
import json
from collections.abc import Callable, Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from engine.batch.journal import Answered, Journal, Row
from engine.checks import InputError, shown
from engine.disk import growing

OURS = ("item", "error", "host", "seconds")
GROUP = 20_000      # rows of Parquet that are held at once
FORMATS = (".csv", ".parquet")


def write_table(path: Path, journal: Journal, items: Sequence[str]) -> int:
    """Write all answers that there are; the facts of the journal go with them.

    A CSV file has its facts beside it, as NAME.json; a Parquet file has them in its own metadata.

    Returns
    -------
    int
        Rows.

    Raises
    ------
    InputError
        When the ending is no known one, pyarrow is missing, or it cannot be written.
    """
    checked(path)
    columns = _columns(journal, items)
    try:
        with growing(path) as file:
            rows = WRITERS[path.suffix.lower()](file, journal, columns, _rows(journal, items))
        if path.suffix.lower() == ".csv":
            with growing(path.with_suffix(".json")) as file:
                file.write(json.dumps({**journal.facts, "rows": rows}, indent=1, ensure_ascii=False).encode())
    except OSError as error:
        raise InputError(f"{shown(path)}: could not be written ({error.strerror or error})") from None
    return rows


def checked(path: Path) -> Path:
    """A path that a table can be written to, so that this is known before the work.

    Raises
    ------
    InputError
        When the ending is no known one, or pyarrow is missing.
    """
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{shown(path)}: expected a table that ends in {' or '.join(FORMATS)}")
    if path.suffix.lower() == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise InputError(f"{shown(path)}: expected pyarrow for Parquet, which is not installed; pip install pyarrow, "
                         "or choose .csv")
    return path


def _columns(journal: Journal, items: Sequence[str]) -> dict[str, type]:
    """Names of all columns, and what is in them: numbers, or else text."""
    found: dict[str, type | None] = {}
    for answer in journal.answers(items):
        for row in answer.rows:
            for name, value in row.items():
                kind = None if value is None else type(value) if isinstance(value, bool | int | float) else str
                found[name] = _both(found.get(name), kind)
    return {name: kind or str for name, kind in found.items() if name not in OURS}


def _both(one: type | None, other: type | None) -> type | None:
    """What holds values of both kinds; None is of any."""
    if None in (one, other) or one is other:
        return one or other
    return float if {one, other} == {int, float} else str


def _rows(journal: Journal, items: Sequence[str]) -> Iterator[Row]:
    for answer in journal.answers(items):
        for row in answer.rows or [{}]:
            yield {**row, **_own(answer)}


def _own(answer: Answered) -> Row:
    return {name: getattr(answer, name) for name in OURS}


def _write_csv(file: BinaryIO, journal: Journal, columns: dict[str, type], rows: Iterator[Row]) -> int:
    text = TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)
    writer = csv.DictWriter(text, [*OURS[:1], *columns, *OURS[1:]], restval="")
    writer.writeheader()
    n = 0
    for row in rows:
        writer.writerow(row)
        n += 1
    text.detach()
    return n


def _write_parquet(file: BinaryIO, journal: Journal, columns: dict[str, type], rows: Iterator[Row]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
    own = {"item": str, "error": str, "host": str, "seconds": float}
    kinds = {"item": str, **columns, **own}
    schema = pa.schema([(name, types[kind]) for name, kind in kinds.items()],
                       {"otoscope": json.dumps(journal.facts, ensure_ascii=False)})
    n = 0
    with pq.ParquetWriter(file, schema) as writer:
        group: list[Row] = []
        for row in rows:
            group.append({name: _of_kind(row.get(name), kind) for name, kind in kinds.items()})
            n += 1
            if len(group) == GROUP:
                writer.write_table(pa.Table.from_pylist(group, schema))
                group = []
        writer.write_table(pa.Table.from_pylist(group, schema))
    return n


def _of_kind(value: Any, kind: type) -> Any:
    """As a column needs it; text that is no Unicode (names of files may be none) is escaped."""
    if value is None or kind is not str:
        return value if value is None else kind(value)
    return str(value).encode(errors="backslashreplace").decode()


WRITERS: dict[str, Callable[[BinaryIO, Journal, dict[str, type], Iterator[Row]], int]] = {
    ".csv": _write_csv, ".parquet": _write_parquet}
