"""A short session with a simulated person, played through a virtual strap and the real Bluetooth client.

Twelve minutes of a session in about one of the clock: rest, warm-up, too hard, recovery, with a few things
said. The heart is simulated; everything behind it (link, codec, tracker, student, coach) is what runs with
a real strap.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from edge.errors import InputError
from edge.situation import Profile

if TYPE_CHECKING:
    from edge.coach.coach import Coach
    from edge.language.reader import Reader

_REST_S, _WARM_S, _HARD_S, _END_S = 90.0, 240.0, 480.0, 720.0  # where each part ends, seconds of the session
_PARTS: Final = ((0.0, "rest"), (_REST_S, "warm-up"), (_WARM_S, "too hard"), (_HARD_S, "recovery"))

# (when it may be said, seconds of the session) -> lines by language. The worrying ones come late.
_LINES: Final[dict[tuple[float, float], dict[str, tuple[str, ...]]]] = {
    (40.0, 75.0): {
        "en": (
            "slept about five hours, what should i do today?",
            "bit stiff from yesterday, can I still go for a run?",
            "Morning! What's my heart doing?",
            "what should I eat before this?",
        ),
        "zh": (
            "昨晚只睡了五个小时，今天练什么？",
            "昨天练完腿还酸，今天能跑吗？",
            "我现在心率多少？",
            "运动前要不要吃点东西？",
        ),
    },
    (150.0, 220.0): {
        "en": (
            "feels easy, can I speed up?",
            "is this a good pace for burning fat?",
            "legs are waking up now, all good",
        ),
        "zh": ("挺轻松的，可以加速吗？", "这个速度减脂合适吗？", "身体热起来了，感觉不错"),
    },
    (330.0, 420.0): {
        "en": (
            "one more minute flat out, ok?",
            "am I going too hard?",
            "properly puffing now, is that ok?",
        ),
        "zh": ("再全力冲一分钟行不行？", "我是不是太猛了？", "喘得厉害，这样正常吗？"),
    },
    (462.0, 478.0): {
        "en": (
            "hang on, I feel dizzy and a bit sick",
            "there's a tightness in my chest all of a sudden",
            "my heart is skipping beats, that's new",
        ),
        "zh": ("等等，我有点头晕想吐", "胸口突然发紧", "感觉心脏漏跳，以前没有过"),
    },
    (600.0, 680.0): {
        "en": (
            "sat down, it has eased off. can I train tomorrow?",
            "I'm drinking some water now, feeling better",
            "why did you tell me to stop?",
        ),
        "zh": ("坐下来好多了，明天还能练吗？", "在喝水，好些了", "刚才为什么让我停？"),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What one seed makes: the person, the true heart, and what is said when.

    Attributes:
        profile: what the agent knows.
        hr_max_bpm: the true maximum, which the agent does not know.
        says: (t_s, text), in order of time.
    """

    profile: Profile
    hr_max_bpm: float
    says: tuple[tuple[float, str], ...]


def script(seed: int) -> Play:
    """The play of a seed; odd seeds speak English, even ones Chinese."""
    rng = random.Random(seed)
    lang = "en" if seed % 2 else "zh"
    age, rest = rng.randint(24, 62), rng.randint(48, 70)
    top = 208 - 0.7 * age + rng.uniform(-8, 8)  # people lie around Tanaka's line, not on it
    cap = round(rest + rng.uniform(0.78, 0.86) * (top - rest))
    says = tuple(
        (round(rng.uniform(*span), 1), rng.choice(lines[lang])) for span, lines in sorted(_LINES.items())
    )
    profile = Profile(
        lang=lang,
        country="CN" if lang == "zh" else rng.choice(("GB", "US", "IE")),
        age_y=age,
        hr_rest_bpm=rest,
        hr_cap_bpm=cap,
        goal=rng.choice(("endurance", "fat_loss", "health")),
    )
    return Play(profile=profile, hr_max_bpm=top, says=says)


def effort(t_s: float) -> float:
    """How hard the person works, 0 to 1, at a second of the session."""
    if t_s < _REST_S:
        return 0.03
    if t_s < _WARM_S:
        return 0.25 + 0.3 * (t_s - _REST_S) / (_WARM_S - _REST_S)
    return 0.97 if t_s < _HARD_S else 0.08


def need_bumble() -> None:
    """Check that the virtual strap can be made.

    Raises:
        InputError: bumble is not installed.
    """
    if find_spec("bumble") is None:
        raise InputError(
            "the virtual strap needs bumble, which is not installed", "pip install 'pulsewise[demo]'"
        )


def play(
    seed: int,
    seconds: float,
    reader: Reader | None,
    coach: Coach,
    write: Callable[[dict[str, Any]], None] | None = None,
) -> int:
    """Play the session of a seed in about ``seconds`` and show it; 0 when it came to its end.

    Args:
        write: takes every event instead of the screen; each advice carries the situation it was given for.

    Raises:
        InputError: bumble is not installed.
    """
    from edge.cli.show import SessionPrinter, colour, say

    need_bumble()
    piece = script(seed)
    told: Counter[str] = Counter()
    shown: Callable[[dict[str, Any]], None] = write or SessionPrinter()

    def tell(line: str) -> None:
        if write is None:
            say(line)

    def emit(event: dict[str, Any]) -> None:
        told[event["type"]] += 1
        shown(event)

    def part(name: str) -> None:
        tell(colour("bold", f"--- {name} ---"))

    p = piece.profile
    pace = f"{_END_S / seconds:.0f} x speed"
    tell(colour("bold", f"pulsewise demo, seed {seed}: a simulated heart on a virtual strap, {pace}"))
    tell(
        f"age {p.age_y:.0f}, resting {p.hr_rest_bpm:.0f} bpm, own limit {p.hr_cap_bpm:.0f} bpm, goal {p.goal},"
        f" speaks {p.lang}"
    )
    asyncio.run(_session(piece, seed, seconds, reader, coach, emit, part))
    tell(
        f"the end: {told['sample']} heart rates over Bluetooth, {told['advice']} advices, {told['alarm']} alarms."
        " A coach, not a medical device."
    )
    return 0 if told["sample"] else 1


async def _session(
    piece: Play,
    seed: int,
    seconds: float,
    reader: Reader | None,
    coach: Coach,
    emit: Callable[[dict[str, Any]], None],
    part: Callable[[str], None],
) -> None:
    from ble.strap import HeartRateStrap
    from ble.virtual import SimulatedHeart, frames, virtual_strap
    from edge.agent import Agent

    heart = SimulatedHeart(
        seed=seed, hr_rest_bpm=piece.profile.hr_rest_bpm or 60, hr_max_bpm=piece.hr_max_bpm
    )
    agent = Agent(coach, reader, piece.profile, emit=emit)
    says, parts = list(piece.says), list(_PARTS)
    sent = frames(heart.beats(effort, _END_S))
    async with virtual_strap(sent, speed=_END_S / seconds) as kwargs:
        events = HeartRateStrap(**kwargs, retry=False).events()
        async with contextlib.aclosing(events):
            async for event in events:
                while parts and parts[0][0] <= event.t_s:
                    part(parts.pop(0)[1])
                while says and says[0][0] <= event.t_s:
                    agent.said(says.pop(0)[1], event.t_s)
                agent.handle(event)
