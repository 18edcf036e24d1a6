"""The coach: one situation in, one explained advice out. Pure and deterministic."""

from __future__ import annotations

from dataclasses import dataclass

from edge.advice import Advice, Veto
from edge.coach.explain import because, language_of, reasons_of
from edge.coach.facts import facts_of
from edge.coach.guard import Verdict, highest, judge
from edge.coach.knowledge import Card, Knowledge, load_knowledge
from edge.coach.lexicon import load_lexicon
from edge.coach.ranking import Moment, best, fits, veto_of
from edge.coach.slots import emergency_number, numbers_of, spoken
from edge.coach.state import agreed_rest, settled_state
from edge.errors import InputError
from edge.reading import Reading
from edge.situation import Situation

_NOT_A_DEVICE = (" I am a coach, not a medical device.", "我是教练，不是医疗设备。")


@dataclass(frozen=True, slots=True)
class Coach:
    """Chooses and words advice from the knowledge files."""

    knowledge: Knowledge
    lang_default: str = "en"

    @classmethod
    def load(cls, lang_default: str = "en") -> Coach:
        """A coach with the shipped knowledge.

        Args:
            lang_default: "en" or "zh", used where neither profile nor words tell the language.

        Raises:
            InputError: another language.
            KnowledgeError: a knowledge file breaks its schema.
        """
        if lang_default not in ("en", "zh"):
            raise InputError(f"language {lang_default!r} is not known", "Use en or zh")
        load_lexicon()
        return cls(load_knowledge(), lang_default)

    def advise(self, situation: Situation, reading: Reading | None) -> Advice:
        """The best advice that no rule forbids; its urgency is the verdict's.

        Args:
            situation: everything known at this moment.
            reading: the student's view of the words, or None where there is no model.
        """
        text, profile = situation.text, situation.profile
        verdict = judge(text, reading, situation.signals, profile, situation.context)
        moment = self._moment(situation, reading, verdict)
        fitting = [card for card in self.knowledge.cards if fits(card, moment)]
        vetoed: list[Veto] = []
        allowed: list[Card] = []
        for card in fitting:
            veto = veto_of(card, self.knowledge.vetoes, moment.facts)
            if veto is None:
                allowed.append(card)
            else:
                vetoed.append(veto)
        ranked = [card for card in allowed if card.urgency == verdict.urgency]
        card = best(ranked, moment)  # the schema keeps one general card an urgency that nothing forbids
        lang = language_of(profile.lang, text, self.lang_default)
        return Advice(
            text=self._text(card, verdict, moment, situation, lang),
            lang=lang,
            urgency=highest(verdict.urgency, card.urgency),
            card=card.id,
            reasons=reasons_of(card, verdict, moment, situation.signals, text),
            sources=self._sources(card, verdict),
            vetoed=tuple(vetoed),
            degraded=None if reading is None else reading.degraded,
        )

    def _moment(self, situation: Situation, reading: Reading | None, verdict: Verdict) -> Moment:
        signals, context = situation.signals, situation.context
        spoke = bool(situation.text.strip()) and reading is not None
        said = load_lexicon().find(situation.text).facts
        profile, text = situation.profile, situation.text
        facts = set(facts_of(signals, profile, context, said, agreed_rest(signals, profile, reading)))
        facts |= {f"concern_{name}" for name in verdict.concerns}
        if verdict.urgency in ("stop", "emergency"):
            facts.add("urgency_stop")
        elif verdict.urgency == "ease_off":
            facts.add("urgency_ease_off")
        return Moment(
            intent=reading.intent if spoke and reading is not None else None,
            concerns=verdict.concerns,
            state=settled_state(signals, profile, reading, text),
            exertion=reading.exertion if spoke and reading is not None else None,
            goal=situation.profile.goal,
            numbers=numbers_of(situation),
            facts=frozenset(facts),
            last=context.last_advice,
        )

    def _text(self, card: Card, verdict: Verdict, moment: Moment, situation: Situation, lang: str) -> str:
        values = {name: spoken(name, moment.numbers[name]) for name in card.slots if name in moment.numbers}
        values["emergency_number"] = emergency_number(situation.profile.country, lang)
        body = card.text(lang).format_map(values)
        cause = because(card, verdict, self.knowledge.rules, moment, text=situation.text, lang=lang)
        zh = lang == "zh"
        out = f"{body}原因：{cause}；{card.why(lang)}。" if zh else f"{body} Why: {cause}; {card.why(lang)}."
        return out + (_NOT_A_DEVICE[zh] if verdict.urgency in ("stop", "emergency") else "")

    def _sources(self, card: Card, verdict: Verdict) -> tuple[str, ...]:
        fired = {r.ref for r in verdict.reasons if r.kind == "rule"}
        ids = [*card.source, *(s for rule in self.knowledge.rules if rule.id in fired for s in rule.source)]
        sources = [self.knowledge.sources[i] for i in dict.fromkeys(ids)]
        return tuple(s.text if s.verified else f"{s.text} [unverified]" for s in sources)
