from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ble.measurement import decode
from ble.recording import write_recording
from edge.errors import FileFormatError
from edge.importers import load

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TCX = """<?xml version="1.0"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">
<Activities><Activity><Lap>
<AverageHeartRateBpm><Value>99</Value></AverageHeartRateBpm><Track>
<Trackpoint><Time>2026-01-01T10:00:00Z</Time><HeartRateBpm><Value>101</Value></HeartRateBpm></Trackpoint>
<Trackpoint><Time>2026-01-01T10:00:01Z</Time></Trackpoint>
<Trackpoint><Time>2026-01-01T10:00:03.5Z</Time><HeartRateBpm><Value>104</Value></HeartRateBpm></Trackpoint>
</Track></Lap></Activity></Activities></TrainingCenterDatabase>"""
GPX_EXT = "<extensions><x:TrackPointExtension><x:hr>{}</x:hr></x:TrackPointExtension></extensions>"
GPX = f"""<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="g">
<metadata><time>2020-01-01T00:00:00Z</time></metadata><trk><trkseg>
<trkpt lat="1" lon="2"><time>2026-01-01T10:00:00Z</time>{GPX_EXT.format(120)}</trkpt>
<trkpt lat="1" lon="2"><time>2026-01-01T10:00:02Z</time>{GPX_EXT.format(122)}</trkpt></trkseg></trk></gpx>"""


def shared(name: str) -> Path:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"SHARED TEST DATA MISSING: {path}")
    return path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rates(track_path: Path) -> list[tuple[float, int]]:
    return [(t_s, decode(data).bpm) for t_s, data in load(track_path).frames]


GOOD_FIT = {
    "activity-small-fenix2-run.fit": 2808,
    "garmin-edge-820-bike.fit": 15,
    "garmin-fenix-5-walk.fit": 17,
    "null_compressed_speed_dist.fit": 1808,
    "sample-activity-indoor-trainer.fit": 2263,
    "sample-activity.fit": 3098,
}


@pytest.mark.parametrize(("name", "count"), GOOD_FIT.items())
def test_fit_gives_every_heart_rate(name: str, count: int) -> None:
    track = load(shared(f"fit/{name}"))
    assert track.kind == "fit"
    assert len(track.frames) == count
    times = [t_s for t_s, _ in track.frames]
    assert times[0] == 0
    assert times == sorted(times)
    assert all(decode(data).bpm < 220 for _, data in track.frames)


def test_fit_keeps_rr_intervals() -> None:
    track = load(shared("fit/garmin-edge-820-bike.fit"))
    assert len(track.rr_ms) > 20
    assert all(300 < ms < 2000 for ms in track.rr_ms)
    sent = [ms for _, data in track.frames for ms in decode(data).rr_ms()]
    assert sent == pytest.approx(track.rr_ms, abs=0.5)


@pytest.mark.parametrize("name", ["activity-settings-corruptheader.fit", "activity-unexpected-eof.fit"])
def test_damaged_fit_is_an_error_and_nothing_is_printed(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FileFormatError, match=name):
        load(shared(f"fit/{name}"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.3, 0.999])
def test_fit_cut_anywhere_is_an_error(share: float, tmp_path: Path) -> None:
    data = shared("fit/garmin-fenix-5-walk.fit").read_bytes()
    path = tmp_path / "cut.fit"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FileFormatError):
        load(path)


