"""Recordings: there and back, and what a broken file says."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ble.errors import RecordingError
from ble.recording import HEADER, read_recording, write_recording

times = st.lists(st.floats(0, 1e6, allow_nan=False), max_size=30).map(sorted)


@given(times, st.data())
def test_round_trip(ts, data):
    frames = [(t, data.draw(st.binary(max_size=24))) for t in ts]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ride.txt")
        write_recording(path, frames)
        assert read_recording(path) == frames


def test_the_format_is_the_documented_one(tmp_path):
    path = tmp_path / "ride.txt"
    write_recording(path, [(0, bytes.fromhex("163c1104")), (1.5, b"")])
    assert path.read_text() == f"{HEADER}\n0.0 163c1104\n1.5 -\n"


def test_comments_and_blank_lines(tmp_path):
    path = tmp_path / "ride.txt"
    path.write_text(f"{HEADER}\n# by hand\n\n0.5 063c\n")
    assert read_recording(path) == [(0.5, b"\x06\x3c")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "begins with ''"),
        ("0.0 063c\n", "begins with"),
        (f"{HEADER}\n0.0\n", "line 2"),
        (f"{HEADER}\n0.0 06 3c\n", "line 2"),
        (f"{HEADER}\n0.0 063c\nx 063c\n", "line 3"),
        (f"{HEADER}\n0.0 063\n", "line 2"),
        (f"{HEADER}\nnan 063c\n", "line 2"),
        (f"{HEADER}\n-1 063c\n", "line 2"),
        (f"{HEADER}\n2.0 063c\n1.0 063c\n", "line 3: time 1.0 s after 2.0 s"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path, content, says):
    path = tmp_path / "ride.txt"
    path.write_text(content)
    with pytest.raises(RecordingError, match=says):
        read_recording(path)


def test_no_file_and_no_text(tmp_path):
    with pytest.raises(RecordingError, match="can not be read"):
        read_recording(tmp_path / "none.txt")
    (tmp_path / "binary.fit").write_bytes(b"\x0e\x10\xff\xfe")
    with pytest.raises(RecordingError, match="not a text file"):
        read_recording(tmp_path / "binary.fit")
    with pytest.raises(RecordingError, match="can not be written"):
        write_recording(tmp_path / "none" / "ride.txt", [])


@pytest.mark.parametrize("frames", [[(1.0, b""), (0.5, b"")], [(float("nan"), b"")], [(-0.1, b"")]])
def test_times_that_can_not_be_are_not_written(tmp_path, frames):
    with pytest.raises(RecordingError, match="never go back"):
        write_recording(tmp_path / "ride.txt", frames)


@given(st.binary(max_size=80))
def test_any_file_gives_frames_or_a_typed_error(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "any.txt")
        path.write_bytes(HEADER.encode() + b"\n" + content)
        try:
            frames = read_recording(path)
        except RecordingError:
            return
        assert all(t >= 0 for t, _ in frames)
