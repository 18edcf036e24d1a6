"""Heart-rate reserve and zones: where a heart rate lies between the person's rest and maximum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from edge.situation import Profile

# The drug classes that lower the heart rate itself: beta-blockers, non-DHP calcium blockers, ivabradine.
_RATE_LOWERING: Final = re.compile(
    r"olol\b|carvedilol|beta.?block|diltiazem|verapamil|ivabradine|β|阻滞|洛尔|倍他乐克|地尔硫|维拉帕米|伊伐布雷定",
    re.IGNORECASE,
)
_PREDICTED_PLUS_MINUS_BPM: Final = 10.0  # standard error of prediction, Tanaka 2001
_LEAST_RESERVE_BPM: Final = 20.0  # a smaller reserve is a typing error or no basis for a percentage

# Lower bounds of % heart-rate reserve; Garber et al. 2011 (ACSM), Med Sci Sports Exerc 43:1334.
_ZONES: Final = ((90.0, "near maximal"), (60.0, "vigorous"), (40.0, "moderate"), (30.0, "light"))


@dataclass(frozen=True, slots=True, kw_only=True)
class HrMax:
    """A maximal heart rate and where it comes from.

    Attributes:
        bpm: the value.
        plus_minus_bpm: how far a person may be from it; 0 for a measured one.
        source: "measured" or the formula with its authors.
        target: False where no target may be built on it (rate-lowering drugs): for display only.
    """

    bpm: float
    plus_minus_bpm: float
    source: str
    target: bool = True


def hr_max_bpm(profile: Profile) -> HrMax | None:
    """The maximal heart rate; a measured one wins; None where neither it nor the age is known.

    Tanaka et al. 2001, J Am Coll Cardiol 37:153: 208 - 0.7 age. With a rate-lowering drug 164 - 0.7 age
    (Brawner et al. 2004, patients with coronary disease on a beta-blocker; not verified): for display,
    never for a target.
    """
    if profile.hr_max_bpm is not None:
        return HrMax(bpm=profile.hr_max_bpm, plus_minus_bpm=0.0, source="measured")
    if profile.age_y is None:
        return None
    if any(_RATE_LOWERING.search(drug) for drug in profile.drugs):
        return HrMax(
            bpm=164 - 0.7 * profile.age_y,
            plus_minus_bpm=_PREDICTED_PLUS_MINUS_BPM,
            source="Brawner 2004: 164 - 0.7 x age (on a rate-lowering drug; unverified)",
            target=False,
        )
    return HrMax(
        bpm=208 - 0.7 * profile.age_y,
        plus_minus_bpm=_PREDICTED_PLUS_MINUS_BPM,
        source="Tanaka 2001: 208 - 0.7 x age",
    )


def hrr_pct(hr: float, profile: Profile) -> float | None:
    """% of heart-rate reserve (Karvonen 1957), limited to -50..150.

    None without a resting rate and a maximum a target may be built on, or where they are less than 20 bpm
    apart.
    """
    top, rest = hr_max_bpm(profile), profile.hr_rest_bpm
    if top is None or not top.target or rest is None or top.bpm - rest < _LEAST_RESERVE_BPM:
        return None
    return min(150.0, max(-50.0, 100 * (hr - rest) / (top.bpm - rest)))


def zone_name(hrr_pct: float | None) -> str | None:
    """The intensity class of a % of reserve (Garber 2011): "very light" to "near maximal"; None for None."""
    if hrr_pct is None:
        return None
    return next((name for low, name in _ZONES if hrr_pct >= low), "very light")
