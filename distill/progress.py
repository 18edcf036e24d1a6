"""Progress of long steps: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from types import TracebackType

from tqdm import tqdm


class Progress:
    """A tqdm bar that keeps to one line every ten seconds where no terminal listens."""

    def __init__(self, what: str, total: int) -> None:
        live = sys.stderr.isatty()
        self._bar = tqdm(
            total=total,
            desc=what,
            file=sys.stderr,
            mininterval=0.2 if live else 10,
            ascii=not live,
            leave=True,
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._bar.close()

    def advance(self, note: str = "", by: int = 1) -> None:
        """One or more units done."""
        if note:
            self._bar.set_postfix_str(note, refresh=False)
        self._bar.update(by)
