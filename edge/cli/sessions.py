"""Commands with a heart in them: scan, run, replay, demo."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.cli import mind, show
from edge.cli.lines import clean, json_out, text_of
from edge.cli.offline import Commands, command
from edge.errors import InputError

if TYPE_CHECKING:
    from ble.events import Event
    from edge.agent import Agent

Emit = Callable[[dict[str, Any]], None]
_TICK_S = 1.0  # often enough to notice in time that the heart rate went stale


def add_commands(commands: Commands) -> None:
    """Add scan, run, replay and demo."""
    scan = command(commands, "scan", "look for heart-rate straps near", "  pulsewise scan --seconds 10")
    scan.add_argument("--seconds", type=float, default=5.0, help="how long to listen (%(default)s)")
    scan.add_argument("--json", action="store_true", help="JSON objects out, one a line")
    scan.set_defaults(run=run_scan)

    run = command(
        commands,
        "run",
        "coach a session with a real strap; type to talk, Ctrl-C to end",
        "  pulsewise run\n  pulsewise run --address AA:BB:CC:DD:EE:FF --profile me.toml",
    )
    run.add_argument("--address", help="Bluetooth address of the strap")
    run.add_argument("--name", help="advertised name of the strap")
    run.add_argument("--adapter", help="Bluetooth adapter, as hci1")
    run.add_argument("--json", action="store_true", help="JSON events out, one a line")
    mind.add_options(run)
    run.set_defaults(run=run_run)

    replay = command(
        commands,
        "replay",
        "a stored session through the agent",
        '  pulsewise replay run.fit --profile me.toml\n  pulsewise replay run.fit --json --say "600:am I too fast?"',
    )
    replay.add_argument("file", type=Path, help="FIT, TCX, GPX, CSV, .hrm, RR intervals or a recording")
    replay.add_argument(
        "--speed", type=float, default=0.0, help="1 is real time, 0 as fast as it goes (%(default)s)"
    )
    replay.add_argument("--ble", action="store_true", help="through a virtual strap and the Bluetooth stack")
    replay.add_argument(
        "--say", action="append", default=[], metavar="S:TEXT", help="say TEXT at second S; repeatable"
    )
    replay.add_argument("--json", action="store_true", help="JSON events out, one a line")
    mind.add_options(replay)
    replay.set_defaults(run=run_replay)

    demo = command(
        commands,
        "demo",
        "a minute with a virtual strap and a person",
        "  pulsewise demo --seed 7\n  pulsewise demo --json --seconds 10",
    )
    demo.add_argument("--seed", type=int, default=1, help="another heart, other words (%(default)s)")
    demo.add_argument("--seconds", type=float, default=55.0, help="how long it plays (%(default)s)")
    demo.add_argument("--bundle", type=Path, metavar="DIR", help="another student than the shipped one")
    demo.add_argument("--json", action="store_true", help="JSON events out, one a line")
    demo.set_defaults(run=run_demo)


def run_scan(args: argparse.Namespace) -> int:
    """Who is on the air."""
    from ble.link import nearby

    _positive("--seconds", args.seconds)
    found = asyncio.run(nearby(args.seconds))
    if args.json:
        with json_out() as write:
            for strap in found:
                write({"address": strap.address, "name": strap.name, "rssi_dbm": strap.rssi_dbm})
        return 0
    for strap in found:
        show.say(f"{strap.address}  {strap.rssi_dbm:4d} dBm  {strap.name or '(no name)'}")
    if not found:
        show.say("no strap seen: wear it, wet its electrodes, and see that no phone or watch holds it")
    return 0


def run_replay(args: argparse.Namespace) -> int:
    """A file through the agent."""
    from edge.importers import load

    if not 0 <= args.speed < 1e6:
        raise InputError(f"--speed {args.speed:g}", "Give 0 (as fast as it goes) or more, as 10")
    says = sorted((_say(word) for word in args.say), key=lambda pair: pair[0])
    profile, track = mind.load_profile(args.profile), load(args.file)
    with _events_out(args.json) as emit:
        agent = _agent(args, profile, emit)
        for note in track.notes:
            print(f"pulsewise: {args.file.name}: {note}", file=sys.stderr)
        if args.ble:
            asyncio.run(_through_the_air(agent, track.frames, args.speed, says))
        else:
            from edge.replay import events

            _feed(agent, _paced(events(track.frames), args.speed), says)
    return 0


def run_run(args: argparse.Namespace) -> int:
    """A real strap, until Ctrl-C."""
    from ble.strap import HeartRateStrap

    backend_args = {"bluez": {"adapter": args.adapter}} if args.adapter else {}
    strap = HeartRateStrap(address=args.address, name=args.name, backend_args=backend_args)
    with _events_out(args.json) as emit:
        agent = _agent(args, mind.load_profile(args.profile), emit)
        if not args.json:
            show.say("looking for the strap; type to talk, Ctrl-C to end")
        asyncio.run(live(agent, strap.events(), typed=_typed() if sys.stdin and sys.stdin.isatty() else None))
    return 0


def run_demo(args: argparse.Namespace) -> int:
    """The demonstration."""
    from edge.demo import play

    _positive("--seconds", args.seconds)
    reader, coach = mind.try_reader(args.bundle), mind.load_coach()
    if args.json:
        with json_out() as write:
            return play(args.seed, args.seconds, reader, coach, write)
    return play(args.seed, args.seconds, reader, coach)


async def live(agent: Agent, events: AsyncIterator[Event], typed: AsyncIterator[str] | None = None) -> None:
    """Feed the agent with strap events, typed lines and the passing of time until the strap's events end.

    Args:
        agent: takes them in.
        events: of a HeartRateStrap; times on its own clock from 0.
        typed: lines the person types; None where nobody can.
    """
    start = time.monotonic()

    def now_s() -> float:
        return time.monotonic() - start

    async def listen(lines: AsyncIterator[str]) -> None:
        async for line in lines:
            if line.strip():
                agent.said(line, now_s())

    async def tick() -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            agent.tick(now_s())

    tasks = [asyncio.create_task(tick())]
    if typed is not None:
        tasks.append(asyncio.create_task(listen(typed)))
    try:
        async for event in events:
            agent.handle(event)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, Exception):  # not a cancellation: a fault in listening must be seen
            raise outcome


async def _typed() -> AsyncIterator[str]:
    """Lines of the terminal as they come, until end of file.

    The terminal is not made non-blocking: that would hold for stdout too, which is the same open file.
    """
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    loop, number = asyncio.get_running_loop(), sys.stdin.fileno()
    loop.add_reader(number, lambda: lines.put_nowait(os.read(number, 65_536)))  # a terminal gives whole lines
    try:
        while data := await lines.get():
            for line in data.splitlines():
                yield text_of(line)
    finally:
        loop.remove_reader(number)


def _agent(args: argparse.Namespace, profile: Any, emit: Emit) -> Agent:
    from edge.agent import Agent

    return Agent(mind.load_coach(), mind.try_reader(args.bundle), profile, emit=emit)


@contextlib.contextmanager
def _events_out(as_json: bool) -> Iterator[Emit]:
    if as_json:
        with json_out() as write:
            yield write
    else:
        yield show.SessionPrinter()


def _feed(agent: Agent, events: Iterable[Event], says: list[tuple[float, str]]) -> None:
    waiting = list(says)
    for event in events:
        _say_due(agent, waiting, event.t_s)
        agent.handle(event)
    _say_due(agent, waiting, math.inf)


def _paced(events: Iterable[Event], speed: float) -> Iterator[Event]:
    start = time.monotonic()
    for event in events:
        if speed > 0:
            time.sleep(max(0.0, start + event.t_s / speed - time.monotonic()))
        yield event


async def _through_the_air(
    agent: Agent, frames: Iterable[tuple[float, bytes]], speed: float, says: list[tuple[float, str]]
) -> None:
    from ble.strap import HeartRateStrap
    from edge.demo import need_bumble

    need_bumble()
    from ble.virtual import virtual_strap

    waiting = list(says)
    async with virtual_strap(frames, speed=speed) as kwargs:
        events = HeartRateStrap(**kwargs, retry=False).events()
        async with contextlib.aclosing(events):
            async for event in events:
                _say_due(agent, waiting, event.t_s)
                agent.handle(event)
    _say_due(agent, waiting, math.inf)


def _say_due(agent: Agent, waiting: list[tuple[float, str]], now_s: float) -> None:
    while waiting and waiting[0][0] <= now_s:
        at_s, text = waiting.pop(0)
        agent.said(text, at_s)


def _say(word: str) -> tuple[float, str]:
    match = re.fullmatch(r"(\d+(?:\.\d+)?):(.*)", word, re.DOTALL)
    if match is None:
        raise InputError(
            f"--say {word[:60]!r}", 'Write seconds, a colon and the words: --say "600:am I too fast?"'
        )
    return float(match[1]), clean(match[2])


def _positive(option: str, value: float) -> None:
    if not 0 < value <= 3600:
        raise InputError(f"{option} {value:g}", "Give seconds above 0, at most 3600")
