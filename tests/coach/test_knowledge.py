"""The knowledge files keep their schema, and breaks of it are told."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from edge.advice import URGENCIES
from edge.coach.knowledge import (
    CONCERNS,
    INTENTS,
    STATES,
    KnowledgeError,
    load_knowledge,
    parse_knowledge,
)
from edge.coach.lexicon import Lexicon


def shipped() -> dict[str, str]:
    folder = files("edge.coach") / "knowledge"
    return {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".toml")}


def test_breadth():
    cards = load_knowledge().cards
    assert len(cards) >= 60
    for urgency in URGENCIES:
        assert any(c.urgency == urgency for c in cards)
    for intent in INTENTS:
        assert any(c.intent and intent in c.intent for c in cards)
    for concern in CONCERNS:
        assert any(concern in c.concern for c in cards)
    for state in STATES:
        assert any(state in c.state for c in cards)


def test_both_languages_differ_and_speak_their_script():
    for card in load_knowledge().cards:
        assert any("\u4e00" <= ch <= "\u9fff" for ch in card.zh + card.why_zh), card.id
        assert not any("\u4e00" <= ch <= "\u9fff" for ch in card.en + card.why_en), card.id


def test_every_emergency_names_whom_to_call():
    for card in load_knowledge().cards:
        if card.urgency == "emergency":
            assert "emergency_number" in card.slots


def test_harder_and_target_cards_exist_and_are_guarded():
    cards = load_knowledge().cards
    assert any(c.effort in ("harder", "hard") for c in cards)
    assert any(c.hr_target for c in cards)
    for card in cards:
        if card.hr_target or {"zone_low_bpm", "hard_low_bpm"} & card.slots:
            assert card.hr_target
            assert "rate_unreliable" in card.never, card.id


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('urgency = "emergency"', 'urgency = "dire"', "dire"),
        ("{emergency_number}", "{phone}", "phone"),
        ('source = ["acsm_stop"]', 'source = ["hearsay"]', "hearsay"),
        ('source = ["acsm_stop"]', "source = []", "source"),
        ('source = ["acsm_stop"]', 'source = ["talk_test"]', "unverified"),
        ('zh = "', 'zh = ""\nzzz = "', "zh"),
        ('effort = "rest"', 'effort = "hard"', "effort"),
        ('concern = ["chest"]', 'concern = ["toe"]', "toe"),
        ('concern = ["chest"]', 'colour = "red"', "colour"),
        ('concern = ["chest"]', 'when = ["hr_bpm == 3"]', "hr_bpm == 3"),
        ('id = "emergency.chest"', 'id = "emergency.breath"', "already"),
        ("[[card]]", "[[carrd]]", "carrd"),
        ("[[card]]", "[card", "TOML"),
    ],
)
def test_breaks_are_told(old: str, new: str, says: str):
    texts = shipped()
    assert old in texts["cards_safety.toml"]
    texts["cards_safety.toml"] = texts["cards_safety.toml"].replace(old, new, 1)
    with pytest.raises(KnowledgeError) as caught:
        parse_knowledge(texts)
    assert says in str(caught.value)
    assert caught.value.do


def test_missing_intent_is_told():
    texts = {k: v.replace('"ask_device"', '"other"') for k, v in shipped().items()}
    with pytest.raises(KnowledgeError, match="ask_device"):
        parse_knowledge(texts)


def test_broken_lexicon_is_told():
    data = tomllib.loads((files("edge.coach") / "lexicon.toml").read_text(encoding="utf-8"))
    data["pattern"][0]["en"] = "("
    with pytest.raises(KnowledgeError, match="lexicon"):
        Lexicon(data)
    data["pattern"] = data["pattern"][1:2]
    with pytest.raises(KnowledgeError, match="no pattern"):
        Lexicon(data)


def test_names_are_those_of_the_contract():
    contract = Path(__file__).parents[2] / "contract" / "labels.toml"
    if not contract.exists():
        contract = Path(__file__).parents[2] / "edge" / "language" / "labels.toml"
    data = tomllib.loads(contract.read_text(encoding="utf-8"))
    heads = {"intent": INTENTS, "concern": CONCERNS, "state": STATES, "urgency": URGENCIES}
    for head, names in heads.items():
        assert tuple(label["name"] for label in data[head]["labels"]) == names
