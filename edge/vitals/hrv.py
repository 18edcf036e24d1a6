"""Heart-rate variability of RR intervals, whole series or window by window.

SDNN, RMSSD, pNN50: Task Force of the ESC and NASPE 1996, Circulation 93:1043. DFA alpha 1: Peng 1995, Chaos
5:82; its use as an estimate of the first threshold: Rogers 2021, Front Physiol 11:596567.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import InputError
from edge.vitals.rr import RRFilter
from edge.vitals.tracker import MAX_ARTEFACT_PCT

# DFA reacts to wrong beats before RMSSD does: 3 % is where the error stays small (Rogers 2021, Sensors
# 21:821).
MAX_ARTEFACT_DFA_PCT: Final = 3.0
_SCALES: Final = range(4, 17)  # beats; the short-term exponent
_DFA_MIN_BEATS: Final = 4 * 16  # four boxes of the longest scale
_MIN_BEATS: Final = 20  # fewer make no statistic

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class HrvWindow:
    """One window [t_s, t_s + window); None where a number is refused (too few beats, too many artefacts).

    Attributes:
        t_s: start of the window; beat time is the running sum of RR from 0.
        n: beats used, after correction.
        hr_bpm: mean heart rate of the beats used.
        rmssd_ms: root mean square of successive differences, over neighbours only.
        sdnn_ms: standard deviation (ddof 1).
        pnn50: share of successive differences above 50 ms, percent.
        dfa_alpha1: short-term scaling exponent, scales 4-16 beats; an estimate.
        artefact_pct: intervals refused, percent of all in the window.
    """

    t_s: float
    n: int
    hr_bpm: float | None
    rmssd_ms: float | None
    sdnn_ms: float | None
    pnn50: float | None
    dfa_alpha1: float | None
    artefact_pct: float | None


def sdnn(rr_ms: Sequence[float] | Floats) -> float:
    """Standard deviation of the intervals (ddof 1), ms; at least two intervals."""
    return float(np.std(np.asarray(rr_ms, float), ddof=1))


def rmssd(rr_ms: Sequence[float] | Floats) -> float:
    """Root mean square of successive differences, ms; at least two intervals."""
    return _rms(np.diff(np.asarray(rr_ms, float)))


def pnn50(rr_ms: Sequence[float] | Floats) -> float:
    """Share of successive differences of more than 50 ms, percent; at least two intervals."""
    return _over50(np.diff(np.asarray(rr_ms, float)))


def dfa_alpha1(rr_ms: Sequence[float] | Floats) -> float | None:
    """Short-term exponent of detrended fluctuation analysis over scales 4-16 beats.

    Boxes are laid from the front and from the back, so that no beat at an end is left out. None with fewer
    than 64 intervals or where nothing fluctuates.
    """
    rr = np.asarray(rr_ms, float)
    if len(rr) < _DFA_MIN_BEATS:
        return None
    profile = np.cumsum(rr - rr.mean())
    fluctuation = np.array([_fluctuation(profile, scale) for scale in _SCALES])
    if fluctuation.min() < 1e-9:
        return None
    return float(np.polyfit(np.log(np.array(_SCALES)), np.log(fluctuation), 1)[0])


def windows(rr_ms: Sequence[float], window_s: float = 120, step_s: float = 5) -> Iterator[HrvWindow]:
    """Slide a window over the intervals; only whole windows are yielded.

    Args:
        rr_ms: intervals as measured, ms, without holes in time.
        window_s, step_s: above 0, seconds.

    Raises:
        InputError: a window or step that is not above 0, or intervals that are not positive numbers.
    """
    if not (window_s > 0 and step_s > 0 and math.isfinite(window_s) and math.isfinite(step_s)):
        raise InputError(f"window {window_s:g} s, step {step_s:g} s", "Give both above 0")
    rr = np.asarray(rr_ms, float)
    if rr.size and not (np.isfinite(rr).all() and rr.min() > 0):
        raise InputError("an RR interval is not a positive number", "Give milliseconds, one a line")
    beats_s = np.cumsum(rr) / 1000
    judge = RRFilter()
    good = np.array([judge.accepts(float(x)) for x in rr], bool)
    total_s = float(beats_s[-1]) if rr.size else 0.0
    for index in range(_count(total_s, window_s, step_s)):
        t_s = index * step_s
        low, high = np.searchsorted(beats_s, (t_s, t_s + window_s), side="left")
        yield _window(t_s, rr[low:high], good[low:high])


def _count(total_s: float, window_s: float, step_s: float) -> int:
    return 0 if total_s < window_s else int((total_s - window_s) / step_s + 1e-9) + 1


def _window(t_s: float, rr: Floats, good: NDArray[np.bool_]) -> HrvWindow:
    beats = rr[good]
    artefact_pct = 100 * float((~good).mean()) if rr.size else None
    # a difference counts where both neighbours are beats: never across a beat that was taken out
    differences = np.diff(rr)[good[1:] & good[:-1]]
    usable = artefact_pct is not None and artefact_pct <= MAX_ARTEFACT_PCT and len(differences) >= _MIN_BEATS
    for_dfa = usable and artefact_pct is not None and artefact_pct <= MAX_ARTEFACT_DFA_PCT
    return HrvWindow(
        t_s=t_s,
        n=len(beats),
        hr_bpm=60_000 / float(beats.mean()) if len(beats) else None,
        rmssd_ms=_rms(differences) if usable else None,
        sdnn_ms=sdnn(beats) if usable else None,
        pnn50=_over50(differences) if usable else None,
        dfa_alpha1=dfa_alpha1(beats) if for_dfa else None,
        artefact_pct=artefact_pct,
    )


def _rms(differences: Floats) -> float:
    return math.sqrt(float(np.mean(differences**2)))


def _over50(differences: Floats) -> float:
    return 100 * float(np.mean(np.abs(differences) > 50))


def _fluctuation(profile: Floats, scale: int) -> float:
    """Root mean square of what is left in boxes of ``scale`` beats after a straight line is taken off
    each."""
    whole = len(profile) // scale * scale
    boxes = np.concatenate([profile[:whole].reshape(-1, scale), profile[-whole:].reshape(-1, scale)])
    x = np.arange(scale) - (scale - 1) / 2
    centred = boxes - boxes.mean(axis=1, keepdims=True)
    slopes = centred @ x / (x @ x)
    return math.sqrt(float(np.mean((centred - np.outer(slopes, x)) ** 2)))
