"""The clock of a played stream: it says the time the frames carry, at whatever speed they are played."""

from __future__ import annotations

import asyncio
import time


class PlayClock:
    """Seconds of play; call it. Hand it to the consumer as `clock=`.

    While a frame is on its way the clock stands at that frame's own time, so that its sample is stamped
    exactly. In between it runs at the speed of play, never past the frame that is due next; at
    speed 0 it stands.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._at_s = 0.0
        self._since: float | None = None  # real time since when it runs; None: it stands
        self._cap_s = float("inf")
        self._arrived = asyncio.Event()
        self.watched = False
        """True once a client reports what it gets; only then is it worth to wait for that."""

    def __call__(self) -> float:
        """The time of play, seconds; never goes back while frames are in order."""
        if self._since is None:
            return self._at_s
        return min(self._cap_s, self._at_s + (time.monotonic() - self._since) * self._speed)

    def due(self, t_s: float | None) -> None:
        """Say when the next frame is due; None: there is none."""
        self._cap_s = float("inf") if t_s is None else max(t_s, self._at_s)

    def sent(self, t_s: float) -> None:
        """A frame leaves the strap: stand at its time."""
        self._at_s, self._since = t_s, None
        self._arrived.clear()

    def delivered(self) -> None:
        """The client has handed on what was on its way: run again."""
        self._arrived.set()
        self._since = time.monotonic()

    async def arrival(self, at_most_s: float) -> None:
        """Wait until the frame is handed on, or lost (after `at_most_s` real seconds), then run again."""
        if self.watched:
            try:
                async with asyncio.timeout(at_most_s):
                    await self._arrived.wait()
            except TimeoutError:
                self.delivered()
        else:
            await asyncio.sleep(0)
            self.delivered()
