"""Raw notifications with their arrival times, to a text file and back.

    pulsewise-recording 1
    0.000 10fa1e01
    1.003 103c1104

First the header line, then a line a notification: seconds since the start (never going back), a space, the
bytes in hex ("-" for a zero-length value). Blank lines and lines that begin with "#" are comments.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ble.errors import RecordingError

HEADER: Final = "pulsewise-recording 1"
_EMPTY: Final = "-"


def write_recording(path: str | Path, frames: Iterable[tuple[float, bytes]]) -> None:
    """Write notifications as they come; the file is readable up to the last whole line at any time.

    Args:
        path: the file; an old one is replaced.
        frames: (t_s, value): seconds since the start, never going back, and the bytes of 0x2A37.

    Raises:
        RecordingError: a time that is not finite, negative or goes back, or a file that can not be written.
    """
    last_s = 0.0
    try:
        with Path(path).open("w", encoding="ascii", newline="\n") as file:
            file.write(f"{HEADER}\n")
            for t_s, data in frames:
                if not math.isfinite(t_s) or t_s < last_s:
                    raise RecordingError(
                        f"{path}: time {t_s!r} s after {last_s!r} s", "Give finite times that never go back"
                    )
                last_s = t_s
                file.write(f"{float(t_s)!r} {bytes(data).hex() or _EMPTY}\n")
    except OSError as error:
        raise RecordingError(
            f"{path} can not be written ({error})", "Choose a folder you may write"
        ) from error


def read_recording(path: str | Path) -> list[tuple[float, bytes]]:
    """Read what `write_recording` wrote: (t_s, value) in order, values of any content.

    Raises:
        RecordingError: no such file, no recording, or a broken line (named by its number).
    """
    try:
        lines = Path(path).read_text(encoding="ascii").splitlines()
    except OSError as error:
        raise RecordingError(f"{path} can not be read ({error})", "Check the path") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path} is not a text file", "Give a file made by a recording run") from error
    if not lines or lines[0].rstrip() != HEADER:
        first = lines[0][:40] if lines else ""
        raise RecordingError(
            f"{path} begins with {first!r}, not {HEADER!r}", "Give a file made by a recording run"
        )
    frames: list[tuple[float, bytes]] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip() or line.startswith("#"):
            continue
        frames.append(_frame(line, f"{path}, line {number}", frames[-1][0] if frames else 0.0))
    return frames


def _frame(line: str, where: str, last_s: float) -> tuple[float, bytes]:
    words = line.split()
    try:
        text_s, text_hex = words
        t_s, data = float(text_s), bytes.fromhex("" if text_hex == _EMPTY else text_hex)
    except ValueError as error:
        raise RecordingError(
            f"{where}: {line[:60]!r} is not 'seconds hex'", "Mend or delete that line"
        ) from error
    if not math.isfinite(t_s) or t_s < last_s:
        raise RecordingError(f"{where}: time {text_s} s after {last_s!r} s", "Mend or delete that line")
    return t_s, data
