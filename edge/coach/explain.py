"""The because-part of an advice, in the person's language, with the true number or words."""

from __future__ import annotations

import re

from edge.advice import Reason
from edge.coach.guard import Verdict, number_reason, quote
from edge.coach.knowledge import Card, Rule
from edge.coach.ranking import Moment
from edge.coach.slots import spoken
from edge.situation import Vitals

_NAMES = {
    "hr_bpm": ("your heart rate is {} bpm", "你的心率是{}次/分"),
    "hrr_pct": ("you are at {} % of your heart-rate reserve", "你在心率储备的{}%"),
    "trend_bpm_min": ("your heart rate moves by {} bpm a minute", "你的心率每分钟变化{}次"),
    "session_s": ("you have been going for {} seconds", "你已经练了{}秒"),
    "rmssd_ms": ("your RMSSD is {} ms", "你的RMSSD是{}毫秒"),
    "artefact_pct": ("{} % of the beats were unclear", "{}%的心跳不清楚"),
    "temp_c": ("it is {} °C", "气温{} °C"),
    "sleep_h": ("you slept {} h", "你睡了{}小时"),
    "days_since_training": ("your last training was {} days ago", "你上次训练是{}天前"),
    "cap_bpm": ("your limit is {} bpm", "你的上限是{}次/分"),
    "age_s": ("the last heart rate is {} seconds old", "上一次心率是{}秒前的"),
    "weight_kg": ("you weigh {} kg", "你的体重是{}公斤"),
}
# What a slot made from other numbers stands for, when it is told as a reason.
_BEHIND = {"protein_low_g": "weight_kg", "protein_high_g": "weight_kg"}
_MISSING = ("I have no live heart rate", "我没有实时心率")


def say_number(name: str, value: float, lang: str) -> str | None:
    """A number in a sentence, or None for one that is never told."""
    if name not in _NAMES:
        return None
    return _NAMES[name][lang == "zh"].format(spoken(name, value))


def because(
    card: Card, verdict: Verdict, rules: tuple[Rule, ...], moment: Moment, *, text: str, lang: str
) -> str:
    """The concrete cause: the words or rule that raised the alarm, else the card's numbers, else the text."""
    zh = lang == "zh"
    words = [r for r in verdict.reasons if r.kind == "words" and r.value and r.ref.startswith("concern.")]
    words = [r for r in words if not card.concern or r.ref.removeprefix("concern.") in card.concern] or words
    fired = {r.ref for r in verdict.reasons if r.kind == "rule"}
    told = [rule for rule in rules if rule.id in fired]
    if words and (card.concern or not told):
        numbers = any(rule.when for rule in told) and "hr_bpm" in moment.numbers
        also = ("，" if zh else ", ") + _numbers(("hr_bpm",), moment, lang) if numbers else ""
        return _said(str(words[0].value), zh) + also
    if told:
        rule = max(told, key=lambda r: ("none", "ease_off", "stop", "emergency").index(r.urgency))
        return _numbers(("hr_bpm", "temp_c") if "hot" not in rule.needs else ("temp_c",), moment, lang) + (
            f"（{rule.zh}）" if zh else f" ({rule.en})"
        )
    mine = card_numbers(card, moment)
    if mine:
        return _numbers(mine[:2], moment, lang)
    if text.strip():
        return _said(quote(text, 40), zh)
    if "hr_bpm" in moment.numbers and "rate_unreliable" not in moment.facts:
        return _numbers(("hr_bpm",), moment, lang)
    return _MISSING[zh]


def card_numbers(card: Card, moment: Moment) -> tuple[str, ...]:
    """The numbers a card rests on (its conditions and slots), those that can be told."""
    names = [*(c.number for c in card.when), *sorted(card.slots)]
    if "sleep_short" in card.needs:
        names.append("sleep_h")
    names = [_BEHIND.get(n, n) for n in names]
    return tuple(dict.fromkeys(n for n in names if n in moment.numbers and n in _NAMES))


def reasons_of(
    card: Card, verdict: Verdict, moment: Moment, signals: Vitals, text: str
) -> tuple[Reason, ...]:
    """The verdict's reasons, then the card's own numbers and the intent read from the words."""
    out = [*verdict.reasons, *(number_reason(n, moment.numbers, signals) for n in card_numbers(card, moment))]
    if moment.intent is not None and card.intent:
        out.append(Reason(kind="words", ref=f"intent.{moment.intent}", value=quote(text) or None))
    if not out and text.strip():
        out.append(Reason(kind="words", ref="text", value=quote(text)))
    if not out and "hr_bpm" in moment.numbers:
        out.append(number_reason("hr_bpm", moment.numbers, signals))
    return tuple(dict.fromkeys(out)) or (Reason(kind="rule", ref="no-signal-no-words"),)


def language_of(lang: str | None, text: str, default: str) -> str:
    """The profile's language; else zh for Han characters, en for other words, ``default`` for none."""
    if lang is not None:
        return lang
    if re.search(r"[\u3400-\u9fff]", text):
        return "zh"
    return "en" if text.strip() else default


def _said(words: str, zh: bool) -> str:
    return f"你说“{words}”" if zh else f'you said "{words}"'


def _numbers(names: tuple[str, ...], moment: Moment, lang: str) -> str:
    told = [say_number(n, moment.numbers[n], lang) for n in names if n in moment.numbers]
    parts = [t for t in told if t]
    return ("，" if lang == "zh" else ", ").join(parts) or _MISSING[lang == "zh"]
