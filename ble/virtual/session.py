"""A virtual strap and a host beside it, ready for HeartRateStrap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from ble.virtual.air import AirLink
from ble.virtual.backend import BumbleClient, BumbleScanner, make_central
from ble.virtual.strap import VirtualStrap


def strap_kwargs(strap: VirtualStrap, central: Any) -> dict[str, Any]:
    """What HeartRateStrap needs to read this strap from this host: backends, name, clock of the play."""
    return {
        "name": strap.name,
        "scanner_backend": BumbleScanner,
        "client_backend": BumbleClient,
        "backend_args": {"central": central, "play_clock": strap.clock},
        "clock": strap.clock,
    }


@asynccontextmanager
async def virtual_strap(
    frames: Iterable[tuple[float, bytes]], *, speed: float = 1.0, name: str = "Polar H10 12345678"
) -> AsyncIterator[dict[str, Any]]:
    """Put a strap on the air for the time of the block.

    `HeartRateStrap(**kwargs, retry=False)` reads it to its end.

    Args:
        frames: (t_s, value of 0x2A37), in order of time.
        speed: 1 is real time; 0 is as fast as the link takes it. Samples carry the frames' own time
            at any speed.
        name: as advertised, 1 to 22 bytes.

    Yields:
        name, scanner_backend, client_backend, backend_args and clock.

    Raises:
        ValueError: a name or speed that can not be.
    """
    link = AirLink()
    strap = VirtualStrap(link, name, frames, speed)
    central = await make_central(link)
    try:
        await strap.start()
        yield strap_kwargs(strap, central)
    finally:
        try:
            await strap.stop()
        finally:
            await central.power_off()
