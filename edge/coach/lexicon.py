"""Red flags in a person's words, English and Chinese, without any model.

A match counts only when its clause does not negate it, does not speak of somebody else, of long ago or of
a mere possibility, and is not a figure of speech. Patterns and cues are data, in ``lexicon.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from edge.advice import URGENCIES
from edge.coach.knowledge import CONCERNS, FACTS, KnowledgeError

MAX_CHARS = 2000  # a longer text is cut: the patterns' cost stays bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One red flag: which concern, what it demands, and the words that said so."""

    concern: str
    urgency: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the lexicon found: at most one hit a concern, the most urgent; and facts stated in the words."""

    hits: tuple[Hit, ...] = ()
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    sentence: int
    listed: bool  # continues a list begun by the clause before it


_SENTENCE = re.compile(r"[.!?;\n。！？；…]+(?!\d)|(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])")
_CLAUSE = re.compile(
    r"[,:，：()（）]+(?!\d)| [-–—]+ |——|\b(?:but|though|although|however|yet|except|tho|cos|coz|because|cuz|"
    r"while|whereas|only(?= (?:theres|my|its)))\b|\band (?=(?:i|my|im|ive|its|theres|now|then|the)\b)|"
    r"但是?|可是|不过|只是|然而|就是(?!说)|可(?=[胸心头膝])|却"
)
_STARTS_OWN = re.compile(
    r"\b(?:i|im|ive|id|my|its|it|is|was|feel\w*|felt|got|get|have|has|had|theres|there|can|cant|still)\b|"
    r"[我是有还能]"
)
_FIRST_PERSON = re.compile(r"\b(?:i|im|ive|id|ill|me|mine|my(?! (?:dad|mum|mom|mate|wife|husband|friend)))\b")


def _normal(text: str) -> str:
    text = text[:MAX_CHARS].lower()
    text = re.sub(r"[’'`´‘]", "", text)
    return re.sub(r"[ \t]+", " ", text)


def _clauses(text: str) -> list[_Clause]:
    out: list[_Clause] = []
    for number, sentence in enumerate(_SENTENCE.split(text)):
        pieces = _CLAUSE.split(sentence)
        seps = _CLAUSE.findall(sentence)
        for i, piece in enumerate(pieces):
            body = piece.strip()
            if not body:
                continue
            comma = i > 0 and seps[i - 1].strip() in (",", "，")
            short = len(body.split()) <= 4 and len(body) <= 28
            out.append(_Clause(body, number, comma and short and not _STARTS_OWN.search(body)))
    return out


def _en(pattern: str) -> str:
    return rf"\b(?:{pattern})\b"


class Lexicon:
    """Compiled patterns and cues.

    Raises:
        KnowledgeError: the lexicon breaks its schema or has a broken expression.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        try:
            cue = data["cue"]
            self._patterns = [
                (p["concern"], p["urgency"], re.compile(f"{_en(p['en'])}|{p['zh']}")) for p in data["pattern"]
            ]
            self._facts = [(f["name"], re.compile(f"{_en(f['en'])}|{f['zh']}")) for f in data["fact"]]
            self._idioms = [re.compile(f"{_en(i['en'])}|{i['zh']}") for i in data["idiom"]]
            neg = cue["negation"]
            self._neg_en = re.compile(_en(neg["en_before"]))
            self._neg_zh = re.compile(neg["zh_before"])
            self._neg_not = re.compile(f"{_en(neg['en_not'])}|{neg['zh_not']}")
            self._neg_after = re.compile(f"{_en(neg['en_after'])}|{neg['zh_after']}")
            self._hearsay_en = re.compile(_en(cue["hearsay"]["en"]))
            self._hearsay_zh = re.compile(cue["hearsay"]["zh"])
            self._past = re.compile(f"{_en(cue['past']['en'])}|{cue['past']['zh']}")
            self._maybe_en = re.compile(_en(cue["hypothetical"]["en"]))
            self._maybe_zh = re.compile(cue["hypothetical"]["zh"])
        except (KeyError, TypeError, re.error) as error:
            raise KnowledgeError(f"lexicon: {type(error).__name__} {error}", "Mend lexicon.toml") from error
        for concern, urgency, _ in self._patterns:
            if concern not in CONCERNS or urgency not in URGENCIES:
                raise KnowledgeError(
                    f"lexicon: pattern for {concern!r}, {urgency!r}", "Use names of the label contract"
                )
        missing = set(CONCERNS) - {concern for concern, _, _ in self._patterns}
        if missing or not {name for name, _ in self._facts} <= FACTS:
            raise KnowledgeError(f"lexicon: no pattern for {sorted(missing)}", "Add one, or mend the facts")

    def find(self, text: str) -> Findings:
        """Red flags and facts in ``text`` (any string; cut at ``MAX_CHARS``)."""
        whole = _normal(text)
        for idiom in self._idioms:
            whole = idiom.sub(lambda m: "·" * len(m[0]), whole)
        best: dict[str, Hit] = {}
        facts: set[str] = set()
        clauses = _clauses(whole)
        negated_before = False
        for index, clause in enumerate(clauses):
            before = clauses[index - 1] if index else None
            same = before is not None and before.sentence == clause.sentence
            start = "" if not same or before is None else before.text
            negated = False
            for concern, urgency, pattern in self._patterns:
                for match in pattern.finditer(clause.text):
                    if self._negated(clause.text, match) or (clause.listed and same and negated_before):
                        negated = True
                    elif not self._not_mine_now(clause, start, match, clauses):
                        old = best.get(concern)
                        if old is None or URGENCIES.index(urgency) > URGENCIES.index(old.urgency):
                            best[concern] = Hit(concern=concern, urgency=urgency, words=match[0].strip())
            negated_before = negated or (clause.listed and negated_before)
            facts |= {
                name
                for name, pattern in self._facts
                for match in pattern.finditer(clause.text)
                if not self._negated(clause.text, match) and not self._hearsay(clause.text, start, match)
            }
        order = {name: i for i, name in enumerate(CONCERNS)}
        hits = tuple(sorted(best.values(), key=lambda hit: order[hit.concern]))
        return Findings(hits=hits, facts=frozenset(facts))

    def _negated(self, clause: str, match: re.Match[str]) -> bool:
        head = self._neg_not.sub(lambda m: "·" * len(m[0]), clause)[: match.start()]
        for cue in self._neg_en.finditer(head):
            between = head[cue.end() :]
            if len(between.split()) <= 7 and not re.search(r"\b(?:i|my|im|ive|still|just) ", between):
                return True
        for cue in self._neg_zh.finditer(head):
            between = head[cue.end() :]
            limit = 16 if re.search(r"[、和或也]", between) else 6
            if len(between) <= limit and not re.search(r"[我但就还]", between):
                return True
        return self._neg_after.search(clause, match.end()) is not None

    def _hearsay(self, clause: str, before: str, match: re.Match[str]) -> bool:
        head = clause[: match.start()]
        for cue in self._hearsay_en.finditer(head):
            if not _FIRST_PERSON.search(head[cue.end() :] + match[0]):
                return True
        for cue in self._hearsay_zh.finditer(head):
            if "我" not in head[cue.end() :]:
                return True
        own = _FIRST_PERSON.search(clause) or "我" in clause
        if own or not before:
            return False
        said = self._hearsay_zh.search(before)
        if said and "我" not in before[said.end() :] and not re.search(r"[说叫喊让催]", before[said.end() :]):
            return True
        said = self._hearsay_en.match(before)
        return bool(said and not _FIRST_PERSON.search(before[said.end() :]))

    def _not_mine_now(
        self, clause: _Clause, before: str, match: re.Match[str], clauses: list[_Clause]
    ) -> bool:
        sentence = " ".join(c.text for c in clauses if c.sentence == clause.sentence)
        if self._past.search(clause.text) or (self._past.search(before) and not _now(clause.text)):
            return True
        if self._hearsay(clause.text, before, match):
            return True
        head = f"{before} , {clause.text[: match.start()]}" if before else clause.text[: match.start()]
        if self._maybe_en.search(head) and not _now(sentence):
            return True
        return bool(self._maybe_zh.search(f"{before}，{clause.text}") and not _now(sentence))


def _now(text: str) -> bool:
    return bool(
        re.search(r"\b(?:now|right now|today|tonight|this morning|since|just|currently|atm|rn|still)\b|"
                  r"现在|今天|刚才?|这会儿|此刻|今早|一直", text)
    )  # fmt: skip


@cache
def load_lexicon() -> Lexicon:
    """The shipped lexicon; read and compiled once."""
    text = (files("edge.coach") / "lexicon.toml").read_text(encoding="utf-8")
    try:
        return Lexicon(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"lexicon.toml is not TOML ({error})", "Mend the line named") from error
