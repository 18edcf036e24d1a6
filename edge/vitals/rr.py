"""Which RR intervals are heart beats and which are artefacts: a percentage filter.

An interval that differs too much from the one before it is refused. The limit follows the heart rate, as in
practice with chest straps (Altini; FatMaxxer's "auto"): 25 % below 85 bpm, where breathing alone moves RR a
lot, 5 % above 90 bpm, where it hardly does; between them a straight line. Malik's classic limit is 20 %
everywhere.
"""

from __future__ import annotations

from typing import Final

_LOOSE_PCT: Final = 25.0
_TIGHT_PCT: Final = 5.0
_SLOW_BPM: Final = 85.0
_FAST_BPM: Final = 90.0
_SMOOTHING: Final = 0.1  # weight of a new interval in the running heart rate: about the last ten beats
MIN_RR_MS: Final = 240.0  # 250 bpm
MAX_RR_MS: Final = 2400.0  # 25 bpm: nothing beyond is a beat


class RRFilter:
    """Judges intervals one after the other. Fixed memory."""

    def __init__(self) -> None:
        self._before_ms: float | None = None  # the interval before, accepted or not
        self._mean_ms: float | None = None  # running mean of accepted intervals

    def reset(self) -> None:
        """Forget what came before: after a gap in the data nothing can be compared."""
        self._before_ms = self._mean_ms = None

    def accepts(self, rr_ms: float) -> bool:
        """Whether this interval is a beat to be used; remembers it for the next."""
        if not MIN_RR_MS <= rr_ms <= MAX_RR_MS:
            return False
        before, self._before_ms = self._before_ms, rr_ms
        if before is None:
            self._mean_ms = rr_ms
            return True
        mean = self._mean_ms if self._mean_ms is not None else before
        if abs(rr_ms - before) > limit_pct(60_000 / mean) / 100 * before:
            return False
        self._mean_ms = mean + _SMOOTHING * (rr_ms - mean)
        return True


def limit_pct(bpm: float) -> float:
    """The largest change from one interval to the next that passes, percent, at this heart rate."""
    share = min(1.0, max(0.0, (bpm - _SLOW_BPM) / (_FAST_BPM - _SLOW_BPM)))
    return _LOOSE_PCT + share * (_TIGHT_PCT - _LOOSE_PCT)
