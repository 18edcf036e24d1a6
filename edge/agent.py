"""The agent: strap events and words in, samples, alarms and advice out, as dicts ready for JSON.

It decides when to speak; what to say is the coach's. It owns no clock: every call carries its time, so that
a replay and a live run are the same code.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from ble.events import Event, Gap, LinkEvent, Sample
from edge.advice import URGENCIES, Advice
from edge.situation import Context, LastAdvice, Profile, Situation, Vitals
from edge.vitals.state import UNKNOWN, state_of
from edge.vitals.tracker import LIVE_S, Tracker
from edge.vitals.zones import zone_name

if TYPE_CHECKING:
    from edge.coach.coach import Coach
    from edge.language.reader import Reader

NO_READER: Final = "no student bundle: the words were judged by the lexicon alone"

STATE_HOLD_S: Final = (
    10.0  # a state counts once it has held this long: a zone's border is crossed back and forth
)
STATE_PAUSE_S: Final = 20.0  # after any speech; then a new state may be spoken about
ROUTINE_S: Final = 90.0  # in an unchanged state: often enough to be company, seldom enough not to nag
ALARM_REPEAT_S: Final = 60.0
ALARM_CLEAR_S: Final = 10.0  # an alarm ends once its cause has been away this long
# After words that ask for a stop there is no coaching, only the alarm while effort goes on ...
WORDS_HOLD_S: Final = 600.0
WORDS_HOLD_AT_REST_S: Final = 120.0  # ... or, short of an emergency, until the person has come to rest
_EFFORT: Final = ("warming_up", "easy", "working", "overreaching")

Emit = Callable[[dict[str, Any]], None]


def advise(coach: Coach, reader: Reader | None, situation: Situation, *, said: bool) -> Advice:
    """One advice: the student reads, the coach chooses. The same for the live agent and the command line.

    Args:
        coach: the coach.
        reader: the student; None gives an advice by lexicon, rules and numbers, and says so.
        situation: everything known.
        said: whether there is an utterance; only then an empty text is a fault.
    """
    if reader is None:
        advice = coach.advise(situation, None)
        empty = "empty text; " if said and not situation.text.strip() else ""
        return replace(advice, degraded=empty + NO_READER)
    reading = reader.read(situation.text, situation.signals)
    return coach.advise(situation, reading if said else replace(reading, degraded=None))


class Agent:
    """One session of one person."""

    def __init__(
        self,
        coach: Coach,
        reader: Reader | None,
        profile: Profile,
        *,
        emit: Emit,
        context: Context | None = None,
    ) -> None:
        """Nothing is emitted before the first event or word.

        Args:
            coach: chooses and words the advice.
            reader: reads the words; None works, with less understanding, and every advice says so.
            profile: who the person is.
            emit: takes every event: {"type": "sample|gap|link|alarm|advice", "t_s", ...}. Alarm and advice
            carry the
                advice and the exact "situation" it was given for.
            context: sleep, plan and such; the last advice is kept by the agent.
        """
        self._coach, self._reader, self._profile, self._emit = coach, reader, profile, emit
        self._context = context or Context()
        self._tracker = Tracker(profile)
        self._last: tuple[str, float] | None = None  # card and time of the last advice
        self._state, self._candidate, self._candidate_s = UNKNOWN, UNKNOWN, -math.inf
        self._state_news = False
        self._alarm, self._alarm_said_s, self._alarm_seen_s = "none", -math.inf, -math.inf
        self._worry: tuple[str, float, str] | None = None  # words that ask for a stop, when, urgency
        self._worry_said_s = -math.inf
        self._was_live = False

    def handle(self, event: Event) -> None:
        """Take one event of the strap; times must not go back."""
        if isinstance(event, Sample):
            self._tracker.add(event)
            self._consider(event.t_s, event)
        elif isinstance(event, Gap):
            self._tracker.gap(event)
            self._emit(
                {
                    "type": "gap",
                    "t_s": _short(event.t_s),
                    "duration_s": _short(event.duration_s),
                    "reason": event.reason,
                }
            )
            self.tick(event.t_s + event.duration_s)
        elif isinstance(event, LinkEvent):
            self._emit(
                {"type": "link", "t_s": _short(event.t_s), "state": str(event.state), "reason": event.reason}
            )

    def said(self, text: str, t_s: float) -> Advice:
        """The person said or typed something: answer at once.

        Args:
            text: any string.
            t_s: when, seconds on the samples' clock.
        """
        advice = self._speak("advice", text, t_s, said=True)
        if URGENCIES.index(advice.urgency) >= URGENCIES.index("stop"):
            self._worry, self._worry_said_s = (text, t_s, advice.urgency), t_s
        return advice

    def tick(self, now_s: float) -> None:
        """Time has passed, with or without data: notices that the heart rate went stale."""
        vitals = self._vitals(now_s)
        if vitals.age_s is not None and vitals.age_s > LIVE_S and self._was_live:
            self._was_live, self._state, self._candidate = False, UNKNOWN, UNKNOWN
            self._speak("advice", "", now_s, said=False)

    def _consider(self, now_s: float, sample: Sample) -> None:
        vitals = self._vitals(now_s)
        live = vitals.hr_bpm is not None and vitals.age_s is not None and vitals.age_s <= LIVE_S
        if live:
            self._was_live = True
            self._follow_state(now_s, vitals)
        self._emit(_sample_event(sample, vitals, self._state or None))
        if not live:
            self.tick(now_s)
        elif not self._alarmed(now_s, vitals) and not self._worried(now_s):
            quiet_s = math.inf if self._last is None else now_s - self._last[1]
            if (self._state_news and quiet_s >= STATE_PAUSE_S) or (self._state and quiet_s >= ROUTINE_S):
                self._speak("advice", "", now_s, said=False)

    def _follow_state(self, now_s: float, vitals: Vitals) -> None:
        state = state_of(vitals, self._profile)
        if state != self._candidate:
            self._candidate, self._candidate_s = state, now_s
        if state != self._state and now_s - self._candidate_s >= STATE_HOLD_S:
            self._state, self._state_news = state, True

    def _alarmed(self, now_s: float, vitals: Vitals) -> bool:
        """Speak of numbers that break a rule: at once, at once when it gets worse, else every minute."""
        from edge.coach.guard import judge

        urgency = judge("", None, vitals, self._profile, self._context).urgency
        if urgency == "none":
            if now_s - self._alarm_seen_s >= ALARM_CLEAR_S:
                self._alarm = "none"
            return self._alarm != "none"
        self._alarm_seen_s = now_s
        worse = URGENCIES.index(urgency) > URGENCIES.index(self._alarm)
        if worse or now_s - self._alarm_said_s >= ALARM_REPEAT_S:
            self._alarm = max(urgency, self._alarm, key=URGENCIES.index)
            self._alarm_said_s = self._worry_said_s = now_s
            words = self._held_words(now_s)  # an alarm of numbers must not talk a worse one of words down
            self._speak("alarm", words or "", now_s, said=words is not None)
        return True

    def _worried(self, now_s: float) -> bool:
        """True while worrying words hold; says the alarm again every minute of further effort."""
        words = self._held_words(now_s)
        if words is None:
            return False
        if self._state in _EFFORT and now_s - self._worry_said_s >= ALARM_REPEAT_S:
            self._worry_said_s = now_s
            self._speak("alarm", words, now_s, said=True)
        return True

    def _held_words(self, now_s: float) -> str | None:
        """The words that asked for a stop, for as long as they hold."""
        if self._worry is None:
            return None
        text, since_s, urgency = self._worry
        rested = self._state == "resting" and urgency != "emergency"
        if now_s - since_s > (WORDS_HOLD_AT_REST_S if rested else WORDS_HOLD_S):
            self._worry = None
            return None
        return text

    def _speak(self, kind: str, text: str, now_s: float, *, said: bool) -> Advice:
        last = self._last and LastAdvice(card=self._last[0], ago_s=_short(max(0.0, now_s - self._last[1])))
        situation = Situation(
            signals=self._vitals(now_s),
            profile=self._profile,
            context=replace(self._context, last_advice=last or self._context.last_advice),
            text=text,
        )
        advice = advise(self._coach, self._reader, situation, said=said)
        self._last, self._state_news = (advice.card, now_s), False
        told = situation.to_json() | ({"text": text} if said else {})
        self._emit({"type": kind, "t_s": _short(now_s), **advice.to_json(), "situation": told})
        return advice

    def _vitals(self, now_s: float) -> Vitals:
        """The numbers rounded to what is told, so that a situation read back from JSON is the same one."""
        vitals = self._tracker.vitals(now_s)
        rounded = {f.name: getattr(vitals, f.name) for f in fields(vitals)}
        return Vitals(**{name: None if value is None else _short(value) for name, value in rounded.items()})


def _sample_event(sample: Sample, vitals: Vitals, state: str | None) -> dict[str, Any]:
    event: dict[str, Any] = {
        "type": "sample",
        "t_s": _short(sample.t_s),
        "hr_bpm": sample.bpm,
        "rr_ms": [_short(ms) for ms in sample.rr_ms],
        "contact": sample.contact,
        "hrr_pct": vitals.hrr_pct,
        "zone": zone_name(vitals.hrr_pct),
        "state": state,
        "trend_bpm_min": vitals.trend_bpm_min,
        "rmssd_ms": vitals.rmssd_ms,
        "artefact_pct": vitals.artefact_pct,
        "session_s": vitals.session_s,
    }
    if sample.faults:
        event["faults"] = list(sample.faults)
    return event


def _short(value: float) -> float:
    return round(value, 3)
