"""What the agent says, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

URGENCIES = ("none", "ease_off", "stop", "emergency")  # rising; the contract's order


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One cause of an advice: a number, the person's words, or a rule.

    Attributes:
        kind: "number", "words" or "rule".
        ref: name of the number (``hr_bpm``), of the head and label (``concern.chest``) or of the rule.
        value: the number, the words that fired, or None.
        unit: unit of a number, else None.
        window_s: span the number was taken over, seconds; None where it does not apply.
        age_s: how old the number is, seconds; None where it does not apply.
    """

    kind: Literal["number", "words", "rule"]
    ref: str
    value: float | str | None = None
    unit: str | None = None
    window_s: float | None = None
    age_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """A card that a rule kept from coming out."""

    card: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One advice: its text in ``lang``, how urgent it is, the card it came from, and the reasons."""

    text: str
    lang: str
    urgency: str
    card: str
    reasons: tuple[Reason, ...] = ()
    sources: tuple[str, ...] = ()
    vetoed: tuple[Veto, ...] = ()
    degraded: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The output object of ``advise``; ``degraded`` only where it is."""
        data = asdict(self)
        if self.degraded is None:
            del data["degraded"]
        return data
