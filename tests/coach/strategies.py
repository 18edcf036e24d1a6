"""Generated situations and readings."""

import numpy as np
from hypothesis import strategies as st

from edge.advice import URGENCIES
from edge.coach.knowledge import CONCERNS, EXERTIONS, GOALS, INTENTS, STATES, load_knowledge
from edge.reading import Reading
from edge.situation import Context, LastAdvice, Profile, Situation, Vitals

TEXTS = (
    "", "am i going too hard", "can i push harder", "我能再来一组吗", "my chest feels tight", "胸口发紧",
    "give me a workout", "feel dizzy", "i'm on bisoprolol", "{hr_bpm} {nope} braces", "knee is sore",
    "怀孕22周 今天练什么", "on the sofa", "slept badly", "too easy", "发烧38.5", "heart skipping beats",
)  # fmt: skip


def maybe(low: float, high: float):
    return st.none() | st.floats(low, high, allow_nan=False)


def one_hot(names: tuple[str, ...], pick: str) -> dict[str, float]:
    return {n: 0.9 if n == pick else 0.1 / (len(names) - 1) for n in names}


@st.composite
def readings(draw):
    on = draw(st.sets(st.sampled_from(CONCERNS), max_size=3))
    return Reading(
        p={
            "intent": one_hot(INTENTS, draw(st.sampled_from(INTENTS))),
            "concern": {n: 0.9 if n in on else 0.01 for n in CONCERNS},
            "urgency": one_hot(URGENCIES, draw(st.sampled_from((*URGENCIES, "none", "none")))),
            "exertion": one_hot(EXERTIONS, draw(st.sampled_from(EXERTIONS))),
            "state": one_hot(STATES, draw(st.sampled_from(STATES))),
        },
        embedding=np.zeros(4, np.float32),
    )


def calm(intent: str, exertion: str = "unsaid", state: str = "easy") -> Reading:
    return Reading(
        p={
            "intent": one_hot(INTENTS, intent),
            "concern": dict.fromkeys(CONCERNS, 0.01),
            "urgency": one_hot(URGENCIES, "none"),
            "exertion": one_hot(EXERTIONS, exertion),
            "state": one_hot(STATES, state),
        },
        embedding=np.zeros(4, np.float32),
    )


vitals = st.builds(
    Vitals,
    hr_bpm=maybe(30, 210), age_s=st.none() | st.sampled_from((0.0, 3.0, 15.0, 16.0, 400.0)),
    hrr_pct=maybe(-10, 110), trend_bpm_min=maybe(-60, 60), session_s=maybe(0, 7200), rmssd_ms=maybe(0, 150),
    artefact_pct=maybe(0, 40), cadence_rpm=st.none() | st.sampled_from((0.0, 85.0)), temp_c=maybe(-20, 45),
)  # fmt: skip
profiles = st.builds(
    Profile,
    lang=st.sampled_from((None, "en", "zh")),
    country=st.sampled_from((None, "US", "gb", "CN", "DE", "XX", "")),
    age_y=maybe(16, 95), weight_kg=maybe(40, 150), hr_rest_bpm=maybe(35, 90), hr_max_bpm=maybe(130, 210),
    hr_cap_bpm=maybe(90, 190), goal=st.sampled_from((None, *GOALS)),
    drugs=st.sampled_from(((), (), ("bisoprolol",), ("Metoprolol 50 mg",), ("倍他乐克",), ("ramipril",))),
    conditions=st.sampled_from(
        ((), (), ("af",), ("pregnancy",), ("pregnant",), ("heart failure",), ("房颤",))
    ),
)  # fmt: skip
contexts = st.builds(
    Context,
    sleep_h=maybe(0, 12), days_since_training=maybe(0, 60),
    last_advice=st.none() | st.builds(
        LastAdvice, card=st.sampled_from(tuple(c.id for c in load_knowledge().cards)), ago_s=maybe(0, 5000)
    ),
)  # fmt: skip
situations = st.builds(
    Situation, signals=vitals, profile=profiles, context=contexts, text=st.sampled_from(TEXTS)
)
