"""The state of the body as the coach takes it: the numbers decide, the student's view is held against them."""

from __future__ import annotations

from edge.reading import Reading
from edge.situation import Profile, Vitals
from edge.vitals.state import state_of

_REST = ("resting", "strained")


def settled_state(signals: Vitals, profile: Profile, reading: Reading | None, text: str) -> str | None:
    """A state label, or None without a live heart rate.

    The student may turn rest into "strained", and with words anything into "unwell"; it can not make a
    racing heart a resting one.
    """
    by_numbers = state_of(signals, profile)
    if not by_numbers:
        return None
    if reading is not None and reading.state == "unwell" and text.strip():
        return "unwell"
    if reading is not None and reading.state == "strained" and by_numbers == "resting":
        return "strained"
    return by_numbers


def agreed_rest(signals: Vitals, profile: Profile, reading: Reading | None) -> str:
    """ "resting" or "strained" where numbers and student both say rest, else "": a walk is no rest."""
    rest = reading is not None and reading.state in _REST and state_of(signals, profile) in _REST
    return reading.state if rest and reading is not None else ""
