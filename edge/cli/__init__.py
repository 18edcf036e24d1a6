"""The command line: ``pulsewise COMMAND``."""

from edge.cli.main import main

__all__ = ["main"]
