"""The verdict: words and numbers together, only ever upwards."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.advice import URGENCIES
from edge.coach.guard import judge
from edge.coach.lexicon import load_lexicon
from edge.situation import Context, Profile, Vitals

from .strategies import calm, profiles, readings, situations, vitals

RANK = URGENCIES.index


NO_SIGNALS, NOBODY = Vitals(), Profile()


def urgency(text: str = "", signals: Vitals = NO_SIGNALS, profile: Profile = NOBODY) -> str:
    return judge(text, None, signals, profile).urgency


@settings(max_examples=600, deadline=None)
@given(situations, st.none() | readings())
def test_never_below_any_voice(situation, reading):
    verdict = judge(situation.text, reading, situation.signals, situation.profile, situation.context)
    for hit in load_lexicon().find(situation.text).hits:
        assert RANK(verdict.urgency) >= RANK(hit.urgency)
        assert hit.concern in verdict.concerns
    if reading is not None and situation.text.strip():
        assert RANK(verdict.urgency) >= RANK(reading.urgency)
        assert set(reading.concern) <= set(verdict.concerns)
    if verdict.urgency != "none":
        assert verdict.reasons


@settings(max_examples=300, deadline=None)
@given(vitals, profiles, readings())
def test_without_words_the_student_raises_nothing_that_it_would_have_heard(signals, profile, reading):
    verdict = judge("", reading, signals, profile)
    assert not verdict.concerns
    assert all(reason.kind != "words" for reason in verdict.reasons)


@settings(max_examples=300, deadline=None)
@given(vitals, profiles)
def test_stale_heart_rate_decides_nothing(signals, profile):
    from dataclasses import replace

    old = replace(signals, age_s=60.0, hr_bpm=199.0, temp_c=None)
    assert judge("", None, old, profile).urgency == "none"


@pytest.mark.parametrize(
    ("hr", "age_s", "expected"),
    [(139, 1, "none"), (140, 1, "none"), (141, 1, "ease_off"), (149, 1, "ease_off"), (150, 1, "stop"),
     (150, 15, "stop"), (150, 15.1, "none"), (150, None, "stop")],
)  # fmt: skip
def test_cap(hr, age_s, expected):
    assert urgency(signals=Vitals(hr_bpm=hr, age_s=age_s), profile=Profile(hr_cap_bpm=140)) == expected


def test_slow_heart_needs_a_symptom():
    assert urgency(signals=Vitals(hr_bpm=38)) == "none"
    assert urgency("feeling dizzy", Vitals(hr_bpm=38)) == "emergency"
    assert urgency("feeling dizzy", Vitals(hr_bpm=60)) == "stop"


def test_fast_at_rest():
    assert urgency("sitting on the sofa", Vitals(hr_bpm=99, session_s=600)) == "none"
    assert urgency("sitting on the sofa", Vitals(hr_bpm=105, session_s=600)) == "ease_off"
    assert urgency("sitting on the sofa", Vitals(hr_bpm=125, session_s=600)) == "stop"
    assert urgency("sitting on the sofa", Vitals(hr_bpm=105, session_s=600, trend_bpm_min=-40)) == "none"


def test_near_maximal_for_long():
    person = Profile(age_y=40, hr_rest_bpm=60)
    assert urgency(signals=Vitals(hr_bpm=175, session_s=900), profile=person) == "ease_off"
    assert urgency(signals=Vitals(hr_bpm=175, session_s=60), profile=person) == "none"
    assert urgency(signals=Vitals(hr_bpm=140, session_s=900), profile=person) == "none"


def test_heat_in_numbers():
    assert urgency(signals=Vitals(hr_bpm=120, temp_c=36)) == "ease_off"
    assert urgency(signals=Vitals(hr_bpm=120, temp_c=22)) == "none"


def test_palpitations_with_a_symptom():
    assert urgency("my heart keeps skipping beats") == "stop"
    assert urgency("my heart keeps skipping beats and i feel faint") == "emergency"


def test_reasons_carry_value_unit_and_age():
    verdict = judge("", None, Vitals(hr_bpm=155, age_s=2), Profile(hr_cap_bpm=150), Context())
    number = next(r for r in verdict.reasons if r.ref == "hr_bpm")
    assert (number.kind, number.value, number.unit, number.age_s) == ("number", 155, "bpm", 2)
    assert any(r.kind == "rule" and r.ref == "over-cap" for r in verdict.reasons)


def test_calm_words_stay_calm():
    assert judge("nice easy run", calm("report_feeling"), Vitals(hr_bpm=120), Profile()).urgency == "none"
