"""Knowledge as data: advice cards, rules, vetoes and sources, read from TOML and checked strictly."""

from __future__ import annotations

import operator
import re
import string
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from edge.advice import URGENCIES
from edge.errors import PulsewiseError

INTENTS = (
    "ask_effort", "ask_continue", "ask_vitals", "ask_workout", "ask_plan", "ask_recovery", "ask_sleep",
    "ask_stress", "ask_nutrition", "ask_hydration", "ask_pain", "ask_illness", "ask_medication",
    "ask_environment", "ask_explain", "ask_device", "report_feeling", "report_symptom", "report_log",
    "set_goal", "feedback", "other",
)  # fmt: skip
CONCERNS = (
    "chest", "breath", "faint", "palpitation", "nausea", "neuro", "heat", "pain", "infection", "fatigue",
    "sleep", "stress", "thirst",
)  # fmt: skip
STATES = (
    "resting", "strained", "warming_up", "easy", "working", "overreaching", "cooling_down", "unwell",
)  # fmt: skip
EXERTIONS = ("unsaid", "easy", "moderate", "hard", "maximal")
GOALS = ("fat_loss", "muscle", "endurance", "recovery", "health", "cardiac_rehab")
EFFORTS = ("none", "rest", "easy", "hold", "harder", "hard")
"""What a card asks of the body: nothing, rest, less, the same, more than now, a hard session."""

NUMBERS = frozenset({
    "hr_bpm", "hrr_pct", "trend_bpm_min", "session_s", "rmssd_ms", "artefact_pct", "cadence_rpm", "power_w",
    "temp_c", "age_s", "sleep_h", "days_since_training", "cap_bpm", "hr_rest_bpm", "hr_max_bpm", "weight_kg",
    "zone_low_bpm", "zone_high_bpm", "hard_low_bpm", "hard_high_bpm", "protein_low_g", "protein_high_g",
})  # fmt: skip
"""Every number a condition or a slot may name; see ``edge.coach.slots``."""
SLOTS = NUMBERS | {"emergency_number"}
FACTS = frozenset({
    "beta_blocker", "af", "rate_unreliable", "pregnancy", "cardiac", "diabetes", "asthma", "kidney",
    "fluid_limit", "over_cap", "far_over_cap", "near_cap", "near_max", "rest_high", "at_rest", "hot", "stale",
    "no_signal", "artefacts", "sleep_short", "long_break", "urgency_ease_off", "urgency_stop",
    *(f"concern_{name}" for name in CONCERNS),
})  # fmt: skip
"""Every fact a card, rule or veto may name; see ``edge.coach.facts``."""

_OPS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class KnowledgeError(PulsewiseError):
    """A knowledge file that breaks the schema."""


