"""The table of a folder's adversaries: for people, and as CSV and JSON."""

from __future__ import annotations

from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from engine.disk import write_whole
from engine.listening.attack_folder import Attacked, AttackTable
from engine.report.files import csv_bytes, folder_made, json_bytes

CSV_NAME, JSON_NAME = "attacks.csv", "attacks.json"


def write_table(folder: Path, table: AttackTable) -> list[Path]:
    """Write attacks.csv, one row a file, and attacks.json, which has all figures too.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    rows = csv_bytes([field.name for field in fields(Attacked)], (astuple(row) for row in table.rows))
    with folder_made(folder):
        write_whole(folder / CSV_NAME, rows)
        write_whole(folder / JSON_NAME, json_bytes(table.as_json()))
    return [folder / CSV_NAME, folder / JSON_NAME]


def show_table(found: dict[str, Any]) -> str:
    """The rows and figures of `AttackTable.as_json`, for people."""
    width = max(map(len, (*found["labels"], "before")))
    lines = [f"{'file':44s} {'label':{width}s} {'before':{width}s} {'after':{width}s} {'SNR':>6s}  iterations"]
    lines += [f"{row['file'][:44]:44s} {row['label'] or '-':{width}s} {row['before']:{width}s} {row['after']:{width}s} "
              f"{_figure(row['snr_db'], 1):>6s}  {row['iterations']}" for row in found["files"]]
    lines += [f"not attacked: {one['reason']}" for one in found["failed"]]
    snr = found["snr_db"]
    lines.append(f"mean recall {_figure(found['mean_recall_before'])} before, {_figure(found['mean_recall_after'])} "
                 f"after; fooled {_figure(found['fooled_share'])} of all, "
                 f"{_figure(found['fooled_share_of_right'])} of those right before")
    if snr is not None:
        lines.append(f"SNR of those that fool: {snr['mean']:.1f} ± {snr['std']:.1f} dB, {snr['min']:.1f} to "
                     f"{snr['max']:.1f} dB; audible in {100 * found['audible_share']:.1f} % of time and bands "
                     "(Johnston 1988)")
    if found["n_labelled"] < found["n"]:
        lines.append(f"{found['n'] - found['n_labelled']} files have no label that the model knows, and no recall "
                     f"(it knows {', '.join(found['labels'])})")
    lines.append(f"{found['n']} files in {found['seconds']:.1f} s, {found['files_per_second']:.2f} a second")
    return "\n".join(lines)


def _figure(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
