"""TCX and GPX, read as a stream by expat. A document type or an entity is refused: activity files need
none."""

from __future__ import annotations

import datetime
from typing import Final
from xml.parsers import expat  # no tree, no entities, nothing external: see the refusal below

from edge.errors import FileFormatError
from edge.importers.track import Point, Track, from_points

_KIND_OF_ROOT: Final = {"TrainingCenterDatabase": "tcx", "gpx": "gpx"}
_POINTS: Final = ("Trackpoint", "trkpt")
_TIMES: Final = ("Time", "time")
_RATES: Final = ("HeartRateBpm/Value", "hr", "heartrate")  # TCX; GPX with Garmin's or another extension


class _RefusedError(Exception):
    """The document has a DOCTYPE or an entity."""


class _Handler:
    """Collects time and heart rate of every track point."""

    def __init__(self) -> None:
        self.root = ""
        self.points: list[tuple[str, str]] = []  # (time, bpm) as written
        self._path: list[str] = []
        self._text: list[str] = []
        self._found: dict[str, str] = {}

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self.root = self.root or local
        self._path.append(local)
        self._text = []
        if local in _POINTS:
            self._found = {}

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, _name: str) -> None:
        local = self._path.pop()
        within = f"{self._path[-1]}/{local}" if self._path else local
        text = "".join(self._text).strip()
        if local in _TIMES and self._path and self._path[-1] in _POINTS:
            self._found["time"] = text
        elif local in _RATES or within in _RATES:
            self._found["bpm"] = text
        elif local in _POINTS and "time" in self._found and "bpm" in self._found:
            self.points.append((self._found["time"], self._found["bpm"]))
        self._text = []


def _refuse(*_: object) -> None:
    raise _RefusedError


def read_xml(data: bytes, name: str) -> Track:
    """Heart rates of the track points.

    Raises:
        FileFormatError: no well-formed TCX or GPX, with a DOCTYPE, with a time or number that is none, or
        without a
            heart rate.
    """
    handler = _Handler()
    parser = expat.ParserCreate()
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.data
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except _RefusedError as error:
        raise FileFormatError(
            f"{name} declares a document type or entities", "Export it again without"
        ) from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise FileFormatError(f"{name} is no well-formed XML ({error})", "Export it again") from error
    kind = _KIND_OF_ROOT.get(handler.root)
    if kind is None:
        raise FileFormatError(
            f"{name} is XML, but <{handler.root:.40}> is neither TCX nor GPX", "Export TCX or GPX"
        )
    return from_points((_point(when, bpm, name) for when, bpm in handler.points), kind, name)


def _point(when: str, bpm: str, name: str) -> Point:
    try:
        moment = datetime.datetime.fromisoformat(when)
        rate = float(bpm)
    except ValueError as error:
        raise FileFormatError(
            f"{name}: {when!r:.40} with {bpm!r:.20} bpm can not be read", "Mend it"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return Point(moment.timestamp(), rate)
