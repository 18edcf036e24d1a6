"""What the agent knows at one moment: signals, profile, context and words.

The field names are those of the ``advise`` JSON. Every range is wide enough for any living person and
narrow enough to catch a wrong unit.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from edge.errors import InputError


class Goal(StrEnum):
    """What the person trains for."""

    FAT_LOSS = "fat_loss"
    MUSCLE = "muscle"
    ENDURANCE = "endurance"
    RECOVERY = "recovery"
    HEALTH = "health"
    CARDIAC_REHAB = "cardiac_rehab"


def _between(low: float, high: float) -> dict[str, tuple[float, float]]:
    return {"range": (low, high)}


def _one_of(*names: str) -> dict[str, tuple[str, ...]]:
    return {"choices": names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """Numbers read or derived from the sensors; ``None`` where a number is not known."""

    hr_bpm: float | None = field(default=None, metadata=_between(20, 260))  # heart rate
    age_s: float | None = field(default=None, metadata=_between(0, 1e7))  # how old the heart rate is
    hrr_pct: float | None = field(default=None, metadata=_between(-50, 150))  # % of heart-rate reserve
    trend_bpm_min: float | None = field(default=None, metadata=_between(-240, 240))  # slope, last 30 s
    session_s: float | None = field(default=None, metadata=_between(0, 1e6))  # since the first sample
    rmssd_ms: float | None = field(default=None, metadata=_between(0, 1000))
    artefact_pct: float | None = field(default=None, metadata=_between(0, 100))  # RR intervals refused
    cadence_rpm: float | None = field(default=None, metadata=_between(0, 300))
    power_w: float | None = field(default=None, metadata=_between(0, 3000))
    temp_c: float | None = field(default=None, metadata=_between(-60, 70))  # ambient

    @property
    def empty(self) -> bool:
        """True when no number is known at all."""
        return all(getattr(self, f.name) is None for f in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who the person is. Everything may be left out."""

    lang: str | None = field(default=None, metadata=_one_of("en", "zh"))
    country: str | None = None  # ISO 3166 alpha-2, for the emergency number
    age_y: float | None = field(default=None, metadata=_between(5, 120))
    sex: str | None = field(default=None, metadata=_one_of("f", "m", "female", "male", "other"))
    height_cm: float | None = field(default=None, metadata=_between(50, 272))
    weight_kg: float | None = field(default=None, metadata=_between(15, 400))
    hr_rest_bpm: float | None = field(default=None, metadata=_between(25, 130))
    hr_max_bpm: float | None = field(default=None, metadata=_between(80, 240))
    hr_cap_bpm: float | None = field(default=None, metadata=_between(60, 240))
    goal: str | None = field(default=None, metadata=_one_of(*Goal))
    drugs: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAdvice:
    """The advice given before this one."""

    card: str | None = None
    ago_s: float | None = field(default=None, metadata=_between(0, 1e8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known besides the sensors."""

    sleep_h: float | None = field(default=None, metadata=_between(0, 24))
    plan: str | None = None
    last_advice: LastAdvice | None = None
    days_since_training: float | None = field(default=None, metadata=_between(0, 36500))


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One moment, complete: everything an advice may depend on."""

    signals: Vitals = Vitals()
    profile: Profile = Profile()
    context: Context = Context()
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """The situation as the ``advise`` input object, without what is unknown."""
        return typing.cast("dict[str, Any]", _pruned(asdict(self)))


def situation_from_json(data: object) -> Situation:
    """Read the input object of ``advise``.

    Raises:
        InputError: an unknown key, a wrong type or a number out of range; names the key.
    """
    return typing.cast("Situation", _build(Situation, data, ""))


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {k: _pruned(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in (None, "", {}, [])}
    return list(value) if isinstance(value, tuple) else value


def _build(cls: type[Any], data: object, where: str) -> object:
    name = where or "the input"
    if not isinstance(data, Mapping):
        raise InputError(f"{name} must be an object, not {type(data).__name__}", 'Write {"key": value}')
    known = {f.name: f for f in fields(cls)}
    unknown = sorted(str(k) for k in data if k not in known)
    if unknown:
        raise InputError(
            f"unknown key {where + '.' if where else ''}{unknown[0]}", f"Use one of {', '.join(known)}"
        )
    hints = typing.get_type_hints(cls)
    values = {
        key: _value(hints[key], value, f"{where}.{key}" if where else key, known[key].metadata)
        for key, value in data.items()
    }
    return cls(**values)


def _value(hint: Any, value: object, where: str, limits: Mapping[str, Any]) -> object:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if value is None and types.NoneType in options:
        return None
    kind = next(o for o in options if o is not types.NoneType)
    if typing.get_origin(kind) is tuple:
        return _names(value, where)
    if kind is float:
        return _number(value, where, limits)
    if kind is str:
        return _string(value, where, limits)
    return _build(kind, value, where)


def _names(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise InputError(f"{where} must be a list of strings, not {value!r:.60}", 'Write ["bisoprolol"]')
    return tuple(value)


def _number(value: object, where: str, limits: Mapping[str, Any]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{where} must be a number, not {value!r:.60}", "Write it without quotes, or null")
    low, high = limits["range"]
    if not low <= value <= high:  # also false for nan; an integer of any length is compared exactly
        raise InputError(
            f"{where} = {value!s:.20} is out of range", f"Give {low:g} to {high:g}, or leave it out"
        )
    return float(value)


def _string(value: object, where: str, limits: Mapping[str, Any]) -> str:
    if not isinstance(value, str):
        raise InputError(f"{where} must be a string, not {value!r:.60}", 'Write it in double quotes: "..."')
    choices = limits.get("choices")
    if choices and value not in choices:
        raise InputError(f"{where} = {value!r:.60} is not known", f"Use one of {', '.join(choices)}")
    return value
