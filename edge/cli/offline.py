"""Commands that need no strap: read, advise, ask, hrv."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.cli import mind, show
from edge.cli.lines import answer, clean, json_out, raw_lines, text_of
from edge.errors import FileFormatError, InputError, PulsewiseError
from edge.situation import Profile, Situation, situation_from_json

if TYPE_CHECKING:
    from edge.language.reader import Reader

Commands = Any  # argparse's sub-parsers; their type is private


def command(commands: Commands, name: str, about: str, examples: str) -> argparse.ArgumentParser:
    """A sub-parser with its examples below its options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def add_commands(commands: Commands) -> None:
    """Add read, advise, ask and hrv."""
    read = command(
        commands,
        "read",
        "what the student reads in a text: intent, concern, urgency, exertion, state",
        '  pulsewise read "I feel dizzy"\n'
        '  echo \'{"text": "one more set?", "signals": {"hr_bpm": 150}}\' | pulsewise read --json',
    )
    read.add_argument("text", nargs="?", help="one text; without it, every line of stdin")
    read.add_argument("--json", action="store_true", help="JSON objects in (stdin) and out")
    read.add_argument("--no-guard", action="store_true", help="the student alone, without guard rules")
    mind.add_options(read, profile=False)
    read.set_defaults(run=run_read)

    advise = command(
        commands,
        "advise",
        "advice for situations, one JSON object a line on stdin",
        '  echo \'{"signals": {"hr_bpm": 171}, "profile": {"age_y": 50, "hr_rest_bpm": 60}}\' | pulsewise advise\n'
        '  echo \'{"text": "我头晕"}\' | pulsewise advise --json',
    )
    advise.add_argument("--json", action="store_true", help="JSON objects out, one a line")
    mind.add_options(advise, profile=False)
    advise.set_defaults(run=run_advise)

    ask = command(
        commands,
        "ask",
        "one answer to one question",
        '  pulsewise ask "how hard should I go today?"\n  pulsewise ask "还能继续吗" --profile me.toml',
    )
    ask.add_argument("text", help="what you want to say")
    ask.add_argument("--json", action="store_true", help="the answer as a JSON object")
    mind.add_options(ask)
    ask.set_defaults(run=run_ask)

    hrv = command(
        commands,
        "hrv",
        "heart-rate variability of a file, window by window",
        "  pulsewise hrv night.txt\n  pulsewise hrv ride.fit --window 120 --step 20 --json",
    )
    hrv.add_argument(
        "file", type=Path, help="RR intervals (ms, one a line), .hrm, recording, CSV with rr, or FIT"
    )
    hrv.add_argument("--window", type=float, default=120, metavar="S", help="length, seconds (%(default)s)")
    hrv.add_argument(
        "--step", type=float, default=5, metavar="S", help="from one to the next, seconds (%(default)s)"
    )
    hrv.add_argument("--json", action="store_true", help="JSON objects out, one a line")
    hrv.set_defaults(run=run_hrv)


def run_read(args: argparse.Namespace) -> int:
    """Texts to readings."""
    if args.json:
        with json_out() as write:
            reader = mind.load_reader(args.bundle)
            if args.text is not None:
                write(reading_of(reader, {"text": args.text}, guard=not args.no_guard))
                return 0
            return answer(write, lambda data: reading_of(reader, data, guard=not args.no_guard))
    reader = mind.load_reader(args.bundle)
    for text in [args.text] if args.text is not None else map(text_of, raw_lines()):
        show.reading(reading_of(reader, {"text": text}, guard=not args.no_guard))
    return 0


def reading_of(reader: Reader, data: Mapping[str, Any], *, guard: bool) -> dict[str, Any]:
    """The output object of ``read``; urgency and concern by the guard unless it is off.

    Raises:
        InputError: an unknown key, or a value of the wrong type or out of range.
    """
    from edge.coach.guard import judge

    unknown = sorted(data.keys() - {"text", "signals"})
    if unknown:
        raise InputError(f"unknown key {unknown[0]:.60}", "Use one of text, signals")
    situation = situation_from_json(data)
    reading = reader.read(situation.text, situation.signals)
    concern, urgency = reading.concern, reading.urgency
    if guard:
        verdict = judge(situation.text, reading, situation.signals, Profile())
        concern, urgency = verdict.concerns, verdict.urgency
    out: dict[str, Any] = {
        "intent": reading.intent,
        "concern": list(concern),
        "urgency": urgency,
        "exertion": reading.exertion,
        "state": None if situation.signals.empty else reading.state,
        "p": {head: {name: round(p, 6) for name, p in labels.items()} for head, labels in reading.p.items()},
    }
    if reading.degraded is not None:
        out["degraded"] = reading.degraded
    return out


def run_advise(args: argparse.Namespace) -> int:
    """Situations to advice."""
    from edge.agent import advise

    coach, reader = mind.load_coach(), None

    def one(data: dict[str, Any]) -> dict[str, Any]:
        return advise(coach, reader, situation_from_json(data), said="text" in data).to_json()

    if args.json:
        with json_out() as write:
            reader = mind.try_reader(args.bundle)
            return answer(write, one)
    reader = mind.try_reader(args.bundle)
    return answer(_shown, one)


def _shown(data: dict[str, Any]) -> None:
    if "error" in data:
        error = data["error"]
        print(f"pulsewise: line {error['line']}: {error['what']}. {error['do']}", file=sys.stderr)
    else:
        show.advice(data)


def run_ask(args: argparse.Namespace) -> int:
    """One text to one advice."""
    from edge.agent import advise

    profile = mind.load_profile(args.profile)
    coach = mind.load_coach()
    situation = Situation(profile=profile, text=clean(args.text))
    if args.json:
        with json_out() as write:
            write(advise(coach, mind.try_reader(args.bundle), situation, said=True).to_json())
    else:
        show.advice(advise(coach, mind.try_reader(args.bundle), situation, said=True).to_json())
    return 0


def run_hrv(args: argparse.Namespace) -> int:
    """RR intervals to windows."""
    from edge.importers import load
    from edge.vitals.hrv import windows

    rr_ms = load(args.file).rr_ms
    if not rr_ms:
        raise FileFormatError(
            f"{args.file.name} holds no RR intervals", "Record with a chest strap that sends RR"
        )
    found = list(windows(rr_ms, args.window, args.step))
    if not found:
        raise _too_short(args.file.name, sum(rr_ms) / 1000, args.window)
    if args.json:
        with json_out() as write:
            for window in found:
                write({k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(window).items()})
    else:
        show.hrv(found)
    return 0


def _too_short(name: str, total_s: float, window_s: float) -> PulsewiseError:
    return FileFormatError(
        f"{name} lasts {total_s:.0f} s, less than a window of {window_s:g} s", "Give a shorter --window"
    )
