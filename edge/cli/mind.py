"""Loads what thinks: the student's bundle, the coach, the person's profile. Heavy imports stay in here."""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import BundleError, InputError
from edge.situation import Profile, situation_from_json

if TYPE_CHECKING:
    from edge.coach.coach import Coach
    from edge.language.reader import Reader


def add_options(parser: argparse.ArgumentParser, *, profile: bool = True) -> None:
    """--bundle, and --profile where the input does not carry one."""
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="another student than the shipped one")
    if profile:
        parser.add_argument(
            "--profile", type=Path, metavar="FILE.toml", help="who you are: age_y, hr_rest_bpm, lang ..."
        )


def load_reader(bundle: Path | None) -> Reader:
    """The student.

    Raises:
        BundleError: missing, damaged or not trusted.
    """
    from edge.language.reader import Reader

    return Reader.load(bundle)


def try_reader(bundle: Path | None) -> Reader | None:
    """The student, or None with a line on stderr where the shipped one can not be used. One asked for must
    work.

    Raises:
        BundleError: the bundle that was asked for can not be used.
    """
    try:
        return load_reader(bundle)
    except BundleError as error:
        if bundle is not None:
            raise
        print(f"pulsewise: going on without a student: {error.what}", file=sys.stderr)
        return None


def load_coach() -> Coach:
    """The coach with the shipped knowledge."""
    from edge.coach.coach import Coach

    return Coach.load()


def load_profile(path: Path | None) -> Profile:
    """A profile from a TOML file with the profile keys, at its top or in [profile]; the empty one for None.

    Raises:
        InputError: not there, no TOML, or a key or value that is wrong.
    """
    if path is None:
        return Profile()
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path} can not be read ({error.strerror})", "Check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} is no TOML ({error})", 'Write lines such as age_y = 40 or lang = "en"'
        ) from error
    return situation_from_json({"profile": data.get("profile", data)}).profile
