"""The label contract: what the student reads out of a text, in a fixed order."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

HEADS = ("intent", "concern", "urgency", "exertion", "state")


@dataclass(frozen=True, slots=True)
class Head:
    """One question put to a text.

    Attributes:
        name: ``intent``, ``concern``, ...
        labels: names in the contract's order; index = position in the student's output.
        multi: any number of labels may hold (sigmoid) instead of exactly one (softmax).
    """

    name: str
    labels: tuple[str, ...]
    multi: bool


def parse_heads(text: str) -> dict[str, Head]:
    """Read heads from a contract in TOML; raises ``tomllib.TOMLDecodeError`` or ``KeyError``."""
    data = tomllib.loads(text)
    return {
        name: Head(name, tuple(label["name"] for label in table["labels"]), table["kind"] == "multi")
        for name, table in data.items()
        if isinstance(table, Mapping)
    }


@cache
def contract() -> Mapping[str, Head]:
    """The shipped contract, heads in the order of ``HEADS``."""
    heads = parse_heads(files("edge.language").joinpath("labels.toml").read_text("utf-8"))
    return {name: heads[name] for name in HEADS}
