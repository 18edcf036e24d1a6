"""Parses the command line, runs one command, and turns every known error into one line."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points

from ble.errors import StrapError
from edge.cli import offline, sessions
from edge.errors import PulsewiseError

EXAMPLES = """examples:
  pulsewise demo                              a minute with a virtual strap
  pulsewise ask "my chest feels tight"        one answer
  pulsewise replay run.fit                    a stored session through the agent
  pulsewise scan                              straps near
  pulsewise run --name "Polar H10 12345678"   coach me now; type to talk"""
OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
_PLUGINS = "pulsewise.commands"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after ``pulsewise``; None takes those of the process.

    Returns:
        0 done; 1 done, but with lines that could not be used; 2 not done; 130 interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        args = _parser(words).parse_args(words)
        code: int = args.run(args)
        sys.stdout.flush()
    except (PulsewiseError, StrapError) as error:
        return _complain(f"{error.what}. {error.do}")
    except BrokenPipeError:
        _forget_stdout()
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pulsewise",
        description="A heart-rate coach with no network. It is a coach, not a medical device.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    offline.add_commands(commands)
    sessions.add_commands(commands)
    if (
        not words or words[0] not in commands.choices
    ):  # other packages' commands, only where they may be meant
        for point in entry_points(group=_PLUGINS):
            with contextlib.suppress(ImportError):  # its package is not part of this installation
                point.load()(commands)
    return parser


def _complain(line: str) -> int:
    with contextlib.suppress(OSError, ValueError):  # stderr may be closed; there is nowhere else to say it
        print(f"pulsewise: {' '.join(line.split())}", file=sys.stderr)
    return USAGE


def _forget_stdout() -> None:
    """Keep the interpreter's last flush from failing loudly on a closed pipe."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
