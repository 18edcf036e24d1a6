"""FIT activity files (Garmin FIT protocol), by fitdecode."""

from __future__ import annotations

import datetime
import io
import logging
import struct
import warnings
from collections.abc import Iterator
from typing import Any, Final

from edge.errors import FileFormatError
from edge.importers.track import Point, Track, from_points

# What fitdecode lets out on damaged files beside its own errors.
_DAMAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, struct.error, EOFError)


_MOST_RR: Final = 200  # what one attribute value holds, and far above what a watch stores between records


def read_fit(data: bytes, name: str) -> Track:
    """Heart rates of the ``record`` messages, RR intervals of the ``hrv`` messages.

    Raises:
        FileFormatError: damaged, cut short, wrong checksum, or no heart rate.
    """
    import fitdecode

    logging.getLogger("fitdecode").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            points = list(_points(fitdecode, data))
        except fitdecode.FitEOFError as error:
            raise FileFormatError(
                f"{name} ends too early: it was cut short", "Copy it from the device again"
            ) from error
        except fitdecode.FitError as error:
            raise FileFormatError(f"{name} is damaged ({error})", "Copy it from the device again") from error
        except _DAMAGE as error:
            raise FileFormatError(
                f"{name} is damaged ({error!r:.80})", "Copy it from the device again"
            ) from error
    return from_points(points, "fit", name)


def _points(fitdecode: Any, data: bytes) -> Iterator[Point]:
    """Points in file order; RR intervals go with the next record that has a heart rate, or the last one."""
    waiting: list[float] = []
    last: Point | None = None
    with fitdecode.FitReader(
        io.BytesIO(data), check_crc=fitdecode.CrcCheck.RAISE, error_handling=fitdecode.ErrorHandling.IGNORE
    ) as reader:
        for message in reader:
            if not isinstance(message, fitdecode.FitDataMessage):
                continue
            if message.name == "hrv":
                waiting += _intervals(message.get_value("time", fallback=()))
            elif message.name == "record":
                bpm, when = (message.get_value(key, fallback=None) for key in ("heart_rate", "timestamp"))
                if isinstance(bpm, int | float) and isinstance(when, datetime.datetime):
                    if last is not None:
                        yield last
                    last = Point(when.timestamp(), float(bpm), tuple(waiting[:_MOST_RR]))
                    waiting = waiting[_MOST_RR:]
    if last is not None:
        yield Point(last.t_s, last.bpm, (*last.rr_ms, *waiting)[:_MOST_RR])


def _intervals(value: object) -> list[float]:
    """Seconds to ms; unused places of the message are None or 65.535."""
    values = value if isinstance(value, list | tuple) else (value,)
    return [1000.0 * s for s in values if isinstance(s, int | float) and 0 < s < 65]
