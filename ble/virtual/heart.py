"""A heart made of numbers: beats that answer to effort, and the notifications a strap makes of them.

It is a stand-in for a person in demonstrations and tests, not physiology to draw conclusions from. The forms
follow what is commonly described (first-order heart rate kinetics, faster up than down; cardiovascular drift,
Coyle and Gonzalez-Alonso 2001; respiratory sinus arrhythmia that vagal withdrawal takes away under effort;
1/f fluctuation of the heart period, Kobayashi and Musha 1982); the constants are round values of the usual
order, assumed and not fitted to anybody.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ble.measurement import Measurement, encode

_TAU_ON_S: Final = 28.0  # assumed: most of the rise within two minutes
_TAU_OFF_S: Final = 55.0  # assumed: recovery takes about twice as long
_DRIFT_BPM: Final = 12.0  # assumed: what a long, all-out effort adds in the end
_DRIFT_TAU_S: Final = 1800.0  # assumed: the drift needs tens of minutes
_RSA_MS: Final = 45.0  # assumed amplitude at rest, half of peak to trough: a healthy adult
_RSA_GONE: Final = 0.45  # assumed: e-fold of the vanishing, squared, as a fraction of the HR reserve
_BREATHS_REST_HZ: Final = 0.25  # 15 breaths a minute
_BREATHS_MAX_HZ: Final = 0.75  # 45 breaths a minute
_NOISE_MS: Final = 22.0  # assumed standard deviation at rest
_NOISE_SCALES_BEATS: Final = (2, 8, 32, 128, 512)  # equal power an octave pair: about 1/f from 2 to 512 beats
_SMOOTHED_BEATS: Final = 5  # assumed: the strap's own smoothing of bpm is not published
_TICKS_PER_MS: Final = 1.024
_MAX_RR_PER_FRAME: Final = 9  # what an ATT MTU of 23 holds


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat as a strap sees it.

    Attributes:
        t_s: when, seconds since the start; the sum of all RR so far.
        rr_ms: interval since the beat before, milliseconds.
    """

    t_s: float
    rr_ms: float


