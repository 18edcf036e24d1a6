"""Facts about one moment, by name: what cards, rules and vetoes may depend on.

A heart rate older than ``STALE_AFTER_S`` is never used as live.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from edge.situation import Context, Profile, Vitals
from edge.vitals.zones import hrr_pct

STALE_AFTER_S = 15.0
NEAR_CAP_BPM = 5.0
FAR_OVER_CAP_BPM = 10.0
NEAR_MAX_PCT = 90.0  # of heart-rate reserve: near maximal (Garber 2011)
NEAR_MAX_AFTER_S = 600.0
STEADY_BPM_MIN = 10.0  # a slope within this counts as steady
REST_HIGH_BPM = 100.0  # resting 60-100 bpm is usual (AHA)
REST_AFTER_S = 300.0
HOT_C = 32.0
SLEEP_SHORT_H = 5.0
LONG_BREAK_D = 14.0
ARTEFACT_MAX_PCT = 5.0

# Names and stems as people and doctors write them; lower case.
_STEMS: dict[str, str] = {
    "beta_blocker": r"\b\w+olol\b|beta.?block|β.?(受体)?阻滞|贝塔.?阻|洛尔|倍他乐克|carvedilol|"
    r"diltiazem|verapamil|ivabradine|地尔硫|维拉帕米|伊伐布雷定",
    "af": r"\ba\.?f\.?\b|\ba-?fib\b|atrial (fib|flutter)|房颤|心房颤动|房扑|pacemaker|起搏器|\bicd\b",
    "pregnancy": r"pregnan|怀孕|孕期|孕妇|孕\d|妊娠",
    "cardiac": r"heart (failure|attack|disease)|cardiac|cardiomyop|coronary|\bcad\b|\bchd\b|angina|infarct|"
    r"\bstent|bypass|\bhf\b|\bmi\b|arrhythm|valve|心衰|心力衰竭|冠心病|心梗|心肌|支架|搭桥|心绞痛|心脏病|心律失常",
    "diabetes": r"diabet|insulin|metformin|糖尿病|胰岛素|二甲双胍",
    "asthma": r"asthma|inhaler|salbutamol|albuterol|ventolin|哮喘|沙丁胺醇",
    "kidney": r"kidney|renal|\bckd\b|dialysis|肾",
}


def named_facts(names: Iterable[str]) -> frozenset[str]:
    """Facts from drug and condition names, e.g. ``("Bisoprolol 5 mg",)`` -> ``{"beta_blocker"}``."""
    lowered = [name.lower().replace("_", " ") for name in names]
    return frozenset(fact for fact, stems in _STEMS.items() if any(re.search(stems, n) for n in lowered))


def is_stale(signals: Vitals) -> bool:
    """True when the heart rate is too old to be called live."""
    return signals.hr_bpm is not None and signals.age_s is not None and signals.age_s > STALE_AFTER_S


def live(signals: Vitals, profile: Profile) -> Vitals:
    """The signals with every stale number of the heart removed, and % of reserve filled in if it can be."""
    if is_stale(signals) or (signals.age_s is not None and signals.age_s > STALE_AFTER_S):
        return replace(signals, hr_bpm=None, hrr_pct=None, trend_bpm_min=None, rmssd_ms=None)
    if signals.hr_bpm is not None and signals.hrr_pct is None:
        return replace(signals, hrr_pct=hrr_pct(signals.hr_bpm, profile))
    return signals


def facts_of(
    signals: Vitals, profile: Profile, context: Context, said: frozenset[str] = frozenset(), state: str = ""
) -> frozenset[str]:
    """All facts but those of the verdict.

    Args:
        signals: as read; stale numbers are sorted out here.
        profile: who the person is.
        context: sleep and training.
        said: facts the words give (a drug, a condition, being at rest).
        state: the state the student read, or "".
    """
    now = live(signals, profile)
    facts = set(named_facts((*profile.drugs, *profile.conditions)) | said)
    if facts & {"beta_blocker", "af"}:
        facts.add("rate_unreliable")
    if profile.goal == "cardiac_rehab":
        facts.add("cardiac")
    if facts & {"cardiac", "kidney"}:
        facts.add("fluid_limit")
    if is_stale(signals):
        facts.add("stale")
    elif now.hr_bpm is None:
        facts.add("no_signal")
    facts |= _heart(now, profile, facts, state)
    if now.temp_c is not None and now.temp_c >= HOT_C and (now.hr_bpm is not None or now.session_s):
        facts.add("hot")
    if now.artefact_pct is not None and now.artefact_pct > ARTEFACT_MAX_PCT:
        facts.add("artefacts")
    if context.sleep_h is not None and context.sleep_h < SLEEP_SHORT_H:
        facts.add("sleep_short")
    if context.days_since_training is not None and context.days_since_training >= LONG_BREAK_D:
        facts.add("long_break")
    return frozenset(facts)


def _heart(now: Vitals, profile: Profile, facts: set[str], state: str) -> set[str]:
    if now.hr_bpm is None:
        return set()
    out = set()
    if profile.hr_cap_bpm is not None:
        over = now.hr_bpm - profile.hr_cap_bpm
        limits = (("near_cap", -NEAR_CAP_BPM), ("far_over_cap", FAR_OVER_CAP_BPM))
        out |= {name for name, bound in limits if over >= bound}
        if over > 0:
            out.add("over_cap")
    steady = now.trend_bpm_min is None or abs(now.trend_bpm_min) <= STEADY_BPM_MIN
    long = now.session_s is not None and now.session_s >= NEAR_MAX_AFTER_S
    if now.hrr_pct is not None and now.hrr_pct >= NEAR_MAX_PCT and long and steady:
        out.add("near_max")
    idle = now.cadence_rpm == 0 and now.power_w in (None, 0) and now.trend_bpm_min is not None
    waited = now.session_s is None or now.session_s >= REST_AFTER_S
    at_rest = "at_rest" in facts or state in ("resting", "strained") or idle
    if at_rest and waited and steady and now.hr_bpm >= REST_HIGH_BPM:
        out.add("rest_high")
    return out
