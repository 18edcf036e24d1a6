"""Numbers into words: the same code in training and serving.

A bucketed phrase per number, always in the same order, so that a small vocabulary carries them. The phrase
is English: the student learns it as a code, whatever language the person speaks.
"""

from __future__ import annotations

from edge.situation import Vitals

VERSION = 1
STALE_AFTER_S = 15.0  # an older heart rate says nothing about now, so it is not told

# Upper bounds (exclusive) of % heart-rate reserve; Garber et al. 2011 (ACSM), Med Sci Sports Exerc 43:1334.
_INTENSITY = ((15, "resting"), (30, "very light"), (40, "light"), (60, "moderate"), (75, "vigorous"))
_TREND = ((-25, "falling fast"), (-8, "falling"), (8, "steady"), (25, "rising"))  # bpm a minute
_CLOCK = ((2, "just started"), (6, "early"), (20, "minutes in"), (60, "long"))  # minutes
_VARIABILITY = ((12, "very low"), (25, "low"), (50, "normal"), (100, "high"))  # RMSSD ms, Nunan 2010 norms
_TEMPERATURE = ((0, "freezing"), (10, "cold"), (24, "mild"), (30, "warm"))  # degrees C


def _bucket(value: float, bounds: tuple[tuple[float, str], ...], above: str) -> str:
    return next((word for bound, word in bounds if value < bound), above)


def verbalise(signals: Vitals) -> str:
    """Signals as a short phrase; the empty string where nothing is known or the heart rate is stale."""
    stale = signals.age_s is not None and signals.age_s > STALE_AFTER_S
    parts: list[str] = []
    if signals.hr_bpm is not None and not stale:
        parts.append(f"pulse {round(signals.hr_bpm / 10) * 10}")
    if signals.hrr_pct is not None and not stale:
        parts.append(
            "effort " + ("maximal" if signals.hrr_pct >= 90 else _bucket(signals.hrr_pct, _INTENSITY, "hard"))
        )
    if signals.trend_bpm_min is not None and not stale:
        parts.append(_bucket(signals.trend_bpm_min, _TREND, "rising fast"))
    if signals.rmssd_ms is not None and not stale:
        parts.append("variability " + _bucket(signals.rmssd_ms, _VARIABILITY, "very high"))
    if signals.cadence_rpm is not None:
        parts.append("moving" if signals.cadence_rpm >= 20 else "still")
    if signals.session_s is not None:
        parts.append("time " + _bucket(signals.session_s / 60, _CLOCK, "very long"))
    if signals.temp_c is not None:
        parts.append("air " + _bucket(signals.temp_c, _TEMPERATURE, "hot"))
    return ", ".join(parts)


def model_text(text: str, signals: Vitals) -> str:
    """What the student sees: the verbalised signals, a bar, then the person's words."""
    phrase = verbalise(signals)
    return f"{phrase} | {text}" if phrase else text
