"""The input object of ``advise``: checked in full, told in full."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import InputError
from edge.situation import Situation, situation_from_json

FULL = {
    "profile": {
        "lang": "zh",
        "country": "CN",
        "age_y": 54,
        "sex": "f",
        "goal": "cardiac_rehab",
        "drugs": ["bisoprolol"],
    },
    "signals": {"hr_bpm": 131, "age_s": 0.4, "hrr_pct": 62.5, "trend_bpm_min": -3, "session_s": 900},
    "context": {"sleep_h": 6.5, "last_advice": {"card": "easy.keep", "ago_s": 80}, "days_since_training": 2},
    "text": "还能再来一组吗",
}


def test_a_situation_survives_json() -> None:
    situation = situation_from_json(FULL)
    assert situation.profile.drugs == ("bisoprolol",)
    assert situation_from_json(json.loads(json.dumps(situation.to_json()))) == situation


def test_everything_may_be_left_out() -> None:
    assert situation_from_json({}) == Situation()
    assert Situation().to_json() == {}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"singals": {}}, "singals"),
        ({"signals": {"hr": 100}}, "signals.hr"),
        ({"signals": {"hr_bpm": 0}}, "signals.hr_bpm"),
        ({"signals": {"hr_bpm": "90"}}, "signals.hr_bpm"),
        ({"signals": {"hr_bpm": True}}, "signals.hr_bpm"),
        ({"signals": {"hr_bpm": float("nan")}}, "signals.hr_bpm"),
        ({"signals": {"hr_bpm": 10**400}}, "signals.hr_bpm"),
        ({"signals": []}, "signals"),
        ({"profile": {"age_y": 400}}, "profile.age_y"),
        ({"profile": {"goal": "fame"}}, "profile.goal"),
        ({"profile": {"drugs": "aspirin"}}, "profile.drugs"),
        ({"context": {"last_advice": {"card": 3}}}, "context.last_advice.card"),
        ({"text": 3}, "text"),
    ],
)
def test_what_is_wrong_is_named(change: dict, named: str) -> None:
    with pytest.raises(InputError) as caught:
        situation_from_json(change)
    assert named in caught.value.what
    assert caught.value.do


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FULL, "hr_bpm", "card"]), inner)
    ),
)


@given(JSON)
def test_any_json_is_read_or_refused(data: object) -> None:
    try:
        assert isinstance(situation_from_json(data), Situation)
    except InputError as error:
        assert error.what
