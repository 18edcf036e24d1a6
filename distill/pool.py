"""The texts that teacher and student see: authored twins, spliced with signals, noised, substituted and joined.

Each student text points at the English text whose teacher signals are its target, so that a Chinese sentence is
taught by its English twin (Reimers and Gurevych 2020) and a noised one by the clean one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from distill.corpus.augment import noisy_chinese, noisy_english, substituted
from distill.corpus.authored import Twin
from distill.corpus.people import STATES, moment
from edge.language.verbalise import verbalise

ALARMING = ("stop", "emergency")
BAR = " | "


@dataclass(slots=True)
class Pool:
    """Texts for distillation.

    Attributes:
        teacher_texts: English texts whose signals are computed.
        texts: student texts. target: for each, the index of its teacher text.
        twin: for each student text the index of the twin whose hard labels hold, or -1.
        state: hidden state behind the signals in the text, or None.
    """

    teacher_texts: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    twin: list[int] = field(default_factory=list)
    state: list[str | None] = field(default_factory=list)

    def teach(self, english: str) -> int:
        """Add a teacher text; returns its index."""
        self.teacher_texts.append(english)
        return len(self.teacher_texts) - 1

    def add(self, text: str, target: int, twin: int, state: str | None) -> None:
        """Add a student text."""
        self.texts.append(text)
        self.target.append(target)
        self.twin.append(twin)
        self.state.append(state)


def with_signals(rng: np.random.Generator, twin: Twin) -> tuple[str, str]:
    """A verbalised moment that goes with a twin, and its hidden state ("unwell" when the words say stop)."""
    state = str(rng.choice(STATES))
    if twin.exertion in ("hard", "maximal") and rng.random() < 0.5:
        state = str(rng.choice(["working", "overreaching"]))
    phrase = verbalise(moment(rng, state))
    return phrase, "unwell" if twin.urgency in ALARMING else state


def supervised(twins: list[Twin], rng: np.random.Generator) -> tuple[list[str], list[Twin], list[str | None]]:
    """What the teacher is fine-tuned on: every English sentence bare, with signals, and noised."""
    texts: list[str] = []
    owners: list[Twin] = []
    states: list[str | None] = []
    for twin in twins:
        phrase, state = with_signals(rng, twin)
        for text, hidden in (
            (twin.en, None),
            (phrase + BAR + twin.en, state),
            (noisy_english(rng, twin.en), None),
        ):
            texts.append(text)
            owners.append(twin)
            states.append(hidden)
    return texts, owners, states


def build(twins: list[Twin], copies: int, neighbours: dict[str, list[str]], rng: np.random.Generator) -> Pool:
    """The distillation pool: with ``copies`` rounds of augmentation over all twins."""
    pool = Pool()
    for index, twin in enumerate(twins):
        bare = pool.teach(twin.en)
        pool.add(twin.en, bare, index, None)
        pool.add(twin.zh, bare, index, None)
        phrase, state = with_signals(rng, twin)
        spliced = pool.teach(phrase + BAR + twin.en)
        pool.add(phrase + BAR + twin.en, spliced, index, state)
        pool.add(phrase + BAR + twin.zh, spliced, index, state)
        for _ in range(copies):
            pool.add(noisy_english(rng, twin.en), bare, index, None)
            pool.add(noisy_chinese(rng, twin.zh), bare, index, None)
            near = substituted(rng, twin.en, neighbours)
            pool.add(near, pool.teach(near), -1, None)
            _join(pool, twin, twins[int(rng.integers(len(twins)))], rng)
    return pool


def _join(pool: Pool, one: Twin, other: Twin, rng: np.random.Generator) -> None:
    """Two sentences said in one breath, in either language or one in each."""
    target = pool.teach(f"{one.en} {other.en}")
    pool.add(f"{one.zh} {other.zh}", target, -1, None)
    english_first = rng.random() < 0.5
    mixed = f"{one.en} {other.zh}" if english_first else f"{one.zh} {other.en}"
    pool.add(mixed if rng.random() < 0.5 else f"{one.en} {other.en}", target, -1, None)
