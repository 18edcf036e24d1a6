"""Which cards fit a moment, which a rule forbids, and which one is best. Deterministic."""

from __future__ import annotations

from dataclasses import dataclass

from edge.advice import Veto
from edge.coach.knowledge import Card, CardVeto
from edge.situation import LastAdvice

SAME_ADVICE_WITHIN_S = 600.0
# Gravest first: with several concerns the card of the gravest one leads.
_GRAVITY = (
    "chest", "neuro", "breath", "faint", "palpitation", "heat", "nausea", "infection", "pain", "fatigue",
    "thirst", "sleep", "stress",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What cards are chosen by."""

    intent: str | None
    concerns: tuple[str, ...]
    state: str | None
    exertion: str | None
    goal: str | None
    numbers: dict[str, float]
    facts: frozenset[str]
    last: LastAdvice | None


def fits(card: Card, moment: Moment) -> bool:
    """True when the card serves this moment and every number it speaks of is known."""
    pairs = (
        (card.intent, moment.intent), (card.state, moment.state), (card.exertion, moment.exertion),
        (card.goal, moment.goal),
    )  # fmt: skip
    # A target that drugs or rhythm forbid is let through to its veto, so that the veto is on record.
    blocked = card.hr_target and "rate_unreliable" in moment.facts
    return (
        all(not wanted or actual in wanted for wanted, actual in pairs)
        and (not card.concern or not set(card.concern).isdisjoint(moment.concerns))
        and all(condition.holds(moment.numbers) for condition in card.when)
        and moment.facts.issuperset(card.needs)
        and (blocked or (card.slots - {"emergency_number"}) <= set(moment.numbers))
    )


def veto_of(card: Card, vetoes: tuple[CardVeto, ...], facts: frozenset[str]) -> Veto | None:
    """The first rule that forbids the card now, or None."""
    for veto in vetoes:
        aimed = card.effort in veto.effort or (veto.hr_target and card.hr_target)
        if aimed and not facts.isdisjoint(veto.facts):
            return Veto(card=card.id, rule=veto.id)
    for fact in card.never:
        if fact in facts:
            return Veto(card=card.id, rule=f"never:{fact}")
    return None


def score(card: Card, moment: Moment) -> float:
    """How well a fitting card serves: concern, facts, intent, state, felt effort, goal, numbers, novelty."""
    points = 0.0
    shared = [name for name in _GRAVITY if name in card.concern and name in moment.concerns]
    if shared:
        points += 60 - 2 * _GRAVITY.index(shared[0])
    points += 12 * len(card.needs)
    points += 30 if card.intent else 0
    points += 10 if card.state else 0
    points += 5 if card.exertion else 0
    points += 6 if card.goal else 0
    points += 2 * len(card.when)
    points += 3 if card.slots - {"emergency_number"} else 0  # the person's own numbers
    last = moment.last
    recent = last is not None and (last.ago_s is None or last.ago_s < SAME_ADVICE_WITHIN_S)
    if last is not None and recent and last.card == card.id:
        points -= 9  # say it another way if there is an equal; never at the price of the topic
    return points


def best(cards: list[Card], moment: Moment) -> Card:
    """The best of some fitting cards; ties go to the first id. ``cards`` is never empty."""
    return min(cards, key=lambda card: (-score(card, moment), card.id))