def _bad(where: str, what: str, do: str) -> KnowledgeError:
    return KnowledgeError(f"{where}: {what}", do)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """``number op bound``, false where the number is not known."""

    number: str
    op: str
    bound: float

    def holds(self, numbers: Mapping[str, float]) -> bool:
        """True when the number is known and within the bound."""
        value = numbers.get(self.number)
        return value is not None and _OPS[self.op](value, self.bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a figure comes from; ``verified`` when someone of the project opened it."""

    id: str
    text: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One advice to give. An empty tuple among intent ... goal means "any".

    ``when`` numbers and ``needs`` facts must all hold; a fact in ``never`` is a veto.
    """

    id: str
    urgency: str
    effort: str
    hr_target: bool
    intent: tuple[str, ...]
    concern: tuple[str, ...]
    state: tuple[str, ...]
    exertion: tuple[str, ...]
    goal: tuple[str, ...]
    when: tuple[Condition, ...]
    needs: tuple[str, ...]
    never: tuple[str, ...]
    en: str
    zh: str
    why_en: str
    why_zh: str
    source: tuple[str, ...]
    slots: frozenset[str]

    def text(self, lang: str) -> str:
        """The template in ``lang`` (en or zh)."""
        return self.zh if lang == "zh" else self.en

    def why(self, lang: str) -> str:
        """The general reason in ``lang``."""
        return self.why_zh if lang == "zh" else self.why_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Raises the urgency to ``urgency`` when everything it names holds."""

    id: str
    urgency: str
    when: tuple[Condition, ...]
    needs: tuple[str, ...]
    concern: tuple[str, ...]
    any_concern: tuple[str, ...]
    en: str
    zh: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardVeto:
    """Takes away cards of these efforts, or with a heart-rate target, while one of ``facts`` holds."""

    id: str
    effort: tuple[str, ...]
    hr_target: bool
    facts: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Everything read from the knowledge files, checked."""

    cards: tuple[Card, ...]
    rules: tuple[Rule, ...]
    vetoes: tuple[CardVeto, ...]
    floor: Mapping[str, str]
    sources: Mapping[str, Source]


class _Table:
    """One TOML table, read key by key so that a leftover key is an error."""

    def __init__(self, data: Mapping[str, Any], where: str) -> None:
        self.data = dict(data)
        self.where = f"{where} {data.get('id', '?')}"

    def text(self, key: str) -> str:
        value = self.data.pop(key, None)
        if not isinstance(value, str) or not value.strip():
            raise _bad(self.where, f"{key} must be a text that is not empty", f'Write {key} = "..."')
        return value

    def flag(self, key: str) -> bool:
        value = self.data.pop(key, False)
        if not isinstance(value, bool):
            raise _bad(self.where, f"{key} must be true or false", "Leave it out for false")
        return value

    def names(self, key: str, known: Iterable[str], *, needed: bool = False) -> tuple[str, ...]:
        value = self.data.pop(key, [])
        if not isinstance(value, list) or (needed and not value):
            raise _bad(self.where, f"{key} must be a list of names", f'Write {key} = ["..."]')
        allowed = set(known)
        for name in value:
            if name not in allowed:
                raise _bad(self.where, f"{key} has the unknown name {name!r}", f"Use {sorted(allowed)}")
        return tuple(value)

    def one(self, key: str, known: Iterable[str]) -> str:
        value = self.text(key)
        if value not in tuple(known):
            raise _bad(self.where, f"{key} = {value!r} is not known", f"Use one of {', '.join(known)}")
        return value

    def conditions(self, key: str) -> tuple[Condition, ...]:
        out = []
        for item in self.data.pop(key, []):
            match = re.fullmatch(r"(\w+) (<|<=|>|>=) (-?\d+(?:\.\d+)?)", str(item))
            if match is None or match[1] not in NUMBERS:
                raise _bad(self.where, f"condition {item!r} can not be read", 'Write "hrr_pct >= 60"')
            out.append(Condition(number=match[1], op=match[2], bound=float(match[3])))
        return tuple(out)

    def done(self) -> None:
        self.data.pop("id", None)
        if self.data:
            raise _bad(self.where, f"unknown key {sorted(self.data)[0]!r}", "Remove it or mend its spelling")


def _slots_of(template: str, where: str) -> frozenset[str]:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise _bad(where, f"template {template!r:.60} is broken ({error})", "Pair the braces") from error
    names = {name for _, name, _, _ in parts if name is not None}
    if names - SLOTS:
        raise _bad(where, f"unknown slot {sorted(names - SLOTS)[0]!r}", f"Use one of {sorted(SLOTS)}")
    return frozenset(names)


def _card(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Card:
    table = _Table(data, "card")
    en, zh = table.text("en"), table.text("zh")
    slots = _slots_of(en, table.where)
    if slots != _slots_of(zh, table.where):
        raise _bad(table.where, "the languages use different slots", "Use the same slots in en and zh")
    card = Card(
        id=str(data.get("id", "")), urgency=table.one("urgency", URGENCIES),
        effort=table.one("effort", EFFORTS),
        hr_target=table.flag("hr_target"), intent=table.names("intent", INTENTS),
        concern=table.names("concern", CONCERNS), state=table.names("state", STATES),
        exertion=table.names("exertion", EXERTIONS), goal=table.names("goal", GOALS),
        when=table.conditions("when"), needs=table.names("needs", FACTS), never=table.names("never", FACTS),
        en=en, zh=zh, why_en=table.text("why_en"), why_zh=table.text("why_zh"),
        source=table.names("source", sources, needed=True), slots=slots,
    )  # fmt: skip
    table.done()
    if card.urgency in URGENCIES[2:] and not any(sources[s].verified for s in card.source):
        raise _bad(table.where, "rests on unverified sources alone", "Add a verified source")
    if card.urgency in URGENCIES[2:] and card.effort != "rest":
        raise _bad(table.where, f"asks for effort {card.effort!r} although urgent", 'Set effort = "rest"')
    return card


def _rule(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Rule:
    table = _Table(data, "rule")
    rule = Rule(
        id=str(data.get("id", "")), urgency=table.one("urgency", URGENCIES), when=table.conditions("when"),
        needs=table.names("needs", FACTS), concern=table.names("concern", CONCERNS),
        any_concern=table.names("any_concern", CONCERNS), en=table.text("en"), zh=table.text("zh"),
        source=table.names("source", sources, needed=True),
    )  # fmt: skip
    table.done()
    _must_be_verified(table.where, rule.source, sources)
    return rule


def _veto(data: Mapping[str, Any], sources: Mapping[str, Source]) -> CardVeto:
    table = _Table(data, "veto")
    veto = CardVeto(
        id=str(data.get("id", "")), effort=table.names("effort", EFFORTS), hr_target=table.flag("hr_target"),
        facts=table.names("facts", FACTS, needed=True), source=table.names("source", sources, needed=True),
    )  # fmt: skip
    table.done()
    _must_be_verified(table.where, veto.source, sources)
    return veto


def _must_be_verified(where: str, ids: tuple[str, ...], sources: Mapping[str, Source]) -> None:
    if not any(sources[s].verified for s in ids):
        raise _bad(where, "rests on unverified sources alone", "Add a verified source")


def parse_knowledge(texts: Mapping[str, str]) -> Knowledge:
    """Read knowledge from TOML texts by file name, and check the whole.

    Raises:
        KnowledgeError: broken TOML, a broken schema, a doubled id, an intent, concern or urgency
            that no card serves.
    """
    merged: dict[str, Any] = {"card": [], "rule": [], "veto": [], "floor": {}, "source": {}}
    for name, text in sorted(texts.items()):
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _bad(name, f"is not TOML ({error})", "Mend the line named") from error
        for key, value in data.items():
            if key not in merged:
                raise _bad(name, f"unknown table {key!r}", f"Use {', '.join(merged)}")
            merged[key] = merged[key] + value if isinstance(value, list) else {**merged[key], **value}
    sources = {}
    for key, value in merged["source"].items():
        table = _Table({**value, "id": key}, "source")
        sources[key] = Source(id=key, text=table.text("text"), verified=table.flag("verified"))
        table.done()
    knowledge = Knowledge(
        cards=tuple(_card(c, sources) for c in merged["card"]),
        rules=tuple(_rule(r, sources) for r in merged["rule"]),
        vetoes=tuple(_veto(v, sources) for v in merged["veto"]),
        floor=dict(merged["floor"]),
        sources=sources,
    )
    _check_whole(knowledge)
    return knowledge


def _check_whole(knowledge: Knowledge) -> None:
    for kind, items in (("card", knowledge.cards), ("rule", knowledge.rules), ("veto", knowledge.vetoes)):
        seen: set[str] = set()
        for item in items:
            if not item.id or item.id in seen:
                raise _bad(f"{kind} {item.id!r}", "has no id, or one already used", "Give each its own id")
            seen.add(item.id)
    for name in INTENTS:
        if not any(name in card.intent for card in knowledge.cards):
            raise _bad("cards", f"no card serves the intent {name}", "Add one")
    for name in CONCERNS:
        if not any(name in card.concern for card in knowledge.cards):
            raise _bad("cards", f"no card serves the concern {name}", "Add one")
        if knowledge.floor.get(name) not in URGENCIES:
            raise _bad("floor", f"{name} has no known urgency", f"Use one of {', '.join(URGENCIES)}")
    for name in URGENCIES:  # the floor under the ranking: a card that always fits and nothing forbids
        if not any(c.urgency == name and _always_fits(c) for c in knowledge.cards):
            raise _bad("cards", f"no general card for the urgency {name}", "Add one without conditions")


def _always_fits(card: Card) -> bool:
    dims = (card.intent, card.concern, card.state, card.exertion, card.goal)
    limits = (card.when, card.needs, card.never)
    return not any(dims) and not any(limits) and card.slots <= {"emergency_number"} and not card.hr_target


@cache
def load_knowledge() -> Knowledge:
    """The shipped knowledge; read and checked once."""
    folder = files("edge.coach") / "knowledge"
    names = [f for f in folder.iterdir() if f.name.endswith(".toml")]
    return parse_knowledge({f.name: f.read_text(encoding="utf-8") for f in names})
