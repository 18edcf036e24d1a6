from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ble.events import Gap, Sample
from edge.situation import Profile, Vitals
from edge.vitals.rr import RRFilter, limit_pct
from edge.vitals.state import state_of
from edge.vitals.tracker import Tracker
from edge.vitals.zones import hr_max_bpm, hrr_pct, zone_name

PERSON = Profile(age_y=40, hr_rest_bpm=60)


def sample(t_s: float, bpm: int, rr: tuple[float, ...] = (), contact: bool | None = None) -> Sample:
    return Sample(t_s=t_s, bpm=bpm, rr_ms=rr, contact=contact, energy_kj=None)


def test_predicted_maximum_is_tanaka_and_says_its_error() -> None:
    top = hr_max_bpm(PERSON)
    assert top is not None
    assert top.bpm == pytest.approx(180)
    assert top.plus_minus_bpm == 10
    assert "Tanaka" in top.source


def test_measured_maximum_wins() -> None:
    top = hr_max_bpm(Profile(age_y=40, hr_max_bpm=191, drugs=("bisoprolol",)))
    assert top is not None
    assert (top.bpm, top.plus_minus_bpm, top.target) == (191, 0, True)


def test_a_beta_blocker_gives_a_maximum_to_show_but_no_percentage() -> None:
    blocked = Profile(age_y=40, hr_rest_bpm=60, drugs=("Bisoprolol 5 mg",))
    top = hr_max_bpm(blocked)
    assert top is not None
    assert top.bpm == pytest.approx(136)
    assert hrr_pct(120, blocked) is None


def test_reserve_and_its_names() -> None:
    assert hrr_pct(120, PERSON) == pytest.approx(50)
    assert hrr_pct(120, Profile(age_y=40)) is None
    expected = [(29.9, "very light"), (30, "light"), (40, "moderate"), (60, "vigorous"), (90, "near maximal")]
    assert [(pct, zone_name(pct)) for pct, _ in expected] == expected
    assert zone_name(None) is None


def test_filter_is_loose_at_rest_and_tight_in_exercise() -> None:
    assert (limit_pct(60), limit_pct(87.5), limit_pct(150)) == (25, 15, 5)
    rest, hard = RRFilter(), RRFilter()
    assert [rest.accepts(x) for x in (1000, 1150, 1000)] == [True, True, True]
    assert [hard.accepts(x) for x in (400, 440, 400, 401)] == [True, False, False, True]
    assert not RRFilter().accepts(30)
    assert not RRFilter().accepts(5000)


def test_trend_is_the_slope_over_thirty_seconds() -> None:
    tracker = Tracker(PERSON)
    for t in range(60):
        tracker.add(sample(t, 100 if t < 30 else 100 + (t - 30)))
    assert tracker.vitals(59).trend_bpm_min == pytest.approx(60, abs=0.5)


def test_rmssd_of_a_known_alternation() -> None:
    tracker = Tracker(PERSON)
    for t in range(60):
        tracker.add(sample(t, 60, (1020.0 if t % 2 else 980.0,)))
    vitals = tracker.vitals(59.5)
    assert vitals.rmssd_ms == pytest.approx(40)
    assert vitals.artefact_pct == 0


def test_rmssd_is_refused_above_five_percent_artefacts() -> None:
    tracker = Tracker(PERSON)
    for t in range(60):
        tracker.add(sample(t, 60, (2000.0 if t % 10 == 9 else 1000.0,)))
    vitals = tracker.vitals(59.5)
    assert vitals.rmssd_ms is None
    assert vitals.artefact_pct is not None
    assert vitals.artefact_pct > 5


def test_a_stale_heart_rate_keeps_its_age_and_nothing_that_claims_now() -> None:
    tracker = Tracker(PERSON)
    for t in range(40):
        tracker.add(sample(t, 150, (400.0, 400.0)))
    live, stale = tracker.vitals(40), tracker.vitals(60)
    assert live.hrr_pct == pytest.approx(75)
    assert (stale.hr_bpm, stale.age_s, stale.session_s) == (150, 21, 60)
    assert (stale.hrr_pct, stale.trend_bpm_min, stale.rmssd_ms) == (None, None, None)
    assert state_of(stale, PERSON) == ""


