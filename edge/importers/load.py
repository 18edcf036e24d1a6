"""Find out what a file is, by its content first, and read it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ble.errors import RecordingError, StrapError
from ble.measurement import decode
from ble.recording import HEADER, read_recording
from edge.errors import FileFormatError
from edge.importers.fit import read_fit
from edge.importers.text import read_csv, read_hrm, read_rr
from edge.importers.track import Track
from edge.importers.xml import read_xml

MAX_BYTES: Final = 256 * 1024 * 1024  # a day of FIT is 5 MB; anything above is a mistake


def load(path: Path | str) -> Track:
    """Read FIT, TCX, GPX, CSV (columns t_s, bpm and rr), Polar .hrm, a list of RR intervals or a recording.

    Raises:
        FileFormatError: missing, damaged, cut short, of no known kind, or without a heart rate; says what
        to do.
    """
    path = Path(path)
    data = _bytes(path)
    if data[8:12] == b".FIT" or path.suffix.lower() == ".fit":
        return read_fit(data, path.name)
    if data.startswith(HEADER.split()[0].encode()):
        return _recording(path)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or data[:4] in (b"\xff\xfe<\0", b"\xfe\xff\0<"):
        return read_xml(data, path.name)
    if b"\0" in data[:4096]:
        raise FileFormatError(f"{path.name} is of no known kind", _KINDS)
    text = _text(data)
    if text.lstrip().startswith("[Params]") or "[HRData]" in text:
        return read_hrm(text, path.name)
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    if any(mark in first for mark in ",;\t") or not _number(first):
        return read_csv(text, path.name)
    return read_rr(text, path.name)


_KINDS: Final = "Give FIT, TCX, GPX, CSV, .hrm, RR intervals one a line, or a recording"


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileFormatError(f"{path.name} is over {MAX_BYTES >> 20} MiB", "Give one session a file")
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileFormatError(f"{path} can not be read ({reason})", "Check the path") from error
    if not data.strip():
        raise FileFormatError(f"{path.name} is empty", "Give a file with a session in it")
    return data


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # what Polar's Windows software wrote


def _number(line: str) -> bool:
    try:
        float(line)
    except ValueError:
        return False
    return True


def _recording(path: Path) -> Track:
    try:
        frames = read_recording(path)
    except RecordingError as error:
        raise FileFormatError(error.what, error.do) from error
    if not frames:
        raise FileFormatError(f"{path.name} holds no notification", "Record with the strap connected")
    rr: list[float] = []
    bad = 0
    for _, data in frames:
        try:
            rr += decode(data).rr_ms()
        except StrapError:
            bad += 1
    notes = (f"{bad} notifications hold no heart rate",) if bad else ()
    return Track(frames=tuple(frames), kind="recording", rr_ms=tuple(rr), notes=notes)