class SimulatedHeart:
    """A person's heart; the same seed, settings and effort give the same beats."""

    def __init__(
        self,
        *,
        seed: int,
        hr_rest_bpm: float = 60,
        hr_max_bpm: float = 185,
        rsa_ms: float = _RSA_MS,
        noise_ms: float = _NOISE_MS,
        ectopics_per_hour: float = 6.0,
        artefacts_per_hour: float = 6.0,
    ) -> None:
        """Describe the person.

        Args:
            seed: of all randomness.
            hr_rest_bpm: at effort 0; above 20.
            hr_max_bpm: at effort 1 and never passed by the mean; above rest, at most 250.
            rsa_ms: amplitude of respiratory sinus arrhythmia at rest, milliseconds.
            noise_ms: standard deviation of the 1/f-like part at rest, milliseconds.
            ectopics_per_hour: early beats with a pause after them.
            artefacts_per_hour: beats the strap misses (two intervals in one) or sees twice.

        Raises:
            ValueError: rates or heart rates out of range.
        """
        if not 20 < hr_rest_bpm < hr_max_bpm <= 250:
            raise ValueError(f"need 20 < rest < max <= 250 bpm, got {hr_rest_bpm} and {hr_max_bpm}")
        if min(rsa_ms, noise_ms, ectopics_per_hour, artefacts_per_hour) < 0:
            raise ValueError("rsa_ms, noise_ms and the rates per hour can not be negative")
        self._seed = seed
        self._rest, self._max = float(hr_rest_bpm), float(hr_max_bpm)
        self._rsa_ms, self._noise_ms = rsa_ms, noise_ms
        self._ectopics_s, self._artefacts_s = ectopics_per_hour / 3600, artefacts_per_hour / 3600

    def beats(self, effort: Callable[[float], float], duration_s: float) -> Iterator[Beat]:
        """Beat until `duration_s`.

        Args:
            effort: seconds since the start -> 0 (rest) to 1 (all a person has), as a fraction of the HR
                reserve; clipped to that range.
            duration_s: the last beat is not later than this.
        """
        t_s, merged_ms = 0.0, 0.0
        for rr_ms, missed, doubled in self._intervals(effort):
            merged_ms += rr_ms
            if missed:
                continue
            for part_ms in (0.4 * merged_ms, 0.6 * merged_ms) if doubled else (merged_ms,):
                t_s += part_ms / 1000
                if t_s > duration_s:
                    return
                yield Beat(t_s, part_ms)
            merged_ms = 0.0

    def _intervals(self, effort: Callable[[float], float]) -> Iterator[tuple[float, bool, bool]]:
        """True intervals (ms) without end, and whether the strap misses or doubles the beat."""
        rng = np.random.default_rng(self._seed)
        reserve = self._max - self._rest
        keep = np.array([math.exp(-1 / beats) for beats in _NOISE_SCALES_BEATS])
        noise = rng.standard_normal(len(keep))
        t_s, hr, drift, breath, pause_ms = 0.0, self._rest, 0.0, float(rng.uniform(0, 2 * math.pi)), 0.0
        while True:
            drive = min(1.0, max(0.0, float(effort(t_s))))
            used = (hr - self._rest) / reserve
            vagal = math.exp(-((used / _RSA_GONE) ** 2))
            mean_ms = 60_000 / min(self._max, hr + drift)
            fluctuation_ms = self._noise_ms * (0.15 + 0.85 * vagal) * (mean_ms * self._rest / 60_000)
            rr_ms = mean_ms + self._rsa_ms * vagal * math.sin(breath)
            rr_ms += fluctuation_ms * float(noise.sum()) / math.sqrt(len(keep))
            rr_ms, pause_ms = max(rr_ms + pause_ms, 240.0), 0.0
            chance_ectopic, chance_artefact, which = rng.random(3)
            if chance_ectopic < self._ectopics_s * rr_ms / 1000:
                pause_ms = 0.3 * rr_ms  # the pause after makes the two intervals as long as two ordinary ones
                rr_ms *= 0.7
            artefact = chance_artefact < self._artefacts_s * rr_ms / 1000
            yield rr_ms, artefact and which < 0.5, artefact and which >= 0.5
            step_s = rr_ms / 1000
            t_s += step_s
            goal = self._rest + drive * reserve
            hr += (goal - hr) * (1 - math.exp(-step_s / (_TAU_ON_S if goal > hr else _TAU_OFF_S)))
            drift += (drive * _DRIFT_BPM - drift) * (1 - math.exp(-step_s / _DRIFT_TAU_S))
            breath += 2 * math.pi * step_s * (_BREATHS_REST_HZ + used * (_BREATHS_MAX_HZ - _BREATHS_REST_HZ))
            noise = keep * noise + np.sqrt(1 - keep**2) * rng.standard_normal(len(keep))


def frames(beats: Iterable[Beat], *, period_s: float = 1.0) -> Iterator[tuple[float, bytes]]:
    """The notifications of a chest strap that sees these beats: (t_s, value of 0x2A37).

    Like a Polar H10: about one a second, RR in ticks, no contact bit, no energy; under 60 bpm some frames
    carry no RR. The bpm is the mean of the last five beats (assumed; makers do not publish theirs). Rounding
    to ticks is carried on, so that the sum of RR keeps the time. Nothing is sent before the first beat.

    Args:
        beats: in order of time.
        period_s: seconds from one notification to the next.
    """
    recent: deque[float] = deque(maxlen=_SMOOTHED_BEATS)
    waiting: list[int] = []
    carry, next_s = 0.0, period_s

    def frame() -> bytes:
        bpm = round(60_000 * len(recent) / sum(recent))
        sent = tuple(waiting[:_MAX_RR_PER_FRAME])
        del waiting[:_MAX_RR_PER_FRAME]
        return encode(Measurement(bpm, rr_ticks=sent))

    for beat in beats:
        while beat.t_s > next_s:
            if recent:
                yield next_s, frame()
            next_s += period_s
        exact = beat.rr_ms * _TICKS_PER_MS + carry
        ticks = min(round(exact), 0xFFFF)
        carry = exact - round(exact)
        waiting.append(ticks)
        recent.append(beat.rr_ms)
    while waiting:
        yield next_s, frame()
        next_s += period_s
