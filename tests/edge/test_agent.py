from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from ble.events import Gap, LinkEvent, LinkState, Sample
from edge.agent import NO_READER, Agent, advise
from edge.coach.coach import Coach
from edge.replay import events
from edge.situation import Profile, situation_from_json

PERSON = Profile(age_y=40, hr_rest_bpm=60)
COACH = Coach.load()


class Person:
    """Feeds an agent a heart rate, a sample a second."""

    def __init__(self, profile: Profile = PERSON) -> None:
        self.out: list[dict[str, Any]] = []
        self.agent = Agent(COACH, None, profile, emit=self.out.append)
        self.now = 0.0

    def at(self, bpm: int, seconds: int) -> Person:
        for _ in range(seconds):
            self.now += 1
            self.agent.handle(Sample(self.now, bpm, (60_000 / bpm,), None, None))
        return self

    def times(self, kind: str) -> list[float]:
        return [e["t_s"] for e in self.out if e["type"] == kind]


def test_every_sample_is_told_with_zone_and_state() -> None:
    person = Person().at(150, 30)
    samples = [e for e in person.out if e["type"] == "sample"]
    assert len(samples) == 30
    assert samples[-1]["zone"] == "vigorous"
    assert samples[-1]["state"] == "working"


def test_routine_advice_is_seldom() -> None:
    times = Person().at(120, 600).times("advice")
    assert 5 <= len(times) <= 8
    assert all(later - earlier >= 60 for earlier, later in pairwise(times))


def test_a_state_must_hold_before_it_is_spoken_about() -> None:
    person = Person().at(115, 40)
    before = len(person.times("advice"))
    for _ in range(8):
        person.at(135, 3).at(128, 3)
    flicker = [e for e in person.out if e["type"] == "advice"][before:]
    assert flicker == []


def test_words_are_answered_at_once() -> None:
    person = Person().at(100, 5)
    person.agent.said("am I going too hard?", person.now)
    assert person.out[-1]["type"] == "advice"
    assert person.out[-1]["t_s"] == person.now
    assert person.out[-1]["situation"]["text"] == "am I going too hard?"


def test_over_the_cap_alarms_at_once_and_every_minute() -> None:
    person = Person(Profile(age_y=40, hr_rest_bpm=60, hr_cap_bpm=140)).at(120, 60).at(144, 150)
    assert person.times("alarm") == [61, 121, 181]


def test_alarm_is_said_again_at_once_when_it_gets_worse() -> None:
    person = Person(Profile(age_y=40, hr_rest_bpm=60, hr_cap_bpm=140)).at(120, 30).at(144, 10).at(155, 5)
    alarms = [e for e in person.out if e["type"] == "alarm"]
    assert [(a["t_s"], a["urgency"]) for a in alarms] == [(31, "ease_off"), (41, "stop")]


def test_alarm_does_not_flap_around_the_cap() -> None:
    person = Person(Profile(age_y=40, hr_rest_bpm=60, hr_cap_bpm=140)).at(120, 30)
    for _ in range(20):
        person.at(142, 1).at(138, 1)
    assert len(person.times("alarm")) == 1


def test_chest_pain_silences_coaching_and_is_repeated_while_effort_goes_on() -> None:
    person = Person().at(150, 60)
    advice = person.agent.said("there is a heavy pressure on my chest", person.now)
    assert advice.urgency == "emergency"
    told = len(person.out)
    person.at(150, 130)
    spoken = [e for e in person.out[told:] if e["type"] in ("alarm", "advice")]
    assert [e["type"] for e in spoken] == ["alarm", "alarm"]
    assert all(e["urgency"] == "emergency" for e in spoken)


def test_an_alarm_of_numbers_does_not_talk_an_emergency_of_words_down() -> None:
    person = Person(Profile(age_y=40, hr_rest_bpm=60, hr_cap_bpm=140)).at(145, 20)
    person.agent.said("chest pain", person.now)
    person.at(145, 130)
    alarms = [e for e in person.out if e["type"] == "alarm"]
    assert [a["urgency"] for a in alarms] == ["ease_off", "emergency", "emergency"]


def test_after_a_lesser_worry_coaching_comes_back_once_the_person_has_rested() -> None:
    person = Person().at(64, 40)
    assert person.agent.said("I feel dizzy", person.now).urgency == "stop"
    told = len(person.out)
    person.at(64, 110)
    assert [e for e in person.out[told:] if e["type"] != "sample"] == []
    person.at(64, 60)
    assert [e["type"] for e in person.out[told:] if e["type"] != "sample"] == ["advice"]


def test_a_gap_is_told_and_a_stale_heart_rate_is_said_once() -> None:
    person = Person().at(120, 60)
    before = len(person.times("advice"))
    person.agent.handle(LinkEvent(65, LinkState.STALE, "silence"))
    person.agent.handle(Gap(60, 5, "silence"))
    for now in range(66, 200):
        person.agent.tick(now)
    assert person.times("gap") == [60]
    assert person.times("link") == [65]
    stale = [e for e in person.out if e["type"] == "advice"][before:]
    assert len(stale) == 1
    assert stale[0]["situation"]["signals"]["age_s"] > 15
    assert "hrr_pct" not in stale[0]["situation"]["signals"]


def test_the_situation_of_an_advice_gives_the_same_advice() -> None:
    person = Person(Profile(age_y=40, hr_rest_bpm=60, hr_cap_bpm=150)).at(100, 100).at(155, 100)
    person.agent.said("wie geht's, 我头晕", person.now)
    person.agent.said("", person.now)
    spoken = [e for e in person.out if e["type"] in ("alarm", "advice")]
    assert len(spoken) >= 4
    for event in json.loads(json.dumps(spoken)):
        data = event.pop("situation")
        again = advise(COACH, None, situation_from_json(data), said="text" in data).to_json()
        assert json.loads(json.dumps(again)) == {k: v for k, v in event.items() if k not in ("type", "t_s")}


def test_without_a_reader_it_says_so() -> None:
    person = Person()
    assert person.agent.said("hello", 0).degraded == NO_READER
    assert "empty text" in (person.agent.said(" ", 1).degraded or "")


def test_replay_makes_gaps_and_keeps_faults() -> None:
    frames = [(0.0, b"\x00\x50"), (1.0, b""), (2.0, b"\x00\x51"), (20.0, b"\x00\x52"), (30.0, b"")]
    seen = list(events(frames))
    samples = [e for e in seen if isinstance(e, Sample)]
    gaps = [e for e in seen if isinstance(e, Gap)]
    assert [s.bpm for s in samples] == [80, 81, 82]
    assert len(samples[1].faults) == 1
    assert [(g.t_s, g.duration_s) for g in gaps] == [(2.0, 18.0), (20.0, 10.0)]
    last = seen[-1]
    assert isinstance(last, LinkEvent)
    assert last.state is LinkState.OFF


@pytest.mark.parametrize("bpm", [0, 10, 300, 65535])
def test_rates_no_heart_has_are_told_but_never_acted_on(bpm: int) -> None:
    out: list[dict[str, Any]] = []
    agent = Agent(COACH, None, PERSON, emit=out.append)
    for t in range(5):
        agent.handle(Sample(float(t), bpm, (), None, None))
    assert [e["type"] for e in out] == ["sample"] * 5
    assert all(e["state"] is None for e in out)