def test_fit_with_a_flipped_bit_is_an_error(tmp_path: Path) -> None:
    data = bytearray(shared("fit/garmin-fenix-5-walk.fit").read_bytes())
    data[len(data) // 2] ^= 1
    path = tmp_path / "flipped.fit"
    path.write_bytes(data)
    with pytest.raises(FileFormatError):
        load(path)


def test_tcx_and_gpx(tmp_path: Path) -> None:
    assert rates(write(tmp_path, "a.tcx", TCX)) == [(0, 101), (3.5, 104)]
    assert rates(write(tmp_path, "a.gpx", GPX)) == [(0, 120), (2, 122)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_doctype_and_entities_are_refused(tmp_path: Path, encoding: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "AAAA"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>'
    path = tmp_path / "bomb.gpx"
    path.write_bytes(bomb.encode(encoding))
    with pytest.raises(FileFormatError, match="document type"):
        load(path)


def test_csv_forms(tmp_path: Path) -> None:
    assert rates(write(tmp_path, "a.csv", "t_s,bpm\n5,100\n6.5,101\n")) == [(0, 100), (1.5, 101)]
    assert rates(write(tmp_path, "b.csv", "bpm;x;t_s\n100;q;0\n")) == [(0, 100)]
    assert rates(write(tmp_path, "c.csv", "0,100\n1,101\n")) == [(0, 100), (1, 101)]
    assert load(write(tmp_path, "d.csv", "rr\n800\n\n810.5\n")).rr_ms == (800, 810.5)
    both = load(write(tmp_path, "e.csv", "t_s,bpm,rr\n0,75,800 810\n1,75,\n"))
    assert both.rr_ms == (800, 810)
    assert len(both.frames) == 2


def test_golden_rr_keeps_decimals_and_time() -> None:
    track = load(shared("rr/rest_rri.txt"))
    assert (track.kind, len(track.rr_ms)) == ("rr", 910)
    sent = [ms for _, data in track.frames for ms in decode(data).rr_ms()]
    assert len(sent) == 910
    assert sum(sent) == pytest.approx(sum(track.rr_ms), abs=1)


def test_hrm_with_rr_and_with_rates(tmp_path: Path) -> None:
    track = load(shared("rr/exercise_rri.hrm"))
    assert track.kind == "hrm"
    assert sum(track.rr_ms) / 1000 == pytest.approx(42 * 60 + 41.7, abs=5)  # Length of the header
    rated = write(tmp_path, "r.hrm", "[Params]\nVersion=106\nInterval=5\n\n[HRData]\n90\t0\n95\t0\n")
    assert rates(rated) == [(0, 90), (5, 95)]


def test_recording_is_handed_on_as_it_is(tmp_path: Path) -> None:
    frames = [(0.0, bytes.fromhex("163c1104")), (1.0, b""), (2.0, bytes.fromhex("063c"))]
    path = tmp_path / "x.rec"
    write_recording(path, frames)
    track = load(path)
    assert list(track.frames) == frames
    assert track.rr_ms == pytest.approx((0x0411 / 1.024,))
    assert track.notes


BROKEN = {
    "empty.csv": "",
    "words.txt": "this is not a file of numbers\n",
    "rr.txt": "800\nabc\n",
    "neg.txt": "800\n-5\n",
    "seconds.txt": "0.8\n0.81\n",
    "cell.csv": "t_s,bpm\n0,x\n",
    "short.csv": "t_s,bpm\n0\n",
    "nan.csv": "t_s,bpm\nnan,100\n",
    "huge.csv": "t_s,bpm\n0,99999999\n",
    "open.tcx": TCX[:300],
    "other.xml": "<svg></svg>",
    "nohr.gpx": "<gpx></gpx>",
    "badtime.tcx": TCX.replace("2026-01-01T10:00:00Z", "yesterday"),
    "none.hrm": "[Params]\nInterval=5\n[HRData]\n",
    "nointerval.hrm": "[Params]\n[HRData]\n90\n",
    "rec.rec": "pulsewise-recording 1\n0 zz\n",
}


@pytest.mark.parametrize(("name", "text"), BROKEN.items())
def test_broken_files_say_which_and_what_to_do(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError) as raised:
        load(write(tmp_path, name, text))
    assert name in raised.value.what
    assert raised.value.do


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="can not be read"):
        load(tmp_path / "nowhere.fit")


@given(
    data=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)),
    suffix=st.sampled_from([".fit", ".csv", ".txt", ".hrm", ".gpx"]),
)
def test_any_bytes_give_a_track_or_the_typed_error(
    data: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(data)
    try:
        track = load(path)
    except FileFormatError:
        return
    assert track.frames
