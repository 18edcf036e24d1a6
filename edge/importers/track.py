"""A recorded session as notifications."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ble.measurement import Measurement, encode
from edge.errors import FileFormatError

_TICKS_PER_MS = 1.024
_MAX_BPM = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What a strap would have sent, so that a replay runs from the codec on.

    Attributes:
        frames: (t_s, value of 0x2A37) in order of time, seconds since the first.
        kind: "fit", "tcx", "gpx", "csv", "hrm", "rr" or "recording".
        rr_ms: the RR intervals as the file has them, milliseconds, not rounded to ticks; empty where it has
        none.
        notes: what was left out or mended, in words.
    """

    frames: tuple[tuple[float, bytes], ...]
    kind: str
    rr_ms: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """One stored heart rate: seconds on the file's own clock, bpm, and the RR intervals stored with it
    (ms)."""

    t_s: float
    bpm: float
    rr_ms: tuple[float, ...] = ()


def from_points(points: Iterable[Point], kind: str, name: str) -> Track:
    """A track of stored heart rates; a point that goes back in time is left out and noted.

    Raises:
        FileFormatError: no heart rate at all, or one that is no number a strap could send.
    """
    frames: list[tuple[float, bytes]] = []
    rr: list[float] = []
    start_s, back = 0.0, 0
    for point in points:
        if not math.isfinite(point.t_s) or not 0 <= point.bpm <= _MAX_BPM:
            raise FileFormatError(
                f"{name}: {point.bpm:g} bpm at {point.t_s:g} s is no heart rate", "Mend or delete that entry"
            )
        start_s = start_s if frames else point.t_s
        t_s = point.t_s - start_s
        if frames and t_s < frames[-1][0]:
            back += 1
            continue
        ticks = tuple(min(round(ms * _TICKS_PER_MS), 0xFFFF) for ms in point.rr_ms)
        frames.append((t_s, encode(Measurement(round(point.bpm), rr_ticks=ticks))))
        rr += point.rr_ms
    if not frames:
        raise FileFormatError(f"{name} holds no heart rate", "Record it with a heart-rate sensor connected")
    notes = (f"{back} entries went back in time and were left out",) if back else ()
    return Track(frames=tuple(frames), kind=kind, rr_ms=tuple(rr), notes=notes)


def from_rr(rr_ms: Sequence[float], kind: str, name: str) -> Track:
    """A track of RR intervals alone: one notification a second, as a chest strap sends them.

    Raises:
        FileFormatError: none, one that is not positive or over a minute, or seconds in place of milliseconds.
    """
    from ble.virtual.heart import Beat, frames

    if not rr_ms:
        raise FileFormatError(f"{name} holds no RR interval", "Give milliseconds, one a line")
    wrong = next((ms for ms in rr_ms if not 0 < ms <= 60_000), None)
    if wrong is not None:
        raise FileFormatError(f"{name}: {wrong:g} is no RR interval in milliseconds", "Mend or delete it")
    if max(rr_ms) < 10:
        raise FileFormatError(
            f"{name}: the intervals look like seconds", "Multiply them by 1000: milliseconds"
        )
    t_s, beats = 0.0, []
    for ms in rr_ms:
        t_s += ms / 1000
        beats.append(Beat(t_s, ms))
    return Track(frames=tuple(frames(beats)), kind=kind, rr_ms=tuple(rr_ms))
