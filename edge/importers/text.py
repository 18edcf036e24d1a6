"""Text files: CSV, Polar .hrm, and lists of RR intervals."""

from __future__ import annotations

import csv
import math
from typing import Final

from edge.errors import FileFormatError
from edge.importers.track import Point, Track, from_points, from_rr

_COLUMNS: Final = {
    "t_s": ("t_s", "t", "time_s", "seconds", "time"),
    "bpm": ("bpm", "hr_bpm", "hr", "heart_rate", "heartrate"),
    "rr": ("rr", "rr_ms", "rri", "rr_interval", "rr_interval_ms"),
}
_RR_INTERVAL: Final = 238  # Interval=238 in a .hrm means RR intervals, Polar HRM file format 1.4
_RR_INTERVALS: Final = 204  # the other value Polar used for it


def read_rr(text: str, name: str) -> Track:
    """RR intervals in milliseconds, one a line; blank lines and lines that begin with "#" are passed over.

    Raises:
        FileFormatError: names the line that is no number.
    """
    values = [
        _float(line, f"{name}, line {number}")
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    return from_rr(values, "rr", name)


def read_hrm(text: str, name: str) -> Track:
    """Polar .hrm: RR intervals, or heart rates at a fixed interval.

    Raises:
        FileFormatError: no [HRData], no Interval, or a line that is no number.
    """
    section, interval_s, values = "", None, []
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.strip()
        if word.startswith("["):
            section = word
        elif section == "[Params]" and word.lower().startswith("interval="):
            interval_s = _float(word.partition("=")[2], f"{name}, line {number}")
        elif section == "[HRData]" and word:
            values.append(_float(word.split()[0], f"{name}, line {number}"))
    if not values:
        raise FileFormatError(f"{name} has no [HRData]", "Export it again")
    if interval_s in (_RR_INTERVAL, _RR_INTERVALS):
        return from_rr(values, "hrm", name)
    if interval_s is None or not 0 < interval_s <= 600:
        raise FileFormatError(f"{name} does not say its Interval", "Export it again")
    return from_points((Point(i * interval_s, bpm) for i, bpm in enumerate(values)), "hrm", name)


def read_csv(text: str, name: str) -> Track:
    """Columns t_s and bpm, or rr (ms), or all three, in any order; without a header: t_s, bpm.

    Raises:
        FileFormatError: no such columns, or a cell that is no number; names the line.
    """
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    mark = next((m for m in ",;\t" if m in lines[0][1]), ",") if lines else ","
    try:
        rows = list(csv.reader([line for _, line in lines], delimiter=mark))
    except csv.Error as error:
        raise FileFormatError(f"{name} is no CSV ({error})", "Export it again") from error
    where, skip = _header(rows[0] if rows else [], name)
    cells = [(number, row) for (number, _), row in zip(lines, rows, strict=False)][skip:]
    if "bpm" not in where:
        return from_rr([_cell(row, where["rr"], number, name) for number, row in cells], "csv", name)
    points = []
    for number, row in cells:
        t_s, bpm = (_cell(row, where[key], number, name) for key in ("t_s", "bpm"))
        rr = row[where["rr"]].split() if "rr" in where and where["rr"] < len(row) else []
        points.append(Point(t_s, bpm, tuple(_interval(ms, f"{name}, line {number}") for ms in rr)))
    return from_points(points, "csv", name)


def _header(first: list[str], name: str) -> tuple[dict[str, int], int]:
    """Where the columns are, and how many lines the header takes."""
    names = [cell.strip().lower() for cell in first]
    where = {key: names.index(n) for key, known in _COLUMNS.items() for n in reversed(known) if n in names}
    if "rr" in where or {"t_s", "bpm"} <= where.keys():
        if "bpm" in where and "t_s" not in where:
            del where["bpm"]
        return where, 1
    if len(names) == 2 and all(_is_number(cell) for cell in names):
        return {"t_s": 0, "bpm": 1}, 0
    raise FileFormatError(
        f"{name} has the columns {', '.join(names)[:80] or 'none'}",
        "Name them t_s,bpm (seconds) or rr (milliseconds)",
    )


def _cell(row: list[str], index: int, number: int, name: str) -> float:
    if index >= len(row):
        raise FileFormatError(f"{name}, line {number} has {len(row)} cells", "Give every line all columns")
    return _float(row[index], f"{name}, line {number}")


def _interval(word: str, where: str) -> float:
    value = _float(word, where)
    if not 0 < value <= 60_000:
        raise FileFormatError(f"{where}: {word[:40]} is no RR interval in milliseconds", "Mend or delete it")
    return value


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False


def _float(word: str, where: str) -> float:
    if not _is_number(word):
        raise FileFormatError(f"{where}: {word.strip()[:40]!r} is not a number", "Mend or delete that line")
    return float(word)
