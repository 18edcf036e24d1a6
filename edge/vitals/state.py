"""Where the body is, by rule: the contract's state labels from numbers alone; the coach holds the student's
view against it."""

from __future__ import annotations

from typing import Final

from edge.situation import Profile, Vitals
from edge.vitals.tracker import LIVE_S
from edge.vitals.zones import hr_max_bpm, hrr_pct

UNKNOWN: Final = ""  # no live heart rate, so no state
_MOVING_BPM_MIN: Final = 8.0  # a slope beyond this is a rise or a fall; the verbaliser's own border
_ENDING_BPM_MIN: Final = (
    20.0  # above vigorous only a fall this steep is an end: a run over hills sways by 10-15
)
_REST_PCT: Final = 20.0  # of reserve; below, somebody stands or sits
_EASY_PCT, _WORKING_PCT, _MAXIMAL_PCT = (
    30.0,
    60.0,
    90.0,
)  # Garber 2011: light from 30, vigorous 60, near maximal 90
_REST_HIGH_BPM: Final = 100.0  # 60-100 bpm at rest is usual (American Heart Association)
# Where the profile says nothing: an adult of the middle, assumed only to tell rest from effort.
_ASSUMED_REST_BPM, _ASSUMED_MAX_BPM = 65.0, 180.0
# % of HRmax where % of reserve is not known; the same classes in Garber 2011: light 57, vigorous 77, near
# maximal 96.
_OF_MAX: Final = ((57.0, 30.0), (77.0, 60.0), (96.0, 90.0))


def state_of(signals: Vitals, profile: Profile, text_urgency: str = "none") -> str:
    """A state label of the contract, or "" where there is no live heart rate.

    Args:
        signals: numbers now; a heart rate older than 15 s does not count.
        profile: for reserve and cap.
        text_urgency: what the words demand; "stop" and above together with signals means ``unwell``.
    """
    if signals.hr_bpm is None or (signals.age_s is not None and signals.age_s > LIVE_S):
        return UNKNOWN
    if text_urgency in ("stop", "emergency"):
        return "unwell"
    effort = _effort(signals.hr_bpm, signals.hrr_pct, profile)
    over_cap = profile.hr_cap_bpm is not None and signals.hr_bpm > profile.hr_cap_bpm
    if over_cap or effort >= _MAXIMAL_PCT:
        return "overreaching"
    return _moving(signals, effort) or _steady(signals, effort)


def _moving(signals: Vitals, effort: float) -> str | None:
    trend = signals.trend_bpm_min or 0.0
    falling = trend <= (-_MOVING_BPM_MIN if effort < _WORKING_PCT else -_ENDING_BPM_MIN)
    if falling and effort >= _REST_PCT:
        return "cooling_down"
    rising = trend >= _MOVING_BPM_MIN and (effort >= _REST_PCT or trend >= 2 * _MOVING_BPM_MIN)
    return "warming_up" if rising and effort < _WORKING_PCT else None


def _steady(signals: Vitals, effort: float) -> str:
    if effort >= _WORKING_PCT:
        return "working"
    if effort >= _EASY_PCT or (signals.cadence_rpm or 0) >= 20 or (signals.power_w or 0) >= 20:
        return "easy"
    return "strained" if (signals.hr_bpm or 0) >= _REST_HIGH_BPM else "resting"


def _effort(hr_bpm: float, given_pct: float | None, profile: Profile) -> float:
    """Something like % of reserve, from the best that is known."""
    if given_pct is not None:
        return given_pct
    of_reserve = hrr_pct(hr_bpm, profile)
    if of_reserve is not None:
        return of_reserve
    top = hr_max_bpm(profile)
    if top is None:
        return 100 * (hr_bpm - _ASSUMED_REST_BPM) / (_ASSUMED_MAX_BPM - _ASSUMED_REST_BPM)
    of_max = 100 * hr_bpm / top.bpm
    return max((reserve for bound, reserve in _OF_MAX if of_max >= bound), default=0.0)
