"""A heart and a strap made of software. Names come lazily: the heart needs no bumble, the strap does."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ble.virtual.air import AirLink
    from ble.virtual.backend import BumbleClient, BumbleScanner, make_central
    from ble.virtual.heart import Beat, SimulatedHeart, frames
    from ble.virtual.playclock import PlayClock
    from ble.virtual.session import strap_kwargs, virtual_strap
    from ble.virtual.strap import VirtualStrap

_HOME = {
    "AirLink": "air",
    "Beat": "heart",
    "BumbleClient": "backend",
    "BumbleScanner": "backend",
    "PlayClock": "playclock",
    "SimulatedHeart": "heart",
    "VirtualStrap": "strap",
    "frames": "heart",
    "make_central": "backend",
    "strap_kwargs": "session",
    "virtual_strap": "session",
}

__all__ = [
    "AirLink",
    "Beat",
    "BumbleClient",
    "BumbleScanner",
    "PlayClock",
    "SimulatedHeart",
    "VirtualStrap",
    "frames",
    "make_central",
    "strap_kwargs",
    "virtual_strap",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
