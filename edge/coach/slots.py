"""The person's own numbers, ready to be put into a card: live signals, targets and limits."""

from __future__ import annotations

from edge.coach.facts import ARTEFACT_MAX_PCT, NEAR_CAP_BPM, live
from edge.situation import Profile, Situation
from edge.vitals.zones import hr_max_bpm, hrr_pct

# Public ambulance or general emergency numbers by ISO 3166 country; 112 also works on most mobile networks.
_NUMBERS = {
    "US": "911", "CA": "911", "MX": "911", "AR": "911", "GB": "999", "IE": "112 or 999", "CN": "120",
    "HK": "999", "MO": "999", "TW": "119", "JP": "119", "KR": "119", "SG": "995", "MY": "999", "AU": "000",
    "NZ": "111", "IN": "112", "BR": "192", "ZA": "112", "CH": "144", "NO": "113", "RU": "112", "UA": "112",
    "TR": "112", "IL": "101", "IS": "112", "TH": "1669", "PH": "911", "VN": "115",
}  # fmt: skip
_EU = (
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IT", "LV", "LT", "LU",
    "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
)  # fmt: skip
_NUMBERS.update(dict.fromkeys(_EU, "112"))


def emergency_number(country: str | None, lang: str) -> str:
    """Whom to call, by country; a general phrase where the country is not known."""
    code = (country or "").strip().upper()
    code = {"UK": "GB"}.get(code, code)
    if code in _NUMBERS:
        number = _NUMBERS[code]
        return number.replace(" or ", "或") if lang == "zh" else number
    if lang == "zh":
        return "当地急救电话（许多国家是112，中国大陆是120）"
    return "your local emergency number (112 in many countries)"


def _zone(profile: Profile, low_pct: float, high_pct: float) -> tuple[float, float] | None:
    top, rest = hr_max_bpm(profile), profile.hr_rest_bpm
    if top is None or rest is None or hrr_pct(rest, profile) is None:
        return None
    low, high = (rest + pct / 100 * (top.bpm - rest) for pct in (low_pct, high_pct))
    if profile.hr_cap_bpm is not None:  # a target never reaches into the person's own limit
        high = min(high, profile.hr_cap_bpm - NEAR_CAP_BPM - 1)
    return None if high < low + 3 else (low, high)


def numbers_of(situation: Situation) -> dict[str, float]:
    """Every number known and fit to use now, by name (units are in the names)."""
    profile, context = situation.profile, situation.context
    top = hr_max_bpm(profile)
    now = live(situation.signals, profile)
    found: dict[str, float | None] = {
        name: getattr(now, name)
        for name in ("hr_bpm", "hrr_pct", "trend_bpm_min", "session_s", "rmssd_ms", "artefact_pct",
                     "cadence_rpm", "power_w", "temp_c", "age_s")
    }  # fmt: skip
    if now.artefact_pct is not None and now.artefact_pct > ARTEFACT_MAX_PCT:
        found["rmssd_ms"] = None
    found |= {
        "sleep_h": context.sleep_h, "days_since_training": context.days_since_training,
        "cap_bpm": profile.hr_cap_bpm, "hr_rest_bpm": profile.hr_rest_bpm,
        "hr_max_bpm": None if top is None else top.bpm,
        "weight_kg": profile.weight_kg,
    }  # fmt: skip
    for name, zone in (("zone", _zone(profile, 40, 59)), ("hard", _zone(profile, 60, 85))):
        if zone is not None:
            found[f"{name}_low_bpm"], found[f"{name}_high_bpm"] = zone
    if profile.weight_kg is not None:  # 1.2-2.0 g per kg and day (Thomas 2016)
        found["protein_low_g"], found["protein_high_g"] = 1.2 * profile.weight_kg, 2.0 * profile.weight_kg
    return {name: value for name, value in found.items() if value is not None}


def spoken(name: str, value: float) -> str:
    """A number as a person says it: hours and degrees to one decimal, the rest whole."""
    if name in ("sleep_h", "temp_c"):
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.0f}"
