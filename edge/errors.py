"""Errors of the agent: each says what was wrong, with which input, and what to do."""

from __future__ import annotations


class PulsewiseError(Exception):
    """Base of every error that a person may see.

    Attributes:
        what: what was wrong, naming the input.
        do: what the person can do about it.
    """

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}. {do}")
        self.what = what
        self.do = do


class InputError(PulsewiseError):
    """An input (JSON line, option, profile) that can not be used."""


class FileFormatError(PulsewiseError):
    """A recording, activity or RR file that can not be read."""


class BundleError(PulsewiseError):
    """A model bundle that is missing, damaged or not to be trusted."""
