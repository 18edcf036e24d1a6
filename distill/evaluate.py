"""Scores of predictions against labels. Every figure comes from the file that will be served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from distill.corpus.authored import Twin
from edge.language.labels import contract
from edge.reading import Reading

ALARMS = ("stop", "emergency")
Read = Callable[[str], Reading]


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures over some sentences, each in 0..1 (or None where nothing to score).

    Attributes:
        texts: how many sentences. intent: accuracy. concern_f1, exertion_f1: macro F1 over labels that occur.
        urgency: accuracy. alarm_recall: share of stop and emergency read as either.
        false_alarms: share of the others read as stop or emergency.
    """

    texts: int
    intent: float
    concern_f1: float
    urgency: float
    exertion_f1: float
    alarm_recall: float | None
    false_alarms: float | None


def score(twins: Sequence[Twin], readings: Sequence[Reading]) -> Scores:
    """Score readings of sentences."""
    alarm = np.asarray([t.urgency in ALARMS for t in twins])
    rung = np.asarray([r.urgency in ALARMS for r in readings])
    return Scores(
        texts=len(twins),
        intent=_accuracy([t.intent for t in twins], [r.intent for r in readings]),
        concern_f1=_macro_f1([set(t.concern) for t in twins], [set(r.concern) for r in readings]),
        urgency=_accuracy([t.urgency for t in twins], [r.urgency for r in readings]),
        exertion_f1=_macro_f1([{t.exertion} for t in twins], [{r.exertion} for r in readings]),
        alarm_recall=float(rung[alarm].mean()) if alarm.any() else None,
        false_alarms=float(rung[~alarm].mean()) if (~alarm).any() else None,
    )


def majority(train: Sequence[Twin]) -> Read:
    """The reader that always gives the commonest label: the row every model has to beat."""

    def one_hot(head: str) -> dict[str, float]:
        values = [getattr(t, head) for t in train]
        best = max(sorted(set(values)), key=values.count)
        return {name: float(name == best) for name in contract()[head].labels}

    p = {head: one_hot(head) for head in ("intent", "urgency", "exertion")}
    p["concern"] = dict.fromkeys(contract()["concern"].labels, 0.0)
    reading = Reading(p=p, embedding=np.zeros(1, np.float32))
    return lambda _text: reading


def table(rows: dict[str, Scores]) -> str:
    """A plain-text table, one row a reader."""
    head = f"{'':34}{'n':>5} {'intent':>7} {'concern':>8} {'urgency':>8} {'exertion':>9} {'recall':>7} {'false':>6}"
    units = f"{'':34}{'':>5} {'acc':>7} {'F1':>8} {'acc':>8} {'F1':>9} {'alarms':>7} {'alarm':>6}"
    lines = [head, units]
    for name, s in rows.items():
        lines.append(
            f"{name:34}{s.texts:>5} {s.intent:>7.3f} {s.concern_f1:>8.3f} {s.urgency:>8.3f} {s.exertion_f1:>9.3f} "
            f"{_shown(s.alarm_recall):>7} {_shown(s.false_alarms):>6}"
        )
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _accuracy(truth: list[str], found: list[str]) -> float:
    return sum(a == b for a, b in zip(truth, found, strict=True)) / max(1, len(truth))


def _macro_f1(truth: list[set[str]], found: list[set[str]]) -> float:
    names = sorted(set().union(*truth)) if truth else []
    scores = []
    for name in names:
        both = sum(name in a and name in b for a, b in zip(truth, found, strict=True))
        either = sum(name in a for a in truth) + sum(name in b for b in found)
        scores.append(2 * both / either)
    return float(np.mean(scores)) if scores else 0.0
