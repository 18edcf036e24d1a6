"""The Heart Rate Measurement characteristic (0x2A37): bytes to values and back.

Layout (Heart Rate Service 1.0, GATT Specification Supplement), little-endian:

    flags u8 | heart rate u8 or u16 | energy u16, kJ (optional) | RR interval u16, 1/1024 s (none or more)

    flags: bit 0 heart rate is u16; bit 1 contact detected (has a meaning only with bit 2);
           bit 2 contact supported; bit 3 energy present; bit 4 RR present; bits 5-7 reserved, ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from ble.errors import MeasurementError

_HR_U16: Final = 0x01
_CONTACT: Final = 0x02
_CONTACT_SUPPORTED: Final = 0x04
_ENERGY: Final = 0x08
_RR: Final = 0x10
_U16_MAX: Final = 0xFFFF
_VALUE_MAX_BYTES: Final = 512  # an attribute value is never longer (Core specification, vol 3, part F, 3.2.9)

ODD_TAIL: Final = "odd tail: half an RR interval at the end"
ENERGY_CUT: Final = "energy flagged but cut short"
RR_MISSING: Final = "RR intervals flagged but none sent"
UNFLAGGED_BYTES: Final = "bytes after the end that no flag announces"


class RRUnit(Enum):
    """How a device counts RR intervals; the value is milliseconds per count."""

    TICKS_1024 = 1000.0 / 1024.0  # the standard
    MILLISECONDS = 1.0  # WHOOP 5 sends milliseconds in place of ticks


@dataclass(frozen=True, slots=True)
class Measurement:
    """One heart rate measurement.

    Attributes:
        bpm: heart rate, beats per minute, 0-65535.
        contact: skin contact; None where the strap does not support it (Polar H10).
        energy_kj: energy since the last reset, kJ, 0-65535; None where absent.
        rr_ticks: RR intervals, oldest first, as sent (nominally 1/1024 s), each 0-65535.
        faults: what was malformed; empty for a sound frame. Never written by `encode`.
    """

    bpm: int
    contact: bool | None = None
    energy_kj: int | None = None
    rr_ticks: tuple[int, ...] = ()
    faults: tuple[str, ...] = ()

    def rr_ms(self, unit: RRUnit = RRUnit.TICKS_1024) -> tuple[float, ...]:
        """The RR intervals in milliseconds, unrounded, oldest first."""
        return tuple(ticks * unit.value for ticks in self.rr_ticks)


def decode(data: bytes) -> Measurement:
    """Read a notification. Total: any bytes give a Measurement or a MeasurementError, nothing else.

    Whatever can be read is kept; what is malformed behind the heart rate becomes an entry of `faults`.

    Raises:
        MeasurementError: the heart rate itself is not there (empty or one-byte value, half a u16).
    """
    data = bytes(data)
    hr_end = 3 if data and data[0] & _HR_U16 else 2
    if len(data) < hr_end:
        raise MeasurementError(
            f"heart rate measurement of {len(data)} bytes ({data.hex() or 'empty'}) holds no heart rate",
            "One such frame is harmless; if they keep coming, wet the strap and check its battery",
        )
    flags = data[0]
    faults: list[str] = []
    energy_kj: int | None = None
    rest = data[hr_end:]
    if flags & _ENERGY:
        if len(rest) >= 2:
            energy_kj, rest = int.from_bytes(rest[:2], "little"), rest[2:]
        else:
            faults.append(ENERGY_CUT)
            rest = b""
    rr_ticks: tuple[int, ...] = ()
    if flags & _RR:
        rr_ticks = tuple(int.from_bytes(rest[i : i + 2], "little") for i in range(0, len(rest) - 1, 2))
        if len(rest) % 2:
            faults.append(ODD_TAIL)
        elif not rest:
            faults.append(RR_MISSING)
    elif rest:
        faults.append(UNFLAGGED_BYTES)
    return Measurement(
        bpm=int.from_bytes(data[1:hr_end], "little"),
        contact=bool(flags & _CONTACT) if flags & _CONTACT_SUPPORTED else None,
        energy_kj=energy_kj,
        rr_ticks=rr_ticks,
        faults=tuple(faults),
    )


def encode(measurement: Measurement) -> bytes:
    """Write a notification; the inverse of `decode` for every Measurement without faults.

    The heart rate is u16 only above 255, as straps do.

    Raises:
        MeasurementError: a value that its field can not hold, or more RR intervals than an attribute can.
    """
    bpm, energy_kj = measurement.bpm, measurement.energy_kj
    flags = _HR_U16 if _u16("bpm", bpm) > 0xFF else 0
    body = bpm.to_bytes(2 if flags else 1, "little")
    if measurement.contact is not None:
        flags |= _CONTACT_SUPPORTED | (_CONTACT if measurement.contact else 0)
    if energy_kj is not None:
        flags |= _ENERGY
        body += _u16("energy_kj", energy_kj).to_bytes(2, "little")
    if measurement.rr_ticks:
        flags |= _RR
        body += b"".join(_u16("rr_ticks", ticks).to_bytes(2, "little") for ticks in measurement.rr_ticks)
    if 1 + len(body) > _VALUE_MAX_BYTES:
        raise MeasurementError(
            f"{len(measurement.rr_ticks)} RR intervals make {1 + len(body)} bytes, over {_VALUE_MAX_BYTES}",
            "Spread them over several measurements",
        )
    return bytes([flags]) + body


def _u16(field: str, value: int) -> int:
    if not isinstance(value, int) or not 0 <= value <= _U16_MAX:
        raise MeasurementError(f"{field} is {value!r}", f"Give a whole number from 0 to {_U16_MAX}")
    return value
