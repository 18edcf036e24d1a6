"""Stored notifications as the events of a strap: from the codec on, with no radio and no waiting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ble.errors import MeasurementError
from ble.events import Event, Gap, LinkEvent, LinkState, Sample
from ble.measurement import RRUnit, decode

SILENCE_S: Final = 5.0  # as HeartRateStrap's watchdog


def events(
    frames: Iterable[tuple[float, bytes]],
    *,
    silence_s: float = SILENCE_S,
    rr_unit: RRUnit = RRUnit.TICKS_1024,
) -> Iterator[Event]:
    """Decode and yield what HeartRateStrap would have: samples, gaps, link events, faults on the next sample.

    Args:
        frames: (t_s, value of 0x2A37) in order of time.
        silence_s: a longer silence is a gap.
        rr_unit: how the device counts RR.
    """
    last_s: float | None = None
    at_s = 0.0
    lost: list[str] = []
    for at_s, data in frames:
        try:
            measurement = decode(data)
        except MeasurementError as error:
            lost.append(f"lost frame: {error.what}")
            continue
        if last_s is None:
            yield LinkEvent(at_s, LinkState.LIVE, "replay")
        elif at_s - last_s > silence_s:
            yield LinkEvent(last_s + silence_s, LinkState.STALE, f"no readable sample for {silence_s:g} s")
            yield Gap(last_s, at_s - last_s, "a hole in the recording")
            yield LinkEvent(at_s, LinkState.LIVE, "data again")
        last_s = at_s
        yield Sample(
            t_s=at_s,
            bpm=measurement.bpm,
            rr_ms=measurement.rr_ms(rr_unit),
            contact=measurement.contact,
            energy_kj=measurement.energy_kj,
            faults=(*lost, *measurement.faults),
        )
        lost.clear()
    if last_s is not None and at_s - last_s > silence_s:
        yield LinkEvent(last_s + silence_s, LinkState.STALE, f"no readable sample for {silence_s:g} s")
        yield Gap(last_s, at_s - last_s, "no readable sample until the end")
    yield LinkEvent(at_s, LinkState.OFF, "end of the recording")
