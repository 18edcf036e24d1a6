"""From samples to numbers, live: heart rate, trend, variability. Memory is fixed, however long a session
lasts."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from ble.events import Gap, Sample
from edge.situation import Profile, Vitals
from edge.vitals.rr import RRFilter
from edge.vitals.zones import hrr_pct

LIVE_S: Final = 15.0  # an older heart rate says nothing about now
TREND_S: Final = 30.0
RMSSD_S: Final = 60.0  # the shortest span RMSSD is commonly taken from (Esco and Flatt 2014; unverified)
# Above this share of refused intervals RMSSD is not told: in 5 min of resting RR a few wrong beats already
# move it by more than its normal spread; 5 % is the usual limit (Task Force 1996 asks for clean NN; Laborde
# 2017; unverified).
MAX_ARTEFACT_PCT: Final = 5.0
_TREND_MIN_S: Final = 20.0  # over less, breathing alone makes a slope
_RMSSD_MIN_DIFFERENCES: Final = 20
_BPM_RANGE: Final = (20, 260)  # what Vitals takes; 0 means that the strap finds no pulse
_SAMPLES: Final = 256  # 30 s even at 8 notifications a second
_INTERVALS: Final = 320  # 60 s at 250 bpm, and some


class Tracker:
    """Follows one session of one person."""

    def __init__(self, profile: Profile | None = None) -> None:
        """``profile``: for % of heart-rate reserve."""
        self.profile = profile or Profile()
        self._filter = RRFilter()
        self._first_s: float | None = None
        self._last_s: float | None = None
        self._bpm: float | None = None
        self._bpm_s = 0.0
        self._rates: deque[tuple[float, float]] = deque(maxlen=_SAMPLES)  # (t_s, bpm)
        # (t_s, accepted, difference to the interval before in ms where both are beats)
        self._intervals: deque[tuple[float, bool, float | None]] = deque(maxlen=_INTERVALS)
        self._before_ms: float | None = None

    def add(self, sample: Sample) -> None:
        """Take a sample in. Without skin contact, or without a pulse, its numbers are no heart's."""
        self._first_s = sample.t_s if self._first_s is None else self._first_s
        self._last_s = sample.t_s
        if sample.contact is False:
            return
        if _BPM_RANGE[0] <= sample.bpm <= _BPM_RANGE[1]:
            self._bpm, self._bpm_s = float(sample.bpm), sample.t_s
            self._rates.append((sample.t_s, self._bpm))
        for rr_ms in sample.rr_ms:
            accepted = self._filter.accepts(rr_ms)
            paired = accepted and self._before_ms is not None
            difference = rr_ms - self._before_ms if paired and self._before_ms is not None else None
            self._before_ms = rr_ms if accepted else None
            self._intervals.append((sample.t_s, accepted, difference))

    def gap(self, gap: Gap) -> None:
        """Data is missing from ``gap.t_s`` on: no slope and no RR difference may reach across."""
        self._rates.clear()
        self._filter.reset()
        self._before_ms = None

    def vitals(self, now_s: float) -> Vitals:
        """The numbers at ``now_s`` (the samples' clock).

        The last heart rate stays with its age; what claims to describe this moment (% of reserve, trend,
        RMSSD) is None once the heart rate is older than 15 s.
        """
        if self._first_s is None:
            return Vitals()
        session_s = max(0.0, now_s - self._first_s)
        if self._bpm is None:
            return Vitals(session_s=session_s)
        age_s = max(0.0, now_s - self._bpm_s)
        if age_s > LIVE_S:
            return Vitals(hr_bpm=self._bpm, age_s=age_s, session_s=session_s)
        rmssd_ms, artefact_pct = self._variability(now_s)
        return Vitals(
            hr_bpm=self._bpm,
            age_s=age_s,
            hrr_pct=hrr_pct(self._bpm, self.profile),
            trend_bpm_min=self._trend(now_s),
            session_s=session_s,
            rmssd_ms=rmssd_ms,
            artefact_pct=artefact_pct,
        )

    def _trend(self, now_s: float) -> float | None:
        """Least-squares slope over the last 30 s, bpm a minute."""
        points = [(t_s, bpm) for t_s, bpm in self._rates if t_s > now_s - TREND_S]
        if len(points) < 3 or points[-1][0] - points[0][0] < _TREND_MIN_S:
            return None
        mean_t = sum(t for t, _ in points) / len(points)
        mean_bpm = sum(bpm for _, bpm in points) / len(points)
        spread = sum((t - mean_t) ** 2 for t, _ in points)
        slope = sum((t - mean_t) * (bpm - mean_bpm) for t, bpm in points) / spread
        return max(-240.0, min(240.0, 60 * slope))

    def _variability(self, now_s: float) -> tuple[float | None, float | None]:
        """RMSSD (ms, or None where refused) and the share of refused intervals (percent) of the last 60 s."""
        recent = [interval for interval in self._intervals if interval[0] > now_s - RMSSD_S]
        if not recent:
            return None, None
        artefact_pct = 100 * sum(not accepted for _, accepted, _ in recent) / len(recent)
        squares = [difference**2 for _, _, difference in recent if difference is not None]
        if artefact_pct > MAX_ARTEFACT_PCT or len(squares) < _RMSSD_MIN_DIFFERENCES:
            return None, artefact_pct
        return min(1000.0, math.sqrt(sum(squares) / len(squares))), artefact_pct
