"""Red flags in words: what must fire, and what must not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.coach.lexicon import load_lexicon


def found(text: str) -> dict[str, str]:
    return {hit.concern: hit.urgency for hit in load_lexicon().find(text).hits}


@pytest.mark.parametrize(
    ("text", "concern", "urgency"),
    [
        ("chest feels tight and my left arm is numb", "chest", "emergency"),
        ("胸口发紧 左胳膊发麻", "chest", "emergency"),
        ("I've got this crushing pressure in my chest", "chest", "emergency"),
        ("not dizzy but my chest hurts", "chest", "emergency"),
        ("头不晕但是胸口疼", "chest", "emergency"),
        ("my wife says i look fine but my chest is tight", "chest", "emergency"),
        ("just passed out at the squat rack", "faint", "emergency"),
        ("feeling really dizzy", "faint", "stop"),
        ("头晕得厉害", "faint", "stop"),
        ("my words come out slurred", "neuro", "emergency"),
        ("嘴歪了 说话不清楚", "neuro", "emergency"),
        ("heart keeps skipping beats on the sofa", "palpitation", "stop"),
        ("心慌，心跳不齐", "palpitation", "stop"),
        ("cant catch my breath", "breath", "stop"),
        ("can't catch my breath", "breath", "stop"),
        ("喘不上气", "breath", "stop"),
        ("just threw up by the track", "nausea", "stop"),
        ("ive stopped sweating and its 34 degrees", "heat", "stop"),
        ("my knee is a bit sore", "pain", "ease_off"),
        ("running a fever of 38.6", "infection", "stop"),
        ("slept badly, three hours of sleep", "sleep", "ease_off"),
        ("so stressed at work", "stress", "ease_off"),
        ("so thirsty and my pee is dark", "thirst", "ease_off"),
        ("no energy at all", "fatigue", "ease_off"),
    ],
)
def test_fires(text: str, concern: str, urgency: str):
    assert found(text).get(concern) == urgency


@pytest.mark.parametrize(
    "text",
    [
        "this hill is killing me lol",
        "no chest pain today",
        "No chest pain, dizziness or nausea",
        "my dad had chest pain",
        "if I ever felt dizzy",
        "had palpitations years ago",
        "我爸胸口疼",
        "今天没有胸痛也不头晕",
        "如果我头晕怎么办",
        "几年前心慌过",
        "笑死我了",
        "chest day today",
        "",
        "   ",
        "what should I eat before a run",
    ],
)
def test_stays_silent(text: str):
    assert found(text) == {}


def test_negation_ends_at_the_clause():
    assert set(found("not dizzy but my chest hurts")) == {"chest"}


def test_facts_in_words():
    assert "beta_blocker" in load_lexicon().find("i'm on bisoprolol").facts
    assert "pregnancy" in load_lexicon().find("22 weeks pregnant and feeling great").facts
    assert "beta_blocker" not in load_lexicon().find("i'm not on a beta blocker").facts


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str):
    findings = load_lexicon().find(text)
    assert findings == load_lexicon().find(text)
    assert len({hit.concern for hit in findings.hits}) == len(findings.hits)


def test_nearly_fainting_is_a_stop_and_having_fainted_an_emergency():
    def urgency(text):
        return {hit.urgency for hit in load_lexicon().find(text).hits if hit.concern == "faint"}

    assert urgency("nearly fainted on the bike") == {"stop"}
    assert urgency("I almost passed out just now") == {"stop"}
    assert urgency("I fainted on the bike") == {"emergency"}
    assert urgency("passed out just now") == {"emergency"}
