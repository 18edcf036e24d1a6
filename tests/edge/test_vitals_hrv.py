from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.errors import InputError
from edge.vitals.hrv import dfa_alpha1, pnn50, rmssd, sdnn, windows

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "rr"


def rest_rr() -> list[float]:
    path = DATA / "rest_rri.txt"
    if not path.is_file():
        pytest.skip(f"GOLDEN RR DATA MISSING: {path}")
    return [float(line) for line in path.read_text().split()]


def test_golden_series() -> None:
    rr = rest_rr()
    assert len(rr) == 910
    assert sdnn(rr) == pytest.approx(57.818, abs=5e-4)
    assert rmssd(rr) == pytest.approx(55.137, abs=5e-4)
    assert pnn50(rr) == pytest.approx(35.314, abs=5e-4)


def test_golden_windows_are_whole_and_in_step() -> None:
    rr = rest_rr()
    found = list(windows(rr))
    assert [w.t_s for w in found[:3]] == [0, 5, 10]
    assert found[-1].t_s + 120 <= sum(rr) / 1000 < found[-1].t_s + 125
    beats = np.cumsum(rr) / 1000
    assert found[1].n <= int(((beats >= 5) & (beats < 125)).sum())
    assert all(w.dfa_alpha1 is None or 0.2 < w.dfa_alpha1 < 1.8 for w in found)
    assert any(w.dfa_alpha1 is not None for w in found)


def test_alpha_of_known_noises() -> None:
    rng = np.random.default_rng(3)
    white = [dfa_alpha1(800 + 20 * rng.standard_normal(300)) for _ in range(40)]
    brown = [dfa_alpha1(800 + np.cumsum(rng.standard_normal(300))) for _ in range(40)]
    # over such short scales DFA reads white noise a little above 0.5 (Peng 1995)
    assert np.mean(np.array(white, float)) == pytest.approx(0.56, abs=0.06)
    assert np.mean(np.array(brown, float)) == pytest.approx(1.5, abs=0.1)
    assert dfa_alpha1([800.0] * 200) is None
    assert dfa_alpha1([800.0, 810.0] * 10) is None


def test_one_missed_beat_is_taken_out_not_averaged_in() -> None:
    rr = [1000.0 + (i % 2) * 20 for i in range(200)]
    rr[60] = 2010.0
    first = next(windows(rr))
    assert first.rmssd_ms == pytest.approx(20)
    assert first.artefact_pct is not None
    assert 0 < first.artefact_pct < 3


def test_numbers_are_refused_when_too_much_is_wrong() -> None:
    rr = [1000.0 if i % 8 else 1900.0 for i in range(200)]
    window = next(windows(rr))
    assert (window.rmssd_ms, window.sdnn_ms, window.pnn50, window.dfa_alpha1) == (None,) * 4
    assert window.artefact_pct is not None
    assert window.artefact_pct > 5


def test_too_short_gives_nothing_and_nonsense_is_an_error() -> None:
    assert list(windows([800.0] * 10)) == []
    assert list(windows([])) == []
    with pytest.raises(InputError):
        list(windows([800.0], window_s=0))
    with pytest.raises(InputError):
        list(windows([800.0, -1.0]))
