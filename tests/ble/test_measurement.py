"""The codec of 0x2A37: frames seen in the field, round trips, and any bytes at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ble.errors import MeasurementError, StrapError
from ble.measurement import (
    ENERGY_CUT,
    ODD_TAIL,
    RR_MISSING,
    UNFLAGGED_BYTES,
    Measurement,
    RRUnit,
    decode,
    encode,
)

# As published by owners of straps (Polar H7 among them).
FIELD_FRAMES = [
    ("063c", Measurement(60, True)),
    ("163c1104", Measurement(60, True, rr_ticks=(1041,))),
    ("163cf503", Measurement(60, True, rr_ticks=(1013,))),
    ("164ed202c802", Measurement(78, True, rr_ticks=(722, 712))),
    ("164fb702", Measurement(79, True, rr_ticks=(695,))),
    ("165100031203", Measurement(81, True, rr_ticks=(768, 786))),
    ("16468a034403", Measurement(70, True, rr_ticks=(906, 836))),
    ("16468b03", Measurement(70, True, rr_ticks=(907,))),
    ("16485401ec02", Measurement(72, True, rr_ticks=(340, 748))),
    ("103eb103de", Measurement(62, None, rr_ticks=(945,), faults=(ODD_TAIL,))),
]

u16 = st.integers(0, 0xFFFF)
measurements = st.builds(
    Measurement,
    bpm=u16,
    contact=st.none() | st.booleans(),
    energy_kj=st.none() | u16,
    rr_ticks=st.lists(u16, max_size=20).map(tuple),
)


@pytest.mark.parametrize(("text", "expected"), FIELD_FRAMES)
def test_field_frames(text, expected):
    assert decode(bytes.fromhex(text)) == expected


@pytest.mark.parametrize("text", [text for text, m in FIELD_FRAMES if not m.faults])
def test_sound_field_frames_are_written_as_they_came(text):
    assert encode(decode(bytes.fromhex(text))).hex() == text


@pytest.mark.parametrize("text", ["", "00", "16", "01", "013c", "ff", "ffff"])
def test_without_a_heart_rate_it_is_a_typed_error(text):
    with pytest.raises(MeasurementError, match="holds no heart rate") as caught:
        decode(bytes.fromhex(text))
    assert isinstance(caught.value, StrapError)
    assert str(caught.value) == f"{caught.value.what}. {caught.value.do}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("013c00", Measurement(60)),
        ("012c01", Measurement(300)),
        ("023c", Measurement(60)),  # contact bit without support says nothing
        ("043c", Measurement(60, False)),  # supported, not detected
        ("1e3cd2041104", Measurement(60, True, 1234, (1041,))),
        ("e03c", Measurement(60)),  # reserved bits
        ("0000", Measurement(0)),  # heart rate 0 is a measurement
        ("083c", Measurement(60, faults=(ENERGY_CUT,))),
        ("183c01", Measurement(60, faults=(ENERGY_CUT, RR_MISSING))),
        ("103c", Measurement(60, faults=(RR_MISSING,))),
        ("103c04", Measurement(60, faults=(ODD_TAIL,))),
        ("003c1104", Measurement(60, faults=(UNFLAGGED_BYTES,))),
    ],
)
def test_flags_and_faults(text, expected):
    assert decode(bytes.fromhex(text)) == expected


def test_units_of_rr():
    frame = Measurement(60, rr_ticks=(1024, 512))
    assert frame.rr_ms() == (1000.0, 500.0)
    assert frame.rr_ms(RRUnit.MILLISECONDS) == (1024.0, 512.0)


@given(measurements)
def test_round_trip(measurement):
    assert decode(encode(measurement)) == measurement


@given(st.binary(max_size=600))
def test_any_bytes_give_a_measurement_or_a_typed_error(data):
    try:
        measurement = decode(data)
    except MeasurementError:
        assert len(data) < 3
        return
    assert 0 <= measurement.bpm <= 0xFFFF
    assert all(0 <= ticks <= 0xFFFF for ticks in measurement.rr_ticks)
    if len(data) <= 512 and not measurement.faults:
        assert decode(encode(measurement)) == measurement


@given(measurements, st.integers(0, 64))
def test_a_cut_frame_keeps_what_came_before_the_cut(measurement, cut):
    data = encode(measurement)[:cut]
    if len(data) < (3 if measurement.bpm > 255 else 2):
        return
    part = decode(data)
    assert part.bpm == measurement.bpm
    assert part.contact == measurement.contact
    assert part.rr_ticks == measurement.rr_ticks[: len(part.rr_ticks)]


@pytest.mark.parametrize(
    "bad",
    [
        Measurement(-1),
        Measurement(65536),
        Measurement(60, energy_kj=65536),
        Measurement(60, rr_ticks=(65536,)),
        Measurement(60, rr_ticks=(-1,)),
        Measurement(60.5),
        Measurement(60, rr_ticks=(1000,) * 256),
    ],
)
def test_what_a_field_can_not_hold_is_refused(bad):
    with pytest.raises(MeasurementError):
        encode(bad)
