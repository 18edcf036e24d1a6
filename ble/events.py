"""What a strap hands on: samples, gaps in the data, and changes of the link.

All times are seconds since the stream began, on the clock the strap object was given (monotonic).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    """Where the link is. Only LIVE means that the last sample is current."""

    SCANNING = "scanning"
    CONNECTING = "connecting"
    SUBSCRIBING = "subscribing"
    LIVE = "live"
    STALE = "stale"
    BACKING_OFF = "backing_off"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Sample:
    """One notification of the strap, decoded.

    Attributes:
        t_s: arrival, seconds since the stream began.
        bpm: heart rate as the strap says it; 0 happens (no pulse found) and is not a lost link.
        rr_ms: RR intervals since the notification before, oldest first, milliseconds; often empty.
        contact: skin contact; None where the strap does not say.
        energy_kj: energy since the last reset, kJ; None where absent. Sticks at 65535.
        faults: what was malformed in the frame; the fields above are still as the strap sent them.
            A frame with no readable heart rate gives no Sample: its fault is on the next one,
            prefixed "lost frame: ".
    """

    t_s: float
    bpm: int
    rr_ms: tuple[float, ...]
    contact: bool | None
    energy_kj: int | None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Data that will never come: what the strap measured while nobody listened is gone.

    Attributes:
        t_s: where the gap began: the time of the last sample before it, seconds since the stream began.
        duration_s: how long nothing had come when this was said. One silence may be reported more than once
            with the same `t_s` (at the watchdog, then when data is back): the last one counts.
        reason: why, in words.
    """

    t_s: float
    duration_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """The link went to another state.

    Attributes:
        t_s: when, seconds since the stream began.
        state: the state it is in from now on.
        reason: why, in words; for a failure what happened and what to do.
    """

    t_s: float
    state: LinkState
    reason: str


Event = Sample | Gap | LinkEvent
