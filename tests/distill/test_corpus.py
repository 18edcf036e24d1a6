"""The corpus and its splits; needs no TensorFlow."""

import json
from collections import Counter

import numpy as np
import pytest

from distill.corpus.augment import noisy_chinese, noisy_english, substituted
from distill.corpus.authored import load
from distill.corpus.people import STATES, moment
from distill.recipe import Recipe, load_recipe
from edge.errors import InputError
from edge.language.labels import contract
from edge.language.verbalise import verbalise
from edge.language.wordpiece import words

ROW = {
    "en": "a",
    "zh": "甲",
    "intent": "other",
    "concern": [],
    "urgency": "none",
    "exertion": "unsaid",
    "trap": None,
}


def test_every_label_is_taught_and_tested() -> None:
    for split in ("train", "test"):
        twins = [t for t in load() if t.split == split]
        for head in ("intent", "urgency", "exertion"):
            assert {getattr(t, head) for t in twins} == set(contract()[head].labels), (split, head)
        assert {c for t in twins for c in t.concern} == set(contract()["concern"].labels), split


def test_no_author_and_no_sentence_is_on_both_sides() -> None:
    twins = load()
    train = {" ".join(words(x)) for t in twins if t.split == "train" for x in (t.en, t.zh)}
    test = {" ".join(words(x)) for t in twins if t.split == "test" for x in (t.en, t.zh)}
    assert not train & test


def test_labels_keep_the_contracts_boundaries() -> None:
    for twin in load():
        if not twin.concern:
            assert twin.urgency == "none", twin
        if "chest" in twin.concern:
            assert twin.urgency == "emergency", twin


def test_a_third_of_the_sentences_are_traps() -> None:
    twins = load()
    assert sum(t.trap is not None for t in twins) >= len(twins) / 3


@pytest.mark.parametrize(
    ("change", "said"),
    [({"intent": "ask_moon"}, "ask_moon"), ({"concern": ["toe"]}, "toe"), ({"urgency": None}, "urgency")],
)
def test_a_wrong_label_names_file_and_line(tmp_path, change: dict, said: str) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(ROW) + "\n" + json.dumps(ROW | change) + "\n", "utf-8")
    with pytest.raises(InputError, match="line 2") as caught:
        load(tmp_path)
    assert said in str(caught.value)


def test_a_broken_line_names_file_and_line(tmp_path) -> None:
    (tmp_path / "a.jsonl").write_text('{"en": \n', "utf-8")
    with pytest.raises(InputError, match=r"a\.jsonl line 1"):
        load(tmp_path)


def test_noise_is_seeded_and_changes_something() -> None:
    text = "My chest isn't tight, honestly: it's only the hill."
    once = noisy_english(np.random.default_rng(3), text)
    assert once == noisy_english(np.random.default_rng(3), text)
    assert once != text
    spoiled = {noisy_chinese(np.random.default_rng(i), "他的胸口再疼吗？") for i in range(20)}
    assert len(spoiled) > 3
    swapped = substituted(np.random.default_rng(1), "my chest hurts", {"chest": ["breast"]}, share=1.0)
    assert swapped == "my breast hurts"


def test_hidden_states_look_different_from_outside() -> None:
    rng = np.random.default_rng(0)
    phrases = {state: Counter(verbalise(moment(rng, state)) for _ in range(50)) for state in STATES}
    assert all(phrases.values())
    rates = {s: np.mean([moment(rng, s).hr_bpm for _ in range(200)]) for s in STATES}
    assert rates["resting"] < rates["strained"] < rates["easy"] < rates["working"] < rates["overreaching"]


def test_recipes_are_checked(tmp_path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("[student]\nepochs = 3\nlayers = [1]\n")
    recipe = load_recipe(path)
    assert isinstance(recipe, Recipe)
    assert (recipe.name, recipe.student.epochs, recipe.student.layers) == ("r", 3, (1,))
    path.write_text("[student]\nepoch = 3\n")
    with pytest.raises(InputError, match=r"student\.epoch"):
        load_recipe(path)
    path.write_text('[student]\nepochs = "3"\n')
    with pytest.raises(InputError, match="wrong type"):
        load_recipe(path)
    with pytest.raises(InputError, match="no recipe"):
        load_recipe(tmp_path / "none.toml")
