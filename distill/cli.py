"""``pulsewise distill``: the training road from the command line."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path

EXAMPLES = """examples:
  pulsewise distill --recipe distill/recipes/default.toml
  pulsewise distill --recipe distill/recipes/tiny.toml --out build/tiny
An interrupted run goes on where it stopped: give the same recipe and the same --work."""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``distill`` to the program's commands."""
    parser = commands.add_parser(
        "distill",
        help="train, distil and quantize a student into a signed bundle (workstation)",
        description="Teacher BERT -> student -> TFLite -> signed bundle, as the recipe says.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--recipe", type=Path, required=True, help="TOML file, see distill/recipes")
    parser.add_argument(
        "--work", type=Path, default=Path("build/distill"), help="what the steps keep (%(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("build/bundle"), help="where the bundle goes (%(default)s)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run a recipe; 0 when the bundle is written."""
    from edge.errors import InputError

    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    logging.getLogger("pulsewise").setLevel(logging.INFO)
    from distill.recipe import load_recipe

    recipe = load_recipe(args.recipe)
    start = time.monotonic()
    try:
        from distill.evaluate import table
        from distill.pipeline import Run
    except ImportError as error:
        raise InputError(
            f"{error.name} is not installed", "Run make distill, or pip install 'pulsewise[distill]'"
        ) from error
    rows = Run(recipe, args.work).execute(args.out)
    out = sys.stdout
    out.write(f"{table(rows)}\n" if rows else "no held-out sentences to score\n")
    size = sum(p.stat().st_size for p in args.out.iterdir())
    out.write(
        f"bundle {args.out}: {size / 2**20:.2f} MiB; this run took {(time.monotonic() - start) / 60:.1f} min\n"
    )
    return 0
