"""The guard: words (student's and lexicon's) and numbers together say how urgent a moment is.

It only ever raises: the verdict is the highest of all voices. Without a reading the lexicon and the
numbers judge alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.advice import URGENCIES, Reason
from edge.coach.facts import facts_of, live
from edge.coach.knowledge import CONCERNS, Condition, Rule, load_knowledge
from edge.coach.lexicon import Findings, load_lexicon
from edge.coach.slots import numbers_of
from edge.coach.state import agreed_rest
from edge.reading import Reading
from edge.situation import Context, Profile, Situation, Vitals

UNITS = {
    "hr_bpm": "bpm", "hrr_pct": "%", "trend_bpm_min": "bpm/min", "session_s": "s", "rmssd_ms": "ms",
    "artefact_pct": "%", "temp_c": "°C", "sleep_h": "h", "days_since_training": "d", "cap_bpm": "bpm",
    "cadence_rpm": "rpm", "power_w": "W", "age_s": "s", "hr_max_bpm": "bpm", "hr_rest_bpm": "bpm",
    "weight_kg": "kg", "zone_low_bpm": "bpm", "zone_high_bpm": "bpm", "hard_low_bpm": "bpm",
    "hard_high_bpm": "bpm", "protein_low_g": "g", "protein_high_g": "g",
}  # fmt: skip
_FACT_NUMBERS = {
    "over_cap": ("hr_bpm", "cap_bpm"), "far_over_cap": ("hr_bpm", "cap_bpm"), "near_max": ("hrr_pct",),
    "rest_high": ("hr_bpm",), "hot": ("temp_c",),
}  # fmt: skip
_NO_CONTEXT = Context()
_OF_THE_HEART = ("hr_bpm", "hrr_pct", "trend_bpm_min", "rmssd_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How urgent the moment is, which concerns hold (contract order), and every reason."""

    urgency: str
    concerns: tuple[str, ...]
    reasons: tuple[Reason, ...]


def highest(*urgencies: str) -> str:
    """The most urgent of some urgencies; "none" for none."""
    return max(urgencies, key=URGENCIES.index, default="none")


def number_reason(name: str, numbers: dict[str, float], signals: Vitals) -> Reason:
    """A number as a reason, with its unit and age; the trend's window is its last 30 s."""
    return Reason(
        kind="number",
        ref=name,
        value=round(numbers[name], 1),
        unit=UNITS[name],
        window_s=30.0 if name == "trend_bpm_min" else None,
        age_s=signals.age_s if name in _OF_THE_HEART else None,
    )


def quote(text: str, limit: int = 60) -> str:
    """The person's own words, one line, shortened, without braces."""
    line = " ".join(text.replace("{", "(").replace("}", ")").split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def judge(
    text: str, reading: Reading | None, signals: Vitals, profile: Profile, context: Context = _NO_CONTEXT
) -> Verdict:
    """Combine the student, the lexicon and the rules in numbers.

    Args:
        text: what the person said; may be empty.
        reading: the student's view, or None where there is no model.
        signals: numbers as read; a heart rate older than 15 s never counts as live.
        profile: who the person is (limit, drugs, conditions).
        context: sleep, training.

    Returns:
        A verdict whose urgency is at least the student's (where something was said) and at least the lexicon's.
    """
    knowledge = load_knowledge()
    found = load_lexicon().find(text)
    heard = reading if text.strip() else None  # where nothing was said there are no words to read
    concerns, reasons = _words(text, heard, found)
    urgency = highest(
        *(knowledge.floor[name] for name in concerns),
        *(hit.urgency for hit in found.hits),
        heard.urgency if heard is not None else "none",
    )
    situation = Situation(signals=signals, profile=profile, context=context, text=text)
    numbers = numbers_of(situation)
    facts = facts_of(signals, profile, context, found.facts, agreed_rest(signals, profile, reading))
    now = live(signals, profile)
    for rule in knowledge.rules:
        if not rule_fires(rule, numbers, facts, concerns):
            continue
        urgency = highest(urgency, rule.urgency)
        reasons.append(Reason(kind="rule", ref=rule.id))
        reasons += [number_reason(n, numbers, now) for n in rule_numbers(rule, numbers)]
    unique = tuple(dict.fromkeys(reasons))
    return Verdict(urgency=urgency, concerns=concerns, reasons=unique)


def rule_fires(
    rule: Rule, numbers: dict[str, float], facts: frozenset[str], concerns: tuple[str, ...]
) -> bool:
    """True when everything the rule names holds."""
    return (
        all(condition.holds(numbers) for condition in rule.when)
        and facts.issuperset(rule.needs)
        and set(concerns).issuperset(rule.concern)
        and (not rule.any_concern or not set(concerns).isdisjoint(rule.any_concern))
    )


def rule_numbers(rule: Rule, numbers: dict[str, float]) -> list[str]:
    """Names of the numbers a rule looked at."""
    names = [c.number for c in rule.when if isinstance(c, Condition)]
    for fact in rule.needs:
        names += _FACT_NUMBERS.get(fact, ())
    return [n for n in dict.fromkeys(names) if n in numbers]


def _words(text: str, reading: Reading | None, found: Findings) -> tuple[tuple[str, ...], list[Reason]]:
    by_lexicon = {hit.concern: hit for hit in found.hits}
    by_student = set(reading.concern) if reading is not None else set()
    concerns = tuple(name for name in CONCERNS if name in by_lexicon or name in by_student)
    reasons = [
        Reason(
            kind="words",
            ref=f"concern.{name}",
            value=quote(by_lexicon[name].words if name in by_lexicon else text) or None,
        )
        for name in concerns
    ]
    if reading is not None and reading.urgency != "none":
        reasons.append(Reason(kind="words", ref=f"urgency.{reading.urgency}", value=quote(text) or None))
    return concerns, reasons