def test_zero_bpm_and_lost_contact_are_not_heart_rates() -> None:
    tracker = Tracker(PERSON)
    tracker.add(sample(0, 80))
    tracker.add(sample(5, 0))
    tracker.add(sample(6, 190, (315.0,), contact=False))
    vitals = tracker.vitals(7)
    assert (vitals.hr_bpm, vitals.age_s, vitals.artefact_pct) == (80, 7, None)


def test_no_number_reaches_across_a_gap() -> None:
    tracker = Tracker(PERSON)
    for t in range(30):
        tracker.add(sample(t, 100, (600.0,)))
    tracker.gap(Gap(29, 6, "silence"))
    tracker.add(sample(36, 140, (430.0,)))
    vitals = tracker.vitals(36)
    assert vitals.trend_bpm_min is None
    assert vitals.rmssd_ms == 0  # 600 to 430 ms is no difference of neighbours


def test_memory_is_fixed() -> None:
    tracker = Tracker(PERSON)
    for t in range(20_000):
        tracker.add(sample(t / 10, 100, (600.0,) * 5))
    assert len(tracker._rates) <= 256
    assert len(tracker._intervals) <= 320


@given(
    st.lists(
        st.tuples(st.floats(0, 30), st.integers(0, 65535), st.lists(st.floats(0, 64000), max_size=9)),
        max_size=40,
    )
)
def test_whatever_comes_the_numbers_are_ones_a_situation_takes(
    frames: list[tuple[float, int, list[float]]],
) -> None:
    from edge.situation import Situation, situation_from_json

    tracker, now = Tracker(PERSON), 0.0
    for step, bpm, rr in frames:
        now += step
        tracker.add(sample(now, bpm, tuple(rr)))
        vitals = tracker.vitals(now)
        data = Situation(signals=vitals).to_json()
        assert situation_from_json(data).signals == vitals


STATES = [
    (Vitals(hr_bpm=65, trend_bpm_min=0), "none", "resting"),
    (Vitals(hr_bpm=104, hrr_pct=19, trend_bpm_min=0), "none", "strained"),
    (Vitals(hr_bpm=95, trend_bpm_min=20), "none", "warming_up"),
    (Vitals(hr_bpm=110, trend_bpm_min=0), "none", "easy"),
    (Vitals(hr_bpm=150, trend_bpm_min=2), "none", "working"),
    (Vitals(hr_bpm=175, trend_bpm_min=0), "none", "overreaching"),
    (Vitals(hr_bpm=120, trend_bpm_min=-30), "none", "cooling_down"),
    (Vitals(hr_bpm=110, trend_bpm_min=0), "stop", "unwell"),
    (Vitals(), "none", ""),
]


@pytest.mark.parametrize(("signals", "urgency", "expected"), STATES)
def test_state_by_rule(signals: Vitals, urgency: str, expected: str) -> None:
    assert state_of(signals, PERSON, urgency) == expected


def test_over_the_cap_is_overreaching() -> None:
    assert state_of(Vitals(hr_bpm=121), Profile(age_y=40, hr_rest_bpm=60, hr_cap_bpm=120)) == "overreaching"


def test_live_rmssd_agrees_with_the_series() -> None:
    from edge.vitals.hrv import rmssd

    rng = random.Random(5)
    rr = [900 + 40 * math.sin(i) + rng.gauss(0, 10) for i in range(60)]
    tracker, now = Tracker(PERSON), 0.0
    for x in rr:
        now += x / 1000
        tracker.add(sample(now, 67, (x,)))
    assert tracker.vitals(now).rmssd_ms == pytest.approx(rmssd(rr))


def test_a_sway_in_vigorous_work_is_no_cool_down() -> None:
    def at(hrr_pct: float, trend: float) -> str:
        return state_of(Vitals(hr_bpm=150, age_s=0, hrr_pct=hrr_pct, trend_bpm_min=trend), Profile())

    assert at(80, -12) == "working"
    assert at(80, -30) == "cooling_down"
    assert at(45, -12) == "cooling_down"
