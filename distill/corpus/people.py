"""Simulated moments of simulated people: the hidden state first, then the signals that it would show.

The state label is drawn before the numbers and is never computed from them, so the student learns the person's
state and not our rules. Constants: intensity bands after Garber et al. 2011; resting rates 45-85 bpm (AHA
resting range, athletes lower); RMSSD about 42 +/- 15 ms at rest, falling towards 3-10 ms in vigorous work (Nunan
2010; Task Force 1996); spreads are assumptions, wide on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.situation import Vitals


@dataclass(frozen=True, slots=True)
class _Look:
    """How a hidden state looks from outside: mean and spread of what the sensors read."""

    reserve_pct: tuple[float, float]
    trend_bpm_min: tuple[float, float]
    rmssd_factor: float  # times the person's own RMSSD at rest
    minutes: tuple[float, float]
    moving: float  # chance that cadence is at work


_LOOKS = {
    "resting": _Look((5, 5), (0, 3), 1.0, (0, 30), 0.02),
    "strained": _Look((21, 6), (0, 4), 0.35, (0, 30), 0.02),
    "warming_up": _Look((38, 11), (20, 9), 0.35, (0.3, 8), 0.9),
    "easy": _Look((45, 9), (1, 4), 0.3, (5, 90), 0.95),
    "working": _Look((74, 8), (2, 5), 0.12, (8, 90), 0.97),
    "overreaching": _Look((95, 5), (3, 6), 0.08, (8, 90), 0.97),
    "cooling_down": _Look((45, 14), (-22, 9), 0.25, (10, 100), 0.6),
}
STATES = tuple(_LOOKS)


def moment(rng: np.random.Generator, state: str) -> Vitals:
    """One moment of a random person in a hidden ``state``; some numbers missing, as on real devices."""
    look = _LOOKS[state]
    rest = float(np.clip(rng.normal(63, 9), 42, 90))
    age = rng.uniform(18, 80)
    top = 208 - 0.7 * age + rng.normal(0, 8)  # Tanaka 2001, spread 7-10 bpm
    reserve = float(np.clip(rng.normal(*look.reserve_pct), -5, 110))
    rmssd = float(
        np.clip(rng.lognormal(np.log(40), 0.4) * look.rmssd_factor * rng.lognormal(0, 0.25), 1, 250)
    )

    def maybe(chance: float, value: float) -> float | None:
        return value if rng.random() < chance else None

    return Vitals(
        hr_bpm=round(rest + reserve / 100 * (top - rest)),
        age_s=maybe(0.5, round(rng.uniform(0, 2), 1)),
        hrr_pct=maybe(0.8, round(reserve, 1)),
        trend_bpm_min=maybe(0.85, round(float(rng.normal(*look.trend_bpm_min)), 1)),
        session_s=maybe(0.85, round(60 * rng.uniform(*look.minutes))),
        rmssd_ms=maybe(0.6, round(rmssd, 1)),
        artefact_pct=maybe(0.6, round(float(rng.exponential(1.5)), 1)),
        cadence_rpm=maybe(0.3, round(rng.uniform(60, 95)) if rng.random() < look.moving else 0),
        temp_c=maybe(0.3, round(float(rng.normal(20, 9)))),
    )
