"""The simulated heart: the same seed beats the same, and the numbers are those of a person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ble.measurement import decode
from ble.virtual.heart import Beat, SimulatedHeart, frames


def steps(t_s: float) -> float:
    """Rest for 10 min, steady effort for 15, rest for 10."""
    return 0.7 if 600 <= t_s < 1500 else 0.0


def beats_of(seed=7, effort=steps, duration_s=2100.0, **settings_):
    return list(SimulatedHeart(seed=seed, **settings_).beats(effort, duration_s))


def between(beats, begin_s, end_s):
    return np.array([b.rr_ms for b in beats if begin_s <= b.t_s < end_s])


def hr(beats, begin_s, end_s):
    return 60_000 / between(beats, begin_s, end_s).mean()


def rmssd(beats, begin_s, end_s):
    return float(np.sqrt(np.mean(np.diff(between(beats, begin_s, end_s)) ** 2)))


def test_the_seed_is_all_there_is_to_chance():
    assert beats_of(3) == beats_of(3)
    assert beats_of(3) != beats_of(4)


def test_time_is_the_sum_of_the_intervals():
    beats = beats_of()
    assert np.allclose(np.cumsum([b.rr_ms for b in beats]) / 1000, [b.t_s for b in beats])
    assert beats[-1].t_s <= 2100 < beats[-1].t_s + 2


@pytest.mark.parametrize("seed", range(5))
def test_heart_rate_at_rest_effort_and_recovery(seed):
    beats = beats_of(seed)
    assert hr(beats, 60, 600) == pytest.approx(60, abs=3)
    goal = 60 + 0.7 * 125
    assert goal - 3 < hr(beats, 900, 1200) < goal + 12  # drift takes it above
    assert hr(beats, 1200, 1500) > hr(beats, 800, 1000)  # and goes on
    assert hr(beats, 1900, 2100) < 80


def test_faster_up_than_down():
    beats = beats_of(ectopics_per_hour=0, artefacts_per_hour=0)
    low, high = hr(beats, 500, 600), hr(beats, 1400, 1500)
    half_up = (hr(beats, 625, 635) - low) / (high - low)
    half_down = (high - hr(beats, 1525, 1535)) / (high - low)
    assert half_up > half_down > 0.2


def test_respiratory_arrhythmia_shrinks_with_effort():
    beats = beats_of(ectopics_per_hour=0, artefacts_per_hour=0)
    assert 15 < rmssd(beats, 60, 600) < 90
    assert rmssd(beats, 900, 1500) < 0.3 * rmssd(beats, 60, 600)
    still = beats_of(ectopics_per_hour=0, artefacts_per_hour=0, rsa_ms=0)
    assert rmssd(still, 60, 600) < rmssd(beats, 60, 600)


def test_noise_is_stronger_the_slower_it_is():
    beats = beats_of(1, lambda _t: 0.0, 3600.0, rsa_ms=0, ectopics_per_hour=0, artefacts_per_hour=0)
    rr = np.array([b.rr_ms for b in beats])
    power = np.abs(np.fft.rfft(rr - rr.mean())) ** 2
    assert power[1:30].mean() > 4 * power[300:600].mean() > 4 * power[1500:].mean()


def test_ectopics_and_artefacts_are_rare_and_can_be_switched_off():
    clean = beats_of(ectopics_per_hour=0, artefacts_per_hour=0)
    dirty = beats_of(ectopics_per_hour=60, artefacts_per_hour=60)
    jumps = [int((np.abs(np.diff(between(b, 900, 1500))) > 60).sum()) for b in (clean, dirty)]
    assert jumps[0] == 0
    assert 5 < jumps[1] < 120


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.floats(-2, 3), st.integers(35, 90), st.integers(120, 220))
def test_any_person_at_any_effort_has_possible_intervals(seed, drive, rest, top):
    beats = list(SimulatedHeart(seed=seed, hr_rest_bpm=rest, hr_max_bpm=top).beats(lambda _t: drive, 120))
    assert all(90 < b.rr_ms < 6000 for b in beats)
    assert 0.9 * rest < hr(beats, 0, 120) < 1.1 * top


@pytest.mark.parametrize(
    "wrong",
    [
        {"hr_rest_bpm": 10},
        {"hr_rest_bpm": 190},
        {"hr_max_bpm": 300},
        {"ectopics_per_hour": -1},
        {"noise_ms": -1},
    ],
)
def test_people_who_can_not_be(wrong):
    with pytest.raises(ValueError, match=r"20 <|negative"):
        SimulatedHeart(seed=1, **wrong)


def test_frames_are_one_a_second_and_lose_no_time():
    beats = beats_of()
    sent = list(frames(beats))
    times = [t for t, _ in sent]
    assert np.allclose(np.diff(times), 1.0)
    measured = [decode(data) for _, data in sent]
    assert not any(m.faults for m in measured)
    assert {m.contact for m in measured} == {None}
    total_ms = sum(sum(m.rr_ms()) for m in measured)
    assert total_ms == pytest.approx(beats[-1].t_s * 1000, abs=1.0)
    at_effort = [m.bpm for (t, _), m in zip(sent, measured, strict=True) if 900 < t < 1200]
    assert np.mean(at_effort) == pytest.approx(hr(beats, 900, 1200), abs=1)


def test_slow_hearts_have_frames_without_intervals():
    sent = [decode(d).rr_ticks for _, d in frames([Beat(1.5, 1500.0), Beat(3.0, 1500.0), Beat(4.5, 1500.0)])]
    assert sent == [(1536,), (1536,), (), (1536,)] or () in sent
    assert sum(map(sum, sent)) == 3 * 1536


def test_no_beats_no_frames():
    assert list(frames([])) == []
